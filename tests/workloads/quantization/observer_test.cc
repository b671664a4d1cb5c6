// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/observer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;

Array array_of(const Values& values) {
  return real_array({static_cast<std::int64_t>(values.size())}, values, ElementType::kFloat64);
}

Observer observer_of(const Values& values) {
  Observer observer;
  observer.add(array_of(values));
  return observer;
}

// A bell whose tail is worth cutting.
Values bell(std::size_t count) {
  const CounterRandom random(7, stream_of("observer"));
  Values values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(random.gaussian(i));
  return values;
}

TEST(Observer, KnowsTheSigns) {
  EXPECT_FALSE(observer_of({0.0, 1.0, 2.5}).is_signed());
  EXPECT_TRUE(observer_of({0.0, 1.0, -1e-30}).is_signed());
  EXPECT_FALSE(observer_of({0.0, -0.0}).is_signed());
}

TEST(Observer, MinMaxIsExact) {
  EXPECT_EQ(observer_of({0.1, -0.7, 0.3}).limit(RangeRule::kMinMax, 127), 0.7);
  EXPECT_EQ(observer_of({0.0, 0.0}).limit(RangeRule::kMinMax, 127), 0.0);
}

TEST(Observer, AllRulesGiveNoneForNothingButZeros) {
  const Observer observer = observer_of({0.0, 0.0, 0.0});
  for (const RangeRule rule : {RangeRule::kMinMax, RangeRule::kPercentile, RangeRule::kMse}) {
    EXPECT_EQ(observer.limit(rule, 127), 0.0);
  }
}

// 9999 of 10000 values are 99.99 %; one less of the small ones, and the large one counts.
TEST(Observer, PercentileIsTheEdgeOfItsBin) {
  Values values(9999, 1.0);
  values.push_back(100.0);
  // From 1 in the middle the range doubles until it holds 100: 128 in 8192 bins.
  const double width = 128.0 / 8192.0;
  EXPECT_DOUBLE_EQ(observer_of(values).limit(RangeRule::kPercentile, 127), 1.0 + width);
  values[0] = 100.0;
  EXPECT_DOUBLE_EQ(observer_of(values).limit(RangeRule::kPercentile, 127), 100.0);
}

TEST(Observer, PercentileCountsZeros) {
  Values values(9999, 0.0);
  values.push_back(3.0);
  EXPECT_LT(observer_of(values).limit(RangeRule::kPercentile, 127), 0.01);
}

TEST(Observer, LeastErrorCutsALoneOutlier) {
  Values values(1000, 1.0);
  values.push_back(2.0);
  // With integers up to 1, 1000 errors of nothing and one of 1 beat one of nothing and 1000.
  EXPECT_DOUBLE_EQ(observer_of(values).limit(RangeRule::kMse, 1), 1.0);
  // With integers up to 2 nothing needs to be cut.
  EXPECT_DOUBLE_EQ(observer_of(values).limit(RangeRule::kMse, 2), 2.0);
}

double squared_error(const Values& values, double limit, double steps) {
  double sum = 0.0;
  for (const double value : values) {
    const double step = limit / steps;
    const double represented = std::min(std::nearbyint(std::abs(value) / step), steps) * step;
    sum += std::pow(std::abs(value) - represented, 2);
  }
  return sum;
}

// The bins stand for the values closely enough that no other trial is better by more than a
// percent.
TEST(Observer, LeastErrorIsThatOfTheValuesThemselves) {
  const Values values = bell(20'000);
  const Observer observer = observer_of(values);
  const double largest = observer.limit(RangeRule::kMinMax, 1);
  for (const double steps : {1.0, 3.0, 7.0, 15.0, 127.0}) {
    const double chosen = squared_error(values, observer.limit(RangeRule::kMse, steps), steps);
    double least = std::numeric_limits<double>::infinity();
    for (int i = 1; i <= 100; ++i) {
      least = std::min(least, squared_error(values, largest * i / 100, steps));
    }
    EXPECT_LE(chosen, 1.01 * least) << steps;
  }
}

// In whatever order and in however many arrays they come.
TEST(Observer, OrderDoesNotMatterToTheLargest) {
  Values values = bell(3000);
  const Observer once = observer_of(values);
  std::reverse(values.begin(), values.end());
  Observer twice;
  twice.add(array_of({values.begin(), values.begin() + 1000}));
  twice.add(array_of({values.begin() + 1000, values.end()}));
  EXPECT_EQ(once.limit(RangeRule::kMinMax, 7), twice.limit(RangeRule::kMinMax, 7));
  EXPECT_NEAR(once.limit(RangeRule::kPercentile, 7), twice.limit(RangeRule::kPercentile, 7), 2e-3);
}

TEST(Observer, TakesIntegers) {
  Observer observer;
  observer.add(integer_array({3}, {-5, 2, 4}));
  EXPECT_TRUE(observer.is_signed());
  EXPECT_EQ(observer.limit(RangeRule::kMinMax, 7), 5.0);
}

TEST(Observer, TakesTheSmallestAndTheLargestNumbers) {
  const double least = std::numeric_limits<double>::denorm_min();
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(observer_of({least}).limit(RangeRule::kMinMax, 7), least);
  EXPECT_EQ(observer_of({least, most}).limit(RangeRule::kMinMax, 7), most);
}

TEST(Observer, RefusesWhatIsNotFinite) {
  const auto error = [](double value) {
    return input_error([&] { (void)observer_of({1.0, value}); });
  };
  const std::string expected = "a calibration input makes a value that is not finite";
  EXPECT_EQ(error(std::numeric_limits<double>::infinity()), expected);
  EXPECT_EQ(error(std::numeric_limits<double>::quiet_NaN()), expected);
}

TEST(RangeRule, HasAWordEach) {
  for (const RangeRule rule : {RangeRule::kMinMax, RangeRule::kPercentile, RangeRule::kMse}) {
    EXPECT_EQ(range_rule_of(name_of(rule)), rule);
  }
  EXPECT_EQ(input_error([] { (void)range_rule_of("entropy"); }),
            "unknown observer \"entropy\"; expected minmax, percentile or mse");
}

}  // namespace
}  // namespace pimento::workloads
