// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>

#include "base/error.h"

namespace pimento::sim {

// Holds back steps that are through before earlier ones, as when one copy of a layer overtakes
// another.
class InOrder {
 public:
  // Takes a step, each once, in any order. Returns how many are through from the first one on.
  std::int64_t add(std::int64_t step) {
    if (step != through_) {
      ensure(step > through_ && early_.insert(step).second, "a step is through twice");
      return through_;
    }
    ++through_;
    while (!early_.empty() && *early_.begin() == through_) {
      early_.erase(early_.begin());
      ++through_;
    }
    return through_;
  }
  [[nodiscard]] std::int64_t through() const { return through_; }

 private:
  std::int64_t through_ = 0;
  std::set<std::int64_t> early_;
};

}  // namespace pimento::sim
