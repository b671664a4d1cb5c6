// SPDX-License-Identifier: Apache-2.0
// Physical quantities as types, from YAML text to report. The types are Boost.Units quantities in
// SI units, so `power * time` is an energy and `energy + time` does not compile.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/units/systems/si.hpp>

namespace pimento {

using Energy = boost::units::quantity<boost::units::si::energy>;
using Time = boost::units::quantity<boost::units::si::time>;
using Power = boost::units::quantity<boost::units::si::power>;
using Area = boost::units::quantity<boost::units::si::area>;
using Frequency = boost::units::quantity<boost::units::si::frequency>;
using Length = boost::units::quantity<boost::units::si::length>;
using Voltage = boost::units::quantity<boost::units::si::electric_potential>;
using Resistance = boost::units::quantity<boost::units::si::resistance>;
using Conductance = boost::units::quantity<boost::units::si::conductance>;

// A whole number of bits: sizes of memories, widths of buses.
class Bits {
 public:
  constexpr Bits() = default;
  constexpr explicit Bits(std::int64_t count) : count_(count) {}
  [[nodiscard]] constexpr std::int64_t value() const { return count_; }
  constexpr Bits& operator+=(Bits other) {
    count_ += other.count_;
    return *this;
  }
  friend constexpr Bits operator+(Bits a, Bits b) { return Bits(a.count_ + b.count_); }
  friend constexpr Bits operator-(Bits a, Bits b) { return Bits(a.count_ - b.count_); }
  friend constexpr Bits operator*(Bits a, std::int64_t n) { return Bits(a.count_ * n); }
  friend constexpr auto operator<=>(Bits, Bits) = default;

 private:
  std::int64_t count_ = 0;
};

// Makes a quantity from a number of its SI base unit (joule, second, watt, square metre, ...).
template <class Q>
[[nodiscard]] constexpr Q from_si(double value) {
  return Q::from_value(value);
}

namespace literals {
constexpr Energy operator""_pJ(long double v) {
  return from_si<Energy>(double(v) * 1e-12);
}
constexpr Time operator""_ns(long double v) {
  return from_si<Time>(double(v) * 1e-9);
}
constexpr Power operator""_mW(long double v) {
  return from_si<Power>(double(v) * 1e-3);
}
constexpr Area operator""_um2(long double v) {
  return from_si<Area>(double(v) * 1e-12);
}
constexpr Frequency operator""_MHz(long double v) {
  return from_si<Frequency>(double(v) * 1e6);
}
constexpr Bits operator""_b(unsigned long long v) {
  return Bits(std::int64_t(v));
}
}  // namespace literals

// Why a text is not a quantity of the wanted kind.
enum class QuantityFault { kNotANumber, kNoUnit, kWrongUnit };

// Reads "1.67 pJ", "0.0131 mm2", "64 KiB" or "1.28 GHz": a finite number, then a unit.
// For time, energy, power, frequency, length, voltage, resistance and conductance the unit is an SI
// prefix and symbol; for area the prefix belongs to the length ("um2", "mm2"); for Bits it is b, B,
// KiB, MiB or GiB and the result must be whole. On failure the optional is empty and `fault` says
// why.
template <class Q>
[[nodiscard]] std::optional<Q> parse_quantity(std::string_view text,
                                              QuantityFault* fault = nullptr);

// What a quantity of this kind looks like, for error messages: `an energy such as "1.67 pJ"`.
template <class Q>
[[nodiscard]] std::string_view example_of();

// The common units of this kind, for error messages: "J, mJ, uJ, nJ, pJ or fJ".
template <class Q>
[[nodiscard]] std::string_view units_of();

// A quantity for people: engineering prefix, `digits` significant digits ("1.667 pJ", "64 KiB").
[[nodiscard]] std::string format_quantity(Energy value, int digits = 4);
[[nodiscard]] std::string format_quantity(Time value, int digits = 4);
[[nodiscard]] std::string format_quantity(Power value, int digits = 4);
[[nodiscard]] std::string format_quantity(Area value, int digits = 4);
[[nodiscard]] std::string format_quantity(Frequency value, int digits = 4);
[[nodiscard]] std::string format_quantity(Length value, int digits = 4);
[[nodiscard]] std::string format_quantity(Voltage value, int digits = 4);
[[nodiscard]] std::string format_quantity(Resistance value, int digits = 4);
[[nodiscard]] std::string format_quantity(Conductance value, int digits = 4);
[[nodiscard]] std::string format_quantity(Bits value, int digits = 4);

}  // namespace pimento
