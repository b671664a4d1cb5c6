// SPDX-License-Identifier: Apache-2.0
// One operator on given values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/workloads/support.h"
#include "workloads/graph/operator.h"

namespace pimento::workloads {

using Attributes = std::map<std::string, Attribute>;
using Inputs = std::vector<std::optional<Array>>;

// The outputs for values that are all known; an input left out is nullopt. Checks that they have
// the forms that were inferred.
inline std::vector<Array> run_all(const std::string& op, const Inputs& inputs,
                                  const Attributes& attributes = {}, int outputs = 1,
                                  std::int64_t version = 21) {
  Node node{"n", op, version, {}, {}, attributes};
  std::vector<const Array*> arrays;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(inputs[i] ? static_cast<int>(i) : kNoValue);
    arrays.push_back(inputs[i] ? &*inputs[i] : nullptr);
  }
  for (int i = 0; i < outputs; ++i) node.outputs.push_back(100 + i);
  const CallInputs forms = CallInputs::values_of(arrays);
  const std::vector<Form> inferred = infer_forms(operator_of(node), forms.call(node, "here"));
  std::vector<Array> results = evaluate(node, arrays, "here");
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].shape, inferred[i].shape);
    EXPECT_EQ(results[i].type, inferred[i].type);
  }
  return results;
}

inline Array run(const std::string& op, const Inputs& inputs, const Attributes& attributes = {},
                 std::int64_t version = 21) {
  return run_all(op, inputs, attributes, 1, version)[0];
}

// The message without the place; "nothing thrown" when there is none.
inline std::string refusal(const std::string& op, const Inputs& inputs,
                           const Attributes& attributes = {}) {
  const std::string text = input_error([&] { (void)run(op, inputs, attributes); });
  return text.starts_with("here: ") ? text.substr(6) : text;
}

inline Array reals(std::vector<double> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return real_array({count}, std::move(values));
}
inline Array scalar(double value) {
  return real_array({}, {value});
}
inline Array integers(std::vector<std::int64_t> values, ElementType type) {
  const auto count = static_cast<std::int64_t>(values.size());
  return integer_array({count}, std::move(values), type);
}
inline Array scalar(std::int64_t value, ElementType type) {
  return integer_array({}, {value}, type);
}

}  // namespace pimento::workloads
