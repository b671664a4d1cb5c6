// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/npy.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "workloads/archive/npy_header.h"

namespace pimento::workloads {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are read as they lie");

constexpr std::string_view kMagic = "\x93NUMPY";
// Of the data that NumPy writes. It also leaves room in the header for the first extent to grow,
// which takes no header of kMaxRank extents past the next multiple.
constexpr std::size_t kAlignment = 64;

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  throw InputError(fmt::format("{}: {}", where, message));
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void cut_short(const std::string& where, std::size_t found) {
  fail(where, fmt::format("the array ends in its header, after {} bytes; expected a whole .npy "
                          "file; get it again",
                          found));
}

// Splits a file into the text of its header and the bytes behind.
std::pair<std::string_view, std::span<const std::byte>> split_npy(std::span<const std::byte> bytes,
                                                                  const std::string& where) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic)) {
    fail(where,
         "is no .npy data, as it does not begin with \\x93NUMPY; expected an array as "
         "numpy.save() writes it");
  }
  const std::size_t fixed = kMagic.size() + 2;
  if (bytes.size() < fixed) cut_short(where, bytes.size());
  const auto major = std::to_integer<int>(bytes[fixed - 2]);
  const auto minor = std::to_integer<int>(bytes[fixed - 1]);
  if (major < 1 || major > 3 || minor != 0) {
    fail(where, fmt::format("the array has version {}.{} of the .npy format; expected 1.0, 2.0 or "
                            "3.0; save it with numpy.save()",
                            major, minor));
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  if (bytes.size() < fixed + length_bytes) cut_short(where, bytes.size());
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + fixed, length_bytes);
  const std::size_t start = fixed + length_bytes;
  if (length > bytes.size() - start) {
    fail(where, fmt::format("the array's header should take {} bytes, but {} are left; expected a "
                            "whole .npy file; get it again",
                            length, bytes.size() - start));
  }
  return {text.substr(start, length), bytes.subspan(start + length)};
}

// From the order in which the first index runs fastest to the one in which the last does.
std::vector<std::byte> to_row_major(std::span<const std::byte> data, const Shape& shape,
                                    std::size_t width) {
  const std::size_t rank = shape.size();
  std::vector<std::size_t> steps(rank);  // in `data`, of one more of an index
  std::size_t step = width;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    steps[axis] = step;
    step *= static_cast<std::size_t>(shape[axis]);
  }
  std::vector<std::byte> result(data.size());
  std::vector<std::int64_t> index(rank, 0);
  std::size_t from = 0;
  for (std::size_t to = 0; to < result.size(); to += width) {
    std::memcpy(result.data() + to, data.data() + from, width);
    for (std::size_t axis = rank; axis-- > 0;) {
      from += steps[axis];
      if (++index[axis] < shape[axis]) break;
      from -= steps[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

// The same values in a type that NumPy has.
Constant for_numpy(const Constant& constant) {
  ElementType type = constant.type;
  switch (constant.type) {
    case ElementType::kInt4:
      type = ElementType::kInt8;
      break;
    case ElementType::kUint4:
      type = ElementType::kUint8;
      break;
    case ElementType::kBfloat16:
      type = ElementType::kFloat32;
      break;
    default:
      return constant;
  }
  Array array = decode(constant);
  array.type = type;
  return encode(array);
}

}  // namespace

Constant read_npy(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                  const std::string& where) {
  const auto [text, data] = split_npy(bytes, where);
  NpyHeader header = parse_npy_header(text, where);
  const std::size_t needed = bytes_for(header.type, element_count(header.shape));
  if (data.size() != needed) {
    fail(where, fmt::format("the array has {} bytes of data; expected {} for the shape {} of {}; "
                            "the file is damaged, so get it again",
                            data.size(), needed, python_tuple(header.shape), name_of(header.type)));
  }
  if (header.fortran_order && header.shape.size() > 1 && needed > 0) {
    const auto width = static_cast<std::size_t>(bits_of(header.type)) / 8;
    auto buffer = to_row_major(data, header.shape, width);
    return make_constant(header.type, std::move(header.shape), std::move(buffer));
  }
  return {header.type, std::move(header.shape), data, std::move(owner)};
}

NpyParts npy_parts(const Constant& constant) {
  NpyParts parts{std::string(kMagic), for_numpy(constant)};
  std::string header = format_npy_header(parts.data.type, parts.data.shape);
  const std::size_t fixed = kMagic.size() + 4;  // with the version and the length of the header
  const std::size_t unpadded = fixed + header.size() + 1;
  header.append(kAlignment - unpadded % kAlignment, ' ');
  header += '\n';
  ensure(header.size() <= 0xffff, "the header of a .npy file is too long for version 1.0");
  parts.header += std::string_view("\x01\x00", 2);
  parts.header += static_cast<char>(header.size() & 0xff);
  parts.header += static_cast<char>(header.size() >> 8);
  parts.header += header;
  return parts;
}

std::string write_npy(const Constant& constant) {
  const NpyParts parts = npy_parts(constant);
  return parts.header + std::string(as_text(parts.data.bytes));
}

}  // namespace pimento::workloads
