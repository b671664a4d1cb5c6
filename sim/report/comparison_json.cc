// SPDX-License-Identifier: Apache-2.0
#include "sim/report/comparison.h"
#include "sim/report/csv.h"
#include "sim/report/format.h"
#include "sim/report/json.h"

namespace pimento::sim {
namespace {

Json groups_json(const ComparisonRow& row) {
  Json groups = Json::object();
  for (const ComponentGroupInfo& group : component_groups()) {
    groups[std::string(group.name)] = row.group_energy.at(std::size_t(group.group)).value();
  }
  return groups;
}

Json row_json(const ComparisonRow& row) {
  Json json = {{"policy", row.policy},
               {"policy_file", row.policy_file},
               {"weight_bits_mean", row.weight_bits},
               {"activation_bits_mean", row.activation_bits},
               {"size", to_json(row.size)},
               {"totals", to_json(row.totals)}};
  json["totals"]["static_energy_j"] = row.static_energy.value();
  json["totals"]["cell_utilization_layer_mean"] = row.cell_utilization_layer_mean;
  json["energy_by_group_j"] = groups_json(row);
  json["notes"] = row.notes;
  return json;
}

ComparisonRow row_from_json(const Json& json) {
  ComparisonRow row;
  json.at("policy").get_to(row.policy);
  json.at("policy_file").get_to(row.policy_file);
  json.at("weight_bits_mean").get_to(row.weight_bits);
  json.at("activation_bits_mean").get_to(row.activation_bits);
  const Json& size = json.at("size");
  size.at("rule").get_to(row.size.rule);
  size.at("parameters").get_to(row.size.parameters);
  size.at("bits").get_to(row.size.bits);
  size.at("mebibytes").get_to(row.size.mebibytes);
  size.at("compression").get_to(row.size.compression);
  const Json& totals = json.at("totals");
  row.totals = figures_from_json(totals);
  row.static_energy = from_si<Energy>(totals.at("static_energy_j").get<double>());
  totals.at("cell_utilization_layer_mean").get_to(row.cell_utilization_layer_mean);
  for (const ComponentGroupInfo& group : component_groups()) {
    row.group_energy.at(std::size_t(group.group)) =
        from_si<Energy>(json.at("energy_by_group_j").at(std::string(group.name)).get<double>());
  }
  json.at("notes").get_to(row.notes);
  return row;
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    Json row = row_json(comparison.rows[i]);
    row["energy_ratio"] = optional_number(energy_ratio(comparison, i));
    row["latency_ratio"] = optional_number(latency_ratio(comparison, i));
    rows.push_back(std::move(row));
  }
  Json provenance = to_json(comparison.provenance);
  provenance.erase("policy_file");
  return dump({{"network", comparison.network},
               {"chip", comparison.chip},
               {"provenance", std::move(provenance)},
               {"baseline", comparison.rows.at(comparison.baseline).policy},
               {"policies", std::move(rows)}});
}

std::string comparison_csv(const Comparison& comparison) {
  std::vector<std::string> header{"policy",
                                  "weight_bits_mean",
                                  "activation_bits_mean",
                                  "size_mib",
                                  "compression",
                                  "energy_j",
                                  "energy_ratio",
                                  "latency_s",
                                  "latency_ratio",
                                  "area_mm2",
                                  "crossbars",
                                  "adc_conversions",
                                  "cell_utilization",
                                  "macro_utilization",
                                  "tops_per_w",
                                  "edp_js"};
  for (const ComponentGroupInfo& group : component_groups()) {
    header.push_back(std::string(group.name) + "_j");
  }
  Csv csv(header);
  for (std::size_t i = 0; i < comparison.rows.size(); ++i) {
    const ComparisonRow& row = comparison.rows[i];
    const Figures& f = row.totals;
    csv.text(row.policy).number(row.weight_bits).number(row.activation_bits);
    csv.number(row.size.mebibytes).number(row.size.compression);
    csv.number(f.energy.value()).number(energy_ratio(comparison, i));
    csv.number(f.latency.value()).number(latency_ratio(comparison, i));
    csv.number(square_millimetres(f.area)).integer(f.crossbars).integer(f.adc_conversions);
    csv.number(f.cell_utilization).number(f.macro_utilization);
    csv.number(f.tops_per_w()).number(f.edp());
    for (const Energy& energy : row.group_energy) csv.number(energy.value());
    csv.end_row();
  }
  return csv.str();
}

std::string pack(const ComparedRun& run) {
  // Square metres beside the square millimetres, so that the area comes back to the last bit.
  return dump({{"network", run.network},
               {"chip", run.chip},
               {"provenance", to_json(run.provenance)},
               {"row", row_json(run.row)},
               {"area_m2", run.row.totals.area.value()}});
}

ComparedRun unpack(const std::string& bytes) {
  const Json json = Json::parse(bytes);
  ComparedRun run;
  json.at("network").get_to(run.network);
  json.at("chip").get_to(run.chip);
  run.provenance = provenance_from_json(json.at("provenance"));
  run.row = row_from_json(json.at("row"));
  run.row.totals.area = from_si<Area>(json.at("area_m2").get<double>());
  return run;
}

}  // namespace pimento::sim
