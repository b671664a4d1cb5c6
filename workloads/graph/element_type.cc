// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/element_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace pimento::workloads {
namespace {

struct TypeFacts {
  ElementType type;
  std::string_view name;
  int bits;
  bool integer;
  bool has_sign;
};

constexpr std::array kTypes{
    TypeFacts{ElementType::kFloat32, "float32", 32, false, true},
    TypeFacts{ElementType::kFloat64, "float64", 64, false, true},
    TypeFacts{ElementType::kFloat16, "float16", 16, false, true},
    TypeFacts{ElementType::kBfloat16, "bfloat16", 16, false, true},
    TypeFacts{ElementType::kInt4, "int4", 4, true, true},
    TypeFacts{ElementType::kUint4, "uint4", 4, true, false},
    TypeFacts{ElementType::kInt8, "int8", 8, true, true},
    TypeFacts{ElementType::kUint8, "uint8", 8, true, false},
    TypeFacts{ElementType::kInt16, "int16", 16, true, true},
    TypeFacts{ElementType::kUint16, "uint16", 16, true, false},
    TypeFacts{ElementType::kInt32, "int32", 32, true, true},
    TypeFacts{ElementType::kUint32, "uint32", 32, true, false},
    TypeFacts{ElementType::kInt64, "int64", 64, true, true},
    TypeFacts{ElementType::kUint64, "uint64", 64, true, false},
    TypeFacts{ElementType::kBool, "bool", 8, true, false},
};

const TypeFacts& facts(ElementType type) {
  const auto index = static_cast<std::size_t>(type);
  ensure(index < kTypes.size() && kTypes[index].type == type, "an element type is unknown");
  return kTypes[index];
}

// Keeps `digits` significant binary digits, fewer below the least normal exponent. The value
// leaves the range of the type above `largest`.
double round_to_digits(double value, int digits, int least_exponent, double largest) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  int exponent = 0;
  (void)std::frexp(value, &exponent);
  const int step = std::max(exponent - digits, least_exponent);
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
  if (std::abs(rounded) <= largest) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), value);
}

}  // namespace

std::string_view name_of(ElementType type) {
  return facts(type).name;
}

std::optional<ElementType> element_type_of(std::string_view name) {
  const auto* const it = std::find_if(kTypes.begin(), kTypes.end(),
                                      [&](const TypeFacts& known) { return known.name == name; });
  return it == kTypes.end() ? std::nullopt : std::optional(it->type);
}

int bits_of(ElementType type) {
  return facts(type).bits;
}

bool is_integer(ElementType type) {
  return facts(type).integer;
}

bool is_signed(ElementType type) {
  return facts(type).has_sign;
}

double round_to(ElementType type, double value) {
  switch (type) {
    case ElementType::kFloat32:
      return static_cast<double>(static_cast<float>(value));
    case ElementType::kFloat16:
      return round_to_digits(value, 11, -24, 65504.0);
    case ElementType::kBfloat16:
      return round_to_digits(value, 8, -133, 0x1.fep127);
    default:
      return value;
  }
}

std::int64_t wrap_to(ElementType type, std::int64_t value) {
  switch (type) {
    case ElementType::kBool:
      return value != 0 ? 1 : 0;
    case ElementType::kInt64:
    case ElementType::kUint64:
      return value;
    default:
      break;
  }
  const int unused = 64 - bits_of(type);
  const auto shifted = static_cast<std::uint64_t>(value) << unused;
  return is_signed(type) ? static_cast<std::int64_t>(shifted) >> unused
                         : static_cast<std::int64_t>(shifted >> unused);
}

std::int64_t lowest_of(ElementType type) {
  return is_signed(type) ? -highest_of(type) - 1 : 0;
}

std::int64_t highest_of(ElementType type) {
  if (type == ElementType::kBool) return 1;
  const int bits = std::min(63, bits_of(type) - (is_signed(type) ? 1 : 0));
  return static_cast<std::int64_t>((std::uint64_t{1} << bits) - 1);
}

}  // namespace pimento::workloads
