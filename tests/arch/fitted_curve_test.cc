// SPDX-License-Identifier: Apache-2.0
#include "arch/fitted_curve.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

FittedCurve curve_of(const std::string& text) {
  ConfigDocument document = ConfigDocument::parse("c: " + text, "f.yaml");
  ConfigMap root = document.root();
  FittedCurve curve = read_curve(root, "c");
  document.finish();
  return curve;
}

std::string curve_error(const std::string& text) {
  return input_error([&] { (void)curve_of(text); });
}

TEST(FittedCurve, AddsItsTerms) {
  const FittedCurve curve =
      curve_of("[{log: 2, power: {factor: 3, exponent: -0.5}, coefficients: [5, 7, 11]}]");
  EXPECT_DOUBLE_EQ(curve.at(0.25), 2 * std::log(0.25) + 6 + 5 + 1.75 + 11 * 0.0625);
}

TEST(FittedCurve, StaysBetweenItsBounds) {
  const FittedCurve curve = curve_of("[{coefficients: [0, 1], least: 0.25, most: 0.75}]");
  EXPECT_EQ(curve.at(0.0), 0.25);
  EXPECT_EQ(curve.at(0.5), 0.5);
  EXPECT_EQ(curve.at(9.0), 0.75);
}

TEST(FittedCurve, ChangesPieceAtTheEdge) {
  const FittedCurve curve = curve_of(
      "[{below: 0.5, coefficients: [1]}, {below: 0.75, coefficients: [2]}, {coefficients: [3]}]");
  EXPECT_EQ(curve.at(std::nextafter(0.5, 0.0)), 1.0);
  EXPECT_EQ(curve.at(0.5), 2.0);
  EXPECT_EQ(curve.at(std::nextafter(0.75, 0.0)), 2.0);
  EXPECT_EQ(curve.at(0.75), 3.0);
  EXPECT_EQ(curve.at(1e9), 3.0);
}

TEST(FittedCurve, TakesTheLogarithmOfZeroAtItsLeastArgument) {
  const FittedCurve curve = curve_of("[{log: 1}]");
  EXPECT_DOUBLE_EQ(curve.at(0.0), std::log(1e-7));
  EXPECT_DOUBLE_EQ(curve.at(-1.0), std::log(1e-7));
  EXPECT_DOUBLE_EQ(curve.at(2e-7), std::log(2e-7));
}

TEST(FittedCurve, IsZeroWithoutPieces) {
  EXPECT_EQ(FittedCurve().at(1.0), 0.0);
}

TEST(FittedCurve, SaysWhatIsWrong) {
  EXPECT_EQ(curve_error("[]"), "f.yaml:1:4: c: found no piece; expected at least one");
  EXPECT_EQ(curve_error("3"), "f.yaml:1:4: c: found \"3\"; expected a list");
  EXPECT_EQ(curve_error("[{least: 0}]"),
            "f.yaml:1:5: c.0: found no term; expected log, power or coefficients");
  EXPECT_EQ(curve_error("[{log: 1}, {log: 1}]"),
            "f.yaml:1:5: c.0.below: missing; expected a number from 1e-07 to 1000000000");
  EXPECT_EQ(curve_error("[{below: 1, log: 1}]"),
            "f.yaml:1:13: c.0.below: given on the last piece, which has no end; remove it, or add "
            "a piece");
  EXPECT_EQ(curve_error("[{below: 2, log: 1}, {below: 2, log: 1}, {log: 1}]"),
            "f.yaml:1:25: c.1: found below: 2 after below: 2; expected ascending pieces");
  EXPECT_EQ(curve_error("[{log: 1, least: 2, most: 1}]"),
            "f.yaml:1:21: c.0.least: found 2, above most (1); expected it to be the lower bound");
  EXPECT_EQ(curve_error("[{coefficients: [1, a]}]"),
            "f.yaml:1:24: c.0.coefficients.1: found \"a\"; expected a number from -1000000000 to "
            "1000000000");
  EXPECT_EQ(curve_error("[{coefficients: [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}]"),
            "f.yaml:1:20: c.0.coefficients: found 17 terms; expected 16 at most");
}

}  // namespace
}  // namespace pimento::arch
