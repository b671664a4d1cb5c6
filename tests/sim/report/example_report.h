// SPDX-License-Identifier: Apache-2.0
// A small report made by hand, with figures that can be checked on paper.
#pragma once

#include "sim/report/run_report.h"

namespace pimento::sim {

inline BillItem example_item(const std::string& name, const std::string& component,
                             const std::string& action, double count, double price, double area,
                             double instances) {
  BillItem item;
  item.name = name;
  item.component = component;
  item.action = action;
  item.count = count;
  item.price = from_si<Energy>(price);
  item.energy = item.price * count;
  item.area = from_si<Area>(area);
  item.instances = instances;
  return item;
}

inline RunReport example_report() {
  RunReport report;
  report.network = "tiny";
  report.chip = "toy";
  report.policy = "mixed";
  report.provenance = {.program_version = "0.1.0",
                       .network_file = "tiny.yaml",
                       .chip_file = "toy.yaml",
                       .policy_file = "mixed.yaml",
                       .weights = "synthetic gaussian, seed 1",
                       .activations = "none",
                       .level = "counts",
                       .mac_rule = "standard",
                       .strategy = "dense",
                       .overrides = {"macro.rows=64"}};
  report.bill.items = {
      example_item("macro.adc", "macro.adc", "adc_conversion", 1000, 2e-12, 4e-9, 8),
      example_item("tile.buffer:read_bit", "tile.buffer", "read_bit", 500, 0.1e-12, 1e-9, 0.25),
      example_item("tile.buffer:static", "tile.buffer", "static", 0.25, 4e-12, 0, 0.25),
      example_item("macro.dac", "macro.dac", "none", 0, 0, 0, 128)};
  Figures& totals = report.totals;
  totals.macs = 5000;
  totals.weights = 300;
  totals.weight_bits = 1600;
  totals.energy = report.bill.energy();
  totals.latency = from_si<Time>(1e-6);
  totals.area = report.bill.area();
  totals.crossbars = 3;
  totals.adc_conversions = 1000;
  totals.cell_utilization = 0.75;
  totals.macro_utilization = 0.375;
  report.static_energy = report.bill.static_energy();
  report.cell_utilization_layer_mean = 0.5;
  report.chip_utilization = 0.25;
  report.tiles = 1;
  report.events = 42;

  LayerReport conv;
  conv.name = "conv1";
  conv.kind = "conv";
  conv.weight_bits = 8;
  conv.activation_bits = 4;
  conv.figures = totals;
  conv.figures.macs = 4000;
  conv.figures.weights = 100;
  conv.figures.weight_bits = 800;
  conv.figures.energy = from_si<Energy>(1.5e-9);
  conv.finish = from_si<Time>(0.5e-6);
  conv.bound = from_si<Time>(0.4e-6);
  LayerReport pool;
  pool.name = "pool";
  pool.kind = "max_pool";
  pool.start = from_si<Time>(0.25e-6);
  pool.finish = from_si<Time>(0.75e-6);
  pool.figures.latency = from_si<Time>(0.5e-6);
  pool.figures.energy = from_si<Energy>(0.05e-9);
  LayerReport fc = conv;
  fc.name = "fc";
  fc.kind = "linear";
  fc.weight_bits = 4;
  fc.activation_bits = 8;
  fc.default_precision = true;
  fc.figures.macs = 1000;
  fc.figures.weights = 200;
  fc.figures.weight_bits = 800;
  fc.figures.energy = from_si<Energy>(0.5e-9);
  report.layers = {conv, pool, fc};
  report.sizes = {{"standard", 300, 1600, 1600 / 8.0 / 1048576, 6.0}};
  report.notes = {"not priced: 7 x bit (the chip has no tile.router)"};
  return report;
}

}  // namespace pimento::sim
