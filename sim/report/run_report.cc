// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_report.h"

#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {

Power Figures::power() const {
  return latency.value() > 0.0 ? energy / latency : Power{};
}

double Figures::tops() const {
  if (latency.value() <= 0.0) return 0.0;
  return 2.0 * double(macs) * images / latency.value() * 1e-12;
}

double Figures::tops_per_w() const {
  return energy.value() > 0.0 ? 2.0 * double(macs) * images / energy.value() * 1e-12 : 0.0;
}

double Figures::tops_per_mm2() const {
  return area.value() > 0.0 ? tops() / (area.value() * 1e6) : 0.0;
}

double Figures::edp() const {
  return energy.value() * latency.value();
}

namespace {

bool is_finite(const Figures& f) {
  return std::isfinite(f.energy.value()) && std::isfinite(f.latency.value()) &&
         std::isfinite(f.area.value() * 1e6) && std::isfinite(f.power().value()) &&
         std::isfinite(f.tops()) && std::isfinite(f.tops_per_w()) &&
         std::isfinite(f.tops_per_mm2()) && std::isfinite(f.edp());
}

}  // namespace

void check_finite(const RunReport& report) {
  const auto check = [&](bool finite, const std::string& what) {
    if (finite) return;
    throw InputError(
        fmt::format("{}: the figures of {} leave the range of numbers; check the "
                    "energies, powers, areas and times of this chip",
                    report.provenance.chip_file, what));
  };
  for (const BillItem& item : report.bill.items) {
    check(std::isfinite(item.energy.value()) && std::isfinite(item.price.value()) &&
              std::isfinite(item.area.value() * 1e6),
          item.name);
  }
  for (const LayerReport& layer : report.layers) {
    check(is_finite(layer.figures), fmt::format("layer \"{}\"", layer.name));
  }
  check(is_finite(report.totals), "the chip");
}

}  // namespace pimento::sim
