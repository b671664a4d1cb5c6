// SPDX-License-Identifier: Apache-2.0
// From an offset, as AIMET's versions 0.x and 1.0.0 state it, to signedness and zero point. The
// arithmetic is told in workloads/archive/encodings.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pimento::workloads {

// What is stated of one channel.
struct OffsetEncoding {
  int bits = 8;  // 2 ... 32
  bool is_symmetric = false;
  std::int64_t offset = 0;
  double scale = 1.0;
  struct Bounds {
    double min = 0.0;
    double max = 0.0;
  };
  std::optional<Bounds> bounds;
};

// How the numbers of one channel are to be read.
struct OffsetGrid {
  std::int64_t offset = 0;  // real = (p + offset) * scale for p from 0 on; never positive
  bool is_signed = false;   // p + offset can be taken for q, with zero point 0
  bool is_narrow = false;
};

// Throws InputError "where: message" when the statements contradict each other.
[[nodiscard]] OffsetGrid grid_of(const OffsetEncoding& encoding, const std::string& where);

}  // namespace pimento::workloads
