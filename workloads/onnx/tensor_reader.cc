// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/tensor_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "workloads/limits.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

namespace fs = std::filesystem;
using ::onnx::TensorProto;

constexpr int kUint4 = 21;  // newer than the onnx.proto of Debian 12
constexpr int kInt4 = 22;

// Values of one constant. The bytes must be there, so this only bounds the sums on the way.
constexpr std::int64_t kMaxConstant = std::int64_t{1} << 31;
constexpr std::uint64_t kMaxExternalBytes = std::uint64_t{1} << 40;

Shape checked_shape(const TensorProto& tensor, const std::string& where) {
  Shape shape(tensor.dims().begin(), tensor.dims().end());
  if (std::ssize(shape) > kMaxRank) {
    fail(where, fmt::format("has {} dimensions; expected at most {}", shape.size(), kMaxRank));
  }
  for (const std::int64_t extent : shape) {
    if (extent < 0) {
      fail(where, fmt::format("has the shape {}; expected no negative extent", to_string(shape)));
    }
  }
  const auto count = checked_span(shape);
  if (!count || *count >= kMaxConstant) {
    fail(where, fmt::format("has the shape {}, which is 2^31 values or more; expected fewer",
                            to_string(shape)));
  }
  return shape;
}

// The typed field's values as raw data of words of type T.
template <class T, class Field>
std::vector<std::byte> packed(const Field& field, std::int64_t count, const std::string& where) {
  if (field.size() != count) {
    fail(where,
         fmt::format("holds {} values of its data type; its shape needs {}", field.size(), count));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(count) * sizeof(T));
  std::size_t at = 0;
  for (const auto value : field) {
    if constexpr (std::is_integral_v<T>) {
      if (!std::in_range<T>(value)) {
        fail(where, fmt::format("holds {}, which its data type cannot", value));
      }
    }
    const T word = static_cast<T>(value);
    std::memcpy(bytes.data() + at, &word, sizeof(T));
    at += sizeof(T);
  }
  return bytes;
}

// Two 4-bit values share one entry of the field.
std::vector<std::byte> packed_nibbles(const TensorProto& tensor, std::int64_t count,
                                      const std::string& where) {
  return packed<std::uint8_t>(tensor.int32_data(), (count + 1) / 2, where);
}

std::vector<std::byte> from_fields(const TensorProto& tensor, ElementType type, std::int64_t count,
                                   const std::string& where) {
  switch (type) {
    case ElementType::kFloat32:
      return packed<float>(tensor.float_data(), count, where);
    case ElementType::kFloat64:
      return packed<double>(tensor.double_data(), count, where);
    case ElementType::kInt4:
    case ElementType::kUint4:
      return packed_nibbles(tensor, count, where);
    case ElementType::kInt8:
      return packed<std::int8_t>(tensor.int32_data(), count, where);
    case ElementType::kUint8:
    case ElementType::kBool:
      return packed<std::uint8_t>(tensor.int32_data(), count, where);
    case ElementType::kInt16:
      return packed<std::int16_t>(tensor.int32_data(), count, where);
    case ElementType::kUint16:
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
      return packed<std::uint16_t>(tensor.int32_data(), count, where);
    case ElementType::kInt32:
      return packed<std::int32_t>(tensor.int32_data(), count, where);
    case ElementType::kInt64:
      return packed<std::int64_t>(tensor.int64_data(), count, where);
    case ElementType::kUint32:
      return packed<std::uint32_t>(tensor.uint64_data(), count, where);
    case ElementType::kUint64:
      return packed<std::uint64_t>(tensor.uint64_data(), count, where);
  }
  return {};
}

void check_raw_size(std::size_t found, ElementType type, const Shape& shape,
                    const std::string& where) {
  const std::size_t wanted = bytes_for(type, element_count(shape));
  if (found != wanted) {
    fail(where,
         fmt::format("raw_data holds {} bytes; its shape and data type need {}", found, wanted));
  }
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::uint64_t external_number(const std::string& value, const std::string& key,
                              const std::string& where) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number > kMaxExternalBytes) {
    fail(where, fmt::format("external data has the {} {}; expected a whole number of bytes", key,
                            quote(value)));
  }
  return number;
}

// A file below the model's folder, reached through no link.
fs::path external_path(const fs::path& folder, const std::string& location,
                       const std::string& where) {
  const fs::path relative(location);
  const auto refuse = [&](const std::string& why) {
    fail(where, fmt::format("external data is to be read from {}, {}; expected a file beside the "
                            "model",
                            quote(location), why));
  };
  if (location.empty() || location.find('\0') != std::string::npos) refuse("which is no file name");
  if (relative.is_absolute()) refuse("an absolute path");
  fs::path path = folder;
  for (const fs::path& part : relative) {
    if (part == "..") refuse("which leaves the model's folder");
    path /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error))) refuse("which is a symbolic link");
  }
  return path;
}

}  // namespace

std::optional<ElementType> element_type_of(int data_type) {
  switch (data_type) {
    case TensorProto::FLOAT:
      return ElementType::kFloat32;
    case TensorProto::DOUBLE:
      return ElementType::kFloat64;
    case TensorProto::FLOAT16:
      return ElementType::kFloat16;
    case TensorProto::BFLOAT16:
      return ElementType::kBfloat16;
    case kInt4:
      return ElementType::kInt4;
    case kUint4:
      return ElementType::kUint4;
    case TensorProto::INT8:
      return ElementType::kInt8;
    case TensorProto::UINT8:
      return ElementType::kUint8;
    case TensorProto::INT16:
      return ElementType::kInt16;
    case TensorProto::UINT16:
      return ElementType::kUint16;
    case TensorProto::INT32:
      return ElementType::kInt32;
    case TensorProto::UINT32:
      return ElementType::kUint32;
    case TensorProto::INT64:
      return ElementType::kInt64;
    case TensorProto::UINT64:
      return ElementType::kUint64;
    case TensorProto::BOOL:
      return ElementType::kBool;
    default:
      return std::nullopt;
  }
}

std::string data_type_name(int data_type) {
  if (!TensorProto::DataType_IsValid(data_type)) return fmt::format("number {}", data_type);
  return TensorProto::DataType_Name(static_cast<TensorProto::DataType>(data_type));
}

Constant TensorReader::read(const TensorProto& tensor, const std::string& where,
                            const std::optional<RawBytes>& raw) {
  const auto type = element_type_of(tensor.data_type());
  if (!type) {
    fail(where, fmt::format("data type {} is not read; expected floating-point numbers, bool, or "
                            "integers of 4, 8, 16, 32 or 64 bits",
                            data_type_name(tensor.data_type())));
  }
  Shape shape = checked_shape(tensor, where);
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    return read_external(tensor, *type, std::move(shape), where);
  }
  if (raw) {
    check_raw_size(raw->bytes.size(), *type, shape, where);
    return {*type, std::move(shape), as_bytes(raw->bytes), raw->owner};
  }
  std::vector<std::byte> buffer;
  if (tensor.has_raw_data()) {
    check_raw_size(tensor.raw_data().size(), *type, shape, where);
    const auto bytes = as_bytes(tensor.raw_data());
    buffer.assign(bytes.begin(), bytes.end());
  } else {
    buffer = from_fields(tensor, *type, element_count(shape), where);
  }
  return make_constant(*type, std::move(shape), std::move(buffer));
}

TensorReader::External& TensorReader::open(const std::string& location, const std::string& where) {
  const auto known = files_.find(location);
  if (known != files_.end()) return known->second;
  if (folder_.empty()) {
    fail(where, "external data cannot be read here; save the model with its weights inside");
  }
  FileView view;
  try {
    view = map_file(external_path(folder_, location, where), kMaxExternalBytes);
  } catch (const InputError& error) {
    const std::string text = error.what();
    if (text.starts_with(where)) throw;
    fail(where, text);
  }
  return files_.emplace(location, External{view.text, std::move(view.owner), {}}).first->second;
}

Constant TensorReader::read_external(const TensorProto& tensor, ElementType type, Shape shape,
                                     const std::string& where) {
  std::string location;
  std::uint64_t offset = 0;
  const std::uint64_t wanted = bytes_for(type, element_count(shape));
  std::uint64_t length = wanted;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = external_number(entry.value(), "offset", where);
    if (entry.key() == "length") length = external_number(entry.value(), "length", where);
  }
  if (length != wanted) {
    fail(where, fmt::format("external data has {} bytes; its shape and data type need {}", length,
                            wanted));
  }
  External& file = open(location, where);
  if (offset > file.bytes.size() || length > file.bytes.size() - offset) {
    fail(where, fmt::format("external data lies at {} to {} of {}, which has {} bytes", offset,
                            offset + length, quote(location), file.bytes.size()));
  }
  const auto next = file.taken.upper_bound(offset);
  const bool meets_next = next != file.taken.end() && next->first < offset + length;
  const bool meets_last = next != file.taken.begin() && std::prev(next)->second > offset;
  if (length > 0 && (meets_next || meets_last)) {
    fail(where, fmt::format("external data at {} to {} of {} overlaps that of another tensor",
                            offset, offset + length, quote(location)));
  }
  if (length > 0) file.taken.emplace(offset, offset + length);
  return {type, std::move(shape), as_bytes(file.bytes.substr(offset, length)), file.owner};
}

}  // namespace pimento::workloads::onnx_import
