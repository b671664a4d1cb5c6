// SPDX-License-Identifier: Apache-2.0
// The types of tensor elements that quantized models use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pimento::workloads {

enum class ElementType {
  kFloat32,
  kFloat64,
  kFloat16,
  kBfloat16,
  kInt4,
  kUint4,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kBool,
};

// "float32", "int8", ...: the words of NumPy where it has them.
[[nodiscard]] std::string_view name_of(ElementType type);
[[nodiscard]] std::optional<ElementType> element_type_of(std::string_view name);

// Bits of one element as stored: 4 for the packed types, 8 for bool.
[[nodiscard]] int bits_of(ElementType type);
// Everything but the floating-point types; bool counts as an integer of 0 and 1.
[[nodiscard]] bool is_integer(ElementType type);
[[nodiscard]] bool is_signed(ElementType type);

// The nearest value that the type can hold, by its own rounding (half to even): floats only.
[[nodiscard]] double round_to(ElementType type, double value);
// The value modulo the range of the type, as C++ conversion between integers does it.
[[nodiscard]] std::int64_t wrap_to(ElementType type, std::int64_t value);
// Least and greatest value of an integer type; uint64 ends at the greatest int64.
[[nodiscard]] std::int64_t lowest_of(ElementType type);
[[nodiscard]] std::int64_t highest_of(ElementType type);

}  // namespace pimento::workloads
