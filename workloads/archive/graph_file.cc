// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/graph_file.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/archive/npz.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;

constexpr IntRange kExtent{0, kMaxElements};
constexpr IntRange kAnyInteger{std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()};
constexpr RealRange kAnyReal{std::numeric_limits<double>::lowest(),
                             std::numeric_limits<double>::max()};
constexpr int kMaxListed = 1 << 16;  // inputs, outputs or attribute values of one node

// What a node says before its values are looked up.
struct WrittenNode {
  ConfigMap map;
  Node node;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

class Reader {
 public:
  Reader(ConfigDocument document, const std::string& file_name)
      : document_(std::move(document)), file_name_(file_name) {}

  Graph read() {
    ConfigMap root = document_.root();
    (void)root.text("schema");
    graph_.name = root.text("name");
    graph_.description = root.text_or("description", "");
    graph_.source = file_name_;
    graph_.origin = root.text_or("source", "");
    open_tensors(root);
    read_inputs(root);
    read_constants(root);
    std::vector<WrittenNode> nodes = read_nodes(root);
    const std::vector<std::string> outputs = texts(root, "outputs");
    if (root.is_list("outputs") && outputs.empty()) {
      root.problem("outputs", "found an empty list; expected one or more tensors");
    }
    document_.finish();
    for (WrittenNode& node : nodes) add_node(node);
    for (const std::string& output : outputs) graph_.outputs.push_back(value_of(output, "outputs"));
    return std::move(graph_);
  }

 private:
  void open_tensors(ConfigMap& root) {
    const fs::path path(root.text("tensors"));
    const bool beside = !path.empty() && path.filename() == path && path != "..";
    if (!beside || file_name_.starts_with("embedded:")) {
      root.problem("tensors", "expected the name of an .npz file beside this one");
      return;
    }
    try {
      tensors_.emplace(fs::path(file_name_).parent_path() / path);
    } catch (const InputError& error) {
      root.problem("tensors", error.what());
    }
  }

  static std::vector<std::string> texts(ConfigMap& map, std::string_view key) {
    ConfigList list = map.list(key);
    std::vector<std::string> result;
    if (list.size() > std::size_t{kMaxListed}) {
      map.problem(key, fmt::format("found {} entries; expected fewer", list.size()));
      return result;
    }
    for (std::size_t i = 0; i < list.size(); ++i) result.push_back(list.text(i));
    return result;
  }

  ElementType type_of(ConfigMap& map) {
    const std::string word = map.text("type");
    const auto type = element_type_of(word);
    if (!type) {
      map.problem("type",
                  fmt::format("found \"{}\"; expected float32, int8, uint4, ...", printable(word)));
    }
    return type.value_or(ElementType::kFloat32);
  }

  void define(ConfigMap& map, const std::string& name, Value value) {
    if (!values_.emplace(name, static_cast<int>(graph_.values.size())).second) {
      map.problem("name", fmt::format("found \"{}\" a second time", printable(name)));
    }
    graph_.values.push_back(std::move(value));
  }

  void read_inputs(ConfigMap& root) {
    ConfigList list = root.list("inputs");
    for (std::size_t i = 0; i < list.size(); ++i) {
      ConfigMap map = list.map(i);
      Value value{map.text("name"), type_of(map), {}, std::nullopt};
      ConfigList shape = map.list("shape");
      for (std::size_t k = 0; k < std::min<std::size_t>(shape.size(), kMaxRank); ++k) {
        value.shape.push_back(shape.integer(k, kExtent));
      }
      const auto elements = checked_product(value.shape);
      if (shape.size() > std::size_t{kMaxRank} || !elements || *elements >= kMaxElements) {
        map.problem("shape", "expected at most 8 extents and fewer than 2^40 values");
        value.shape.clear();
      }
      graph_.inputs.push_back(static_cast<int>(graph_.values.size()));
      const std::string name = value.name;
      define(map, name, std::move(value));
    }
  }

  // An array of the .npz in the type it stands for.
  std::optional<Constant> array_of(ConfigMap& map) {
    const ElementType type = type_of(map);
    const std::string key = map.text("array");
    if (!tensors_) return std::nullopt;
    try {
      Constant constant = tensors_->read(key);
      if (constant.type == type) return constant;
      Array array = decode(constant);
      const bool packed = bits_of(type) == 4 && bits_of(constant.type) == 8 &&
                          array.holds_integers() && is_integer(type);
      const bool narrowed =
          type == ElementType::kBfloat16 && constant.type == ElementType::kFloat32;
      if (!packed && !narrowed) {
        throw InputError(fmt::format("array \"{}\" is {}; expected {}", printable(key),
                                     name_of(constant.type), name_of(type)));
      }
      for (const std::int64_t value : array.integers) {
        if (value < lowest_of(type) || value > highest_of(type)) {
          throw InputError(fmt::format("array \"{}\" holds {}, which {} cannot", printable(key),
                                       value, name_of(type)));
        }
      }
      for (double& value : array.reals) value = round_to(type, value);
      array.type = type;
      return encode(array);
    } catch (const InputError& error) {
      map.problem("array", error.what());
      return std::nullopt;
    }
  }

  void read_constants(ConfigMap& root) {
    ConfigList list = root.list("constants");
    for (std::size_t i = 0; i < list.size(); ++i) {
      ConfigMap map = list.map(i);
      Value value{map.text("name"), ElementType::kFloat32, {}, std::nullopt};
      value.constant = array_of(map);
      if (value.constant) {
        value.type = value.constant->type;
        value.shape = value.constant->shape;
      }
      const std::string name = value.name;
      define(map, name, std::move(value));
    }
  }

  template <class T, class Get>
  static std::vector<T> values_of(ConfigMap& map, std::string_view key, const Get& get) {
    ConfigList list = map.list(key);
    std::vector<T> result;
    if (list.size() > std::size_t{kMaxListed}) {
      map.problem(key, fmt::format("found {} values; expected fewer", list.size()));
      return result;
    }
    for (std::size_t i = 0; i < list.size(); ++i) result.push_back(get(list, i));
    return result;
  }

  std::optional<Attribute> attribute_of(ConfigMap& map) {
    if (map.has("int")) return map.integer("int", kAnyInteger);
    if (map.has("float")) return map.number("float", kAnyReal);
    if (map.has("text")) return map.text("text");
    if (map.has("ints")) {
      return values_of<std::int64_t>(map, "ints", [](ConfigList& list, std::size_t i) {
        return list.integer(i, kAnyInteger);
      });
    }
    if (map.has("floats")) {
      return values_of<double>(
          map, "floats", [](ConfigList& list, std::size_t i) { return list.number(i, kAnyReal); });
    }
    if (map.has("texts")) {
      return values_of<std::string>(map, "texts",
                                    [](ConfigList& list, std::size_t i) { return list.text(i); });
    }
    if (map.has("array")) {
      auto constant = array_of(map);
      return constant ? std::optional<Attribute>(std::move(*constant)) : std::nullopt;
    }
    map.problem("", "expected int, float, text, ints, floats, texts or array");
    return std::nullopt;
  }

  std::vector<WrittenNode> read_nodes(ConfigMap& root) {
    ConfigList list = root.list("nodes");
    std::vector<WrittenNode> nodes;
    if (list.size() > std::size_t{kMaxLayers}) {
      root.problem("nodes",
                   fmt::format("found {} nodes; expected at most {}", list.size(), kMaxLayers));
      return nodes;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      ConfigMap map = list.map(i);
      Node node;
      node.name = map.text("name");
      node.op = map.text("op");
      node.version = map.integer("version", {1, 1000});
      if (map.has("op") && operator_table().find(node.op) == nullptr) {
        map.problem("op", fmt::format("\"{}\" is no known operator", printable(node.op)));
      }
      std::vector<std::string> inputs = texts(map, "inputs");
      std::vector<std::string> outputs = texts(map, "outputs");
      if (auto attributes = map.optional_map("attributes")) {
        for (const std::string& name : attributes->keys()) {
          ConfigMap one = attributes->map(name);
          if (auto attribute = attribute_of(one)) {
            node.attributes.emplace(name, std::move(*attribute));
          }
        }
      }
      nodes.push_back({map, std::move(node), std::move(inputs), std::move(outputs)});
    }
    return nodes;
  }

  int value_of(const std::string& name, const std::string& where) const {
    if (name.empty()) return kNoValue;
    const auto it = values_.find(name);
    if (it != values_.end()) return it->second;
    throw InputError(
        fmt::format("{}: {}: \"{}\" is made by no node above, and is no input or "
                    "constant",
                    file_name_, where, printable(name)));
  }

  void add_node(WrittenNode& written) {
    const std::string place = written.map.where().str();
    for (const std::string& input : written.inputs) {
      written.node.inputs.push_back(value_of(input, written.map.path()));
    }
    for (const std::string& output : written.outputs) {
      if (output.empty()) {
        written.node.outputs.push_back(kNoValue);
        continue;
      }
      const int index = graph_.add_value({output, {}, {}, std::nullopt});
      if (!values_.emplace(output, index).second) {
        throw InputError(fmt::format("{}: \"{}\" is made a second time", place, printable(output)));
      }
      written.node.outputs.push_back(index);
    }
    if (written.node.outputs.empty()) {
      throw InputError(fmt::format("{}: the node has no output; expected one", place));
    }
    folder_.add(graph_, std::move(written.node), place);
  }

  ConfigDocument document_;
  const std::string& file_name_;
  std::optional<NpzFile> tensors_;
  std::unordered_map<std::string, int> values_;
  Graph graph_;
  Folder folder_;
};

}  // namespace

Graph read_graph_file(ConfigDocument document, const std::string& file_name) {
  return Reader(std::move(document), file_name).read();
}

}  // namespace pimento::workloads
