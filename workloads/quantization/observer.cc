// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/observer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace pimento::workloads {
namespace {

constexpr std::array kRules{std::pair{"minmax", RangeRule::kMinMax},
                            std::pair{"percentile", RangeRule::kPercentile},
                            std::pair{"mse", RangeRule::kMse}};

// Fractions of the largest magnitude that are tried for the least error.
constexpr int kTrials = 100;
// Below this a bin's width would not be a normal number.
constexpr double kLeastMagnitude = 1e-300;

}  // namespace

RangeRule range_rule_of(const std::string& word) {
  for (const auto& [name, rule] : kRules) {
    if (word == name) return rule;
  }
  throw InputError(
      fmt::format("unknown observer \"{}\"; expected minmax, percentile or mse", printable(word)));
}

const char* name_of(RangeRule rule) {
  for (const auto& [name, known] : kRules) {
    if (known == rule) return name;
  }
  return "";
}

void Observer::add(const Array& values) {
  for (std::int64_t i = 0; i < values.size(); ++i) add(values.real(i));
}

void Observer::add(double value) {
  if (!std::isfinite(value)) {
    throw InputError("a calibration input makes a value that is not finite");
  }
  lowest_ = std::min(lowest_, value);
  largest_ = std::max(largest_, std::abs(value));
  add_magnitude(std::abs(value));
}

void Observer::add_magnitude(double magnitude) {
  ++count_;
  if (magnitude < kLeastMagnitude) {
    ++zeros_;
    return;
  }
  if (width_ == 0.0) width_ = 2.0 * magnitude / kBins;
  while (magnitude >= width_ * kBins) {
    for (std::size_t i = 0; i < kBins / 2; ++i) bins_[i] = bins_[2 * i] + bins_[2 * i + 1];
    std::fill(bins_.begin() + kBins / 2, bins_.end(), 0);
    width_ *= 2.0;
  }
  ++bins_[static_cast<std::size_t>(magnitude / width_)];
}

double Observer::limit(RangeRule rule, double steps) const {
  if (largest_ == 0.0) return 0.0;
  switch (rule) {
    case RangeRule::kMinMax:
      return largest_;
    case RangeRule::kPercentile:
      return percentile();
    case RangeRule::kMse:
      return least_error(steps);
  }
  return largest_;
}

double Observer::percentile() const {
  const auto wanted = static_cast<double>(count_) * kPercentile / 100.0;
  auto seen = static_cast<double>(zeros_);
  for (std::size_t i = 0; i < kBins; ++i) {
    seen += static_cast<double>(bins_[i]);
    if (seen >= wanted) return std::min(largest_, width_ * static_cast<double>(i + 1));
  }
  return largest_;
}

double Observer::least_error(double steps) const {
  double best = largest_;
  double least = error(largest_, steps);
  for (int trial = 1; trial < kTrials; ++trial) {
    const double limit = largest_ * trial / kTrials;
    const double found = error(limit, steps);
    if (found < least) {
      least = found;
      best = limit;
    }
  }
  return best;
}

double Observer::error(double limit, double steps) const {
  const double step = limit / steps;
  double sum = 0.0;
  for (std::size_t i = 0; i < kBins; ++i) {
    if (bins_[i] == 0) continue;
    const double magnitude = (static_cast<double>(i) + 0.5) * width_;
    const double represented = std::min(std::nearbyint(magnitude / step), steps) * step;
    sum += static_cast<double>(bins_[i]) * (magnitude - represented) * (magnitude - represented);
  }
  return sum;
}

}  // namespace pimento::workloads
