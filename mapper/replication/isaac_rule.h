// SPDX-License-Identifier: Apache-2.0
// The rule of ISAAC (Shafiee et al., ISCA 2016): the last layers have one replica, and the layer
// before one of stride s (or before pooling of stride s) has s^2 times as many, so that it makes
// pixels as fast as they are consumed. That is in proportion to the pixels of a layer over those of
// the last layer that makes more than one; fully connected layers keep one replica.
//
// The rule balances rates. It does not ask what a replica costs or how long one takes for a pixel,
// and whole numbers of replicas leave the proportion when they are few.
#pragma once

#include "mapper/replication/replication.h"

namespace pimento::mapper {

enum class IsaacScale {
  kPublished,  // the rule's own numbers; all divided by the same factor if the budget is too small
  kBudget      // all times the same factor, up or down, as far as the budget goes
};

// Numbers of replicas are rounded down, and at least one. Throws InputError if the budget does not
// hold each layer once.
[[nodiscard]] Replication isaac_rule(const ReplicationProblem& problem,
                                     IsaacScale scale = IsaacScale::kPublished);

}  // namespace pimento::mapper
