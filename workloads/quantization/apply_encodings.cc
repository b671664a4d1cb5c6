// SPDX-License-Identifier: Apache-2.0
#include "workloads/quantization/apply_encodings.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

constexpr std::size_t kNamesShown = 5;

class Applier {
 public:
  Applier(Graph graph, const std::string& file_name)
      : graph_(std::move(graph)), file_name_(file_name) {}

  Graph run(const std::vector<TensorEncoding>& encodings) {
    find_values(encodings);
    std::vector<Node> nodes = std::exchange(graph_.nodes, {});
    const auto own = static_cast<int>(graph_.values.size());
    for (const int input : graph_.inputs) quantize(input);
    for (int value = 0; value < own; ++value) {
      if (graph_.is_constant(value)) quantize(value);
    }
    for (Node& node : nodes) {
      for (int& input : node.inputs) input = quantized(input);
      const std::vector<int> outputs = node.outputs;
      graph_.nodes.push_back(std::move(node));
      for (const int output : outputs) {
        if (output != kNoValue) quantize(output);
      }
    }
    for (int& output : graph_.outputs) output = quantized(output);
    return std::move(graph_);
  }

 private:
  void find_values(const std::vector<TensorEncoding>& encodings) {
    std::unordered_map<std::string, int> by_name;
    for (std::size_t i = 0; i < graph_.values.size(); ++i) {
      by_name.emplace(graph_.values[i].name, static_cast<int>(i));
    }
    std::vector<std::string> unknown;
    for (const TensorEncoding& encoding : encodings) {
      const auto it = by_name.find(encoding.tensor);
      if (it == by_name.end()) {
        unknown.push_back(printable(encoding.tensor));
      } else if (!encoding.is_float) {
        encodings_.emplace(it->second, &encoding);
      }
    }
    if (unknown.empty()) return;
    const std::size_t count = unknown.size();
    unknown.resize(std::min(count, kNamesShown));
    throw InputError(fmt::format(
        "{}: {} of its tensors are not in {}: {}{}; export model and "
        "encodings together",
        file_name_, count, graph_.source, join(unknown), count > kNamesShown ? ", ..." : ""));
  }

  [[nodiscard]] int quantized(int value) const {
    const auto it = quantized_.find(value);
    return it == quantized_.end() ? value : it->second;
  }

  int add_constant(const std::string& name, const Array& array) {
    Value value{name, array.type, array.shape, std::nullopt};
    value.constant = encode(array);
    return graph_.add_value(std::move(value));
  }

  // One value, one a channel, or one a block spread over it, in a shape that broadcasts.
  [[nodiscard]] Array spread(const TensorEncoding& encoding, const std::vector<double>& values,
                             const Shape& shape) const {
    if (values.size() == 1) return real_array({}, values);
    const auto rank = std::ssize(shape);
    const std::int64_t axis = encoding.axis < 0 ? encoding.axis + rank : encoding.axis;
    const auto refuse = [&] {
      throw InputError(fmt::format("{}: tensor \"{}\" has {} scales along axis {}; its shape is {}",
                                   file_name_, printable(encoding.tensor), values.size(),
                                   encoding.axis, to_string(shape)));
    };
    if (axis < 0 || axis >= rank) refuse();
    const auto at = static_cast<std::size_t>(axis);
    if (encoding.block_size == 0) {
      Shape form(shape.size(), 1);
      form[at] = shape[at];
      if (std::cmp_not_equal(values.size(), shape[at])) refuse();
      return real_array(form, values);
    }
    Shape blocks = shape;
    blocks[at] = (shape[at] + encoding.block_size - 1) / encoding.block_size;
    if (std::cmp_not_equal(values.size(), element_count(blocks))) refuse();
    Array result = make_array(ElementType::kFloat32, shape);
    const Shape strides = strides_of(shape);
    const Shape own = strides_of(blocks);
    for (std::int64_t i = 0; i < result.size(); ++i) {
      std::int64_t from = 0;
      for (std::size_t a = 0; a < shape.size(); ++a) {
        const std::int64_t place = i / strides[a] % shape[a];
        from += (a == at ? place / encoding.block_size : place) * own[a];
      }
      result.reals[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>(from)];
    }
    return result;
  }

  void quantize(int value) {
    const auto found = encodings_.find(value);
    if (found == encodings_.end()) return;
    const TensorEncoding& encoding = *found->second;
    const Value input = graph_.value(value);
    if (is_integer(input.type)) {
      throw InputError(fmt::format("{}: tensor \"{}\" holds {} in the model; expected real numbers",
                                   file_name_, printable(encoding.tensor), name_of(input.type)));
    }
    const std::string name = input.name + ".encoding";
    Array scale = spread(encoding, encoding.scales, input.shape);
    for (double& number : scale.reals) number = round_to(ElementType::kFloat32, number);
    const std::vector<double> zeros(encoding.zero_points.begin(), encoding.zero_points.end());
    Node node;
    node.name = name;
    node.op = "Quant";
    node.version = 13;
    node.inputs = {
        value, add_constant(name + ".scale", scale),
        add_constant(name + ".zero_point", spread(encoding, zeros, input.shape)),
        add_constant(name + ".bits", real_array({}, {static_cast<double>(encoding.bits)}))};
    node.attributes["signed"] = std::int64_t{encoding.is_signed ? 1 : 0};
    node.attributes["narrow"] = std::int64_t{encoding.is_narrow ? 1 : 0};
    node.attributes["rounding_mode"] = std::string("ROUND");
    const int output =
        graph_.add_value({input.name + ".quantized", input.type, input.shape, std::nullopt});
    node.outputs = {output};
    quantized_.emplace(value, output);
    graph_.nodes.push_back(std::move(node));
  }

  Graph graph_;
  const std::string& file_name_;
  std::map<int, const TensorEncoding*> encodings_;
  std::unordered_map<int, int> quantized_;
};

}  // namespace

Graph apply_encodings(Graph graph, const std::vector<TensorEncoding>& encodings,
                      const std::string& file_name) {
  return Applier(std::move(graph), file_name).run(encodings);
}

}  // namespace pimento::workloads
