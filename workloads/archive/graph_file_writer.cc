// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "workloads/archive/graph_file.h"
#include "workloads/archive/npz.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

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
    const fs::path path = folder_ / (stem + ".yaml");
    const PendingFile place(path);  // nothing is written where the other file cannot be
    find_used();
    std::string text = "schema: " + std::string(kGraphSchema) + "\n";
    text += "name: " + line(graph_.name) + "\n";
    text += "description: " + line(graph_.description) + "\n";
    text += "source: " + line(graph_.origin.empty() ? graph_.source : graph_.origin) + "\n";
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

}  // namespace

fs::path write_graph(const Graph& graph, const fs::path& folder) {
  return Writer(graph, folder).write();
}

}  // namespace pimento::workloads
