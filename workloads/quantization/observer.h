// SPDX-License-Identifier: Apache-2.0
// Watches the values of a tensor over calibration inputs and chooses the range they are quantized
// in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/array.h"

namespace pimento::workloads {

// How a range is chosen.
enum class RangeRule {
  kMinMax,      // all values seen
  kPercentile,  // all but the largest share of magnitudes
  kMse,         // the range with the least mean square error
};
// "minmax", "percentile", "mse". Throws InputError on another word.
[[nodiscard]] RangeRule range_rule_of(const std::string& word);
[[nodiscard]] const char* name_of(RangeRule rule);

inline constexpr double kPercentile = 99.99;

// Magnitudes in bins of equal width. The range doubles when a value lies beyond it, two bins
// becoming one, so that one pass over the data is enough.
class Observer {
 public:
  // Each throws InputError on a value that is not finite.
  void add(const Array& values);
  void add(double value);

  [[nodiscard]] bool is_signed() const { return lowest_ < 0.0; }
  // The largest magnitude to be represented exactly; larger ones are cut. `steps` is what the
  // integers reach: 2^(bits-1) - 1 where signed, 2^bits - 1 where not.
  [[nodiscard]] double limit(RangeRule rule, double steps) const;

 private:
  static constexpr std::size_t kBins = 8192;

  void add_magnitude(double magnitude);
  [[nodiscard]] double percentile() const;
  [[nodiscard]] double least_error(double steps) const;
  [[nodiscard]] double error(double limit, double steps) const;

  std::vector<std::int64_t> bins_ = std::vector<std::int64_t>(kBins, 0);
  double width_ = 0.0;      // of a bin; 0 until a value other than zero was seen
  std::int64_t zeros_ = 0;  // and magnitudes so small that no bin could be made for them
  std::int64_t count_ = 0;
  double lowest_ = 0.0;
  double largest_ = 0.0;
};

}  // namespace pimento::workloads
