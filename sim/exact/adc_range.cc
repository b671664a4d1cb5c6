// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/adc_range.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace pimento::exact {
namespace {

using Entries = std::vector<SumHistogram::Entry>;

// What kPercentile leaves out at either end.
constexpr double kTail = 1e-3;
// Ranges that kMse and kCsnr try: so many fractions of the one seen, from either end.
constexpr int kFractions = 64;

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

Interval inner_interval(const Entries& entries, std::int64_t count) {
  const auto most = static_cast<std::int64_t>(std::floor(kTail * static_cast<double>(count)));
  const auto end_of = [&](const auto& begin, const auto& end) {
    std::int64_t passed = 0;
    return std::find_if(begin, end,
                        [&](const SumHistogram::Entry& entry) {
                          passed += entry.times;
                          return passed > most;
                        })
        ->sum;
  };
  return {static_cast<double>(end_of(entries.begin(), entries.end())),
          static_cast<double>(end_of(entries.rbegin(), entries.rend()))};
}

kernels::Transfer transfer_over(const Interval& interval, int bits) {
  const double codes = std::ldexp(1.0, bits) - 1.0;
  if (interval.low >= 0.0 && interval.high <= codes) {
    return kernels::stepped_transfer(0.0, 1.0, bits);
  }
  const double step = std::max(1.0, (interval.high - interval.low) / codes);
  // Where sums have a sign, zero is a code: most of them lie about it.
  const double zero = interval.low < 0.0 ? std::floor(interval.low / step) * step
                      : step == 1.0      ? std::floor(interval.low)
                                         : interval.low;
  return kernels::stepped_transfer(zero, step, bits);
}

// The better of two is the one of less noise; of equals the earlier, which has the wider range.
kernels::Transfer least_noise(const SumHistogram& sums, const Interval& seen, int bits,
                              bool without_mean) {
  kernels::Transfer best = transfer_over(seen, bits);
  const auto noise_of = [&](const kernels::Transfer& transfer) {
    const TransferError error = error_of(transfer, sums);
    return without_mean ? error.variance() : error.mean_square;
  };
  double least = noise_of(best);
  const double reach = seen.high - seen.low;
  for (int from = 0; from < kFractions; from += 4) {
    for (int to = kFractions; to > from; --to) {
      const kernels::Transfer tried = transfer_over(
          {seen.low + reach * from / kFractions, seen.low + reach * to / kFractions}, bits);
      const double noise = noise_of(tried);
      if (noise < least) {
        least = noise;
        best = tried;
      }
    }
  }
  if (without_mean && best.kind == kernels::Transfer::Kind::kStepped) {
    best.offset -= std::llround(std::ldexp(error_of(best, sums).mean, kernels::kFractionBits));
  }
  return best;
}

}  // namespace

void SumHistogram::add(std::int32_t sum, std::int64_t times) {
  counts_(sum, boost::histogram::weight(times));
  count_ += times;
}

void SumHistogram::add(const SumHistogram& other) {
  for (const Entry& entry : other.entries()) add(entry.sum, entry.times);
}

std::vector<SumHistogram::Entry> SumHistogram::entries() const {
  std::vector<Entry> result;
  const auto& axis = counts_.axis();
  for (int i = 0; i < axis.size(); ++i) {
    const std::int64_t times = counts_.at(i);
    if (times != 0) result.push_back({axis.value(i), times});
  }
  return result;
}

const std::vector<std::string>& adc_range_names() {
  static const std::vector<std::string> kNames{"full", "minmax", "percentile", "mse", "csnr"};
  return kNames;
}

AdcRange adc_range_of(const std::string& name) {
  const std::vector<std::string>& names = adc_range_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError(
        fmt::format("unknown range of an ADC \"{}\"; known: {}", printable(name), join(names)));
  }
  return static_cast<AdcRange>(found - names.begin());
}

TransferError error_of(const kernels::Transfer& transfer, const SumHistogram& sums) {
  TransferError error;
  const auto count = static_cast<double>(std::max<std::int64_t>(1, sums.count()));
  for (const SumHistogram::Entry& entry : sums.entries()) {
    const double difference = kernels::real_value(transfer, entry.sum) - entry.sum;
    const double share = static_cast<double>(entry.times) / count;
    error.mean += share * difference;
    error.mean_square += share * difference * difference;
  }
  return error;
}

kernels::Transfer transfer_for(const SumHistogram& sums, int bits, AdcRange range) {
  ensure(range != AdcRange::kFull, "the full range is not that of sums seen");
  const Entries entries = sums.entries();
  if (entries.empty()) return kernels::stepped_transfer(0.0, 1.0, bits);
  const Interval seen{static_cast<double>(entries.front().sum),
                      static_cast<double>(entries.back().sum)};
  switch (range) {
    case AdcRange::kPercentile:
      return transfer_over(inner_interval(entries, sums.count()), bits);
    case AdcRange::kMse:
      return least_noise(sums, seen, bits, false);
    case AdcRange::kCsnr:
      return least_noise(sums, seen, bits, true);
    default:
      return transfer_over(seen, bits);
  }
}

}  // namespace pimento::exact
