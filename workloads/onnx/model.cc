// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/locale/utf.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "workloads/limits.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "raw_data is read as it lies");

constexpr std::size_t kQuotedLength = 120;
// Values of one constant. The bytes must be there, so this only bounds the sums on the way.
constexpr std::int64_t kMaxConstant = std::int64_t{1} << 31;

// Memory that message objects may take, beside the text and raw data they hold. The widest honest
// growth is 8-bit weights in typed fields: one byte each in the file, four parsed, and as much
// again given up while the list grows. A list of empty messages takes a hundred times its bytes.
constexpr std::size_t kParsedPerByte = 16;
constexpr std::size_t kParsedBase = std::size_t{64} << 20;
constexpr std::size_t kParsedMost = std::size_t{4} << 30;

// The allocator of an arena is a bare function, so what is left of the budget lives beside it.
thread_local std::size_t parse_budget = 0;

void* allocate_block(std::size_t bytes) {
  if (bytes > parse_budget) throw std::bad_alloc();
  parse_budget -= bytes;
  return ::operator new(bytes);
}

void free_block(void* block, std::size_t bytes) {
  ::operator delete(block, bytes);
}

google::protobuf::ArenaOptions bounded_arena(std::size_t content_bytes) {
  parse_budget = std::min(kParsedBase + kParsedPerByte * content_bytes, kParsedMost);
  google::protobuf::ArenaOptions options;
  options.max_block_size = std::size_t{1} << 20;
  options.block_alloc = allocate_block;
  options.block_dealloc = free_block;
  return options;
}

float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  float magnitude = 0.0F;
  if (exponent == 0x1f) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

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
  const auto count = checked_product(shape);
  if (!count || *count >= kMaxConstant) {
    fail(where, fmt::format("has the shape {}, which is 2^31 values or more; expected fewer",
                            to_string(shape)));
  }
  return shape;
}

// The values from raw_data, or else from the typed field that belongs to the data type.
template <class T, class Field>
std::vector<T> payload(const TensorProto& tensor, const Field& field, std::int64_t count,
                       const std::string& where) {
  std::vector<T> values;
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    const auto wanted = static_cast<std::size_t>(count) * sizeof(T);
    if (raw.size() != wanted) {
      fail(where, fmt::format("raw_data holds {} bytes; its shape and data type need {}",
                              raw.size(), wanted));
    }
    values.resize(static_cast<std::size_t>(count));
    if (wanted > 0) std::memcpy(values.data(), raw.data(), wanted);
    return values;
  }
  if (field.size() != count) {
    fail(where,
         fmt::format("holds {} values of its data type; its shape needs {}", field.size(), count));
  }
  values.reserve(static_cast<std::size_t>(count));
  for (const auto value : field) {
    if constexpr (std::is_integral_v<T>) {
      if (!std::in_range<T>(value)) {
        fail(where, fmt::format("holds {}, which its data type cannot", value));
      }
    }
    values.push_back(static_cast<T>(value));
  }
  return values;
}

template <class T>
void fill_integers(Constant& constant, const std::vector<T>& values) {
  constant.is_integer = true;
  constant.integers.assign(values.begin(), values.end());
}

template <class Convert>
void fill_reals(Constant& constant, const std::vector<std::uint16_t>& values, Convert convert) {
  constant.reals.resize(values.size());
  std::transform(values.begin(), values.end(), constant.reals.begin(), convert);
}

void fill(Constant& constant, const TensorProto& tensor, std::int64_t count,
          const std::string& where) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      constant.reals = payload<float>(tensor, tensor.float_data(), count, where);
      return;
    case TensorProto::DOUBLE: {
      const auto values = payload<double>(tensor, tensor.double_data(), count, where);
      constant.reals.assign(values.begin(), values.end());
      return;
    }
    case TensorProto::FLOAT16:
      fill_reals(constant, payload<std::uint16_t>(tensor, tensor.int32_data(), count, where),
                 from_half);
      return;
    case TensorProto::BFLOAT16:
      fill_reals(constant, payload<std::uint16_t>(tensor, tensor.int32_data(), count, where),
                 from_bfloat16);
      return;
    case TensorProto::INT64:
      fill_integers(constant, payload<std::int64_t>(tensor, tensor.int64_data(), count, where));
      return;
    case TensorProto::INT32:
      fill_integers(constant, payload<std::int32_t>(tensor, tensor.int32_data(), count, where));
      return;
    case TensorProto::INT8:
      fill_integers(constant, payload<std::int8_t>(tensor, tensor.int32_data(), count, where));
      return;
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      fill_integers(constant, payload<std::uint8_t>(tensor, tensor.int32_data(), count, where));
      return;
    default:
      fail(where, fmt::format("data type {} is not read; expected float, double, float16, "
                              "bfloat16, bool, int8, uint8, int32 or int64",
                              TensorProto::DataType_IsValid(tensor.data_type())
                                  ? TensorProto::DataType_Name(
                                        static_cast<TensorProto::DataType>(tensor.data_type()))
                                  : fmt::format("number {}", tensor.data_type())));
  }
}

}  // namespace

std::string printable(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  std::string result;
  for (const char* at = text.begin(); at != text.end();) {
    const char* const start = at;
    const auto code = Utf8::decode(at, text.end());
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (!boost::locale::utf::is_valid_codepoint(code) || control) {
      at = start + 1;
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(*start));
      continue;
    }
    if (code == '"' || code == '\\') result += '\\';
    result.append(start, at);
  }
  return result;
}

std::string quote(std::string_view text) {
  if (text.size() <= kQuotedLength) return fmt::format("\"{}\"", printable(text));
  return fmt::format("\"{}...\"", printable(text.substr(0, kQuotedLength)));
}

void fail(const std::string& where, const std::string& message) {
  throw InputError(fmt::format("{}: {}", where, message));
}

ParsedModel::ParsedModel(const std::string& content, const std::string& file_name)
    : arena_(bounded_arena(content.size())),
      proto_(google::protobuf::Arena::CreateMessage<::onnx::ModelProto>(&arena_)) {
  if (content.empty()) fail(file_name, "the file is empty; expected an ONNX model");
  if (std::cmp_greater(content.size(), std::numeric_limits<int>::max())) {
    fail(file_name, "the file has 2 GiB or more; expected less");
  }
  bool parsed = false;
  try {
    parsed = proto_->ParseFromArray(content.data(), static_cast<int>(content.size()));
  } catch (const std::bad_alloc&) {
    fail(file_name,
         "the parsed model takes far more memory than the file has bytes; expected an "
         "honest ONNX model");
  }
  if (!parsed) {
    fail(file_name, "the file is not an ONNX model, or is cut short; save or copy it again");
  }
  if (!proto_->has_graph()) {
    fail(file_name, "the file holds no graph; expected an ONNX model");
  }
}

bool is_standard_domain(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx";
}

std::int64_t check_versions(const ::onnx::ModelProto& model, const std::string& file_name) {
  if (model.ir_version() < kMinIrVersion || model.ir_version() > kMaxIrVersion) {
    fail(file_name, fmt::format("the ONNX IR version is {}; expected {} to {}; save the model with "
                                "another release of its exporter",
                                model.ir_version(), kMinIrVersion, kMaxIrVersion));
  }
  std::optional<std::int64_t> opset;
  for (const auto& import : model.opset_import()) {
    if (!is_standard_domain(import.domain())) continue;
    if (opset && *opset != import.version()) {
      fail(file_name, fmt::format("the opset is given as {} and as {}; expected one", *opset,
                                  import.version()));
    }
    opset = import.version();
  }
  if (!opset) {
    fail(file_name, fmt::format("the model names no opset of the standard operators; expected {} "
                                "to {}; export it again",
                                kMinOpset, kMaxOpset));
  }
  if (*opset < kMinOpset || *opset > kMaxOpset) {
    fail(file_name, fmt::format("the opset is {}; expected {} to {}; export the model with "
                                "opset_version=17",
                                *opset, kMinOpset, kMaxOpset));
  }
  if (model.graph().sparse_initializer_size() > 0) {
    fail(file_name, "sparse initializers are not read; save the weights as dense tensors");
  }
  return *opset;
}

Constant decode_tensor(const TensorProto& tensor, const std::string& where) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    fail(where, "external data is not read; save the model with its weights inside");
  }
  Constant constant;
  constant.shape = checked_shape(tensor, where);
  fill(constant, tensor, element_count(constant.shape), where);
  return constant;
}

}  // namespace pimento::workloads::onnx_import
