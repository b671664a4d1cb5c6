// SPDX-License-Identifier: Apache-2.0
// Versions 0.x and 1.0.0 of AIMET's encodings, which state offsets.
#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/archive/encoding_versions.h"
#include "workloads/archive/offset_grid.h"

namespace pimento::workloads {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMaxOffset = std::int64_t{1} << 32;
constexpr int kBlockAxis = 1;  // where a version does not name it

std::string element(const std::string& where, std::size_t index) {
  return fmt::format("{}[{}]", where, index);
}

void set_float_bits(TensorEncoding& encoding, const JsonFields& fields, const char* field) {
  encoding.is_float = true;
  encoding.bits = static_cast<int>(fields.integer(field, kMinEncodingBits, kMaxBits));
  if (encoding.bits != 16 && encoding.bits != 32) {
    fields.fail_at(field, fmt::format("found {} for floating-point numbers; expected 16 or 32",
                                      encoding.bits));
  }
}

// The channels of a tensor under one description.
void set_grids(TensorEncoding& encoding, const std::vector<OffsetGrid>& grids) {
  const auto is_signed = [](const OffsetGrid& grid) { return grid.is_signed; };
  const auto is_narrow = [](const OffsetGrid& grid) { return grid.is_narrow; };
  encoding.is_signed = std::all_of(grids.begin(), grids.end(), is_signed);
  encoding.is_narrow = std::all_of(grids.begin(), grids.end(), is_narrow);
  for (const OffsetGrid& grid : grids) {
    encoding.zero_points.push_back(encoding.is_signed ? 0 : -grid.offset);
  }
}

// --- versions 0.x: a list of encodings, one a channel, by the name of the tensor

struct Channel {
  TensorEncoding common;  // what all channels of a tensor share
  double scale = 0.0;
  OffsetGrid grid;
};

bool python_bool(const JsonFields& fields, const char* field) {
  const std::string& text = fields.text(field);
  if (text != "True" && text != "False") {
    fields.fail_at(field,
                   fmt::format("found \"{}\"; expected \"True\" or \"False\"", printable(text)));
  }
  return text == "True";
}

Channel read_channel_v0(const Json& value, const std::string& where) {
  const JsonFields fields(value, where);
  fields.allow_only({"bitwidth", "dtype", "is_symmetric", "max", "min", "offset", "scale"});
  Channel channel;
  const std::string dtype = fields.find("dtype") == nullptr ? "int" : fields.text("dtype");
  if (dtype == "float") {
    set_float_bits(channel.common, fields, "bitwidth");
    return channel;
  }
  if (dtype != "int") {
    fields.fail_at("dtype",
                   fmt::format("found \"{}\"; expected \"int\" or \"float\"", printable(dtype)));
  }
  OffsetEncoding stated;
  stated.bits = static_cast<int>(fields.integer("bitwidth", kMinEncodingBits, kMaxBits));
  stated.is_symmetric = python_bool(fields, "is_symmetric");
  stated.offset = fields.integer("offset", -kMaxOffset, kMaxOffset);
  stated.scale = as_positive(fields.get("scale"), fields.path("scale"));
  if (fields.find("min") != nullptr || fields.find("max") != nullptr) {
    stated.bounds = OffsetEncoding::Bounds{fields.real("min"), fields.real("max")};
  }
  channel.common.bits = stated.bits;
  channel.common.is_symmetric = stated.is_symmetric;
  channel.scale = stated.scale;
  channel.grid = grid_of(stated, where);
  return channel;
}

// --- version 1.0.0: a list of tensors, each with lists of scales and offsets

void set_arrangement_v1(TensorEncoding& encoding, const std::string& type,
                        const JsonFields& fields) {
  if (type == "PER_TENSOR") {
    if (encoding.scales.size() != 1) {
      fields.fail(fmt::format("is PER_TENSOR with {} scales; expected one; export the file again",
                              encoding.scales.size()));
    }
  } else if (type == "PER_CHANNEL") {
    encoding.axis = 0;
  } else {
    encoding.axis = kBlockAxis;
    encoding.block_size = fields.integer("block_size", 1, kMaxEncodingBlock);
  }
}

void read_integers_v1(TensorEncoding& encoding, const JsonFields& fields) {
  const std::string where_scale = fields.path("scale");
  const std::string where_offset = fields.path("offset");
  const Json& scales = fields.get("scale");
  const Json& offsets = fields.get("offset");
  check_list(scales, where_scale);
  check_list(offsets, where_offset);
  if (scales.size() != offsets.size()) {
    fields.fail(
        fmt::format("has {} scales and {} offsets; expected as many of each; export the "
                    "file again",
                    scales.size(), offsets.size()));
  }
  std::vector<OffsetGrid> grids;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    OffsetEncoding stated;
    stated.bits = encoding.bits;
    stated.is_symmetric = encoding.is_symmetric;
    stated.scale = as_positive(scales[i], element(where_scale, i));
    stated.offset = as_integer(offsets[i], element(where_offset, i), -kMaxOffset, kMaxOffset);
    grids.push_back(grid_of(stated, element(where_offset, i)));
    encoding.scales.push_back(stated.scale);
  }
  set_grids(encoding, grids);
}

void refuse_shifts_v1(const JsonFields& fields) {
  const Json* const shifts = fields.find("zero_point_shift");
  if (shifts == nullptr) return;
  const bool none = shifts->is_array() && std::all_of(shifts->begin(), shifts->end(),
                                                      [](const Json& shift) { return shift == 0; });
  if (!none) {
    fields.fail_at("zero_point_shift", fmt::format("found {}; expected zeros, as fractional zero "
                                                   "points are not supported",
                                                   describe(*shifts)));
  }
}

}  // namespace

TensorEncoding read_tensor_v0(const Json& value, const std::string& where) {
  if (value.is_object()) {
    throw InputError(
        fmt::format("{}: found an object; expected a list of encodings; give the file "
                    "that AIMET exports beside the ONNX model, where tensors have the "
                    "names they have in the model",
                    where));
  }
  check_list(value, where);
  TensorEncoding encoding;
  std::vector<OffsetGrid> grids;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Channel channel = read_channel_v0(value[i], element(where, i));
    const TensorEncoding& common = channel.common;
    if (i == 0) encoding = common;
    if (common.is_float != encoding.is_float || common.bits != encoding.bits ||
        common.is_symmetric != encoding.is_symmetric) {
      throw InputError(
          fmt::format("{}: has another dtype, bitwidth or is_symmetric than the first "
                      "channel; expected the same in all; export the file again",
                      element(where, i)));
    }
    if (common.is_float) continue;
    encoding.scales.push_back(channel.scale);
    grids.push_back(channel.grid);
  }
  if (encoding.is_float) return encoding;
  set_grids(encoding, grids);
  if (grids.size() > 1) encoding.axis = 0;
  return encoding;
}

TensorEncoding read_entry_v1(const JsonFields& fields) {
  fields.allow_only({"name", "enc_type", "dtype", "bw", "is_sym", "scale", "offset", "block_size",
                     "zero_point_shift", "compressed_bw", "per_block_int_scale"});
  const std::string& type = fields.text("enc_type");
  if (type == "LPBQ" || fields.find("per_block_int_scale") != nullptr)
    refuse_quantized_scales(fields);
  if (type != "PER_TENSOR" && type != "PER_CHANNEL" && type != "PER_BLOCK") {
    fields.fail_at("enc_type", fmt::format("found \"{}\"; expected PER_TENSOR, PER_CHANNEL or "
                                           "PER_BLOCK",
                                           printable(type)));
  }
  TensorEncoding encoding;
  const std::string& dtype = fields.text("dtype");
  if (dtype == "FLOAT") {
    set_float_bits(encoding, fields, "bw");
    return encoding;
  }
  if (dtype != "INT") {
    fields.fail_at("dtype", fmt::format("found \"{}\"; expected INT or FLOAT", printable(dtype)));
  }
  refuse_shifts_v1(fields);
  encoding.bits = static_cast<int>(fields.integer("bw", kMinEncodingBits, kMaxBits));
  encoding.is_symmetric = fields.boolean("is_sym");
  read_integers_v1(encoding, fields);
  set_arrangement_v1(encoding, type, fields);
  return encoding;
}

}  // namespace pimento::workloads
