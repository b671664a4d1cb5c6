// SPDX-License-Identifier: Apache-2.0
// Versions 2.x of AIMET's encodings, which speak as ONNX's QuantizeLinear does.
#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/archive/encoding_versions.h"

namespace pimento::workloads {
namespace {

using Json = nlohmann::json;

// Nested lists in row-major order; a bare number has no extents.
struct Nested {
  std::vector<std::size_t> extents;
  std::vector<const Json*> values;
};

// The first way down to a number sets the extents; all others must fit them. Depth is bounded by
// parse_json().
void flatten(const Json& value, std::size_t depth, const std::string& where, Nested& nested) {
  const bool first = nested.values.empty();
  if (value.is_array()) {
    check_list(value, where);
    if (first && depth == nested.extents.size()) nested.extents.push_back(value.size());
  }
  const bool fits = value.is_array()
                        ? depth < nested.extents.size() && value.size() == nested.extents[depth]
                        : depth == nested.extents.size();
  if (!fits) {
    throw InputError(
        fmt::format("{}: has lists of different lengths or depths; expected those of a "
                    "tensor; export the file again",
                    where));
  }
  if (!value.is_array()) {
    nested.values.push_back(&value);
    return;
  }
  for (const Json& part : value) flatten(part, depth + 1, where, nested);
}

Nested nested_of(const Json& value, const std::string& where) {
  Nested nested;
  flatten(value, 0, where, nested);
  return nested;
}

// "int4", "uint8", ...
void set_type(TensorEncoding& encoding, const JsonFields& fields) {
  const std::string& name = fields.text("output_dtype");
  std::string_view digits = name;
  encoding.is_signed = !digits.starts_with('u');
  if (!encoding.is_signed) digits.remove_prefix(1);
  const bool is_integer = digits.starts_with("int");
  if (is_integer) digits.remove_prefix(3);
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [stop, error] = std::from_chars(begin, end, encoding.bits);
  if (!is_integer || error != std::errc{} || stop != end || encoding.bits < kMinEncodingBits ||
      encoding.bits > kMaxBits) {
    fields.fail_at("output_dtype", fmt::format("found \"{}\"; expected int2 to int32 or uint2 to "
                                               "uint32",
                                               printable(name)));
  }
}

void set_zero_points(TensorEncoding& encoding, const Nested& scales, const JsonFields& fields) {
  const Json* const stated = fields.find("y_zero_point");
  encoding.zero_points.assign(encoding.scales.size(), 0);
  if (stated != nullptr) {
    const std::string where = fields.path("y_zero_point");
    const Nested points = nested_of(*stated, where);
    if (points.extents != scales.extents) {
      fields.fail_at("y_zero_point",
                     "has another shape than y_scale; expected the same; export the "
                     "file again");
    }
    const std::int64_t values = std::int64_t{1} << encoding.bits;
    const std::int64_t lowest = encoding.is_signed ? -values / 2 : 0;
    for (std::size_t i = 0; i < points.values.size(); ++i) {
      encoding.zero_points[i] = as_integer(*points.values[i], where, lowest, lowest + values - 1);
    }
  }
  encoding.is_symmetric =
      encoding.is_signed && std::all_of(encoding.zero_points.begin(), encoding.zero_points.end(),
                                        [](std::int64_t point) { return point == 0; });
}

void set_arrangement(TensorEncoding& encoding, const Nested& scales, const JsonFields& fields) {
  const bool has_axis = fields.find("axis") != nullptr;
  const int axis = has_axis ? static_cast<int>(fields.integer("axis", 0, kMaxRank - 1)) : 0;
  const bool has_blocks = fields.find("block_size") != nullptr;
  if (has_blocks) encoding.block_size = fields.integer("block_size", 0, kMaxEncodingBlock);

  const std::size_t rank = scales.extents.size();
  if (encoding.block_size > 0) {
    if (!has_axis || rank == 0) {
      fields.fail(
          fmt::format("has a block_size, but {}; expected a list of scales and the axis "
                      "along which blocks run; export the file again",
                      has_axis ? "one scale" : "no axis"));
    }
    encoding.axis = axis;
    return;
  }
  if (rank > 1) {
    fields.fail(
        "has nested lists of scales, but no block_size; expected one; export the file "
        "again");
  }
  if (rank == 1 && (has_axis || scales.values.size() > 1)) encoding.axis = axis;
}

}  // namespace

TensorEncoding read_entry_v2(const JsonFields& fields) {
  fields.allow_only({"name", "output_dtype", "y_scale", "y_zero_point", "axis", "block_size",
                     "per_block_int_scale", "per_channel_float_scale"});
  if (fields.find("per_block_int_scale") != nullptr ||
      fields.find("per_channel_float_scale") != nullptr || fields.get("y_scale").is_object()) {
    refuse_quantized_scales(fields);
  }
  TensorEncoding encoding;
  set_type(encoding, fields);
  const std::string where = fields.path("y_scale");
  const Nested scales = nested_of(fields.get("y_scale"), where);
  for (const Json* const scale : scales.values) {
    encoding.scales.push_back(as_positive(*scale, where));
  }
  set_zero_points(encoding, scales, fields);
  set_arrangement(encoding, scales, fields);
  return encoding;
}

}  // namespace pimento::workloads
