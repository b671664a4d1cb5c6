// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/graph_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "workloads/archive/npz.h"
#include "workloads/graph/fold.h"
#include "workloads/graph/operator.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr IntRange kExtent{0, kMaxElements};
constexpr IntRange kAnyInteger{std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()};
constexpr RealRange kAnyReal{std::numeric_limits<double>::lowest(),
                             std::numeric_limits<double>::max()};
constexpr int kMaxListed = 1 << 16;  // inputs, outputs or attribute values of one node

std::string file_stem(const std::string& name) {
  std::string stem = name.empty() ? "network" : name;
  std::replace_if(stem.begin(), stem.end(), [](char c) { return c == '/' || c == '\0'; }, '_');
  return stem.starts_with('.') ? "_" + stem : stem;
}

// JSON is YAML as well, and its strings need no thought about what YAML would make of them.
std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class Writer {
 public:
  Writer(const Graph& graph, const fs::path& folder) : graph_(graph), folder_(folder) {}

  fs::path write() {
    const std::string stem = file_stem(graph_.name);
    find_used();
    std::string text = "schema: " + std::string(kGraphSchema) + "\n";
    text += "name: " + line(graph_.name) + "\n";
    text += "description: " + line(graph_.description) + "\n";
    text += "source: " + line(graph_.source) + "\n";
    text += "tensors: " + line(stem + ".npz") + "\n";
    text += "inputs:\n";
    for (const int value : graph_.inputs) text += "  - " + line(form_of(value)) + "\n";
    text += "constants:\n";
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      const auto& constant = graph_.values[i].constant;
      if (constant && used_.contains(static_cast<int>(i))) {
        text += "  - " + line(constant_of(static_cast<int>(i), *constant)) + "\n";
      }
    }
    if (tensors_.empty()) text += "  []\n";
    text += "nodes:\n";
    for (const Node& node : graph_.nodes) text += "  - " + line(node_of(node)) + "\n";
    Json outputs = Json::array();
    for (const int value : graph_.outputs) outputs.push_back(name_of_value(value));
    text += "outputs: " + line(outputs) + "\n";
    write_npz(folder_ / (stem + ".npz"), tensors_);
    fs::path path = folder_ / (stem + ".yaml");
    write_file_atomically(path, text);
    return path;
  }

 private:
  void find_used() {
    for (const Node& node : graph_.nodes) used_.insert(node.inputs.begin(), node.inputs.end());
    used_.insert(graph_.outputs.begin(), graph_.outputs.end());
  }

  // Names of values are unique in ONNX; where they are not, a number is added.
  std::string name_of_value(int value) {
    if (value == kNoValue) return "";
    const auto known = names_.find(value);
    if (known != names_.end()) return known->second;
    const std::string& own = graph_.value(value).name;
    std::string name = own.empty() ? "value" : own;
    for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}#{}", own, i);
    return names_.emplace(value, name).first->second;
  }

  Json form_of(int value) {
    const Value& it = graph_.value(value);
    return {{"name", name_of_value(value)}, {"type", name_of(it.type)}, {"shape", it.shape}};
  }

  // The type is written because NumPy lacks some.
  std::string store(const std::string& wanted, const Constant& constant) {
    std::string key = wanted;
    std::replace(key.begin(), key.end(), '\0', '_');
    for (int i = 2; tensors_.contains(key); ++i) key = fmt::format("{}#{}", wanted, i);
    tensors_.emplace(key, constant);
    return key;
  }

  Json constant_of(int value, const Constant& constant) {
    const std::string name = name_of_value(value);
    return {{"name", name}, {"type", name_of(constant.type)}, {"array", store(name, constant)}};
  }

  Json attribute_of(const std::string& name, const Attribute& attribute) {
    struct Visitor {
      Writer& writer;
      const std::string& name;
      Json operator()(std::int64_t value) const { return {{"int", value}}; }
      Json operator()(double value) const { return {{"float", value}}; }
      Json operator()(const std::string& value) const { return {{"text", value}}; }
      Json operator()(const std::vector<std::int64_t>& value) const { return {{"ints", value}}; }
      Json operator()(const std::vector<double>& value) const { return {{"floats", value}}; }
      Json operator()(const std::vector<std::string>& value) const { return {{"texts", value}}; }
      Json operator()(const Constant& value) const {
        return {{"array", writer.store("attribute " + name, value)}, {"type", name_of(value.type)}};
      }
    };
    return std::visit(Visitor{*this, name}, attribute);
  }

  Json node_of(const Node& node) {
    Json json = {{"name", node.name}, {"op", node.op}, {"version", node.version}};
    json["inputs"] = Json::array();
    for (const int input : node.inputs) json["inputs"].push_back(name_of_value(input));
    json["outputs"] = Json::array();
    for (const int output : node.outputs) json["outputs"].push_back(name_of_value(output));
    for (const auto& [name, attribute] : node.attributes) {
      json["attributes"][name] = attribute_of(name, attribute);
    }
    return json;
  }

  const Graph& graph_;
  const fs::path& folder_;
  std::set<int> used_;
  std::set<std::string> taken_;
  std::unordered_map<int, std::string> names_;
  std::map<std::string, Constant> tensors_;
};

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
    graph_.source = root.text_or("source", file_name_);
    open_tensors(root);
    read_inputs(root);
    read_constants(root);
    std::vector<WrittenNode> nodes = read_nodes(root);
    const std::vector<std::string> outputs = texts(root, "outputs");
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

fs::path write_graph(const Graph& graph, const fs::path& folder) {
  return Writer(graph, folder).write();
}

Graph read_graph_file(ConfigDocument document, const std::string& file_name) {
  return Reader(std::move(document), file_name).read();
}

}  // namespace pimento::workloads
