// SPDX-License-Identifier: Apache-2.0
#include "arch/device_spec.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace pimento::arch {
namespace {

constexpr std::array<std::pair<std::string_view, ProgrammingKind>, 4> kProgrammingKinds{{
    {"none", ProgrammingKind::kNone},
    {"lognormal", ProgrammingKind::kLognormal},
    {"relative", ProgrammingKind::kRelative},
    {"polynomial", ProgrammingKind::kPolynomial},
}};
constexpr std::array<std::pair<std::string_view, DriftKind>, 3> kDriftKinds{{
    {"none", DriftKind::kNone},
    {"power_law", DriftKind::kPowerLaw},
    {"relaxation", DriftKind::kRelaxation},
}};
constexpr std::array<std::pair<std::string_view, ReadNoiseKind>, 4> kReadNoiseKinds{{
    {"none", ReadNoiseKind::kNone},
    {"relative", ReadNoiseKind::kRelative},
    {"additive", ReadNoiseKind::kAdditive},
    {"one_over_f", ReadNoiseKind::kOneOverF},
}};

// No cell conducts this much: it also stands where a conductance could not be read.
constexpr double kMostSiemens = 1.0;
constexpr RealRange kConductance{.min = 1e-12, .max = kMostSiemens};
constexpr RealRange kFrom0{.min = 0.0, .max = kMostSiemens};
constexpr RealRange kSigned{.min = -kMostSiemens, .max = kMostSiemens};
constexpr RealRange kSigma{.min = 0.0, .max = 10.0};
constexpr RealRange kTime{.min = 1e-12, .max = 1e10};
constexpr std::size_t kMostTerms = 16;

Provenance read_provenance(ConfigMap& map) {
  return {map.text("source"), map.text_or("assumed", "")};
}

void read_conductance(ConfigMap map, DeviceSpec& device) {
  device.highest = map.quantity<Conductance>("highest", kConductance);
  device.lowest = map.quantity<Conductance>("lowest", kFrom0);
  if (device.lowest >= device.highest && device.lowest.value() < kMostSiemens) {
    map.problem("lowest",
                fmt::format("found {}, not below highest ({}); expected an on/off ratio above 1",
                            format_quantity(device.lowest), format_quantity(device.highest)));
  }
  device.conductance = read_provenance(map);
}

DeviationPolynomial read_polynomial(ConfigMap& map) {
  DeviationPolynomial polynomial;
  polynomial.of = map.quantity<Conductance>("of", kConductance);
  const bool is_list = map.is_list("coefficients");
  ConfigList list = map.list("coefficients");
  if (is_list && (list.size() == 0 || list.size() > kMostTerms)) {
    map.problem("coefficients",
                fmt::format("found {} terms; expected 1 to {}", list.size(), kMostTerms));
  }
  for (std::size_t i = 0; i < std::min(list.size(), kMostTerms); ++i) {
    polynomial.coefficients.push_back(list.quantity<Conductance>(i, kSigned));
  }
  if (auto valid = map.optional_map("valid")) {
    ConductanceRange range;
    range.to = valid->quantity<Conductance>("to", kConductance);
    range.from = valid->quantity<Conductance>("from", kFrom0);
    if (range.from >= range.to && range.from.value() < kMostSiemens) {
      valid->problem("from", fmt::format("found {}, not below to ({})", format_quantity(range.from),
                                         format_quantity(range.to)));
    }
    polynomial.valid = range;
  }
  return polynomial;
}

ProgrammingSpec read_programming(ConfigMap map) {
  ProgrammingSpec programming;
  programming.kind = map.choice<ProgrammingKind>("kind", kProgrammingKinds);
  if (programming.kind == ProgrammingKind::kNone) return programming;
  if (programming.kind == ProgrammingKind::kPolynomial) {
    programming.deviation = read_polynomial(map);
  } else {
    programming.sigma = map.number("sigma", kSigma);
  }
  programming.provenance = read_provenance(map);
  return programming;
}

DriftSpec read_drift(ConfigMap map) {
  DriftSpec drift;
  drift.kind = map.choice<DriftKind>("kind", kDriftKinds);
  if (drift.kind == DriftKind::kNone) return drift;
  drift.reference_time = map.quantity<Time>("reference_time", kTime);
  if (drift.kind == DriftKind::kPowerLaw) {
    drift.of = map.quantity<Conductance>("of", kConductance);
    drift.mean = read_curve(map, "mean");
    drift.deviation = read_curve(map, "deviation");
  } else {
    drift.shift = map.quantity<Conductance>("shift", kSigned);
    drift.spread = map.quantity<Conductance>("spread", kFrom0);
    drift.slope = map.quantity<Conductance>("slope", kFrom0);
  }
  drift.provenance = read_provenance(map);
  return drift;
}

ReadNoiseSpec read_read_noise(ConfigMap map) {
  ReadNoiseSpec noise;
  noise.kind = map.choice<ReadNoiseKind>("kind", kReadNoiseKinds);
  switch (noise.kind) {
    case ReadNoiseKind::kNone:
      return noise;
    case ReadNoiseKind::kRelative:
      noise.sigma = map.number("sigma", kSigma);
      break;
    case ReadNoiseKind::kAdditive:
      noise.deviation = map.quantity<Conductance>("deviation", kFrom0);
      break;
    case ReadNoiseKind::kOneOverF:
      noise.of = map.quantity<Conductance>("of", kConductance);
      noise.relative = read_curve(map, "relative");
      noise.window = map.quantity<Time>("window", kTime);
      break;
  }
  noise.provenance = read_provenance(map);
  return noise;
}

// The earliest time since programming that the sections speak of; zero when none depends on time.
Time earliest_time(const DeviceSpec& device) {
  Time earliest;
  if (device.drift.kind != DriftKind::kNone) earliest = device.drift.reference_time;
  if (device.read_noise.kind == ReadNoiseKind::kOneOverF) {
    earliest = std::max(earliest, device.read_noise.window);
  }
  return earliest;
}

void read_time(ConfigMap& root, DeviceSpec& device) {
  const Time earliest = earliest_time(device);
  if (earliest.value() > 0.0) {
    device.time = root.quantity<Time>("time", {.min = earliest.value(), .max = kTime.max});
  } else if (root.has("time")) {
    root.problem("time", "given where neither drift nor 1/f noise depends on it; remove it");
  }
}

StuckSpec read_stuck(ConfigMap map) {
  constexpr RealRange kShare{.min = 0.0, .max = 1.0};
  StuckSpec stuck;
  const bool has_both = map.has("lowest") && map.has("highest");
  stuck.lowest = map.number("lowest", kShare);
  stuck.highest = map.number("highest", kShare);
  if (has_both && stuck.lowest + stuck.highest > 1.0) {
    map.problem("highest", fmt::format("found {} beside lowest: {}; expected shares that add up to "
                                       "1 at most",
                                       stuck.highest, stuck.lowest));
  }
  stuck.provenance = read_provenance(map);
  return stuck;
}

WireSpec read_wires(ConfigMap map) {
  constexpr RealRange kWire{.min = 0.0, .max = 1e6};
  WireSpec wires;
  wires.row = map.quantity<Resistance>("row", kWire);
  wires.column = map.quantity<Resistance>("column", kWire);
  wires.driver = map.quantity_or<Resistance>("driver", Resistance{}, kWire);
  wires.sense = map.quantity_or<Resistance>("sense", Resistance{}, kWire);
  wires.provenance = read_provenance(map);
  return wires;
}

AdcErrorSpec read_adc(ConfigMap map) {
  constexpr RealRange kSteps{.min = 0.0, .max = 65536.0};
  AdcErrorSpec adc;
  adc.noise = map.number_or("noise", 0.0, kSteps);
  adc.inl = map.number_or("inl", 0.0, kSteps);
  adc.provenance = read_provenance(map);
  return adc;
}

}  // namespace

Conductance DeviationPolynomial::at(Conductance meant) const {
  if (valid) meant = std::clamp(meant, valid->from, valid->to);
  const double x = meant / of;
  Conductance sum;
  for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c) sum = sum * x + *c;
  return std::max(sum, Conductance{});
}

DeviceSpec read_device(ConfigDocument document, const std::string& file) {
  ConfigMap root = document.root();
  DeviceSpec device;
  device.file = file;
  constexpr std::array<std::pair<std::string_view, int>, 1> kSchemas{{{"pimento/device/1", 1}}};
  (void)root.choice<int>("schema", kSchemas);
  device.name = root.text("name");
  device.description = root.text_or("description", "");
  device.source = root.text("source");
  read_conductance(root.map("conductance"), device);
  device.reference_column = root.boolean("reference_column");
  if (auto map = root.optional_map("programming")) device.programming = read_programming(*map);
  if (auto map = root.optional_map("drift")) device.drift = read_drift(*map);
  if (auto map = root.optional_map("read_noise")) device.read_noise = read_read_noise(*map);
  read_time(root, device);
  if (auto map = root.optional_map("stuck")) device.stuck = read_stuck(*map);
  if (auto map = root.optional_map("wires")) device.wires = read_wires(*map);
  if (auto map = root.optional_map("adc")) device.adc = read_adc(*map);
  document.finish();
  return device;
}

}  // namespace pimento::arch
