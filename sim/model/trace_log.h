// SPDX-License-Identifier: Apache-2.0
// When each unit served what, as far as there is room for it.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

namespace pimento::sim {

class TraceLog {
 public:
  struct Span {
    int unit = 0;             // in the log's order
    int stage = 0;            // -1: of none, as when arrays are written
    std::int64_t number = 0;  // of the step or pixel
    sc_core::sc_time start;
    sc_core::sc_time length;
  };

  // Takes so many spans, the first ones, and counts the others.
  explicit TraceLog(std::int64_t most) : most_(most) {}

  void add(const Span& span) {
    if (std::ssize(spans_) < most_) {
      spans_.push_back(span);
    } else {
      ++dropped_;
    }
  }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }

 private:
  std::int64_t most_;
  std::int64_t dropped_ = 0;
  std::vector<Span> spans_;
};

}  // namespace pimento::sim
