// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/adc_range.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "tests/mapper/support.h"

namespace pimento::exact {
namespace {

// Sums that look like those of columns: around a mean, with a tail.
SumHistogram bell(double mean, double sigma, int count = 20000) {
  const CounterRandom random(1, 7);
  SumHistogram sums;
  for (int i = 0; i < count; ++i) {
    const double value = mean + sigma * random.gaussian(static_cast<std::uint64_t>(i));
    sums.add(static_cast<std::int32_t>(std::lround(std::max(0.0, value))));
  }
  return sums;
}

TEST(SumHistogram, CountsWhatItIsGiven) {
  SumHistogram sums;
  EXPECT_TRUE(sums.is_empty());
  sums.add(5);
  sums.add(-3, 4);
  sums.add(5, 2);
  SumHistogram more;
  more.add(100);
  sums.add(more);
  const auto entries = sums.entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].sum, -3);
  EXPECT_EQ(entries[0].times, 4);
  EXPECT_EQ(entries[1].sum, 5);
  EXPECT_EQ(entries[1].times, 3);
  EXPECT_EQ(entries[2].sum, 100);
  EXPECT_EQ(sums.count(), 8);
}

TEST(AdcRange, MinMaxCoversWhatWasSeen) {
  SumHistogram sums;
  for (const int sum : {20, 40, 83}) sums.add(sum);
  const kernels::Transfer adc = transfer_for(sums, 4, AdcRange::kMinMax);
  EXPECT_FALSE(adc.saturates(20));
  EXPECT_FALSE(adc.saturates(83));
  EXPECT_NEAR(kernels::real_value(adc, 20), 20.0, 1e-3);
  EXPECT_NEAR(kernels::real_value(adc, 83), 83.0, 1e-3);
  EXPECT_TRUE(adc.saturates(83 + 3));  // half a step of 4.2 beyond
}

TEST(AdcRange, SumsThatHaveACodeEachAreKept) {
  SumHistogram sums;
  for (const int sum : {1, 9, 15}) sums.add(sum);
  for (const AdcRange range :
       {AdcRange::kMinMax, AdcRange::kPercentile, AdcRange::kMse, AdcRange::kCsnr}) {
    EXPECT_TRUE(transfer_for(sums, 4, range).is_exact(0, 15));
  }
}

TEST(AdcRange, PercentileLeavesTheTailsOut) {
  SumHistogram sums = bell(60.0, 10.0);
  sums.add(120);  // one in twenty thousand
  const kernels::Transfer wide = transfer_for(sums, 4, AdcRange::kMinMax);
  const kernels::Transfer narrow = transfer_for(sums, 4, AdcRange::kPercentile);
  EXPECT_FALSE(wide.saturates(120));
  EXPECT_TRUE(narrow.saturates(120));
  EXPECT_LT(narrow.step, wide.step);
}

// No range is better than the one found, by the measure it is chosen for.
TEST(AdcRange, LeastErrorIsLessThanThatOfOtherRules) {
  for (const double sigma : {4.0, 12.0, 20.0}) {
    for (const int bits : {3, 4, 5}) {
      const SumHistogram sums = bell(50.0, sigma);
      const TransferError minmax = error_of(transfer_for(sums, bits, AdcRange::kMinMax), sums);
      const TransferError percentile =
          error_of(transfer_for(sums, bits, AdcRange::kPercentile), sums);
      const TransferError mse = error_of(transfer_for(sums, bits, AdcRange::kMse), sums);
      const TransferError csnr = error_of(transfer_for(sums, bits, AdcRange::kCsnr), sums);
      EXPECT_LE(mse.mean_square, minmax.mean_square);
      EXPECT_LE(mse.mean_square, 1.02 * percentile.mean_square);
      EXPECT_LE(csnr.variance(), 1.001 * mse.variance() + 1e-9);
      EXPECT_NEAR(csnr.mean, 0.0, 1e-2);
    }
  }
}

TEST(AdcRange, NothingSeenIsNoRange) {
  EXPECT_TRUE(transfer_for({}, 4, AdcRange::kMse).is_exact(0, 15));
  EXPECT_THROW((void)transfer_for({}, 4, AdcRange::kFull), InternalError);
}

TEST(AdcRange, NamesAreKnown) {
  for (const std::string& name : adc_range_names()) EXPECT_NO_THROW((void)adc_range_of(name));
  EXPECT_EQ(mapper::message_of<InputError>([] { (void)adc_range_of("best"); }),
            "unknown range of an ADC \"best\"; known: full, minmax, percentile, mse, csnr");
}

}  // namespace
}  // namespace pimento::exact
