// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "base/error.h"

namespace pimento::sim {

// Waits until each of `parties` has told of a pixel. Every party tells of its pixels in order, so
// pixels complete in order too.
class Join {
 public:
  explicit Join(int parties) : parties_(parties) {}

  // True when this was the last party for the pixel.
  bool arrive(std::int64_t pixel) {
    ensure(pixel >= first_, "a pixel arrives after it was complete");
    const auto at = static_cast<std::size_t>(pixel - first_);
    if (at >= waiting_.size()) waiting_.resize(at + 1, 0);
    if (++waiting_[at] < parties_) return false;
    ensure(at == 0, "pixels complete out of order");
    waiting_.pop_front();
    ++first_;
    return true;
  }
  // Pixels complete so far.
  [[nodiscard]] std::int64_t completed() const { return first_; }

 private:
  int parties_;
  std::int64_t first_ = 0;
  std::deque<int> waiting_;
};

}  // namespace pimento::sim
