// SPDX-License-Identifier: Apache-2.0
// The device in a cell as its YAML describes it: the conductances it stands for levels with, and
// how far those of a real one are off. Everything but the conductances defaults to "none".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arch/fitted_curve.h"
#include "base/config_reader.h"
#include "base/units.h"

namespace pimento::arch {

// Where the figures of a section come from, and why ours among them are what they are.
struct Provenance {
  std::string source;
  std::string assumed;
};

struct ConductanceRange {
  Conductance from;
  Conductance to;
};

// A standard deviation as papers fit it: the sum of coefficients[k] (G / of)^k, not below 0, G
// taken at the nearest edge where it lies outside what was measured.
struct DeviationPolynomial {
  Conductance of;
  std::vector<Conductance> coefficients;
  std::optional<ConductanceRange> valid;
  [[nodiscard]] Conductance at(Conductance meant) const;
};

// What a cell holds after programming, z a standard normal number of its own, never below 0:
//   lognormal   meant * exp(sigma z), so that the median is what was meant
//   relative    meant * (1 + sigma z)
//   polynomial  meant + deviation(meant) z
enum class ProgrammingKind { kNone, kLognormal, kRelative, kPolynomial };
struct ProgrammingSpec {
  ProgrammingKind kind = ProgrammingKind::kNone;
  double sigma = 0.0;
  DeviationPolynomial deviation;
  Provenance provenance;
};

// What has become of it at DeviceSpec::time, never below 0:
//   power_law   G (time / reference_time)^-nu, nu = |mean(x) + deviation(x) z|, x = meant / of
//   relaxation  G + shift L + (spread + slope L) z, L = ln(time / reference_time)
enum class DriftKind { kNone, kPowerLaw, kRelaxation };
struct DriftSpec {
  DriftKind kind = DriftKind::kNone;
  Time reference_time;
  Conductance of;
  FittedCurve mean;
  FittedCurve deviation;
  Conductance shift;
  Conductance spread;
  Conductance slope;
  Provenance provenance;
};

// The standard deviation of one read of a cell:
//   relative    sigma G
//   additive    deviation, whatever the cell holds
//   one_over_f  relative(x) G sqrt(ln((time + window) / (2 window))), x = programmed / of: what 1/f
//               noise has added up to since programming, a read taking `window`
enum class ReadNoiseKind { kNone, kRelative, kAdditive, kOneOverF };
struct ReadNoiseSpec {
  ReadNoiseKind kind = ReadNoiseKind::kNone;
  double sigma = 0.0;
  Conductance deviation;
  Conductance of;
  FittedCurve relative;
  Time window;
  Provenance provenance;
};

// Share of cells that hold the lowest, or the highest, conductance whatever is written.
struct StuckSpec {
  double lowest = 0.0;
  double highest = 0.0;
  Provenance provenance;
};

// Metal of an array: one cell's pitch of a row and of a column, what drives a row, what reads a
// column.
struct WireSpec {
  Resistance row;
  Resistance column;
  Resistance driver;
  Resistance sense;
  Provenance provenance;
};

// Errors of converters, in their steps.
struct AdcErrorSpec {
  double noise = 0.0;  // standard deviation of a conversion
  double inl = 0.0;    // largest deviation of the transfer curve from its line
  Provenance provenance;
};

struct DeviceSpec {
  std::string name;
  std::string file;
  std::string description;
  std::string source;
  Conductance lowest;   // of level 0
  Conductance highest;  // of the highest level
  Provenance conductance;
  // A column of lowest cells is read beside the others and taken off their sums. Without one, what
  // level 0 conducts stays in the sums.
  bool reference_column = false;
  Time time;  // since programming; 0 where nothing depends on it
  ProgrammingSpec programming;
  DriftSpec drift;
  ReadNoiseSpec read_noise;
  StuckSpec stuck;
  std::optional<WireSpec> wires;
  std::optional<AdcErrorSpec> adc;

  [[nodiscard]] double on_off_ratio() const { return highest / lowest; }
};

// Reads a device. Throws InputError listing all mistakes.
[[nodiscard]] DeviceSpec read_device(ConfigDocument document, const std::string& file);

}  // namespace pimento::arch
