// SPDX-License-Identifier: Apache-2.0
// Ranges of ADCs, chosen by the sums that columns really have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/histogram/axis/integer.hpp>
#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>

#include "sim/kernels/transfer.h"

namespace pimento::exact {

// How often each sum was seen.
class SumHistogram {
 public:
  void add(std::int32_t sum, std::int64_t times = 1);
  void add(const SumHistogram& other);
  struct Entry {
    std::int32_t sum = 0;
    std::int64_t times = 0;
  };
  // Sums that were seen, ascending.
  [[nodiscard]] std::vector<Entry> entries() const;
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  using Axis = boost::histogram::axis::integer<int, boost::histogram::use_default,
                                               boost::histogram::axis::option::growth_t>;
  using Counts =
      boost::histogram::histogram<std::tuple<Axis>, boost::histogram::dense_storage<std::int64_t>>;
  Counts counts_ = boost::histogram::make_histogram_with(
      boost::histogram::dense_storage<std::int64_t>(), Axis(0, 1));
  std::int64_t count_ = 0;
};

enum class AdcRange {
  kFull,        // all sums that the array can have
  kMinMax,      // all that were seen
  kPercentile,  // all but a thousandth at either end
  kMse,         // where the mean square of the error is least
  kCsnr,        // where its variance is: the mean error is taken off digitally, so that the ratio
                // of signal to noise of what is computed is greatest
};
// "full", "minmax", "percentile", "mse", "csnr".
[[nodiscard]] const std::vector<std::string>& adc_range_names();
// Throws InputError that lists the names.
[[nodiscard]] AdcRange adc_range_of(const std::string& name);

// The transfer of an ADC of `bits` for sums like these, by a rule other than kFull. Steps are at
// least one; where a code for every sum seen is left, codes are the sums.
[[nodiscard]] kernels::Transfer transfer_for(const SumHistogram& sums, int bits, AdcRange range);

// Of what a transfer makes of these sums.
struct TransferError {
  double mean = 0.0;
  double mean_square = 0.0;
  [[nodiscard]] double variance() const { return mean_square - mean * mean; }
};
[[nodiscard]] TransferError error_of(const kernels::Transfer& transfer, const SumHistogram& sums);

}  // namespace pimento::exact
