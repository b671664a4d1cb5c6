// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/bit_width.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/operators/support.h"

namespace pimento::workloads {
namespace {

constexpr double kFar = std::numeric_limits<double>::infinity();

Attributes quant_attributes(std::int64_t has_sign, std::int64_t narrow,
                            const std::string& rounding = "ROUND") {
  return {{"signed", has_sign}, {"narrow", narrow}, {"rounding_mode", rounding}};
}

// Quant of values with one scale and zero point.
std::vector<double> quant(const std::vector<double>& values, double scale, double zero_point,
                          double bits, const Attributes& attributes) {
  return run("Quant", {reals(values), scalar(scale), scalar(zero_point), scalar(bits)}, attributes)
      .reals;
}

using Values = std::vector<double>;

TEST(IntegerRange, OfSignsAndNarrowness) {
  const auto range = [](int bits, bool has_sign, bool narrow) {
    const IntegerRange found = integer_range(bits, has_sign, narrow);
    return std::pair(found.low, found.high);
  };
  using Range = std::pair<double, double>;
  EXPECT_EQ(range(4, true, false), Range(-8, 7));
  EXPECT_EQ(range(4, true, true), Range(-7, 7));
  EXPECT_EQ(range(4, false, false), Range(0, 15));
  EXPECT_EQ(range(4, false, true), Range(0, 14));
  EXPECT_EQ(range(1, false, false), Range(0, 1));
  EXPECT_EQ(range(2, true, true), Range(-1, 1));
  EXPECT_EQ(range(32, false, false), Range(0, 4294967295.0));
}

TEST(RoundBy, EveryMode) {
  const Values values{2.5, -2.5, 3.5, 2.3, -2.3, 2.7, -2.7};
  const auto rounded = [&](Rounding rounding) {
    Values result;
    for (const double value : values) result.push_back(round_by(rounding, value));
    return result;
  };
  EXPECT_EQ(rounded(Rounding::kHalfEven), (Values{2, -2, 4, 2, -2, 3, -3}));
  EXPECT_EQ(rounded(Rounding::kCeil), (Values{3, -2, 4, 3, -2, 3, -2}));
  EXPECT_EQ(rounded(Rounding::kFloor), (Values{2, -3, 3, 2, -3, 2, -3}));
  EXPECT_EQ(rounded(Rounding::kUp), (Values{3, -3, 4, 3, -3, 3, -3}));
  EXPECT_EQ(rounded(Rounding::kDown), (Values{2, -2, 3, 2, -2, 2, -2}));
  EXPECT_EQ(rounded(Rounding::kHalfUp), (Values{3, -3, 4, 2, -2, 3, -3}));
  EXPECT_EQ(rounded(Rounding::kHalfDown), (Values{2, -2, 3, 2, -2, 3, -3}));
}

TEST(RoundBy, WholeNumbersStay) {
  for (const Rounding rounding :
       {Rounding::kHalfEven, Rounding::kCeil, Rounding::kFloor, Rounding::kUp, Rounding::kDown,
        Rounding::kHalfUp, Rounding::kHalfDown}) {
    for (const double value : {-3.0, 0.0, 4.0}) EXPECT_EQ(round_by(rounding, value), value);
  }
}

TEST(Quant, RoundsToTheGrid) {
  // In steps of 0.5: 0.6, -1.4, 2.5 and 3.5 (ties to even), 1.
  EXPECT_EQ(quant({0.3, -0.7, 1.25, 1.75, 0.5}, 0.5, 0.0, 4, quant_attributes(1, 0)),
            (Values{0.5, -0.5, 1.0, 2.0, 0.5}));
}

TEST(Quant, CutsBeforeItRounds) {
  // -8.6 and 7.6 steps of 4 bits: rounded first they were -9 and 8, cut first they are -8 and 7.
  EXPECT_EQ(quant({-8.6, 7.6}, 1.0, 0.0, 4, quant_attributes(1, 0)), (Values{-8, 7}));
  // The limit is 7, so that rounding 7.0 up cannot leave the range; -7.4 goes up to -7.
  EXPECT_EQ(quant({7.3, -7.4}, 1.0, 0.0, 4, quant_attributes(1, 0, "CEIL")), (Values{7, -7}));
  EXPECT_EQ(quant({-8.9, kFar, -kFar}, 1.0, 0.0, 4, quant_attributes(1, 0, "FLOOR")),
            (Values{-8, 7, -8}));
}

TEST(Quant, EveryRoundingModeByItsWord) {
  const auto rounded = [](const std::string& mode) {
    return quant({2.5, -2.5, 2.3}, 1.0, 0.0, 8, quant_attributes(1, 0, mode));
  };
  EXPECT_EQ(rounded("ROUND"), (Values{2, -2, 2}));
  EXPECT_EQ(rounded("HALF_EVEN"), (Values{2, -2, 2}));
  EXPECT_EQ(rounded("CEIL"), (Values{3, -2, 3}));
  EXPECT_EQ(rounded("FLOOR"), (Values{2, -3, 2}));
  EXPECT_EQ(rounded("UP"), (Values{3, -3, 3}));
  EXPECT_EQ(rounded("DOWN"), (Values{2, -2, 2}));
  EXPECT_EQ(rounded("HALF_UP"), (Values{3, -3, 2}));
  EXPECT_EQ(rounded("HALF_DOWN"), (Values{2, -2, 2}));
  EXPECT_EQ(rounded("floor"), (Values{2, -3, 2}));
  EXPECT_EQ(refusal("Quant", {reals({1}), scalar(1), scalar(0), scalar(8)},
                    quant_attributes(1, 0, "NEAREST\x1b")),
            "attribute \"rounding_mode\" is \"NEAREST\\x1b\"; expected ROUND, HALF_EVEN, CEIL, "
            "FLOOR, UP, DOWN, HALF_UP or HALF_DOWN");
}

TEST(Quant, NarrowMustBeGiven) {
  const Inputs inputs{reals({1}), scalar(1), scalar(0), scalar(8)};
  EXPECT_EQ(refusal("Quant", inputs),
            "attribute \"narrow\" is missing; the documents disagree on what it would be");
  EXPECT_EQ(refusal("Quant", inputs, {{"narrow", std::int64_t{2}}}),
            "attribute \"narrow\" is 2; expected 0 or 1");
  // Signed unless it says otherwise.
  EXPECT_EQ(
      run("Quant", {reals({-300}), scalar(1), scalar(0), scalar(8)}, {{"narrow", std::int64_t{1}}})
          .reals,
      Values{-127});
}

TEST(Quant, NarrowRangesLackOneValue) {
  EXPECT_EQ(quant({-9, 9}, 1.0, 0.0, 4, quant_attributes(1, 1)), (Values{-7, 7}));
  EXPECT_EQ(quant({-9, 20}, 1.0, 0.0, 4, quant_attributes(0, 0)), (Values{0, 15}));
  EXPECT_EQ(quant({-9, 20}, 1.0, 0.0, 4, quant_attributes(0, 1)), (Values{0, 14}));
}

TEST(Quant, OneSignedBitIsPlusOrMinusTheScale) {
  EXPECT_EQ(quant({-3, -0.1, 0, 0.1, 3}, 0.5, 0.0, 1, quant_attributes(1, 0)),
            (Values{-0.5, -0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(quant({-3, 0.2, 0.8, 3}, 1.0, 0.0, 1, quant_attributes(0, 0)), (Values{0, 0, 1, 1}));
}

TEST(Quant, TheZeroPointStandsWithinTheRounding) {
  // Unsigned 4 bits, zero point 8: real 0 is the integer 8, so -8 to 7 steps can be told.
  EXPECT_EQ(quant({-5, -1, 0, 4}, 0.5, 8.0, 4, quant_attributes(0, 0)), (Values{-4, -1, 0, 3.5}));
  // A zero point of 0.25 moves the ties: 2.3 + 0.25 rounds to 3, and 3 - 0.25 is what comes out.
  EXPECT_EQ(quant({2.3, 2.2}, 1.0, 0.25, 4, quant_attributes(1, 0)), (Values{2.75, 1.75}));
}

TEST(Quant, ScalesAndZeroPointsAreBroadcast) {
  // Two channels of three values: steps of 1 and of 0.5, the second moved by 1.
  const Array data = real_array({2, 3}, {0.6, 1.4, 9, 0.6, 1.4, 9});
  const Array scale = real_array({2, 1}, {1, 0.5});
  const Array zero = real_array({2, 1}, {0, 1});
  EXPECT_EQ(run("Quant", {data, scale, zero, scalar(4)}, quant_attributes(1, 0)).reals,
            (Values{1, 1, 7, 0.5, 1.5, 3}));
  EXPECT_EQ(refusal("Quant", {data, real_array({2}, {1, 1}), scalar(0), scalar(4)},
                    quant_attributes(1, 0)),
            "input 1 has the shape 2, which does not fit the data of 2x3");
  // Scales may not make the data larger.
  EXPECT_EQ(refusal("Quant", {reals({1}), real_array({2}, {1, 1}), scalar(0), scalar(4)},
                    quant_attributes(1, 0)),
            "input 1 has the shape 2, which does not fit the data of 1");
}

TEST(Quant, RefusesBitsAndScalesThatMakeNoGrid) {
  const auto error = [](double scale, const Array& bits) {
    return refusal("Quant", {reals({1}), scalar(scale), scalar(0), bits}, quant_attributes(1, 0));
  };
  for (const double bits : {0.0, -4.0, 33.0, 2.5, kFar, std::nan("")}) {
    EXPECT_EQ(
        error(1, scalar(bits)),
        fmt::format("input 3 is a bit width of {}; expected a whole number from 1 to 32", bits));
  }
  EXPECT_EQ(error(1, reals({4, 5})), "input 3 has the shape 2, which does not fit the data of 1");
  EXPECT_EQ(error(1, reals({4, 2.5})),
            "input 3 is a bit width of 2.5; expected a whole number from 1 to 32");
  EXPECT_EQ(error(1, reals({})), "input 3 holds no bit width");
  EXPECT_EQ(error(1, reals({4, 4})), "nothing thrown");
  for (const double scale : {0.0, -1.0, kFar, std::nan("")}) {
    EXPECT_EQ(error(scale, scalar(4)),
              fmt::format("input 1 holds the scale {}; expected scales above 0", scale));
  }
  EXPECT_EQ(refusal("Quant", {integers({1}, ElementType::kInt8), scalar(1), scalar(0), scalar(4)},
                    quant_attributes(1, 0)),
            "input 0 holds integers; expected real numbers");
}

// Each channel as if it were quantized alone; of 1 bit it is +1 and -1.
TEST(Quant, ChannelsMayHaveBitsOfTheirOwn) {
  const Array data = real_array({3, 2}, {-9, 9, -9, 9, -9, 0.2});
  const Array widths = real_array({3, 1}, {4, 2, 1});
  EXPECT_EQ(run("Quant", {data, scalar(1), scalar(0), widths}, quant_attributes(1, 0)).reals,
            (Values{-8, 7, -2, 1, -1, 1}));
  EXPECT_EQ(run("Quant", {data, scalar(1), scalar(0), widths}, quant_attributes(0, 0)).reals,
            (Values{0, 9, 0, 3, 0, 0}));
}

TEST(BipolarQuant, ZeroIsPositive) {
  EXPECT_EQ(run("BipolarQuant", {reals({-2, -0.0, 0, 1e-30, 5}), scalar(0.5)}).reals,
            (Values{-0.5, 0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(
      run("BipolarQuant", {real_array({2, 2}, {1, -1, 1, -1}), real_array({2, 1}, {2, 3})}).reals,
      (Values{2, -2, 3, -3}));
  EXPECT_EQ(refusal("BipolarQuant", {reals({1}), scalar(-1)}),
            "input 1 holds the scale -1; expected scales above 0");
}

TEST(Trunc, DropsTheLowestBits) {
  // From 8 to 4 bits: steps of 1/16 in units of the scale, cut downwards.
  const auto trunc = [](const Values& values, double scale, double zero, double bits,
                        const Attributes& attributes) {
    return run("Trunc", {reals(values), scalar(scale), scalar(zero), scalar(8), scalar(bits)},
               attributes)
        .reals;
  };
  // 100, -100 and 7 steps of 0.5 over 16 are 6.25, -6.25 and 0.4375.
  EXPECT_EQ(trunc({50, -50, 3.5}, 0.5, 0, 4, {}), (Values{3, -3.5, 0}));
  EXPECT_EQ(trunc({50, -50, 3.5}, 0.5, 0, 4, {{"rounding_mode", std::string("ROUND")}}),
            (Values{3, -3, 0}));
  EXPECT_EQ(trunc({50, -50, 3.5}, 0.5, 0, 4, {{"rounding_mode", std::string("CEIL")}}),
            (Values{3.5, -3, 0.5}));
  // The zero point is added before the cut and taken off after it: (100 + 4) / 16 is 6, less 4.
  EXPECT_EQ(trunc({50}, 0.5, 4, 4, {}), Values{1});
  // As many bits as before: nothing is dropped.
  EXPECT_EQ(trunc({50, -50}, 0.5, 0, 8, {}), (Values{50, -50}));
}

TEST(Trunc, TheSecondVersionHasAScaleForItsOutput) {
  const auto trunc = [](const Values& values, double out_scale, double bits,
                        const Attributes& attributes) {
    return run("Trunc",
               {reals(values), scalar(0.5), scalar(0), scalar(8), scalar(out_scale), scalar(0),
                scalar(bits)},
               attributes)
        .reals;
  };
  // 100, -100 and 7 steps of 0.5 are 6.25, -6.25 and 0.4375 of 8; floors 6, -7 and 0 of them.
  EXPECT_EQ(trunc({50, -50, 3.5}, 8.0, 4, {}), (Values{48, -56, 0}));
  // 3 bits reach from -4 to 3 signed, from 0 to 7 unsigned, to 6 narrow.
  EXPECT_EQ(trunc({50, -50}, 8.0, 3, {}), (Values{24, -32}));
  EXPECT_EQ(trunc({70, -50}, 8.0, 3, {{"signed", std::int64_t{0}}}), (Values{56, 0}));
  EXPECT_EQ(trunc({70, -50}, 8.0, 3, {{"signed", std::int64_t{0}}, {"narrow", std::int64_t{1}}}),
            (Values{48, 0}));
}

TEST(Trunc, RefusesOtherNumbersOfInputsAndBits) {
  const Array one = scalar(1);
  EXPECT_EQ(refusal("Trunc", {reals({1}), one, scalar(0), scalar(8), scalar(4), one}),
            "has 6 inputs; expected 5 or 7");
  EXPECT_EQ(refusal("Trunc", {reals({1}), one, scalar(0), scalar(40), scalar(4)}),
            "input 3 is a bit width of 40; expected a whole number from 1 to 32");
  EXPECT_EQ(refusal("Trunc", {reals({1}), one, scalar(0), scalar(8), reals({})}),
            "input 4 holds no bit width");
  EXPECT_EQ(refusal("Trunc", {reals({1}), one, scalar(0), scalar(8), one, scalar(0), scalar(0)}),
            "input 6 is a bit width of 0; expected a whole number from 1 to 32");
}

Values fake_quantize(const Values& values, const std::array<double, 4>& limits,
                     std::int64_t levels) {
  return run("FakeQuantize",
             {reals(values), scalar(limits[0]), scalar(limits[1]), scalar(limits[2]),
              scalar(limits[3])},
             {{"levels", levels}})
      .reals;
}

TEST(FakeQuantize, DividesTheInputRangeIntoLevels) {
  // Five levels from -1 to 1: steps of 0.5; 0.25 is a tie and goes to the even step, that of 0.
  EXPECT_EQ(fake_quantize({-1, -0.8, -0.7, 0.25, 0.3, 1}, {-1, 1, -1, 1}, 5),
            (Values{-1, -1, -0.5, 0, 0.5, 1}));
  // Another output range: levels 10, 12.5, ..., 20.
  EXPECT_EQ(fake_quantize({-1, -0.4, 1}, {-1, 1, 10, 20}, 5), (Values{10, 12.5, 20}));
}

TEST(FakeQuantize, TheEdgesBelongToTheRange) {
  EXPECT_EQ(fake_quantize({-1.5, 1.5, -kFar, kFar}, {-1, 1, -2, 2}, 256), (Values{-2, 2, -2, 2}));
  // A range of no width sends everything to one side.
  EXPECT_EQ(fake_quantize({0.5, 1, 1.5}, {1, 1, 0, 8}, 2), (Values{0, 0, 8}));
  // Limits the wrong way round: outputs follow the smaller and the larger one.
  EXPECT_EQ(fake_quantize({-2, 2}, {1, -1, 0, 8}, 2), (Values{0, 8}));
  EXPECT_EQ(fake_quantize({0.2, 0.8}, {0, 1, 0, 1}, 2), (Values{0, 1}));
}

TEST(FakeQuantize, RefusesTooFewOrTooManyLevels) {
  const Inputs inputs{reals({1}), scalar(0), scalar(1), scalar(0), scalar(1)};
  for (const std::int64_t levels :
       {std::int64_t{1}, std::int64_t{0}, std::int64_t{-5}, (std::int64_t{1} << 32) + 1}) {
    EXPECT_EQ(refusal("FakeQuantize", inputs, {{"levels", levels}}),
              fmt::format("attribute \"levels\" is {}; expected 2 to 2^32", levels));
  }
  EXPECT_EQ(refusal("FakeQuantize", inputs), "attribute \"levels\" is 0; expected 2 to 2^32");
}

}  // namespace
}  // namespace pimento::workloads
