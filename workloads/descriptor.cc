// SPDX-License-Identifier: Apache-2.0
// Networks described in YAML; the fields are told in docs/networks.md.
//
// Reading has two passes, so that a slip in one field is not followed by a dozen shapes that do not
// fit: first all fields, then the graph.
#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
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
constexpr IntRange kExtent{1, kMaxElements};
constexpr IntRange kWindowStep{1, kMaxWindow};
constexpr IntRange kPad{0, kMaxWindow};
constexpr std::array<std::pair<std::string_view, const char*>, 2> kDistributions{
    {{"gaussian", "gaussian"}, {"uniform", "uniform"}}};
constexpr RealRange kAnyNumber{std::numeric_limits<double>::lowest(),
                               std::numeric_limits<double>::max()};

Shape read_shape(ConfigMap& map, std::string_view key, IntRange range) {
  ConfigList list = map.list(key);
  if (map.is_list(key) && (list.size() == 0 || list.size() > std::size_t{kMaxRank})) {
    map.problem(key, fmt::format("found {} extents; expected 1 to {}", list.size(), kMaxRank));
    return {1};
  }
  Shape shape;
  for (std::size_t i = 0; i < list.size(); ++i) shape.push_back(list.integer(i, range));
  return shape;
}

// One number for both axes, or [height, width].
std::array<std::int64_t, 2> read_pair(ConfigMap& map, std::string_view key, IntRange range) {
  if (!map.is_list(key)) {
    const std::int64_t both = map.integer(key, range);
    return {both, both};
  }
  ConfigList list = map.list(key);
  if (list.size() != 2) {
    map.problem(
        key, fmt::format("found {} numbers; expected one number or [height, width]", list.size()));
    return {range.min, range.min};
  }
  return {list.integer(0, range), list.integer(1, range)};
}

std::array<std::int64_t, 2> read_pair_or(ConfigMap& map, std::string_view key,
                                         std::array<std::int64_t, 2> otherwise, IntRange range) {
  return map.has(key) ? read_pair(map, key, range) : otherwise;
}

std::array<std::int64_t, 4> read_pads(ConfigMap& map) {
  if (!map.has("pad")) return {0, 0, 0, 0};
  if (!map.is_list("pad")) {
    const std::int64_t all = map.integer("pad", kPad);
    return {all, all, all, all};
  }
  ConfigList list = map.list("pad");
  if (list.size() == 2) {
    const std::int64_t rows = list.integer(0, kPad);
    const std::int64_t columns = list.integer(1, kPad);
    return {rows, columns, rows, columns};
  }
  if (list.size() == 4) {
    return {list.integer(0, kPad), list.integer(1, kPad), list.integer(2, kPad),
            list.integer(3, kPad)};
  }
  map.problem("pad", fmt::format("found {} numbers; expected one number, [height, width] or "
                                 "[top, left, bottom, right]",
                                 list.size()));
  return {0, 0, 0, 0};
}

Operation read_conv(ConfigMap& map) {
  Conv conv;
  conv.out_channels = map.integer("out_channels", kExtent);
  conv.groups = map.integer_or("groups", 1, kExtent);
  conv.window.kernel = read_pair(map, "kernel", kWindowStep);
  conv.window.stride = read_pair_or(map, "stride", {1, 1}, kWindowStep);
  conv.window.dilation = read_pair_or(map, "dilation", {1, 1}, kWindowStep);
  conv.window.pads = read_pads(map);
  return conv;
}

Operation read_linear(ConfigMap& map) {
  return Linear{.out_features = map.integer("out_features", kExtent)};
}

// As in PyTorch, windows that do not overlap unless a stride says so.
template <PoolKind Kind>
Operation read_pool(ConfigMap& map) {
  Pool pool;
  pool.kind = Kind;
  pool.window.kernel = read_pair(map, "kernel", kWindowStep);
  pool.window.stride = read_pair_or(map, "stride", pool.window.kernel, kWindowStep);
  pool.window.pads = read_pads(map);
  pool.window.ceil_mode = map.boolean_or("ceil_mode", false);
  if (Kind == PoolKind::kMax) {
    pool.window.dilation = read_pair_or(map, "dilation", {1, 1}, kWindowStep);
  } else {
    pool.count_padding = map.boolean_or("count_padding", false);
  }
  return pool;
}

template <PoolKind Kind>
Operation read_global_pool(ConfigMap&) {
  return GlobalPool{.kind = Kind};
}

Operation read_batch_norm(ConfigMap& map) {
  return BatchNorm{.epsilon = map.number_or("epsilon", 1e-5, {0.0, 1.0})};
}

Operation read_clip(ConfigMap& map) {
  return Clip{.min = map.number("min", kAnyNumber), .max = map.number("max", kAnyNumber)};
}

Operation read_reshape(ConfigMap& map) {
  return Reshape{.shape = read_shape(map, "shape", {-1, kMaxElements})};
}

template <class Plain>
Operation read_plain(ConfigMap&) {
  return Plain{};
}

struct OperationReader {
  const char* word;
  Operation (*read)(ConfigMap&);
};

constexpr std::array kOperations{
    OperationReader{"conv", read_conv},
    OperationReader{"linear", read_linear},
    OperationReader{"max_pool", read_pool<PoolKind::kMax>},
    OperationReader{"average_pool", read_pool<PoolKind::kAverage>},
    OperationReader{"global_average_pool", read_global_pool<PoolKind::kAverage>},
    OperationReader{"global_max_pool", read_global_pool<PoolKind::kMax>},
    OperationReader{"add", read_plain<Add>},
    OperationReader{"batch_norm", read_batch_norm},
    OperationReader{"relu", read_plain<Relu>},
    OperationReader{"clip", read_clip},
    OperationReader{"softmax", read_plain<Softmax>},
    OperationReader{"flatten", read_plain<Flatten>},
    OperationReader{"reshape", read_reshape},
    OperationReader{"identity", read_plain<Identity>},
};

// The fields of an operation nobody knows cannot be judged: takes them all as read.
void accept_all(ConfigMap& map) {
  for (const std::string& key : map.keys()) {
    if (map.is_list(key)) {
      (void)map.list(key);
    } else if (!map.is_map(key)) {
      (void)map.text(key);
    }
  }
}

Operation read_operation(ConfigMap& map) {
  const std::string word = map.text("op");
  const auto known =
      std::find_if(kOperations.begin(), kOperations.end(),
                   [&](const OperationReader& reader) { return reader.word == word; });
  if (known != kOperations.end()) return known->read(map);
  if (map.has("op") && !map.is_list("op") && !map.is_map("op")) {
    std::vector<std::string> words;
    words.reserve(kOperations.size());
    for (const OperationReader& reader : kOperations) words.emplace_back(reader.word);
    const auto nearest = nearest_name(word, words);
    map.problem(
        "op",
        fmt::format("unknown operation \"{}\"; {}known operations: {}", printable(word),
                    nearest ? fmt::format("did you mean \"{}\"? ", *nearest) : "", join(words)));
  }
  accept_all(map);
  return Identity{};
}

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
    network.weight_origin.distribution =
        weights->choice_or<const char*>("distribution", "gaussian", kDistributions);
    network.weight_origin.seed = static_cast<std::uint64_t>(weights->integer_or("seed", 1, {}));
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
    try {
      return network_.add(std::move(written.layer));
    } catch (const InputError& error) {
      written.map.problem("", error.what());
      return kFailed;
    }
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
