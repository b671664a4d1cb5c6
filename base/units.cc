// SPDX-License-Identifier: Apache-2.0
#include "base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace pimento {
namespace {

struct Kind {
  std::string_view symbol;
  std::string_view example;
  std::string_view units;
  int power = 1;  // 2: the prefix belongs to a length that is squared
};

template <class Q>
constexpr Kind kKind;
template <>
constexpr Kind kKind<Energy> = {"J", "an energy such as \"1.67 pJ\"", "J, mJ, uJ, nJ, pJ or fJ"};
template <>
constexpr Kind kKind<Time> = {"s", "a time such as \"100 ns\"", "s, ms, us, ns, ps or fs"};
template <>
constexpr Kind kKind<Power> = {"W", "a power such as \"16 mW\"", "W, mW, uW, nW or pW"};
template <>
constexpr Kind kKind<Area> = {"m2", "an area such as \"0.0131 mm2\"", "mm2, um2 or nm2", 2};
template <>
constexpr Kind kKind<Frequency> = {"Hz", "a frequency such as \"1.28 GHz\"", "Hz, kHz, MHz or GHz"};
template <>
constexpr Kind kKind<Length> = {"m", "a length such as \"32 nm\"", "m, mm, um or nm"};
template <>
constexpr Kind kKind<Voltage> = {"V", "a voltage such as \"0.9 V\"", "V, mV or uV"};
template <>
constexpr Kind kKind<Resistance> = {"Ohm", "a resistance such as \"100 kOhm\"",
                                    "Ohm, kOhm or MOhm"};
template <>
constexpr Kind kKind<Conductance> = {"S", "a conductance such as \"25 uS\"", "S, mS, uS or nS"};
template <>
constexpr Kind kKind<Bits> = {"b", "a size such as \"64 KiB\"", "b, B, KiB, MiB or GiB"};

struct Prefix {
  std::string_view symbol;
  int exponent;
};
// Both signs for micro: U+00B5 and U+03BC.
constexpr std::array<Prefix, 13> kPrefixes = {{{"", 0},
                                               {"f", -15},
                                               {"p", -12},
                                               {"n", -9},
                                               {"u", -6},
                                               {"\u00b5", -6},
                                               {"\u03bc", -6},
                                               {"m", -3},
                                               {"c", -2},
                                               {"k", 3},
                                               {"M", 6},
                                               {"G", 9},
                                               {"T", 12}}};

// The power of ten a unit stands for. "c" is taken for areas alone: nobody writes centijoules.
std::optional<int> exponent_of(std::string_view unit, const Kind& kind) {
  if (!unit.ends_with(kind.symbol)) return std::nullopt;
  unit.remove_suffix(kind.symbol.size());
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.symbol == "c" && kind.power != 2) continue;
    if (prefix.symbol == unit) return prefix.exponent * kind.power;
  }
  return std::nullopt;
}

struct BinaryUnit {
  std::string_view symbol;
  std::int64_t bits;
};
constexpr std::array<BinaryUnit, 5> kBinaryUnits = {
    {{"b", 1}, {"B", 8}, {"KiB", 8LL << 10}, {"MiB", 8LL << 20}, {"GiB", 8LL << 30}}};

// Reads the whole of a text as a finite number.
std::optional<double> parse_number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

struct Parts {
  std::string_view number;
  std::string_view unit;
};

// Where the number ends and the unit begins; empty if it does not begin with a number.
std::optional<Parts> split_number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  const std::string_view number = text.substr(0, static_cast<std::size_t>(end - text.data()));
  std::string_view unit = text.substr(number.size());
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const bool letter = unit.empty() || (unit[0] & 0x80) != 0 || (unit[0] >= 'a' && unit[0] <= 'z') ||
                      (unit[0] >= 'A' && unit[0] <= 'Z');
  if (!letter) return std::nullopt;
  return Parts{number, unit};
}

// Shifts the decimal point in the text, so that "1.67 pJ" is the double nearest to 1.67e-12.
std::optional<double> scaled(std::string_view number, int exponent) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  int own = 0;
  if (e < number.size()) {
    std::string_view digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), own);
    if (result.ec != std::errc() || std::abs(own) > 100000) return std::nullopt;
  }
  // Adding zero turns -0 into 0.
  const auto value = parse_number(fmt::format("{}e{}", number.substr(0, e), own + exponent));
  return value ? std::optional(*value + 0.0) : std::nullopt;
}

using Fault = QuantityFault;

struct Outcome {
  std::optional<double> value;
  Fault fault = Fault::kNotANumber;
};

Outcome parse_si(std::string_view text, const Kind& kind) {
  const auto parts = split_number(text);
  if (!parts) return {std::nullopt, Fault::kNotANumber};
  if (parts->unit.empty()) return {std::nullopt, Fault::kNoUnit};
  const auto exponent = exponent_of(parts->unit, kind);
  if (!exponent) return {std::nullopt, Fault::kWrongUnit};
  return {scaled(parts->number, *exponent), Fault::kNotANumber};
}

Outcome parse_bits(std::string_view text) {
  // Up to here every whole double is exact.
  constexpr double kMost = 0x1p53;
  const auto parts = split_number(text);
  if (!parts) return {std::nullopt, Fault::kNotANumber};
  if (parts->unit.empty()) return {std::nullopt, Fault::kNoUnit};
  const auto* const unit =
      std::find_if(kBinaryUnits.begin(), kBinaryUnits.end(),
                   [&](const BinaryUnit& known) { return known.symbol == parts->unit; });
  if (unit == kBinaryUnits.end()) return {std::nullopt, Fault::kWrongUnit};
  const auto number = parse_number(parts->number);
  if (!number) return {std::nullopt, Fault::kNotANumber};
  const double bits = *number * static_cast<double>(unit->bits);
  if (std::abs(bits) > kMost || bits != std::trunc(bits)) return {std::nullopt, Fault::kNotANumber};
  return {bits, Fault::kNotANumber};
}

// `value` rounded to `digits` significant digits.
double rounded(double value, int digits) {
  return parse_number(fmt::format("{:.{}e}", value, std::max(digits, 1) - 1)).value_or(value);
}

// The shortest way to write a rounded number that lies below 1000 (or 1024) in all usual cases.
std::string digits_of(double value, int digits) {
  return fmt::format("{:.{}g}", rounded(value, digits), std::max(digits, 4));
}

std::string format_si(double value, const Kind& kind, int digits) {
  constexpr std::array<Prefix, 10> kSteps = {{{"f", -15},
                                              {"p", -12},
                                              {"n", -9},
                                              {"u", -6},
                                              {"m", -3},
                                              {"", 0},
                                              {"k", 3},
                                              {"M", 6},
                                              {"G", 9},
                                              {"T", 12}}};
  if (value == 0.0 || !std::isfinite(value)) return fmt::format("{} {}", value + 0.0, kind.symbol);
  const double magnitude = std::abs(rounded(value, digits));
  std::size_t step = 0;
  // Comparing with the literal 1e-12, not with a product, keeps 1 pJ from becoming 1000 fJ.
  constexpr std::array<double, 10> kScales = {1e-15, 1e-12, 1e-9, 1e-6, 1e-3,
                                              1e0,   1e3,   1e6,  1e9,  1e12};
  while (step + 1 < kSteps.size() && magnitude >= kScales[step + 1]) ++step;
  return fmt::format("{} {}{}", digits_of(value / kScales[step], digits), kSteps[step].symbol,
                     kind.symbol);
}

}  // namespace

template <class Q>
std::optional<Q> parse_quantity(std::string_view text, QuantityFault* fault) {
  const Outcome outcome = parse_si(text, kKind<Q>);
  if (outcome.value) return from_si<Q>(*outcome.value);
  if (fault != nullptr) *fault = outcome.fault;
  return std::nullopt;
}

template <>
std::optional<Bits> parse_quantity<Bits>(std::string_view text, QuantityFault* fault) {
  const Outcome outcome = parse_bits(text);
  if (outcome.value) return Bits(static_cast<std::int64_t>(*outcome.value));
  if (fault != nullptr) *fault = outcome.fault;
  return std::nullopt;
}

template <class Q>
std::string_view example_of() {
  return kKind<Q>.example;
}

template <class Q>
std::string_view units_of() {
  return kKind<Q>.units;
}

template std::optional<Energy> parse_quantity<Energy>(std::string_view, QuantityFault*);
template std::optional<Time> parse_quantity<Time>(std::string_view, QuantityFault*);
template std::optional<Power> parse_quantity<Power>(std::string_view, QuantityFault*);
template std::optional<Area> parse_quantity<Area>(std::string_view, QuantityFault*);
template std::optional<Frequency> parse_quantity<Frequency>(std::string_view, QuantityFault*);
template std::optional<Length> parse_quantity<Length>(std::string_view, QuantityFault*);
template std::optional<Voltage> parse_quantity<Voltage>(std::string_view, QuantityFault*);
template std::optional<Resistance> parse_quantity<Resistance>(std::string_view, QuantityFault*);
template std::optional<Conductance> parse_quantity<Conductance>(std::string_view, QuantityFault*);

template std::string_view example_of<Energy>();
template std::string_view example_of<Time>();
template std::string_view example_of<Power>();
template std::string_view example_of<Area>();
template std::string_view example_of<Frequency>();
template std::string_view example_of<Length>();
template std::string_view example_of<Voltage>();
template std::string_view example_of<Resistance>();
template std::string_view example_of<Conductance>();
template std::string_view example_of<Bits>();

template std::string_view units_of<Energy>();
template std::string_view units_of<Time>();
template std::string_view units_of<Power>();
template std::string_view units_of<Area>();
template std::string_view units_of<Frequency>();
template std::string_view units_of<Length>();
template std::string_view units_of<Voltage>();
template std::string_view units_of<Resistance>();
template std::string_view units_of<Conductance>();
template std::string_view units_of<Bits>();

std::string format_quantity(Energy value, int digits) {
  return format_si(value.value(), kKind<Energy>, digits);
}
std::string format_quantity(Time value, int digits) {
  return format_si(value.value(), kKind<Time>, digits);
}
std::string format_quantity(Power value, int digits) {
  return format_si(value.value(), kKind<Power>, digits);
}
std::string format_quantity(Frequency value, int digits) {
  return format_si(value.value(), kKind<Frequency>, digits);
}
std::string format_quantity(Length value, int digits) {
  return format_si(value.value(), kKind<Length>, digits);
}
std::string format_quantity(Voltage value, int digits) {
  return format_si(value.value(), kKind<Voltage>, digits);
}
std::string format_quantity(Resistance value, int digits) {
  return format_si(value.value(), kKind<Resistance>, digits);
}
std::string format_quantity(Conductance value, int digits) {
  return format_si(value.value(), kKind<Conductance>, digits);
}

// Square micrometres up to a thousand of them, then the square millimetres of data sheets.
std::string format_quantity(Area value, int digits) {
  const double area = value.value();
  if (std::abs(rounded(area, digits)) < 1e-9) {
    return fmt::format("{} um2", digits_of(area * 1e12 + 0.0, digits));
  }
  return fmt::format("{} mm2", digits_of(area * 1e6, digits));
}

std::string format_quantity(Bits value, int digits) {
  const std::int64_t bits = value.value();
  if (bits == 0 || bits % 8 != 0) return fmt::format("{} b", bits);
  std::size_t step = 1;
  const auto scaled_to = [&](std::size_t unit) {
    return rounded(static_cast<double>(bits) / static_cast<double>(kBinaryUnits[unit].bits),
                   digits);
  };
  while (step + 1 < kBinaryUnits.size() && std::abs(scaled_to(step)) >= 1024.0) ++step;
  return fmt::format("{} {}", digits_of(scaled_to(step), digits), kBinaryUnits[step].symbol);
}

}  // namespace pimento
