// SPDX-License-Identifier: Apache-2.0
#include "sim/report/json.h"

#include "sim/report/format.h"

namespace pimento::sim {

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json optional_number(std::optional<double> value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const Figures& f) {
  const bool timed = f.latency.value() > 0.0;
  const bool priced = f.energy.value() > 0.0;
  const bool sized = f.area.value() > 0.0;
  const auto known = [](bool is_known, double value) {
    return optional_number(is_known ? std::optional(value) : std::nullopt);
  };
  return {{"macs", f.macs},
          {"weights", f.weights},
          {"weight_bits", f.weight_bits},
          {"energy_j", f.energy.value()},
          {"latency_s", f.latency.value()},
          {"area_mm2", square_millimetres(f.area)},
          {"power_w", known(timed, f.power().value())},
          {"crossbars", f.crossbars},
          {"adc_conversions", f.adc_conversions},
          {"cell_utilization", f.cell_utilization},
          {"macro_utilization", f.macro_utilization},
          {"tops", known(timed, f.tops())},
          {"tops_per_w", known(timed && priced, f.tops_per_w())},
          {"tops_per_mm2", known(timed && sized, f.tops_per_mm2())},
          {"edp_js", f.edp()},
          {"images", f.images}};
}

Json to_json(const Provenance& p) {
  return {{"program_version", p.program_version},
          {"network_file", p.network_file},
          {"chip_file", p.chip_file},
          {"policy_file", p.policy_file},
          {"weights", p.weights},
          {"activations", p.activations},
          {"level", p.level},
          {"mac_rule", p.mac_rule},
          {"strategy", p.strategy},
          {"overrides", p.overrides}};
}

Json to_json(const SizeReport& size) {
  return {{"rule", size.rule},
          {"parameters", size.parameters},
          {"bits", size.bits},
          {"mebibytes", size.mebibytes},
          {"compression", size.compression}};
}

Figures figures_from_json(const Json& json) {
  Figures f;
  json.at("macs").get_to(f.macs);
  json.at("weights").get_to(f.weights);
  json.at("weight_bits").get_to(f.weight_bits);
  f.energy = from_si<Energy>(json.at("energy_j").get<double>());
  f.latency = from_si<Time>(json.at("latency_s").get<double>());
  f.area = from_si<Area>(json.at("area_mm2").get<double>() / 1e6);
  json.at("crossbars").get_to(f.crossbars);
  json.at("adc_conversions").get_to(f.adc_conversions);
  json.at("cell_utilization").get_to(f.cell_utilization);
  json.at("macro_utilization").get_to(f.macro_utilization);
  json.at("images").get_to(f.images);
  return f;
}

Provenance provenance_from_json(const Json& json) {
  Provenance p;
  json.at("program_version").get_to(p.program_version);
  json.at("network_file").get_to(p.network_file);
  json.at("chip_file").get_to(p.chip_file);
  json.at("policy_file").get_to(p.policy_file);
  json.at("weights").get_to(p.weights);
  json.at("activations").get_to(p.activations);
  json.at("level").get_to(p.level);
  json.at("mac_rule").get_to(p.mac_rule);
  json.at("strategy").get_to(p.strategy);
  json.at("overrides").get_to(p.overrides);
  return p;
}

}  // namespace pimento::sim
