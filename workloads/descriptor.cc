// SPDX-License-Identifier: Apache-2.0
// Networks described in YAML; the fields are told in docs/networks.md.
//
// Reading has two passes, so that a slip in one field is not followed by a dozen shapes that do not
// fit: first all fields, then the graph.
#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/descriptor_operations.h"
#include "workloads/descriptor_rules.h"
#include "workloads/descriptor_values.h"
#include "workloads/importers.h"
#include "workloads/limits.h"
#include "workloads/lowering/graph_of.h"
#include "workloads/names.h"

namespace pimento::workloads {
namespace {

constexpr const char* kSchema = "pimento/network/1";
constexpr const char* kInputName = "input";
constexpr std::array<std::pair<std::string_view, const char*>, 3> kDistributions{
    {{"gaussian", "gaussian"}, {"uniform", "uniform"}, {"bit_sparse", "bit_sparse"}}};
constexpr RealRange kShare{0.0, 1.0};

// A layer as written: its inputs are names until all layers are known.
struct WrittenLayer {
  ConfigMap map;
  Layer layer;
  std::vector<std::string> from;
};

std::vector<std::string> read_from(ConfigMap& map) {
  if (!map.has("from")) return {};
  if (!map.is_list("from")) return {map.text("from")};
  ConfigList list = map.list("from");
  if (list.size() == 0) {
    map.problem("from", "found an empty list; expected one or more layer names");
  }
  std::vector<std::string> names;
  names.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) names.push_back(list.text(i));
  return names;
}

// The fields of values, where the descriptor has a file of them.
void read_values(ConfigMap& map, Layer& layer, DescriptorValues& values) {
  if (layer.has_weights()) values.read_weights(map, layer);
  if (std::holds_alternative<BatchNorm>(layer.operation)) values.read_batch_norm(map, layer);
}

WrittenLayer read_layer(ConfigMap map, DescriptorValues& values) {
  Layer layer;
  layer.name = map.text("name");
  if (layer.name == kInputName) {
    map.problem("name", "found \"input\", which means the network's input; choose another name");
  }
  layer.operation = read_operation(map);
  if (values.are_given()) {
    read_values(map, layer, values);
  } else if (layer.has_weights()) {
    layer.has_bias = map.boolean_or("bias", false);
  }
  std::vector<std::string> from = read_from(map);
  if (auto* digital = std::get_if<Digital>(&layer.operation)) {
    digital->inputs = std::max(static_cast<int>(from.size()), 1);
  }
  return {.map = map, .layer = std::move(layer), .from = std::move(from)};
}

std::vector<WrittenLayer> read_layers(ConfigMap& root, DescriptorValues& values) {
  ConfigList list = root.list("layers");
  std::vector<WrittenLayer> layers;
  if (root.is_list("layers") && (list.size() == 0 || list.size() > std::size_t{kMaxLayers})) {
    root.problem("layers",
                 fmt::format("found {} layers; expected 1 to {}", list.size(), kMaxLayers));
    return layers;
  }
  for (std::size_t i = 0; i < list.size(); ++i) layers.push_back(read_layer(list.map(i), values));
  return layers;
}

// `bit_sparse` has fields of its own, which are unknown to the others.
void read_distribution(ConfigMap& weights, WeightOrigin& origin) {
  origin.distribution = weights.choice_or<const char*>("distribution", "gaussian", kDistributions);
  origin.seed = static_cast<std::uint64_t>(weights.integer_or("seed", 1, {}));
  if (origin.distribution != "bit_sparse") return;
  BitSparse& sparse = origin.bit_sparse;
  if (weights.has("block")) {
    const ConfigList block = weights.list("block");
    if (weights.is_list("block") && block.size() != 2) {
      weights.problem("block",
                      fmt::format("found {} numbers; expected [rows, columns]", block.size()));
    } else if (weights.is_list("block")) {
      const Shape extents = read_shape(weights, "block", {1, kMaxWindow});
      sparse.block_rows = extents[0];
      sparse.block_columns = extents[1];
    }
  }
  sparse.significant_bits = weights.number("significant_bits", {0.0, kMaxBits - 1});
  sparse.plane_presence = weights.number_or("plane_presence", 1.0, kShare);
  sparse.row_density = weights.number_or("row_density", 1.0, kShare);
}

void read_header(ConfigMap& root, Network& network, DescriptorValues& values) {
  if (const std::string schema = root.text("schema"); root.has("schema") && schema != kSchema) {
    root.problem("schema",
                 fmt::format("found \"{}\"; expected \"{}\"", printable(schema), kSchema));
  }
  network.name = root.text("name");
  network.description = root.text_or("description", "");
  const std::string source = root.text_or("source", "");
  if (!source.empty()) {
    network.description +=
        fmt::format("{}Source: {}", network.description.empty() ? "" : " ", source);
  }
  ConfigMap input = root.map("input");
  network.input_shape = read_shape(input, "shape", kExtent);
  network.input_bits = static_cast<int>(input.integer_or("bits", 8, {1, kMaxBits}));
  auto weights = root.optional_map("weights");
  if (weights && weights->has("file")) {
    values.open(*weights, network.source);
    network.weight_origin.origin = ValueOrigin::kFile;
    network.weight_origin.file = values.file_name();
  } else if (weights) {
    read_distribution(*weights, network.weight_origin);
  }
  read_counting_rules(root, network);
}

// Joins the layers into a graph, noting each mistake where the layer stands. A layer that cannot be
// joined takes the layers behind it along in silence.
class GraphBuilder {
 public:
  explicit GraphBuilder(Network& network) : network_(network) {}

  void add(WrittenLayer& written) {
    const std::string name = written.layer.name;
    if (indices_.contains(name)) {
      written.map.problem(
          "name", fmt::format("found \"{}\" a second time; choose another name", printable(name)));
      previous_ = kFailed;
      return;
    }
    previous_ = join_in(written);
    indices_.emplace(name, previous_);
    names_.push_back(name);
  }

 private:
  static constexpr int kFailed = -2;
  static constexpr int kSuggestions = 20;  // then a file is not merely misspelt

  int join_in(WrittenLayer& written) {
    if (written.from.empty()) {
      if (previous_ == kFailed) return kFailed;
      written.layer.inputs = {previous_};
    }
    bool known = true;
    for (const std::string& name : written.from) {
      const int index = find(written, name);
      known = known && index != kFailed;
      written.layer.inputs.push_back(index);
    }
    if (!known) return kFailed;
    count_taken(written.layer);
    try {
      return network_.add(std::move(written.layer));
    } catch (const InputError& error) {
      written.map.problem("", error.what());
      return kFailed;
    }
  }

  // What reduces does one operation a value taken, or made if more.
  void count_taken(Layer& layer) const {
    auto* digital = std::get_if<Digital>(&layer.operation);
    if (digital == nullptr || digital->work != DigitalWork::kReduce) return;
    std::int64_t taken = 0;
    for (const int input : layer.inputs) taken += element_count(network_.shape_of(input));
    digital->operations = std::max(digital->operations, taken);
  }

  int find(WrittenLayer& written, const std::string& name) {
    if (name == kInputName) return kNetworkInput;
    const auto it = indices_.find(name);
    if (it != indices_.end()) return it->second;
    const auto nearest =
        ++unknown_ <= kSuggestions ? nearest_layer(name, names_) : std::optional<std::string>();
    written.map.problem("from",
                        fmt::format("layer \"{}\": no earlier layer is called \"{}\"; {}",
                                    printable(written.layer.name), printable(name),
                                    nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                            : "use \"input\" or the name of a layer above"));
    return kFailed;
  }

  Network& network_;
  std::unordered_map<std::string, int> indices_;
  std::vector<std::string> names_;
  int previous_ = kNetworkInput;
  int unknown_ = 0;
};

}  // namespace

Network read_descriptor(ConfigDocument document, const std::string& file_name) {
  Network network;
  network.source = file_name;
  network.is_described = true;
  ConfigMap root = document.root();
  DescriptorValues values;
  read_header(root, network, values);
  std::vector<WrittenLayer> layers = read_layers(root, values);
  document.finish();

  GraphBuilder builder(network);
  for (WrittenLayer& written : layers) builder.add(written);
  if (network.layers.size() == layers.size()) check_counting_rules(root, network);
  document.finish();
  network.validate();
  if (values.are_given()) network.graph = std::make_shared<const Graph>(graph_of(network));
  return network;
}

}  // namespace pimento::workloads
