// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/attributes.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

using ::onnx::AttributeProto;
using ::onnx::NodeProto;

Attribute value_of(const AttributeProto& attribute, TensorReader& tensors,
                   const std::string& where) {
  switch (attribute.type()) {
    case AttributeProto::INT:
      return attribute.i();
    case AttributeProto::FLOAT:
      return static_cast<double>(attribute.f());
    case AttributeProto::STRING:
      return attribute.s();
    case AttributeProto::INTS:
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
    case AttributeProto::FLOATS:
      return std::vector<double>(attribute.floats().begin(), attribute.floats().end());
    case AttributeProto::STRINGS:
      return std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
    case AttributeProto::TENSOR:
      return tensors.read(attribute.t(),
                          fmt::format("{}: attribute {}", where, quote(attribute.name())));
    default:
      fail(where, fmt::format("attribute {} holds a graph or another thing that is not read; "
                              "expected numbers, text or a tensor",
                              quote(attribute.name())));
  }
}

bool names_a_type(const std::string& op, const std::string& attribute) {
  return (op == "Cast" && attribute == "to") ||
         (op == "QuantizeLinear" && attribute == "output_dtype");
}

std::string type_text(const Attribute& value, const std::string& where) {
  const auto* number = std::get_if<std::int64_t>(&value);
  const int data_type = number != nullptr && std::in_range<int>(*number)
                            ? static_cast<int>(*number)
                            : ::onnx::TensorProto::UNDEFINED;
  const auto type = element_type_of(data_type);
  if (!type) fail(where, fmt::format("data type {} is not read", data_type_name(data_type)));
  return std::string(name_of(*type));
}

const AttributeProto* find(const NodeProto& node, const std::string& name) {
  for (const AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

}  // namespace

std::map<std::string, Attribute> read_attributes(const NodeProto& node, TensorReader& tensors,
                                                 const std::string& where) {
  std::map<std::string, Attribute> attributes;
  for (const AttributeProto& attribute : node.attribute()) {
    Attribute value = value_of(attribute, tensors, where);
    if (names_a_type(node.op_type(), attribute.name())) {
      const auto* number = std::get_if<std::int64_t>(&value);
      if (attribute.name() == "output_dtype" && number != nullptr && *number == 0) continue;
      value = type_text(value, where);
    }
    if (!attributes.emplace(attribute.name(), std::move(value)).second) {
      fail(where, fmt::format("attribute {} is there twice", quote(attribute.name())));
    }
  }
  return attributes;
}

Constant read_constant_node(const NodeProto& node, TensorReader& tensors,
                            const std::string& where) {
  if (const auto* value = find(node, "value"); value != nullptr && value->has_t()) {
    return tensors.read(value->t(), where + ": attribute \"value\"");
  }
  if (const auto* real = find(node, "value_float"); real != nullptr) {
    return encode(real_array({}, {static_cast<double>(real->f())}));
  }
  if (const auto* reals = find(node, "value_floats"); reals != nullptr) {
    return encode(
        real_array({reals->floats_size()}, {reals->floats().begin(), reals->floats().end()}));
  }
  if (const auto* whole = find(node, "value_int"); whole != nullptr) {
    return encode(integer_array({}, {whole->i()}));
  }
  if (const auto* wholes = find(node, "value_ints"); wholes != nullptr) {
    return encode(
        integer_array({wholes->ints_size()}, {wholes->ints().begin(), wholes->ints().end()}));
  }
  fail(where,
       "holds no value of a known kind; expected value, value_float, value_floats, value_int or "
       "value_ints");
}

}  // namespace pimento::workloads::onnx_import
