// SPDX-License-Identifier: Apache-2.0
#include "sim/report/csv.h"
#include "sim/report/format.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

void add_figures(Csv& csv, const Figures& f) {
  csv.integer(f.macs).integer(f.weights).integer(f.weight_bits).integer(f.crossbars);
  csv.integer(f.adc_conversions).number(f.cell_utilization).number(f.macro_utilization);
  csv.number(f.energy.value()).number(f.latency.value()).number(square_millimetres(f.area));
}

}  // namespace

std::string run_csv(const RunReport& report) {
  Csv csv({"layer", "kind", "weight_bits_per_weight", "activation_bits", "macs", "weights",
           "weight_bits", "crossbars", "adc_conversions", "cell_utilization", "macro_utilization",
           "energy_j", "latency_s", "area_mm2", "start_s", "finish_s", "bound_s"});
  for (const LayerReport& layer : report.layers) {
    csv.text(layer.name).text(layer.kind);
    csv.integer(layer.weight_bits).integer(layer.activation_bits);
    add_figures(csv, layer.figures);
    csv.number(layer.start.value()).number(layer.finish.value()).number(layer.bound.value());
    csv.end_row();
  }
  csv.text(report.network).text("total").skip().skip();
  add_figures(csv, report.totals);
  csv.number(0.0).number(report.totals.latency.value()).skip();
  csv.end_row();
  return csv.str();
}

}  // namespace pimento::sim
