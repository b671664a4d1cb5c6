// SPDX-License-Identifier: Apache-2.0
#include "arch/fitted_curve.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace pimento::arch {
namespace {

constexpr double kLeastArgument = 1e-7;
constexpr RealRange kAnyNumber{.min = -1e9, .max = 1e9};
constexpr std::size_t kMostTerms = 16;

double value_of(const FittedCurve::Piece& piece, double x) {
  double sum = 0.0;
  for (auto c = piece.coefficients.rbegin(); c != piece.coefficients.rend(); ++c) {
    sum = sum * x + *c;
  }
  if (piece.log != 0.0) sum += piece.log * std::log(x);
  if (piece.factor != 0.0) sum += piece.factor * std::pow(x, piece.exponent);
  return std::clamp(sum, piece.least, piece.most);
}

std::vector<double> read_coefficients(ConfigMap& map) {
  ConfigList list = map.list("coefficients");
  if (list.size() > kMostTerms) {
    map.problem("coefficients",
                fmt::format("found {} terms; expected {} at most", list.size(), kMostTerms));
    return {};
  }
  std::vector<double> coefficients;
  coefficients.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) coefficients.push_back(list.number(i, kAnyNumber));
  return coefficients;
}

FittedCurve::Piece read_piece(ConfigMap map, bool is_last) {
  FittedCurve::Piece piece;
  if (!is_last) {
    piece.below = map.number("below", {.min = kLeastArgument, .max = 1e9});
  } else if (map.has("below")) {
    map.problem("below", "given on the last piece, which has no end; remove it, or add a piece");
  }
  if (!map.has("log") && !map.has("power") && !map.has("coefficients")) {
    map.problem("", "found no term; expected log, power or coefficients");
  }
  piece.log = map.number_or("log", 0.0, kAnyNumber);
  if (auto power = map.optional_map("power")) {
    piece.factor = power->number("factor", kAnyNumber);
    piece.exponent = power->number("exponent", {.min = -16.0, .max = 16.0});
  }
  if (map.has("coefficients")) piece.coefficients = read_coefficients(map);
  piece.least = map.number_or("least", piece.least, kAnyNumber);
  piece.most = map.number_or("most", piece.most, kAnyNumber);
  if (piece.least > piece.most) {
    map.problem("least", fmt::format("found {}, above most ({}); expected it to be the lower bound",
                                     piece.least, piece.most));
  }
  return piece;
}

}  // namespace

double FittedCurve::at(double x) const {
  x = std::max(x, kLeastArgument);
  for (const Piece& piece : pieces_) {
    if (!piece.below || x < *piece.below) return value_of(piece, x);
  }
  return 0.0;
}

FittedCurve read_curve(ConfigMap& map, std::string_view key) {
  const bool is_list = map.is_list(key);
  ConfigList list = map.list(key);
  if (is_list && list.size() == 0) map.problem(key, "found no piece; expected at least one");
  std::vector<FittedCurve::Piece> pieces;
  double before = 0.0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    pieces.push_back(read_piece(list.map(i), i + 1 == list.size()));
    const double below = pieces.back().below.value_or(std::numeric_limits<double>::max());
    if (below <= before) {
      list.problem(i, fmt::format("found below: {} after below: {}; expected ascending pieces",
                                  below, before));
    }
    before = below;
  }
  return FittedCurve(std::move(pieces));
}

}  // namespace pimento::arch
