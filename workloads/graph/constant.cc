// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/constant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"

namespace pimento::workloads {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are read as they lie");

double from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  double magnitude = 0.0;
  if (exponent == 0x1f) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

// The value must be one that a half can hold.
std::uint16_t to_half(double value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::abs(value);
  if (std::isnan(value)) return 0x7e00;
  if (std::isinf(value)) return sign | 0x7c00;
  if (magnitude < 0x1p-14) {
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(magnitude * 0x1p24));
  }
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
  const auto digits = static_cast<std::uint16_t>(fraction * 2048.0) & 0x3ff;
  return static_cast<std::uint16_t>(sign | ((exponent + 14) << 10) | digits);
}

template <class T>
std::vector<T> words(std::span<const std::byte> bytes) {
  std::vector<T> result(bytes.size() / sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), bytes.data(), result.size() * sizeof(T));
  return result;
}

template <class T, class Value>
void widen(std::span<const std::byte> bytes, std::vector<Value>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T word{};
    std::memcpy(&word, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<Value>(word);
  }
}

template <class T, class Value>
std::vector<std::byte> narrow(const std::vector<Value>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const T word = static_cast<T>(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &word, sizeof(T));
  }
  return bytes;
}

void unpack_nibbles(const Constant& constant, Array& array) {
  for (std::size_t i = 0; i < array.integers.size(); ++i) {
    const auto byte = std::to_integer<std::int64_t>(constant.bytes[i / 2]);
    array.integers[i] = wrap_to(constant.type, i % 2 == 0 ? byte & 0xf : byte >> 4);
  }
}

std::vector<std::byte> pack_nibbles(const std::vector<std::int64_t>& values) {
  std::vector<std::byte> bytes((values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto nibble = static_cast<std::uint8_t>(values[i] & 0xf);
    bytes[i / 2] |= std::byte{static_cast<std::uint8_t>(i % 2 == 0 ? nibble : nibble << 4)};
  }
  return bytes;
}

std::vector<std::byte> bytes_of(const Array& array) {
  switch (array.type) {
    case ElementType::kFloat32:
      return narrow<float>(array.reals);
    case ElementType::kFloat64:
      return narrow<double>(array.reals);
    case ElementType::kFloat16: {
      std::vector<std::uint16_t> halves(array.reals.size());
      std::transform(array.reals.begin(), array.reals.end(), halves.begin(), to_half);
      return narrow<std::uint16_t>(halves);
    }
    case ElementType::kBfloat16: {
      std::vector<std::uint16_t> tops(array.reals.size());
      std::transform(array.reals.begin(), array.reals.end(), tops.begin(), [](double value) {
        return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >>
                                          16);
      });
      return narrow<std::uint16_t>(tops);
    }
    case ElementType::kInt4:
    case ElementType::kUint4:
      return pack_nibbles(array.integers);
    default:
      break;
  }
  switch (bits_of(array.type)) {
    case 8:
      return narrow<std::uint8_t>(array.integers);
    case 16:
      return narrow<std::uint16_t>(array.integers);
    case 32:
      return narrow<std::uint32_t>(array.integers);
    default:
      return narrow<std::uint64_t>(array.integers);
  }
}

}  // namespace

std::size_t bytes_for(ElementType type, std::int64_t count) {
  return (static_cast<std::size_t>(count) * static_cast<std::size_t>(bits_of(type)) + 7) / 8;
}

Array decode(const Constant& constant) {
  ensure(constant.bytes.size() == bytes_for(constant.type, constant.size()),
         "a constant has another number of bytes than its shape needs");
  Array array = make_array(constant.type, constant.shape);
  switch (constant.type) {
    case ElementType::kFloat32:
      widen<float>(constant.bytes, array.reals);
      break;
    case ElementType::kFloat64:
      widen<double>(constant.bytes, array.reals);
      break;
    case ElementType::kFloat16: {
      const auto halves = words<std::uint16_t>(constant.bytes);
      std::transform(halves.begin(), halves.end(), array.reals.begin(), from_half);
      break;
    }
    case ElementType::kBfloat16: {
      const auto tops = words<std::uint16_t>(constant.bytes);
      std::transform(tops.begin(), tops.end(), array.reals.begin(), [](std::uint16_t top) {
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(top) << 16));
      });
      break;
    }
    case ElementType::kInt4:
    case ElementType::kUint4:
      unpack_nibbles(constant, array);
      break;
    case ElementType::kInt8:
      widen<std::uint8_t>(constant.bytes, array.integers);
      for (std::int64_t& value : array.integers) value = wrap_to(constant.type, value);
      break;
    case ElementType::kUint8:
      widen<std::uint8_t>(constant.bytes, array.integers);
      break;
    case ElementType::kBool:
      widen<std::uint8_t>(constant.bytes, array.integers);
      for (std::int64_t& value : array.integers) value = value != 0 ? 1 : 0;
      break;
    case ElementType::kInt16:
      widen<std::int16_t>(constant.bytes, array.integers);
      break;
    case ElementType::kUint16:
      widen<std::uint16_t>(constant.bytes, array.integers);
      break;
    case ElementType::kInt32:
      widen<std::int32_t>(constant.bytes, array.integers);
      break;
    case ElementType::kUint32:
      widen<std::uint32_t>(constant.bytes, array.integers);
      break;
    case ElementType::kInt64:
    case ElementType::kUint64:
      widen<std::int64_t>(constant.bytes, array.integers);
      break;
  }
  return array;
}

Constant make_constant(ElementType type, Shape shape, std::vector<std::byte> buffer) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(buffer));
  Constant constant{type, std::move(shape), *owner, owner};
  ensure(constant.bytes.size() == bytes_for(type, constant.size()),
         "a buffer does not fit the shape of its constant");
  return constant;
}

Constant encode(const Array& array) {
  return make_constant(array.type, array.shape, bytes_of(array));
}

bool same_values(const Constant& a, const Constant& b) {
  return a.type == b.type && a.shape == b.shape &&
         std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
}

}  // namespace pimento::workloads
