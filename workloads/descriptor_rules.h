// SPDX-License-Identifier: Apache-2.0
// The counting rules of a descriptor; docs/networks.md tells what they are for.
#pragma once

#include "base/config_reader.h"
#include "workloads/network.h"

namespace pimento::workloads {

// Reads `mac_rule` and `counting_rules` of a descriptor's root.
void read_counting_rules(ConfigMap& root, Network& network);

// Once all layers are there: notes each entry that names no layer with weights. A rule with such an
// entry counts something else than its author meant.
void check_counting_rules(ConfigMap& root, const Network& network);

}  // namespace pimento::workloads
