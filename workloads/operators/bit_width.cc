// SPDX-License-Identifier: Apache-2.0
// Quant, BipolarQuant and Trunc of QONNX, after its reference execution (qonnx, custom_op/general);
// FakeQuantize of OpenVINO (operation FakeQuantize-1), which NNCF writes into ONNX files.
#include "workloads/operators/bit_width.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

double away_from_zero(double value) {
  return std::copysign(std::ceil(std::abs(value)), value);
}

double to_float(double value) {
  return round_to(ElementType::kFloat32, value);
}

Shape broadcast_data(const Call& call, int last) {
  for (int i = 1; i <= last; ++i) {
    const auto shape = broadcast_shape(call.shape(0), call.shape(i));
    if (!shape || *shape != call.shape(0)) {
      call.fail(fmt::format("input {} has the shape {}, which does not fit the data of {}", i,
                            to_string(call.shape(i)), to_string(call.shape(0))));
    }
  }
  return call.shape(0);
}

// Quant -----------------------------------------------------------------------------------------

std::vector<Form> infer_quant(const Call& call) {
  expect_reals(call, {0});
  if (call.attribute("narrow") == nullptr) {
    call.fail("attribute \"narrow\" is missing; the documents disagree on what it would be");
  }
  (void)call.flag("signed", true);
  (void)rounding_of(call, "ROUND");
  if (call.is_known(3)) check_bit_widths(call, 3);
  expect_scales(call, 1);
  const bool one_width =
      call.is_known(3) ? is_one_width(call.array(3)) : element_count(call.shape(3)) <= 1;
  return {{call.type(0), broadcast_data(call, one_width ? 2 : 3)}};
}

// The integers of each bit width, at the places of the data.
class Ranges {
 public:
  explicit Ranges(const Call& call)
      : has_sign_(call.flag("signed", true)), narrow_(call.flag("narrow", false)) {
    check_bit_widths(call, 3);
    widths_ = call.array(3);
    one_width_ = is_one_width(widths_);
    if (one_width_) {
      range_ = range(0);
    } else {
      widths_ = broadcast_to(widths_, call.shape(0));
    }
  }

  // +1 and -1, rather than integers of a range.
  [[nodiscard]] bool is_bipolar(std::int64_t place) const {
    return has_sign_ && widths_.real(one_width_ ? 0 : place) == 1.0;
  }
  [[nodiscard]] IntegerRange at(std::int64_t place) const {
    return one_width_ ? range_ : range(place);
  }

 private:
  [[nodiscard]] IntegerRange range(std::int64_t place) const {
    return integer_range(static_cast<int>(widths_.real(place)), has_sign_, narrow_);
  }

  bool has_sign_;
  bool narrow_;
  Array widths_;
  bool one_width_ = true;
  IntegerRange range_;
};

std::vector<Array> quant(const Call& call) {
  const Array& input = call.array(0);
  const Ranges ranges(call);
  const Rounding rounding = rounding_of(call, "ROUND");
  const Shape scale_strides = broadcast_strides(call.shape(1), input.shape);
  const Shape zero_strides = broadcast_strides(call.shape(2), input.shape);
  Array result = make_array(input.type, input.shape);
  for_each_pair(input.shape, scale_strides, zero_strides,
                [&](std::int64_t i, std::int64_t s, std::int64_t z) {
                  const double scale = call.array(1).real(s);
                  const double zero = call.array(2).real(z);
                  double steps = to_float(to_float(input.real(i) / scale) + zero);
                  if (ranges.is_bipolar(i)) {
                    steps = steps >= 0.0 ? 1.0 : -1.0;
                  } else {
                    const IntegerRange range = ranges.at(i);
                    steps = round_by(rounding, std::clamp(steps, range.low, range.high));
                  }
                  result.reals[static_cast<std::size_t>(i)] = to_float(steps - zero) * scale;
                });
  settle(result);
  return {std::move(result)};
}

// BipolarQuant ----------------------------------------------------------------------------------

std::vector<Form> infer_bipolar(const Call& call) {
  expect_reals(call, {0});
  expect_scales(call, 1);
  return {{call.type(0), broadcast_data(call, 1)}};
}

std::vector<Array> bipolar(const Call& call) {
  Array result = call.array(0);
  for_each_offset(result.shape, broadcast_strides(call.shape(1), result.shape),
                  [&](std::int64_t i, std::int64_t s) {
                    double& value = result.reals[static_cast<std::size_t>(i)];
                    value = value >= 0.0 ? call.array(1).real(s) : -call.array(1).real(s);
                  });
  settle(result);
  return {std::move(result)};
}

// Trunc -----------------------------------------------------------------------------------------

// Version 1 takes x, scale, zero point, input bits and output bits; version 2 adds the output's
// scale and zero point before its bits, and cuts to the output's range.
bool is_second_version(const Call& call) {
  return call.input_count() == 7;
}

std::vector<Form> infer_trunc(const Call& call) {
  if (call.input_count() != 5 && call.input_count() != 7) {
    call.fail(fmt::format("has {} inputs; expected 5 or 7", call.input_count()));
  }
  expect_reals(call, {0});
  (void)rounding_of(call, "FLOOR");
  expect_scales(call, 1);
  for (const int bits : {3, is_second_version(call) ? 6 : 4}) {
    if (call.is_known(bits)) (void)bit_width_of(call, bits);
  }
  return {{call.type(0), broadcast_data(call, 2)}};
}

std::vector<Array> trunc(const Call& call) {
  const Array& input = call.array(0);
  const bool second = is_second_version(call);
  const int bits = bit_width_of(call, second ? 6 : 4);
  const Rounding rounding = rounding_of(call, "FLOOR");
  const IntegerRange range =
      integer_range(bits, call.flag("signed", true), call.flag("narrow", false));
  const double shift = std::exp2(bit_width_of(call, 3) - bits);
  Array result = make_array(input.type, input.shape);
  for_each_pair(input.shape, broadcast_strides(call.shape(1), input.shape),
                broadcast_strides(call.shape(2), input.shape),
                [&](std::int64_t i, std::int64_t s, std::int64_t z) {
                  const double scale = call.array(1).real(s);
                  const double zero = call.array(2).real(z);
                  double steps = std::nearbyint(to_float(to_float(input.real(i) / scale) + zero));
                  double& value = result.reals[static_cast<std::size_t>(i)];
                  if (!second) {
                    value = to_float(round_by(rounding, to_float(steps / shift)) - zero) * scale;
                    return;
                  }
                  const double out_scale = call.scalar_of(4);
                  const double ratio = std::exp2(std::nearbyint(std::log2(out_scale / scale)));
                  steps = std::clamp(to_float(steps / ratio), range.low, range.high);
                  value = to_float(round_by(rounding, steps) - to_float(zero / ratio)) * out_scale;
                });
  settle(result);
  return {std::move(result)};
}

// FakeQuantize ----------------------------------------------------------------------------------

std::vector<Form> infer_fake_quantize(const Call& call) {
  expect_reals(call, {0, 1, 2, 3, 4});
  const std::int64_t levels = call.integer("levels", 0);
  if (levels < 2 || levels > (std::int64_t{1} << kMaxBits)) {
    call.fail(fmt::format("attribute \"levels\" is {}; expected 2 to 2^{}", levels, kMaxBits));
  }
  return {{call.type(0), broadcast_data(call, 4)}};
}

std::vector<Array> fake_quantize(const Call& call) {
  Array result = call.array(0);
  std::array<Array, 4> limits;  // input low and high, output low and high
  for (int i = 0; i < 4; ++i) {
    limits[static_cast<std::size_t>(i)] = broadcast_to(call.array(i + 1), result.shape);
  }
  const auto steps = static_cast<double>(call.integer("levels", 0) - 1);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    double& value = result.reals[static_cast<std::size_t>(i)];
    const double low = limits[0].real(i);
    const double high = limits[1].real(i);
    const double out_low = limits[2].real(i);
    const double out_high = limits[3].real(i);
    if (value <= std::min(low, high)) {
      value = out_low;
    } else if (value > std::max(low, high)) {
      value = out_high;
    } else {
      const double step = std::nearbyint(to_float((value - low) / (high - low) * steps));
      value = step / steps * (out_high - out_low) + out_low;
    }
  }
  settle(result);
  return {std::move(result)};
}

}  // namespace

Rounding rounding_of(const Call& call, const std::string& otherwise) {
  std::string word = call.text("rounding_mode", otherwise);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  constexpr std::array kWords{
      std::pair{"ROUND", Rounding::kHalfEven}, std::pair{"HALF_EVEN", Rounding::kHalfEven},
      std::pair{"CEIL", Rounding::kCeil},      std::pair{"FLOOR", Rounding::kFloor},
      std::pair{"UP", Rounding::kUp},          std::pair{"DOWN", Rounding::kDown},
      std::pair{"HALF_UP", Rounding::kHalfUp}, std::pair{"HALF_DOWN", Rounding::kHalfDown}};
  for (const auto& [name, rounding] : kWords) {
    if (word == name) return rounding;
  }
  call.fail(
      fmt::format("attribute \"rounding_mode\" is \"{}\"; expected ROUND, HALF_EVEN, CEIL, "
                  "FLOOR, UP, DOWN, HALF_UP or HALF_DOWN",
                  printable(word)));
}

double round_by(Rounding rounding, double value) {
  switch (rounding) {
    case Rounding::kHalfEven:
      return std::nearbyint(value);
    case Rounding::kCeil:
      return std::ceil(value);
    case Rounding::kFloor:
      return std::floor(value);
    case Rounding::kUp:
      return away_from_zero(value);
    case Rounding::kDown:
      return std::trunc(value);
    case Rounding::kHalfUp:
      return std::copysign(std::floor(std::abs(value) + 0.5), value);
    case Rounding::kHalfDown:
      return std::copysign(std::ceil(std::abs(value) - 0.5), value);
  }
  return value;
}

IntegerRange integer_range(int bits, bool has_sign, bool narrow) {
  if (!has_sign) return {0.0, std::exp2(bits) - (narrow ? 2.0 : 1.0)};
  const double half = std::exp2(bits - 1);
  return {narrow ? 1.0 - half : -half, half - 1.0};
}

int bit_width_of(const Call& call, int input) {
  const Array& widths = call.array(input);
  if (widths.size() == 0) call.fail(fmt::format("input {} holds no bit width", input));
  const double bits = widths.real(0);
  for (std::int64_t i = 1; i < widths.size(); ++i) {
    if (widths.real(i) != bits) {
      call.fail(
          fmt::format("input {} holds several bit widths; expected one for the tensor", input));
    }
  }
  check_bit_widths(call, input);
  return static_cast<int>(bits);
}

bool is_one_width(const Array& widths) {
  for (std::int64_t i = 1; i < widths.size(); ++i) {
    if (widths.real(i) != widths.real(0)) return false;
  }
  return true;
}

void check_bit_widths(const Call& call, int input) {
  const Array& widths = call.array(input);
  if (widths.size() == 0) call.fail(fmt::format("input {} holds no bit width", input));
  for (std::int64_t i = 0; i < widths.size(); ++i) {
    const double bits = widths.real(i);
    if (!(bits >= 1.0) || bits > kMaxBits || bits != std::floor(bits)) {
      call.fail(fmt::format("input {} is a bit width of {}; expected a whole number from 1 to {}",
                            input, bits, kMaxBits));
    }
  }
}

std::map<std::string, Attribute> quantizer_attributes(bool has_sign, bool narrow) {
  return {{"signed", std::int64_t{has_sign ? 1 : 0}},
          {"narrow", std::int64_t{narrow ? 1 : 0}},
          {"rounding_mode", std::string("ROUND")}};
}

void add_bit_width_operators(OperatorTable& table) {
  table.add("Quant", {.least_inputs = 4,
                      .most_inputs = 4,
                      .attributes = {"signed", "narrow", "rounding_mode"},
                      .infer = infer_quant,
                      .evaluate = quant});
  table.add("BipolarQuant",
            {.least_inputs = 2, .most_inputs = 2, .infer = infer_bipolar, .evaluate = bipolar});
  table.add("Trunc", {.least_inputs = 5,
                      .most_inputs = 7,
                      .attributes = {"rounding_mode", "signed", "narrow"},
                      .infer = infer_trunc,
                      .evaluate = trunc});
  table.add("FakeQuantize", {.least_inputs = 5,
                             .most_inputs = 5,
                             .attributes = {"levels", "auto_broadcast"},
                             .infer = infer_fake_quantize,
                             .evaluate = fake_quantize});
}

}  // namespace pimento::workloads
