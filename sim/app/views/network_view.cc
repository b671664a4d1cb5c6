// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/network_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/version.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

using sim::format_count;

std::string place_of(const workloads::Layer& layer) {
  if (layer.has_weights()) return "mapped";
  const bool moves_nothing = std::holds_alternative<workloads::Flatten>(layer.operation) ||
                             std::holds_alternative<workloads::Reshape>(layer.operation) ||
                             std::holds_alternative<workloads::Identity>(layer.operation);
  return moves_nothing ? "free" : "digital";
}

LayerView view_layer(const workloads::Network& network, int index, bool values) {
  const workloads::Layer& layer = network.layers[static_cast<std::size_t>(index)];
  LayerView view;
  view.name = layer.name;
  view.operation = workloads::operation_name(layer.operation);
  view.input_shape = workloads::to_string(network.shape_of(layer.inputs.front()));
  view.output_shape = workloads::to_string(layer.shape);
  view.place = place_of(layer);
  if (!layer.has_weights()) return view;
  view.macs = network.macs(index);
  view.weights = network.matrix(index).weights();
  view.weight_bits = layer.precision.weight_bits;
  view.activation_bits = layer.precision.activation_bits;
  if (values) view.values = workloads::weight_statistics(network, index);
  return view;
}

std::string header_text(const NetworkView& view, const sim::Style& style) {
  sim::Listing listing;
  listing.add("network", fmt::format("{} ({})", printable(view.name), printable(view.source, 200)));
  if (!view.description.empty()) listing.add("", printable(view.description, 200));
  listing.add("input", fmt::format("{}, {} bits", view.input_shape, view.input_bits));
  listing.add("policy", printable(view.policy));
  listing.add("weights", printable(view.weights, 200));
  listing.add("MACs", "counted by the rule " + printable(view.mac_rule));
  return listing.str(style, 0);
}

std::string layers_text(const NetworkView& view, const sim::Style& style) {
  sim::Table table({{"layer", sim::Align::kLeft},
                    {"operation", sim::Align::kLeft},
                    {"input"},
                    {"output"},
                    {"MACs"},
                    {"weights"},
                    {"W bits"},
                    {"A bits"},
                    {"place", sim::Align::kLeft}});
  std::int64_t macs = 0;
  std::int64_t weights = 0;
  for (const LayerView& layer : view.layers) {
    const bool weighted = layer.weights > 0;
    table.add_row({printable(layer.name), layer.operation, layer.input_shape, layer.output_shape,
                   weighted ? format_count(layer.macs) : "-",
                   weighted ? format_count(layer.weights) : "-",
                   weighted ? fmt::format("{}", layer.weight_bits) : "-",
                   weighted ? fmt::format("{}", layer.activation_bits) : "-", layer.place});
    macs += layer.macs;
    weights += layer.weights;
  }
  table.add_rule();
  table.add_row({"total", "", "", "", format_count(macs), format_count(weights)});
  return "\n" + table.str(style) +
         style.dim("  mapped: on crossbars; digital: in units beside them; free: moves nothing") +
         "\n";
}

std::string sizes_text(const NetworkView& view, const sim::Style& style) {
  sim::Table table({{"counting rule", sim::Align::kLeft},
                    {"parameters"},
                    {"bits"},
                    {"MiB"},
                    {"against 32 bits"}});
  for (const workloads::ModelSize& size : view.sizes) {
    table.add_row({printable(size.rule), format_count(size.parameters), format_count(size.bits),
                   fmt::format("{:.4f}", size.mebibytes()), sim::format_ratio(size.compression())});
  }
  return "\n" + style.bold("Size of the weights") + "\n" + table.str(style);
}

template <typename T>
std::string range_text(const workloads::Range<T>& range) {
  return fmt::format("{:.4g} .. {:.4g}", double(range.low), double(range.high));
}

// Columns with one a bit-plane at the end, as many as any layer has.
template <class CountPlanes>
std::vector<sim::Column> columns_of_planes(std::vector<sim::Column> columns,
                                           const NetworkView& view, const CountPlanes& count) {
  std::size_t most = 0;
  for (const LayerView& layer : view.layers) most = std::max(most, count(layer));
  for (std::size_t bit = 0; bit < most; ++bit) columns.push_back({fmt::format("bit {}", bit)});
  return columns;
}

void add_planes(std::vector<std::string>& cells, const std::vector<double>& shares) {
  for (const double share : shares) cells.push_back(sim::format_percent(share));
}

std::string values_text(const NetworkView& view, const sim::Style& style) {
  if (!view.values) {
    return style.dim("\n  values of the weights were not looked at; --values shows them") + "\n";
  }
  sim::Table table(columns_of_planes(
      {{"layer", sim::Align::kLeft}, {"reals"}, {"integers"}, {"zeros"}}, view,
      [](const LayerView& layer) { return layer.values ? layer.values->ones.size() : 0; }));
  for (const LayerView& layer : view.layers) {
    if (!layer.values) continue;
    const workloads::WeightStatistics& values = *layer.values;
    std::vector<std::string> cells{
        printable(layer.name), values.reals ? range_text(*values.reals) : "-",
        fmt::format("{} .. {}", values.integers.low, values.integers.high),
        sim::format_percent(values.zeros)};
    add_planes(cells, values.ones);
    table.add_row(std::move(cells));
  }
  return "\n" +
         style.bold(fmt::format("Values of the weights ({})", printable(view.weights, 200))) +
         "\n" + table.str(style) +
         style.dim(
             "  zeros: of the integers; bit n: share of ones in a plane of two's complement") +
         "\n";
}

std::string inputs_text(const NetworkView& view, const sim::Style& style) {
  if (view.images.empty()) return "";
  sim::Table table(columns_of_planes(
      {{"layer", sim::Align::kLeft}, {"reals"}, {"zeros"}}, view,
      [](const LayerView& layer) { return layer.inputs ? layer.inputs->ones.size() : 0; }));
  for (const LayerView& layer : view.layers) {
    if (!layer.inputs) continue;
    std::vector<std::string> cells{printable(layer.name), range_text(layer.inputs->reals),
                                   sim::format_percent(layer.inputs->zeros)};
    add_planes(cells, layer.inputs->ones);
    table.add_row(std::move(cells));
  }
  return "\n" + style.bold(fmt::format("Inputs of the layers ({})", printable(view.images, 200))) +
         "\n" + table.str(style) +
         style.dim(
             "  bit n: share of ones among the integers, where the network says what they are") +
         "\n";
}

sim::Json to_json(const workloads::InputStatistics& inputs) {
  return {{"reals", {inputs.reals.low, inputs.reals.high}},
          {"zeros", inputs.zeros},
          {"ones_by_plane", inputs.ones}};
}

sim::Json to_json(const workloads::WeightStatistics& values) {
  sim::Json json = {{"integers", {values.integers.low, values.integers.high}},
                    {"zeros", values.zeros},
                    {"ones_by_plane", values.ones}};
  json["reals"] = values.reals ? sim::Json({values.reals->low, values.reals->high}) : sim::Json();
  return json;
}

}  // namespace

NetworkView view_network(const workloads::Network& network, const workloads::Policy& policy,
                         bool values) {
  NetworkView view;
  view.name = network.name;
  view.source = network.source;
  view.description = network.description;
  view.input_shape = workloads::to_string(network.input_shape);
  view.input_bits = network.input_bits;
  view.policy = policy.name;
  view.weights = network.weight_origin.str();
  view.mac_rule = network.mac_rule;
  view.values = values;
  view.digital_macs = network.digital_macs();
  for (int i = 0; i < std::ssize(network.layers); ++i) {
    view.layers.push_back(view_layer(network, i, values));
  }
  view.sizes.push_back(workloads::model_size(network, "standard"));
  for (const workloads::CountingRule& rule : network.counting_rules) {
    view.sizes.push_back(workloads::model_size(network, rule.name));
  }
  return view;
}

void add_inputs(NetworkView& view, const std::map<int, workloads::InputStatistics>& inputs,
                const std::string& images) {
  view.images = images;
  for (const auto& [layer, statistics] : inputs) {
    view.layers[static_cast<std::size_t>(layer)].inputs = statistics;
  }
}

std::string network_text(const NetworkView& view, const sim::Style& style) {
  return header_text(view, style) + layers_text(view, style) + sizes_text(view, style) +
         values_text(view, style) + inputs_text(view, style);
}

std::string network_json(const NetworkView& view) {
  using sim::Json;
  Json layers = Json::array();
  Json totals = {
      {"macs", 0}, {"digital_macs", view.digital_macs}, {"weights", 0}, {"weight_bits", 0}};
  for (const LayerView& layer : view.layers) {
    Json json = {{"name", layer.name},
                 {"kind", layer.operation},
                 {"input_shape", layer.input_shape},
                 {"output_shape", layer.output_shape},
                 {"place", layer.place},
                 {"macs", layer.macs},
                 {"weights", layer.weights},
                 {"weight_bits_per_weight", layer.weight_bits},
                 {"activation_bits", layer.activation_bits}};
    if (layer.values) json["values"] = to_json(*layer.values);
    if (layer.inputs) json["inputs"] = to_json(*layer.inputs);
    totals["macs"] = totals["macs"].get<std::int64_t>() + layer.macs;
    totals["weights"] = totals["weights"].get<std::int64_t>() + layer.weights;
    totals["weight_bits"] =
        totals["weight_bits"].get<std::int64_t>() + layer.weights * layer.weight_bits;
    layers.push_back(std::move(json));
  }
  Json sizes = Json::array();
  for (const workloads::ModelSize& size : view.sizes) {
    sizes.push_back(sim::to_json(sim::SizeReport{size.rule, size.parameters, size.bits,
                                                 size.mebibytes(), size.compression()}));
  }
  return sim::dump({{"network", view.name},
                    {"network_file", view.source},
                    {"policy", view.policy},
                    {"program_version", kVersion},
                    {"input_shape", view.input_shape},
                    {"input_bits", view.input_bits},
                    {"weights", view.weights},
                    {"images", view.images},
                    {"mac_rule", view.mac_rule},
                    {"totals", std::move(totals)},
                    {"layers", std::move(layers)},
                    {"sizes", std::move(sizes)}});
}

}  // namespace pimento::app
