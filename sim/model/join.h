// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "base/error.h"

namespace pimento::sim {

// Waits until each of `parties` has told of a step. Every party tells of its steps in order, so
// steps complete in order too.
class Join {
 public:
  explicit Join(int parties) : parties_(parties) {}

  // True when this was the last party for the step.
  bool arrive(std::int64_t step) {
    ensure(step >= first_, "a step arrives after it was complete");
    const auto at = static_cast<std::size_t>(step - first_);
    if (at >= waiting_.size()) waiting_.resize(at + 1, 0);
    if (++waiting_[at] < parties_) return false;
    ensure(at == 0, "steps complete out of order");
    waiting_.pop_front();
    ++first_;
    return true;
  }
  // Steps complete so far.
  [[nodiscard]] std::int64_t completed() const { return first_; }

 private:
  int parties_;
  std::int64_t first_ = 0;
  std::deque<int> waiting_;
};

}  // namespace pimento::sim
