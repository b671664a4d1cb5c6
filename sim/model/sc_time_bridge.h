// SPDX-License-Identifier: Apache-2.0
// The one place where Pimento's Time meets SystemC's. The model's resolution is a femtosecond, so
// that periods such as 1 / 1.28 GHz round by less than one part in a million.
#pragma once

#include <cmath>

#include <systemc>

#include "base/units.h"

namespace pimento::sim {

inline constexpr double kFemtosecondsPerSecond = 1e15;

// To be called before any module is made.
inline void set_resolution() {
  sc_core::sc_set_time_resolution(1.0, sc_core::SC_FS);
}

[[nodiscard]] inline sc_core::sc_time to_sc_time(Time time) {
  return sc_core::sc_time::from_value(
      static_cast<sc_dt::uint64>(std::llround(time.value() * kFemtosecondsPerSecond)));
}

[[nodiscard]] inline Time to_time(const sc_core::sc_time& time) {
  return from_si<Time>(static_cast<double>(time.value()) / kFemtosecondsPerSecond);
}

}  // namespace pimento::sim
