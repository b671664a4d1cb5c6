// SPDX-License-Identifier: Apache-2.0
// Macros that strategies take one after the other, and the errors of chips that have too few.
#pragma once

#include <cstdint>
#include <string>

#include "mapper/mapping.h"

namespace pimento::mapper {

class MacroBudget {
 public:
  explicit MacroBudget(const MappingProblem& problem) : problem_(problem) {}

  // Layers that start on a core of their own leave the rest of the one before empty.
  void start_core();
  // The next macro's number. Throws InputError that names the layer where the chip has no more.
  int take(int layer);
  // Takes note of so many column groups. Throws InputError where a mapping would not fit memory.
  void note_groups(int layer, std::int64_t groups);
  [[nodiscard]] std::int64_t taken() const { return next_; }

 private:
  [[nodiscard]] const std::string& name(int layer) const;

  const MappingProblem& problem_;
  std::int64_t next_ = 0;
  std::int64_t groups_ = 0;
};

}  // namespace pimento::mapper
