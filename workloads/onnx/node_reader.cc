// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/node_reader.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::AttributeProto;

void check_finite(const Tensor& tensor, const std::string& where) {
  const auto bad = std::find_if(tensor.values.begin(), tensor.values.end(),
                                [](float value) { return !std::isfinite(value); });
  if (bad == tensor.values.end()) return;
  fail(where, fmt::format("value {} is {} as a 32-bit float; expected finite weights",
                          bad - tensor.values.begin(), *bad));
}

Tensor transpose(const Tensor& tensor) {
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const auto columns = static_cast<std::size_t>(tensor.shape[1]);
  Tensor result{.shape = {tensor.shape[1], tensor.shape[0]},
                .values = std::vector<float>(tensor.values.size())};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      result.values[column * rows + row] = tensor.values[row * columns + column];
    }
  }
  return result;
}

}  // namespace

void TensorTable::set_constant(const std::string& name, ConstantTensor constant) {
  constants_.insert_or_assign(name, std::move(constant));
}

void TensorTable::set_constant(const std::string& name, ::onnx::TensorProto proto) {
  owned_.push_back(std::make_unique<::onnx::TensorProto>(std::move(proto)));
  set_constant(name, ConstantTensor{name, owned_.back().get()});
}

void TensorTable::set_layer(const std::string& name, int layer) {
  layers_.insert_or_assign(name, layer);
}

const ConstantTensor* TensorTable::constant(const std::string& name) const {
  const auto it = constants_.find(name);
  return it == constants_.end() ? nullptr : &it->second;
}

std::optional<int> TensorTable::layer(const std::string& name) const {
  const auto it = layers_.find(name);
  return it == layers_.end() ? std::nullopt : std::optional(it->second);
}

int TensorTable::uses(const std::string& name) const {
  const auto it = uses_.find(name);
  return it == uses_.end() ? 0 : it->second;
}

Constant TensorTable::decode(const ConstantTensor& constant) const {
  return decode_tensor(*constant.proto,
                       fmt::format("{}: tensor {}", file_name_, quote(constant.name)));
}

std::shared_ptr<const Tensor> TensorTable::weights(const ConstantTensor& constant,
                                                   bool transposed) {
  auto& shared = weights_[{constant.proto, transposed}];
  if (shared != nullptr) return shared;
  const std::string where = fmt::format("{}: tensor {}", file_name_, quote(constant.name));
  Constant values = decode_tensor(*constant.proto, where);
  if (values.is_integer) fail(where, "holds integers; expected floating-point weights");
  Tensor tensor{.shape = std::move(values.shape), .values = std::move(values.reals)};
  check_finite(tensor, where);
  if (transposed) tensor = transpose(tensor);
  shared = std::make_shared<const Tensor>(std::move(tensor));
  return shared;
}

NodeReader::NodeReader(const ::onnx::NodeProto& node, std::string where, std::string layer_name,
                       const ModelFacts& model, TensorTable& tensors, Network& network)
    : node_(node),
      where_(std::move(where)),
      layer_name_(std::move(layer_name)),
      model_(model),
      tensors_(tensors),
      network_(network) {}

void NodeReader::fail(const std::string& message) const {
  onnx_import::fail(where_, message);
}

const AttributeProto* NodeReader::attribute(const std::string& name) {
  known_.insert(name);
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::int64_t NodeReader::integer(const std::string& name, std::int64_t otherwise, Bounds bounds) {
  const AttributeProto* found = attribute(name);
  if (found == nullptr) return otherwise;
  if (found->type() != AttributeProto::INT) {
    fail(fmt::format("attribute \"{}\" is no integer", name));
  }
  if (found->i() < bounds.min || found->i() > bounds.max) {
    fail(fmt::format("attribute \"{}\" is {}; expected {} to {}", name, found->i(), bounds.min,
                     bounds.max));
  }
  return found->i();
}

double NodeReader::real(const std::string& name, double otherwise) {
  const AttributeProto* found = attribute(name);
  if (found == nullptr) return otherwise;
  if (found->type() != AttributeProto::FLOAT) {
    fail(fmt::format("attribute \"{}\" is no real number", name));
  }
  if (!std::isfinite(found->f())) {
    fail(fmt::format("attribute \"{}\" is {}; expected a finite number", name, found->f()));
  }
  return static_cast<double>(found->f());
}

std::string NodeReader::text(const std::string& name, const std::string& otherwise) {
  const AttributeProto* found = attribute(name);
  if (found == nullptr) return otherwise;
  if (found->type() != AttributeProto::STRING) {
    fail(fmt::format("attribute \"{}\" is no text", name));
  }
  return found->s();
}

template <std::size_t N>
std::optional<std::array<std::int64_t, N>> NodeReader::integers(const std::string& name,
                                                                Bounds bounds) {
  const AttributeProto* found = attribute(name);
  if (found == nullptr) return std::nullopt;
  if (found->type() != AttributeProto::INTS || found->ints_size() != static_cast<int>(N)) {
    fail(fmt::format("attribute \"{}\" has {} integers; expected {}", name, found->ints_size(), N));
  }
  std::array<std::int64_t, N> result{};
  std::copy(found->ints().begin(), found->ints().end(), result.begin());
  for (const std::int64_t value : result) {
    if (value < bounds.min || value > bounds.max) {
      fail(fmt::format("attribute \"{}\" holds {}; expected {} to {}", name, value, bounds.min,
                       bounds.max));
    }
  }
  return result;
}
template std::optional<std::array<std::int64_t, 2>> NodeReader::integers(const std::string&,
                                                                         Bounds);
template std::optional<std::array<std::int64_t, 4>> NodeReader::integers(const std::string&,
                                                                         Bounds);

void NodeReader::finish() const {
  std::set<std::string_view> seen;
  for (const AttributeProto& attribute : node_.attribute()) {
    if (!seen.insert(attribute.name()).second) {
      fail(fmt::format("attribute {} is there twice", quote(attribute.name())));
    }
    if (!known_.contains(attribute.name())) {
      fail(fmt::format("attribute {} of operator {} is not known to this importer",
                       quote(attribute.name()), op()));
    }
  }
}

void NodeReader::expect_inputs(int least, int most) const {
  if (node_.input_size() < least || node_.input_size() > most) {
    fail(fmt::format(
        "operator {} has {} inputs; expected {}", op(), node_.input_size(),
        least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most)));
  }
}

bool NodeReader::has_input(int index) const {
  return index < node_.input_size() && !node_.input(index).empty();
}

const std::string& NodeReader::input(int index) const {
  return node_.input(index);
}

bool NodeReader::is_constant(int index) const {
  return has_input(index) && tensors_.constant(input(index)) != nullptr;
}

int NodeReader::computed(int index, std::string_view role) const {
  if (!has_input(index)) fail(fmt::format("input {} ({}) is missing", index, role));
  const auto layer = tensors_.layer(input(index));
  if (!layer) {
    fail(fmt::format("input {} ({}), {}, is a constant; expected a computed tensor", index, role,
                     quote(input(index))));
  }
  return *layer;
}

const ConstantTensor& NodeReader::constant(int index, std::string_view role) const {
  if (!has_input(index)) fail(fmt::format("input {} ({}) is missing", index, role));
  const ConstantTensor* found = tensors_.constant(input(index));
  if (found == nullptr) {
    fail(fmt::format("input {} ({}), {}, is computed; expected a constant", index, role,
                     quote(input(index))));
  }
  return *found;
}

Constant NodeReader::values(int index, std::string_view role) const {
  return tensors_.decode(constant(index, role));
}

double NodeReader::scalar(int index, std::string_view role) const {
  const Constant found = values(index, role);
  if (element_count(found.shape) != 1) {
    fail(fmt::format("input {} ({}), {}, has {} values; expected one", index, role,
                     quote(input(index)), element_count(found.shape)));
  }
  return found.is_integer ? static_cast<double>(found.integers[0])
                          : static_cast<double>(found.reals[0]);
}

std::shared_ptr<const Tensor> NodeReader::weights(int index, std::string_view role,
                                                  bool transposed) const {
  const ConstantTensor& found = constant(index, role);
  if (transposed && found.proto->dims_size() != 2) {
    fail(fmt::format("input {} ({}), {}, has {} dimensions; expected 2", index, role,
                     quote(input(index)), found.proto->dims_size()));
  }
  return tensors_.weights(found, transposed);
}

std::shared_ptr<const Tensor> NodeReader::vector(int index, std::string_view role,
                                                 std::int64_t length, double factor) const {
  std::shared_ptr<const Tensor> found = weights(index, role);
  const Shape& extents = found->shape;
  const std::int64_t count = element_count(extents);
  const bool is_row = !extents.empty() && extents.back() == length && count == length;
  if (count != 1 && !is_row) {
    fail(fmt::format("input {} ({}), {}, has the shape {}; expected {} values along the last axis",
                     index, role, quote(input(index)), to_string(extents), length));
  }
  if (extents == Shape{length} && factor == 1.0) return found;
  Tensor result{.shape = {length}, .values = found->values};
  result.values.resize(static_cast<std::size_t>(length), found->values.front());
  for (float& value : result.values) value = static_cast<float>(value * factor);
  check_finite(result, where_);
  return std::make_shared<const Tensor>(std::move(result));
}

bool NodeReader::lacks_bias(int layer) const {
  if (layer == kNetworkInput) return false;
  const Layer& found = network_.layers.at(static_cast<std::size_t>(layer));
  return std::holds_alternative<Linear>(found.operation) && !found.has_bias;
}

bool NodeReader::is_only_user(int index) const {
  return tensors_.uses(input(index)) == 1;
}

void NodeReader::emit(Layer layer) {
  finish();
  layer.name = layer_name_;
  try {
    tensors_.set_layer(node_.output(0), network_.add(std::move(layer)));
  } catch (const InputError& error) {
    fail(error.what());
  }
}

void NodeReader::emit_constant(const ConstantTensor& constant) {
  finish();
  tensors_.set_constant(node_.output(0), constant);
}

void NodeReader::emit_values_of(const ::onnx::TensorProto& attribute) {
  emit_constant(ConstantTensor{node_.output(0), &attribute});
}

void NodeReader::emit_values(::onnx::TensorProto values) {
  finish();
  tensors_.set_constant(node_.output(0), std::move(values));
}

void NodeReader::emit_bias_of(int layer, std::shared_ptr<const Tensor> bias) {
  finish();
  Layer& linear = network_.layers.at(static_cast<std::size_t>(layer));
  linear.bias = std::move(bias);
  linear.has_bias = true;
  tensors_.set_layer(node_.output(0), layer);
}

}  // namespace pimento::workloads::onnx_import
