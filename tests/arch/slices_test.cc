// SPDX-License-Identifier: Apache-2.0
#include "arch/slices.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"

namespace pimento::arch {
namespace {

constexpr Encoding kEncodings[] = {Encoding::kTwosComplement,
                                   Encoding::kOffset,
                                   Encoding::kOffsetFlipped,
                                   Encoding::kDifferential,
                                   Encoding::kSignMagnitude,
                                   Encoding::kCenterOffset,
                                   Encoding::kCsd,
                                   Encoding::kXnor};

// Whether a weight comes back from cells that hold what they can hold.
void expect_kept(const SlicePlan& plan, std::int64_t weight, std::int64_t center = 0) {
  const std::vector<std::int64_t> cells = encode(plan, weight, center);
  const auto lines = static_cast<std::size_t>(plan.lines());
  ASSERT_EQ(cells.size(), plan.slices.size() * lines);
  std::int64_t value = center - plan.excess;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Slice& slice = plan.slices[i / lines];
    ASSERT_GE(cells[i], 0) << weight;
    ASSERT_LT(cells[i], std::int64_t{1} << slice.width) << weight;
    const int line = i % lines == 0 ? 1 : -1;
    value += line * slice.sign * (cells[i] << slice.shift);
  }
  ASSERT_EQ(value, weight);
  ASSERT_EQ(decode(plan, cells, center), weight);
}

TEST(Slices, EveryWeightOfUpToTenBitsComesBack) {
  for (const Encoding encoding : kEncodings) {
    for (int bits = 1; bits <= 10; ++bits) {
      for (int cell_bits = 1; cell_bits <= 4; ++cell_bits) {
        SCOPED_TRACE(fmt::format("{}, {} bits, cells of {}", arch::encoding_name(encoding), bits,
                                 cell_bits));
        const SlicePlan plan = plan_slices(encoding, bits, cell_bits);
        for (std::int64_t w = lowest_weight(plan); w <= highest_weight(plan); ++w) {
          ASSERT_NO_FATAL_FAILURE(expect_kept(plan, w));
        }
      }
    }
  }
}

TEST(Slices, WeightsOfUpTo32BitsComeBack) {
  const CounterRandom random(7, 1);
  std::uint64_t draw = 0;
  for (const Encoding encoding : kEncodings) {
    for (int bits = 11; bits <= 32; ++bits) {
      for (int cell_bits = 1; cell_bits <= 8; ++cell_bits) {
        const SlicePlan plan = plan_slices(encoding, bits, cell_bits);
        const auto span =
            static_cast<std::uint64_t>(highest_weight(plan) - lowest_weight(plan)) + 1;
        expect_kept(plan, lowest_weight(plan));
        expect_kept(plan, highest_weight(plan));
        for (const std::int64_t w : {-1, 0, 1}) expect_kept(plan, w);
        for (int i = 0; i < 50; ++i) {
          expect_kept(plan,
                      lowest_weight(plan) + static_cast<std::int64_t>(random.bits(draw++) % span));
        }
      }
    }
  }
}

TEST(Slices, ThereAreAsManyAsTheBitsNeed) {
  for (int bits = 1; bits <= 32; ++bits) {
    for (int cell_bits = 1; cell_bits <= 8; ++cell_bits) {
      const auto slices = [&](Encoding encoding) {
        return static_cast<int>(plan_slices(encoding, bits, cell_bits).slices.size());
      };
      const int unsigned_slices = (bits + cell_bits - 1) / cell_bits;
      const int magnitude = bits == 1 ? 1 : bits - 1;
      EXPECT_EQ(slices(Encoding::kTwosComplement), unsigned_slices);
      for (const Encoding encoding : {Encoding::kOffset, Encoding::kOffsetFlipped, Encoding::kXnor,
                                      Encoding::kCenterOffset, Encoding::kCsd}) {
        EXPECT_EQ(slices(encoding), unsigned_slices);
      }
      EXPECT_EQ(slices(Encoding::kSignMagnitude), (magnitude + cell_bits - 1) / cell_bits);
      EXPECT_EQ(slices(Encoding::kDifferential), 2 * ((magnitude + cell_bits - 1) / cell_bits));
    }
  }
}

TEST(Slices, TwosComplementOfOneBitCellsSubtractsItsTopPlane) {
  const SlicePlan plan = plan_slices(Encoding::kTwosComplement, 4, 1);
  EXPECT_EQ(plan.slices, (std::vector<Slice>{{0, 1, 1}, {1, 1, 1}, {2, 1, 1}, {3, 1, -1}}));
  EXPECT_EQ(plan.excess, 0);
  EXPECT_EQ(encode(plan, -3), (std::vector<std::int64_t>{1, 0, 1, 1}));
}

TEST(Slices, TwosComplementOfWiderCellsStoresTheSignInverted) {
  const SlicePlan plan = plan_slices(Encoding::kTwosComplement, 5, 2);
  EXPECT_EQ(plan.slices, (std::vector<Slice>{{0, 2, 1}, {2, 2, 1}, {4, 1, 1}}));
  EXPECT_EQ(plan.excess, 16);
  EXPECT_EQ(encode(plan, -16), (std::vector<std::int64_t>{0, 0, 0}));
  EXPECT_EQ(encode(plan, 15), (std::vector<std::int64_t>{3, 3, 1}));
  EXPECT_EQ(encode(plan, 0), (std::vector<std::int64_t>{0, 0, 1}));
}

TEST(Slices, OffsetAddsHalfTheRange) {
  const SlicePlan plan = plan_slices(Encoding::kOffset, 8, 2);
  EXPECT_EQ(plan.slices.size(), 4U);
  EXPECT_EQ(plan.excess, 128);
  EXPECT_EQ(encode(plan, -128), (std::vector<std::int64_t>{0, 0, 0, 0}));
  EXPECT_EQ(encode(plan, 127), (std::vector<std::int64_t>{3, 3, 3, 3}));
}

TEST(Slices, DifferentialPairsHoldMagnitudesInOneOfTwoColumns) {
  const SlicePlan plan = plan_slices(Encoding::kDifferential, 4, 2);
  EXPECT_EQ(plan.slices, (std::vector<Slice>{{0, 2, 1}, {2, 1, 1}, {0, 2, -1}, {2, 1, -1}}));
  EXPECT_EQ(plan.excess, 0);
  EXPECT_EQ(encode(plan, 6), (std::vector<std::int64_t>{2, 1, 0, 0}));
  EXPECT_EQ(encode(plan, -6), (std::vector<std::int64_t>{0, 0, 2, 1}));
}

TEST(Slices, SignMagnitudeUsesOneLineOfEachPair) {
  const SlicePlan plan = plan_slices(Encoding::kSignMagnitude, 4, 2);
  EXPECT_EQ(plan.slices, (std::vector<Slice>{{0, 2, 1}, {2, 1, 1}}));
  EXPECT_EQ(plan.lines(), 2);
  EXPECT_FALSE(plan.needs_input_sums());
  EXPECT_EQ(encode(plan, 6), (std::vector<std::int64_t>{2, 0, 1, 0}));
  EXPECT_EQ(encode(plan, -6), (std::vector<std::int64_t>{0, 2, 0, 1}));
}

TEST(Slices, DistancesFromACenterReachTwiceAsFar) {
  const SlicePlan plan = plan_slices(Encoding::kCenterOffset, 4, 1);
  EXPECT_TRUE(plan.needs_input_sums());
  for (std::int64_t center = -8; center <= 7; ++center) {
    for (std::int64_t w = -8; w <= 7; ++w) expect_kept(plan, w, center);
  }
  EXPECT_EQ(encode(plan, -8, 7), (std::vector<std::int64_t>{0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_THROW((void)encode(plan, -8, 8), InternalError);
}

// 7 = 8 - 1 takes two digits, not three; no two digits stand side by side.
TEST(Slices, CanonicalSignedDigitsAreFew) {
  const SlicePlan plan = plan_slices(Encoding::kCsd, 8, 1);
  EXPECT_EQ(encode(plan_slices(Encoding::kCsd, 4, 1), 7),
            (std::vector<std::int64_t>{0, 1, 0, 0, 0, 0, 1, 0}));
  std::int64_t digits = 0;
  for (std::int64_t w = -128; w <= 127; ++w) {
    const std::vector<std::int64_t> cells = encode(plan, w);
    bool before = false;
    for (std::size_t i = 0; i < cells.size(); i += 2) {
      const bool here = cells[i] + cells[i + 1] != 0;
      EXPECT_FALSE(before && here) << w;
      before = here;
      digits += here ? 1 : 0;
    }
  }
  // n/3 + 1/9 digits in the mean over all two's complement numbers of n bits (Reitwiesner).
  EXPECT_NEAR(static_cast<double>(digits) / 256.0, 8.0 / 3.0 + 1.0 / 9.0, 0.01);
}

TEST(Slices, CentersBalanceSlices) {
  const SlicePlan plan = plan_slices(Encoding::kCenterOffset, 8, 1);
  EXPECT_EQ(center_of(plan, std::vector<std::int32_t>{5, 5, 5}), 5);
  EXPECT_EQ(center_of(plan, std::vector<std::int32_t>{-20, 30}), 5);
  EXPECT_EQ(center_of(plan_slices(Encoding::kOffset, 8, 1), std::vector<std::int32_t>{5, 5}), 0);
  EXPECT_EQ(center_of(plan, {}), 0);
}

// A column is inverted from one above half of what it could hold.
TEST(Slices, ColumnsAboveHalfAreFlipped) {
  const SlicePlan plan = plan_slices(Encoding::kOffsetFlipped, 8, 2);
  EXPECT_FALSE(is_flipped(plan, plan.slices[0], 8, 12));
  EXPECT_TRUE(is_flipped(plan, plan.slices[0], 8, 13));
  EXPECT_FALSE(is_flipped(plan_slices(Encoding::kOffset, 8, 2), plan.slices[0], 8, 24));
}

TEST(Slices, RangesAreThoseOfTheEncoding) {
  EXPECT_EQ(lowest_weight(plan_slices(Encoding::kTwosComplement, 8, 1)), -128);
  EXPECT_EQ(highest_weight(plan_slices(Encoding::kTwosComplement, 8, 1)), 127);
  EXPECT_EQ(lowest_weight(plan_slices(Encoding::kOffset, 8, 1)), -128);
  EXPECT_EQ(lowest_weight(plan_slices(Encoding::kDifferential, 8, 1)), -127);
  EXPECT_EQ(highest_weight(plan_slices(Encoding::kDifferential, 8, 1)), 127);
  EXPECT_EQ(lowest_weight(plan_slices(Encoding::kTwosComplement, 1, 1)), -1);
  EXPECT_EQ(highest_weight(plan_slices(Encoding::kTwosComplement, 1, 1)), 0);
}

TEST(Slices, WeightsOutsideTheRangeAreADefectOfTheCaller) {
  EXPECT_THROW((void)encode(plan_slices(Encoding::kDifferential, 8, 1), -128), InternalError);
  EXPECT_THROW((void)encode(plan_slices(Encoding::kOffset, 8, 1), 128), InternalError);
  EXPECT_THROW((void)decode(plan_slices(Encoding::kOffset, 8, 1), {1, 2}), InternalError);
}

}  // namespace
}  // namespace pimento::arch
