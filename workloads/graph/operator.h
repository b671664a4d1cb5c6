// SPDX-License-Identifier: Apache-2.0
// The contract of an operator: what it takes, the form of what it makes, and its values. One table
// serves the importer, shape inference, constant folding and the executor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "workloads/graph/graph.h"

namespace pimento::workloads {

// What kind of work an operator is to the hardware, when it is not done by crossbars.
enum class Work {
  kNone,         // no values move: reshape, cast between equal meanings, identity
  kMove,         // values move, nothing is computed: transpose, concat, gather
  kElementwise,  // about one operation for each value it makes
  kReduce,       // about one operation for each value it takes
  kMatrix,       // multiplies two matrices, or a matrix of weights
};

struct Form {
  ElementType type = ElementType::kFloat32;
  Shape shape;
};

// An operator's view of one node: attributes, forms of inputs, and their values where known.
// Everything that does not fit throws InputError naming the node.
class Call {
 public:
  // One entry an input; a null form for an optional input left out; a null array where the value
  // is not known (shape inference).
  Call(const Node& node, std::vector<const Form*> forms, std::vector<const Array*> arrays,
       std::string place);

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::int64_t version() const { return node_.version; }
  [[noreturn]] void fail(const std::string& message) const;

  [[nodiscard]] int input_count() const { return static_cast<int>(forms_.size()); }
  [[nodiscard]] bool has(int input) const;
  [[nodiscard]] const Form& form(int input) const;
  [[nodiscard]] const Shape& shape(int input) const { return form(input).shape; }
  [[nodiscard]] ElementType type(int input) const { return form(input).type; }
  [[nodiscard]] bool is_known(int input) const;
  // The values of an input; an error when only the run will tell them.
  [[nodiscard]] const Array& array(int input) const;
  // A known input as a list of integers, or the one value of it.
  [[nodiscard]] std::vector<std::int64_t> integers_of(int input) const;
  [[nodiscard]] double scalar_of(int input) const;
  [[nodiscard]] bool wants(int output) const;
  [[nodiscard]] int output_count() const { return static_cast<int>(node_.outputs.size()); }

  [[nodiscard]] const Attribute* attribute(const std::string& name) const;
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  [[nodiscard]] bool flag(const std::string& name, bool otherwise) const;
  [[nodiscard]] double real(const std::string& name, double otherwise) const;
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const std::string& name) const;
  // A list that newer operator sets take as an input and older ones as an attribute.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> list(int input,
                                                              const std::string& name) const;

  // An axis in [-rank, rank) counted from the front; `rank` itself only where `end` is allowed.
  [[nodiscard]] std::int64_t axis(std::int64_t written, std::size_t rank, bool end = false) const;

 private:
  const Node& node_;
  std::vector<const Form*> forms_;
  std::vector<const Array*> arrays_;
  std::string place_;
};

// The inputs of a node in their order, for a call to point to: both they and the arrays must
// outlive it.
class CallInputs {
 public:
  // The forms that the graph gives a node's inputs; no value is known.
  [[nodiscard]] static CallInputs forms_of(const Graph& graph, const Node& node);
  // One array an input; null for one left out.
  [[nodiscard]] static CallInputs values_of(const std::vector<const Array*>& arrays);

  // Adds the next input; a null array where its value is not known.
  void add(Form form, const Array* array);
  void leave_out();

  [[nodiscard]] Call call(const Node& node, std::string place) const;

 private:
  std::vector<std::optional<Form>> forms_;
  std::vector<const Array*> arrays_;
};

struct Operator {
  int least_inputs = 1;
  int most_inputs = 1;
  int most_outputs = 1;
  // Those it understands. Without the initializer g++ warns wherever it is left out.
  std::vector<std::string_view> attributes = {};  // NOLINT(readability-redundant-member-init)
  Work work = Work::kElementwise;
  std::vector<Form> (*infer)(const Call&) = nullptr;
  std::vector<Array> (*evaluate)(const Call&) = nullptr;
};

using OperatorTable = Registry<Operator>;

// All operators, by name.
[[nodiscard]] const OperatorTable& operator_table();
// The operator of a node that a graph has already.
[[nodiscard]] const Operator& operator_of(const Node& node);

// Checks a node's inputs and attributes against its operator and infers the forms of its outputs.
[[nodiscard]] std::vector<Form> infer_forms(const Operator& op, const Call& call);
// The node's outputs, in the inferred forms.
[[nodiscard]] std::vector<Array> evaluate(const Operator& op, const Call& call);
// The outputs of a node of a graph, for one array an input (null for one left out). `place` names
// the node in messages.
[[nodiscard]] std::vector<Array> evaluate(const Node& node, const std::vector<const Array*>& arrays,
                                          std::string place);

// "model.onnx: node "conv1"", the start of every message about a node.
[[nodiscard]] std::string place_of(const std::string& source, const Node& node);

}  // namespace pimento::workloads
