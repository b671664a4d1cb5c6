// SPDX-License-Identifier: Apache-2.0
// What passing over inputs of zero saved, in whole numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pimento::sim {

// Some of what there was. With shared columns and cells it is what energy goes by.
struct Kept {
  std::int64_t kept = 0;
  std::int64_t possible = 0;
  Kept& operator+=(const Kept& other) {
    kept += other.kept;
    possible += other.possible;
    return *this;
  }
};

struct SkippingLayer {
  std::string name;
  Kept reads;  // of arrays or operation units
  Kept row_drives;
  Kept conversions;              // of columns
  std::int64_t tested_bits = 0;  // of inputs, looked at to know
};

// Totals over all images.
struct SkippingReport {
  std::string rule;  // "leading_bits"
  std::int64_t images = 0;
  std::string inputs;      // "file test.npz", "synthetic uniform, seed 1"
  std::string basis;       // "values of 8 images, real"
  bool on_arrays = false;  // values as the arrays made them; else those of integers alone
  std::vector<SkippingLayer> layers;

  [[nodiscard]] SkippingLayer total() const;
};

}  // namespace pimento::sim
