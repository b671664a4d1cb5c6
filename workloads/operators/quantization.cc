// SPDX-License-Identifier: Apache-2.0
// Between reals and integers: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.
#include "workloads/operators/quantization.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {

ScaleOf::ScaleOf(const Call& call, int scale, std::int64_t axis, std::int64_t block_size) {
  const Shape& data = call.shape(0);
  const Shape& scales = call.shape(scale);
  count_ = element_count(scales);
  if (count_ == 1) return;
  const auto at = static_cast<std::size_t>(call.axis(axis, data.size()));
  extent_ = data[at];
  inner_ = element_count({data.begin() + static_cast<std::ptrdiff_t>(at) + 1, data.end()});
  if (block_size == 0) {
    if (scales.size() != 1 || scales[0] != extent_) {
      call.fail(fmt::format("the scale has the shape {}; expected one value, or {} along axis {}",
                            to_string(scales), extent_, at));
    }
    return;
  }
  Shape expected = data;
  const std::int64_t begun = extent_ % block_size == 0 ? 0 : 1;
  expected[at] = block_size < 0 ? -1 : extent_ / block_size + begun;
  if (block_size < 0 || scales != expected) {
    call.fail(fmt::format("block_size is {} and the scale has the shape {}; expected {}",
                          block_size, to_string(scales), to_string(expected)));
  }
  block_ = block_size;
  blocks_ = expected[at];
}

namespace {

void check_zero_point(const Call& call) {
  if (!call.has(2)) return;
  expect_integers(call, {2});
  const bool both_single = element_count(call.shape(1)) == 1 && element_count(call.shape(2)) == 1;
  if (call.shape(2) != call.shape(1) && !both_single) {
    call.fail(fmt::format("the zero point has the shape {}, the scale {}; expected one shape",
                          to_string(call.shape(2)), to_string(call.shape(1))));
  }
}

ScaleOf scales_of(const Call& call) {
  return {call, 1, call.integer("axis", 1), call.integer("block_size", 0)};
}

// The zero point's type, or output_dtype (its name, as the importer writes it), or uint8.
ElementType quantized_type(const Call& call) {
  if (call.has(2)) return call.type(2);
  const auto type = element_type_of(call.text("output_dtype", "uint8"));
  if (!type || !is_integer(*type)) call.fail("quantizes to a type that is not read");
  return *type;
}

std::vector<Form> infer_quantize(const Call& call) {
  if (is_integer(call.type(0)) && call.type(0) != ElementType::kInt32) {
    call.fail("quantizes integers; expected real numbers");
  }
  check_zero_point(call);
  expect_scales(call, 1);
  (void)scales_of(call);
  const ElementType type = quantized_type(call);
  if (!is_integer(type))
    call.fail(fmt::format("quantizes to {}; expected integers", name_of(type)));
  return {{type, call.shape(0)}};
}

std::vector<Array> quantize(const Call& call) {
  const Array& input = call.array(0);
  const ScaleOf scale_of = scales_of(call);
  Array result = make_array(quantized_type(call), input.shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t at = scale_of(i);
    const std::int64_t zero =
        call.has(2) ? call.array(2).integers[static_cast<std::size_t>(at)] : 0;
    result.integers[static_cast<std::size_t>(i)] =
        quantize_value(input.real(i), call.array(1).real(at), zero, result.type);
  }
  return {std::move(result)};
}

std::vector<Form> infer_dequantize(const Call& call) {
  if (!is_integer(call.type(0))) call.fail("dequantizes real numbers; expected integers");
  expect_reals(call, {1});
  check_zero_point(call);
  expect_scales(call, 1);
  (void)scales_of(call);
  return {{call.type(1), call.shape(0)}};
}

std::vector<Array> dequantize(const Call& call) {
  const Array& input = call.array(0);
  const ScaleOf scale_of = scales_of(call);
  Array result = make_array(call.type(1), input.shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t at = scale_of(i);
    const std::int64_t zero =
        call.has(2) ? call.array(2).integers[static_cast<std::size_t>(at)] : 0;
    const auto steps =
        static_cast<double>(wrapping_subtract(input.integers[static_cast<std::size_t>(i)], zero));
    result.reals[static_cast<std::size_t>(i)] = steps * call.array(1).real(at);
  }
  settle(result);
  return {std::move(result)};
}

std::vector<Form> infer_dynamic_quantize(const Call& call) {
  return {
      {ElementType::kUint8, call.shape(0)}, {ElementType::kFloat32, {}}, {ElementType::kUint8, {}}};
}

// The range of the values, stretched to hold zero, is divided into 255 steps.
std::vector<Array> dynamic_quantize(const Call& call) {
  const Array& input = call.array(0);
  double low = 0.0;
  double high = 0.0;
  for (const double value : input.reals) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double span = round_to(ElementType::kFloat32, high - low);
  double scale = round_to(ElementType::kFloat32, span / 255.0);
  if (scale == 0.0) scale = 1.0;
  const std::int64_t zero = quantize_value(-low, scale, 0, ElementType::kUint8);
  Array result = make_array(ElementType::kUint8, input.shape);
  for (std::size_t i = 0; i < input.reals.size(); ++i) {
    result.integers[i] = quantize_value(input.reals[i], scale, zero, ElementType::kUint8);
  }
  return {std::move(result), real_array({}, {scale}),
          integer_array({}, {zero}, ElementType::kUint8)};
}

}  // namespace

void add_quantization_operators(OperatorTable& table) {
  table.add("QuantizeLinear", {.least_inputs = 2,
                               .most_inputs = 3,
                               .attributes = {"axis", "saturate", "block_size", "output_dtype"},
                               .infer = infer_quantize,
                               .evaluate = quantize});
  table.add("DequantizeLinear", {.least_inputs = 2,
                                 .most_inputs = 3,
                                 .attributes = {"axis", "block_size"},
                                 .infer = infer_dequantize,
                                 .evaluate = dequantize});
  table.add("DynamicQuantizeLinear",
            {.most_outputs = 3, .infer = infer_dynamic_quantize, .evaluate = dynamic_quantize});
}

}  // namespace pimento::workloads
