// SPDX-License-Identifier: Apache-2.0
// Several policies of one network on one chip, side by side.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/action.h"
#include "sim/report/run_report.h"
#include "sim/report/style.h"

namespace pimento::sim {

// Components by what they are for, so that the split of energy fits on a page.
enum class ComponentGroup { kArray, kDrivers, kAdc, kMacUnit, kDigital, kMemory, kLinks, kIo };
struct ComponentGroupInfo {
  ComponentGroup group;
  std::string_view name;   // "adc"
  std::string_view holds;  // "macro.adc", or a list: for the note below the table
};
[[nodiscard]] const std::array<ComponentGroupInfo, 8>& component_groups();
[[nodiscard]] ComponentGroup group_of(arch::Role role);

// What a comparison keeps of one run.
struct ComparisonRow {
  std::string policy;
  std::string policy_file;
  double weight_bits = 0.0;      // mean over the weights
  double activation_bits = 0.0;  // mean over the MACs
  SizeReport size;               // under the rule "standard"
  Figures totals;
  Energy static_energy;
  double cell_utilization_layer_mean = 0.0;
  std::array<Energy, 8> group_energy{};  // as in component_groups(), static energy included
  std::vector<std::string> notes;
};
[[nodiscard]] ComparisonRow comparison_row(const RunReport& report);

struct Comparison {
  std::string network;
  std::string chip;
  Provenance provenance;  // policy_file is empty: each row has its own
  std::size_t baseline = 0;
  std::vector<ComparisonRow> rows;
};

// Ratios to the baseline; nothing where the baseline has none of it.
[[nodiscard]] std::optional<double> energy_ratio(const Comparison& comparison, std::size_t row);
[[nodiscard]] std::optional<double> latency_ratio(const Comparison& comparison, std::size_t row);

[[nodiscard]] std::string comparison_text(const Comparison& comparison, const Style& style);
[[nodiscard]] std::string comparison_json(const Comparison& comparison);
[[nodiscard]] std::string comparison_csv(const Comparison& comparison);

// One run as bytes, to travel from the process that made it.
struct ComparedRun {
  std::string network;
  std::string chip;
  Provenance provenance;
  ComparisonRow row;
};
[[nodiscard]] std::string pack(const ComparedRun& run);
[[nodiscard]] ComparedRun unpack(const std::string& bytes);

}  // namespace pimento::sim
