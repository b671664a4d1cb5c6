// SPDX-License-Identifier: Apache-2.0
// Every operator on thousands of random nodes, most of them nonsense: it gives outputs of the forms
// it promised, or one InputError, and never anything else. Meant to run under sanitizers as well.
#include <array>
#include <limits>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "workloads/graph/operator.h"

namespace pimento::workloads {
namespace {

constexpr int kTrials = 4000;
constexpr std::int64_t kMostValues = 4096;

constexpr std::array kTypes{ElementType::kFloat32,  ElementType::kFloat64, ElementType::kFloat16,
                            ElementType::kBfloat16, ElementType::kInt4,    ElementType::kUint4,
                            ElementType::kInt8,     ElementType::kUint8,   ElementType::kInt16,
                            ElementType::kUint16,   ElementType::kInt32,   ElementType::kUint32,
                            ElementType::kInt64,    ElementType::kUint64,  ElementType::kBool};

// A node with its inputs; made anew for every trial.
class RandomNode {
 public:
  RandomNode(const std::string& name, const Operator& op, std::uint64_t seed)
      : random_(seed), op_(op) {
    node_.name = "n";
    node_.op = name;
    node_.version = pick(std::array<std::int64_t, 7>{1, 6, 7, 10, 12, 13, 21});
    common_ = chance(60) ? ElementType::kFloat32 : pick(kTypes);
    base_ = shape(number(2, 5));
    if (!base_.empty() && chance(60)) base_[0] = 1;
    const int most = std::min(op.most_inputs, op.least_inputs + 3);
    const int count = static_cast<int>(
        number(std::max(0, op.least_inputs - (chance(3) ? 1 : 0)), most + (chance(3) ? 1 : 0)));
    for (int i = 0; i < count; ++i) add_input(i);
    for (const std::string_view attribute : op.attributes) add_attribute(std::string(attribute));
    const int outputs = static_cast<int>(number(1, std::min(op.most_outputs, 3)));
    for (int i = 0; i < outputs; ++i) node_.outputs.push_back(100 + i);
  }

  [[nodiscard]] Call call(bool known) const {
    std::vector<const Form*> forms;
    std::vector<const Array*> arrays;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const bool there = node_.inputs[i] != kNoValue;
      forms.push_back(there ? &forms_[i] : nullptr);
      arrays.push_back(there && known ? &arrays_[i] : nullptr);
    }
    return {node_, std::move(forms), std::move(arrays), "here"};
  }

  [[nodiscard]] std::string str() const {
    std::string text = fmt::format("{} v{}:", node_.op, node_.version);
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      text += node_.inputs[i] == kNoValue
                  ? " (none)"
                  : fmt::format(" {}[{}]", name_of(arrays_[i].type), to_string(arrays_[i].shape));
    }
    for (const auto& [name, value] : node_.attributes) text += fmt::format(" {}", name);
    return text;
  }

 private:
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return number(0, 99) < percent; }
  template <class List>
  typename List::value_type pick(const List& list) {
    return list[static_cast<std::size_t>(number(0, std::ssize(list) - 1))];
  }
  Shape shape(std::int64_t rank) {
    Shape result;
    for (std::int64_t i = 0; i < rank; ++i) result.push_back(chance(4) ? 0 : number(1, 4));
    return result;
  }

  // Often what fits: the data's own shape, a vector of its channels, one value.
  Shape input_shape(int input) {
    const bool convolves = node_.op.find("Conv") != std::string::npos;
    const int weight = node_.op == "QLinearConv" ? 3 : 1;
    if (input == 0) return base_;
    if (convolves && input == weight && base_.size() > 2 && chance(80)) {
      Shape filters = base_;
      filters[0] = number(1, 4);
      for (std::size_t i = 2; i < filters.size(); ++i) filters[i] = number(1, 2);
      return filters;
    }
    const bool multiplies = node_.op.find("MatMul") != std::string::npos || node_.op == "Gemm";
    if (multiplies && (input == 1 || input == 3) && base_.size() > 1 && chance(80)) {
      Shape matrix = base_;
      std::swap(matrix.back(), matrix[matrix.size() - 2]);
      return matrix;
    }
    const bool quantizes = node_.op.find("Q") != std::string::npos || node_.op == "Trunc";
    if (quantizes && chance(75)) return {};
    if (chance(40)) return base_;
    if (chance(40)) return {};
    if (chance(50)) return {base_.size() > 1 ? base_[1] : 1};
    return shape(number(0, 5));
  }

  double real() {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    return pick(std::array<double, 14>{0.0, -0.0, 1.0, 2.0, 0.5, -1.0, -2.5, 3.0, 8.0, 1e30, -1e30,
                                       kFar, -kFar, std::numeric_limits<double>::quiet_NaN()});
  }
  std::int64_t integer(ElementType type) {
    const std::array<std::int64_t, 8> values{0, 1, 2, 3, -1, -2, lowest_of(type), highest_of(type)};
    return wrap_to(type, pick(values));
  }

  void add_input(int input) {
    if (chance(input < op_.least_inputs ? 1 : 30)) {
      node_.inputs.push_back(kNoValue);
      arrays_.emplace_back();
      forms_.emplace_back();
      return;
    }
    Array array;
    const bool takes_integers = node_.op.find("Integer") != std::string::npos ||
                                node_.op.starts_with("QLinear") || node_.op == "DequantizeLinear";
    array.type = chance(70) ? common_ : pick(kTypes);
    if (takes_integers && chance(80)) {
      const bool scale = node_.op == "DequantizeLinear" ? input == 1
                         : node_.op == "QLinearGlobalAveragePool"
                             ? input % 2 == 1
                             : input == 1 || input == 4 || input == 6;
      array.type = scale ? ElementType::kFloat32 : ElementType::kUint8;
    }
    if (input > 0 && !takes_integers && chance(25)) array.type = ElementType::kInt64;
    array.shape = input_shape(input);
    const auto count = static_cast<std::size_t>(element_count(array.shape));
    for (std::size_t i = 0; i < count; ++i) {
      if (array.holds_integers()) {
        array.integers.push_back(chance(60) ? wrap_to(array.type, number(0, 4))
                                            : integer(array.type));
      } else {
        array.reals.push_back(
            round_to(array.type, chance(60) ? static_cast<double>(number(1, 4)) : real()));
      }
    }
    node_.inputs.push_back(input);
    forms_.push_back({array.type, array.shape});
    arrays_.push_back(std::move(array));
  }

  std::vector<std::int64_t> list(const std::string& name) {
    const std::int64_t rank = std::ssize(base_);
    std::int64_t length = number(0, 4);
    if (chance(80)) {
      length = name == "perm"   ? rank
               : name == "pads" ? 2 * (rank - 2)
                                : std::max<std::int64_t>(1, rank - 2);
    }
    std::vector<std::int64_t> result;
    for (std::int64_t i = 0; i < length; ++i) {
      constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
      result.push_back(chance(2)        ? pick(std::array{kHuge, -kHuge - 1, kHuge / 2})
                       : name == "perm" ? i
                       : name == "pads" ? number(0, 1)
                       : chance(90)     ? number(1, 2)
                                        : number(-3, 5));
    }
    return result;
  }

  Attribute attribute(const std::string& name) {
    static const std::set<std::string> kTexts{
        "auto_pad", "mode", "rounding_mode", "to", "approximate", "auto_broadcast", "output_dtype"};
    static const std::set<std::string> kLists{
        "kernel_shape", "pads",   "strides", "dilations", "perm",           "axes",
        "shape",        "starts", "ends",    "split",     "consumed_inputs"};
    static const std::set<std::string> kReals{"alpha", "beta", "epsilon", "gamma", "momentum",
                                              "min",   "max",  "bias",    "ratio"};
    const int slip = chance(2) ? static_cast<int>(number(0, 4)) : -1;
    if (slip == 0 || (slip < 0 && kTexts.contains(name))) {
      return std::string(pick(std::array{"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "constant",
                                         "edge", "reflect", "wrap", "FLOOR", "round", "CEIL",
                                         "int8", "float32", "uint4", "bool", "tanh", "CRD"}));
    }
    if (slip == 1 || (slip < 0 && kLists.contains(name))) return list(name);
    const bool fills = node_.op == "ConstantOfShape";
    if (slip == 2 || (slip < 0 && name == "value" && fills)) {
      return encode(real_array({1}, {round_to(ElementType::kFloat32, real())}));
    }
    if (slip == 3 || (slip < 0 && (kReals.contains(name) || name == "value"))) return real();
    return chance(3)    ? std::numeric_limits<std::int64_t>::max()
           : chance(80) ? number(0, 2)
                        : number(-4, 300);
  }

  void add_attribute(const std::string& name) {
    const bool needed = name == "kernel_shape" || name == "narrow" || name == "levels" ||
                        name == "blocksize" || name == "size" || name == "to";
    if (!chance(needed ? 95 : 40)) return;
    if (name == "kernel_shape" && node_.op.find("Conv") != std::string::npos && chance(90)) return;
    node_.attributes.emplace(name, attribute(name));
  }

  std::mt19937_64 random_;
  const Operator& op_;
  Node node_;
  ElementType common_ = ElementType::kFloat32;
  Shape base_;
  std::vector<Array> arrays_;
  std::vector<Form> forms_;
};

bool is_small(const std::vector<Form>& forms) {
  std::int64_t values = 0;
  for (const Form& form : forms) values += element_count(form.shape);
  return values <= kMostValues;
}

void expect_form(const Array& array, const Form& form) {
  EXPECT_EQ(name_of(array.type), name_of(form.type));
  EXPECT_EQ(array.shape, form.shape);
  const auto values = static_cast<std::size_t>(element_count(form.shape));
  EXPECT_EQ(array.integers.size(), array.holds_integers() ? values : 0U);
  EXPECT_EQ(array.reals.size(), array.holds_integers() ? 0U : values);
  for (const std::int64_t value : array.integers) {
    ASSERT_EQ(wrap_to(array.type, value), value) << "a value leaves its type";
  }
}

class EveryOperator : public testing::TestWithParam<std::string> {};

TEST_P(EveryOperator, KeepsItsPromiseOrRefuses) {
  const Operator& op = *operator_table().find(GetParam());
  int evaluated = 0;
  for (std::uint64_t seed = 0; seed < kTrials; ++seed) {
    const RandomNode node(GetParam(), op, seed);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, node.str()));
    try {
      try {
        (void)infer_forms(op, node.call(false));
      } catch (const InputError&) {
      }
      const std::vector<Form> forms = infer_forms(op, node.call(true));
      if (!is_small(forms)) continue;
      const std::vector<Array> results = evaluate(op, node.call(true));
      for (std::size_t i = 0; i < results.size() && i < forms.size(); ++i) {
        expect_form(results[i], forms[i]);
      }
      ++evaluated;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("here: ")) << error.what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << "not an InputError: " << error.what();
    }
    if (HasFailure()) return;
  }
  EXPECT_GE(evaluated, 20) << "too few nodes reached the operator's arithmetic";
}

INSTANTIATE_TEST_SUITE_P(All, EveryOperator, testing::ValuesIn(operator_table().names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace pimento::workloads
