// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph/operator.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

template <class T>
const T* get(const Call& call, const std::string& name, const char* kind) {
  const Attribute* found = call.attribute(name);
  if (found == nullptr) return nullptr;
  const T* value = std::get_if<T>(found);
  if (value == nullptr) call.fail(fmt::format("attribute \"{}\" is no {}", name, kind));
  return value;
}

void check_form(const Call& call, const Form& form) {
  for (const std::int64_t extent : form.shape) {
    if (extent < 0) {
      call.fail(fmt::format("its output would have the shape {}; expected no negative extent",
                            to_string(form.shape)));
    }
  }
  if (std::ssize(form.shape) > kMaxRank) {
    call.fail(fmt::format("its output has {} dimensions; expected at most {}", form.shape.size(),
                          kMaxRank));
  }
  const auto elements = checked_span(form.shape);
  if (!elements || *elements >= kMaxElements) {
    call.fail(fmt::format("its output of {} has 2^40 values or more; expected fewer",
                          to_string(form.shape)));
  }
}

}  // namespace

std::string place_of(const std::string& source, const Node& node) {
  return fmt::format("{}: node \"{}\" ({})", source, printable(node.name, 120), printable(node.op));
}

Call::Call(const Node& node, std::vector<const Form*> forms, std::vector<const Array*> arrays,
           std::string place)
    : node_(node), forms_(std::move(forms)), arrays_(std::move(arrays)), place_(std::move(place)) {}

void Call::fail(const std::string& message) const {
  throw InputError(fmt::format("{}: {}", place_, message));
}

bool Call::has(int input) const {
  return input < input_count() && forms_[static_cast<std::size_t>(input)] != nullptr;
}

const Form& Call::form(int input) const {
  if (!has(input)) fail(fmt::format("input {} is missing", input));
  return *forms_[static_cast<std::size_t>(input)];
}

bool Call::is_known(int input) const {
  return has(input) && arrays_[static_cast<std::size_t>(input)] != nullptr;
}

const Array& Call::array(int input) const {
  if (!has(input)) fail(fmt::format("input {} is missing", input));
  if (!is_known(input)) {
    fail(
        fmt::format("input {} is computed while the network runs; expected a constant, or shapes "
                    "that the file fixes; export the model with fixed shapes",
                    input));
  }
  return *arrays_[static_cast<std::size_t>(input)];
}

std::vector<std::int64_t> Call::integers_of(int input) const {
  const Array& values = array(input);
  if (!values.holds_integers()) fail(fmt::format("input {} holds no integers", input));
  return values.integers;
}

double Call::scalar_of(int input) const {
  const Array& values = array(input);
  if (values.size() != 1) {
    fail(fmt::format("input {} has {} values; expected one", input, values.size()));
  }
  return values.real(0);
}

bool Call::wants(int output) const {
  return output < output_count() && node_.outputs[static_cast<std::size_t>(output)] != kNoValue;
}

const Attribute* Call::attribute(const std::string& name) const {
  return find_attribute(node_, name);
}

std::int64_t Call::integer(const std::string& name, std::int64_t otherwise) const {
  const auto* value = get<std::int64_t>(*this, name, "integer");
  return value == nullptr ? otherwise : *value;
}

bool Call::flag(const std::string& name, bool otherwise) const {
  const std::int64_t value = integer(name, otherwise ? 1 : 0);
  if (value != 0 && value != 1) {
    fail(fmt::format("attribute \"{}\" is {}; expected 0 or 1", name, value));
  }
  return value == 1;
}

double Call::real(const std::string& name, double otherwise) const {
  const auto* value = get<double>(*this, name, "number");
  return value == nullptr ? otherwise : *value;
}

std::string Call::text(const std::string& name, const std::string& otherwise) const {
  const auto* value = get<std::string>(*this, name, "text");
  return value == nullptr ? otherwise : *value;
}

std::optional<std::vector<std::int64_t>> Call::integers(const std::string& name) const {
  const auto* value = get<std::vector<std::int64_t>>(*this, name, "list of integers");
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::vector<std::int64_t>> Call::list(int input, const std::string& name) const {
  return has(input) ? std::optional(integers_of(input)) : integers(name);
}

std::int64_t Call::axis(std::int64_t written, std::size_t rank, bool end) const {
  const auto size = static_cast<std::int64_t>(rank);
  if (written < -size || written > size || (written == size && !end)) {
    fail(fmt::format("axis is {}; expected {} to {}", written, -size, end ? size : size - 1));
  }
  return written < 0 ? written + size : written;
}

CallInputs CallInputs::forms_of(const Graph& graph, const Node& node) {
  CallInputs result;
  for (const int input : node.inputs) {
    if (input == kNoValue) {
      result.leave_out();
    } else {
      result.add({graph.value(input).type, graph.value(input).shape}, nullptr);
    }
  }
  return result;
}

CallInputs CallInputs::values_of(const std::vector<const Array*>& arrays) {
  CallInputs result;
  for (const Array* array : arrays) {
    if (array == nullptr) {
      result.leave_out();
    } else {
      result.add({array->type, array->shape}, array);
    }
  }
  return result;
}

void CallInputs::add(Form form, const Array* array) {
  forms_.emplace_back(std::move(form));
  arrays_.push_back(array);
}

void CallInputs::leave_out() {
  forms_.emplace_back(std::nullopt);
  arrays_.push_back(nullptr);
}

Call CallInputs::call(const Node& node, std::string place) const {
  std::vector<const Form*> forms;
  forms.reserve(forms_.size());
  for (const auto& form : forms_) forms.push_back(form ? &*form : nullptr);
  return {node, std::move(forms), arrays_, std::move(place)};
}

const Operator& operator_of(const Node& node) {
  const Operator* op = operator_table().find(node.op);
  if (op == nullptr) throw InternalError("a graph has an operator that is not in the table");
  return *op;
}

std::vector<Form> infer_forms(const Operator& op, const Call& call) {
  if (call.input_count() < op.least_inputs || call.input_count() > op.most_inputs) {
    call.fail(fmt::format("has {} inputs; expected {}", call.input_count(),
                          op.least_inputs == op.most_inputs
                              ? fmt::format("{}", op.least_inputs)
                              : fmt::format("{} to {}", op.least_inputs, op.most_inputs)));
  }
  for (int i = 0; i < op.least_inputs; ++i) {
    if (!call.has(i)) call.fail(fmt::format("input {} is missing", i));
  }
  if (call.output_count() > op.most_outputs) {
    call.fail(
        fmt::format("has {} outputs; expected at most {}", call.output_count(), op.most_outputs));
  }
  for (const auto& [name, value] : call.node().attributes) {
    if (std::find(op.attributes.begin(), op.attributes.end(), name) == op.attributes.end()) {
      call.fail(fmt::format("attribute \"{}\" is not known; it may change what the operator does",
                            printable(name)));
    }
  }
  std::vector<Form> forms = op.infer(call);
  if (std::cmp_greater(call.output_count(), forms.size())) {
    call.fail(
        fmt::format("has {} outputs; expected at most {}", call.output_count(), forms.size()));
  }
  for (const Form& form : forms) check_form(call, form);
  return forms;
}

std::vector<Array> evaluate(const Operator& op, const Call& call) {
  std::vector<Array> outputs = op.evaluate(call);
  ensure(std::cmp_less_equal(call.output_count(), outputs.size()),
         "an operator makes fewer outputs than its node has");
  return outputs;
}

std::vector<Array> evaluate(const Node& node, const std::vector<const Array*>& arrays,
                            std::string place) {
  const CallInputs inputs = CallInputs::values_of(arrays);
  return evaluate(operator_of(node), inputs.call(node, std::move(place)));
}

}  // namespace pimento::workloads
