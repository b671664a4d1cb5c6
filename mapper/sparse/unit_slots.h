// SPDX-License-Identifier: Apache-2.0
// Fills macros with operation units: stripes as wide as a unit, each filled from the top.
#pragma once

#include <memory>

#include "mapper/mapping.h"
#include "mapper/placement.h"

namespace pimento::mapper {

class UnitSlots {
 public:
  // Groups are added to `layer`, from a fresh macro on. Throws InputError where the chip reads
  // whole arrays at once: units that want other inputs would have to wait for each other one by
  // one.
  UnitSlots(const MappingProblem& problem, const std::string& strategy, FreshMacros& macros,
            LayerMapping& layer);

  // Rows and columns that are read over the same inputs; not more columns than a unit has. More
  // rows than a stripe has left go on in the next stripe. `shared`: columns that take their sums
  // from these; with them, the rows must fit one unit.
  void add(std::int64_t block, const Indices& rows, const Indices& columns,
           std::vector<arch::SharedColumn> shared = {});

  [[nodiscard]] std::int64_t unit_rows() const { return unit_rows_; }
  [[nodiscard]] std::int64_t unit_columns() const { return unit_columns_; }

 private:
  void next_stripe();

  const MappingProblem& problem_;
  FreshMacros& macros_;
  LayerMapping& layer_;
  std::int64_t unit_rows_;
  std::int64_t unit_columns_;  // of weights: pairs of lines count once
  std::int64_t stripes_;       // of a macro
  std::int64_t units_in_a_stripe_;
  int macro_ = -1;
  std::int64_t stripe_ = 0;
  std::int64_t unit_ = 0;  // the next one, within the stripe
};

}  // namespace pimento::mapper
