// SPDX-License-Identifier: Apache-2.0
// Everything one run has to tell, as plain data. Writers turn it into text, JSON and CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "sim/engine/pricing.h"
#include "sim/report/activity_report.h"
#include "sim/report/exact_report.h"
#include "sim/report/pipeline_report.h"
#include "sim/report/skipping_report.h"
#include "sim/report/writes_report.h"

namespace pimento::sim {

// The figures of a network or of one layer.
struct Figures {
  std::int64_t macs = 0;
  std::int64_t weights = 0;
  std::int64_t weight_bits = 0;  // weights x their precision
  Energy energy;
  Time latency;
  Area area;
  std::int64_t crossbars = 0;
  std::int64_t adc_conversions = 0;
  double cell_utilization = 0.0;   // used cells / cells of the crossbars in use
  double macro_utilization = 0.0;  // crossbars in use / crossbars of the cores in use
  int images = 1;                  // that energy and latency stand for

  [[nodiscard]] Power power() const;
  // 1 MAC = 2 operations.
  [[nodiscard]] double tops() const;
  [[nodiscard]] double tops_per_w() const;
  [[nodiscard]] double tops_per_mm2() const;
  [[nodiscard]] double edp() const;  // J s
};

struct LayerReport {
  std::string name;
  std::string kind;     // "conv", "linear", "max_pool", "add", ...
  int weight_bits = 0;  // 0 for layers without weights
  int activation_bits = 0;
  bool default_precision = false;  // the policy does not name the layer
  Figures figures;                 // energy is dynamic; static power belongs to the chip
  Time start;                      // of its first pixel
  Time finish;                     // of its last pixel
  Time bound;                      // of its slowest core when nothing stalls
  StageWaits waits;                // in which it issued nothing
  std::string limit;               // what set its pace: engine/limits.h
};

struct SizeReport {
  std::string rule;
  std::int64_t parameters = 0;
  std::int64_t bits = 0;
  double mebibytes = 0.0;
  double compression = 0.0;  // against 32-bit parameters
};

// Where the run's inputs and values come from.
struct Provenance {
  std::string program_version;
  std::string network_file;
  std::string chip_file;
  std::string policy_file;
  std::string weights;                 // "synthetic gaussian, seed 1"
  std::string activations;             // "none: energies do not depend on values at this level"
  std::string level;                   // "counts"
  std::string mac_rule;                // "standard"
  std::string strategy;                // "dense"
  std::vector<std::string> overrides;  // as given with --set
};

struct RunReport {
  std::string network;
  std::string chip;
  std::string policy;
  Provenance provenance;
  Figures totals;
  Energy static_energy;
  double cell_utilization_layer_mean = 0.0;
  double chip_utilization = 0.0;  // crossbars in use / crossbars of the chip
  int tiles = 0;
  std::int64_t events = 0;
  std::vector<LayerReport> layers;
  PipelineReport pipeline;
  Bill bill;
  std::vector<SizeReport> sizes;
  std::optional<ActivityReport> activity;  // where values were counted
  std::optional<ExactReport> exact;        // where values were executed
  std::optional<WritesReport> writes;      // where arrays were written during the run
  std::optional<SkippingReport> skipping;  // where inputs of zero were passed over
  std::vector<std::string> notes;  // what a reader must know: unpriced actions, extrapolations, ...
};

}  // namespace pimento::sim
