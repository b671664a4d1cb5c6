// SPDX-License-Identifier: Apache-2.0
#include "workloads/executor.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;
using Integers = std::vector<std::int64_t>;

// y = relu(a) + b, and a alone.
GraphBuilder sum() {
  GraphBuilder builder;
  const int a = builder.input("a", {1, 2});
  const int b = builder.input("b", {2});
  builder.output(builder.node("Add", {builder.node("Relu", {a}), b}));
  return builder;
}

TEST(Executor, TakesInputsAndGivesOutputsInTheirOrder) {
  const GraphBuilder builder = sum();
  const auto outputs =
      Executor(builder.graph).run({real_array({1, 2}, {-1, 2}), real_array({2}, {10, 20})});
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0], real_array({1, 2}, {10, 22}));
}

TEST(Executor, RunsAsOftenAsOneLikes) {
  const GraphBuilder builder = sum();
  const Executor executor(builder.graph);
  const Array none = real_array({2}, {0, 0});
  EXPECT_EQ(executor.run({real_array({1, 2}, {1, 2}), none})[0].reals, (Values{1, 2}));
  EXPECT_EQ(executor.run({real_array({1, 2}, {3, -4}), none})[0].reals, (Values{3, 0}));
  EXPECT_EQ(executor.run({real_array({1, 2}, {1, 2}), none})[0].reals, (Values{1, 2}));
}

TEST(Executor, RefusesInputsThatDoNotFit) {
  const GraphBuilder builder = sum();
  const Executor executor(builder.graph);
  const auto error = [&](const std::vector<Array>& inputs) {
    return input_error([&] { (void)executor.run(inputs); });
  };
  const Array a = real_array({1, 2}, {1, 2});
  const Array b = real_array({2}, {1, 2});
  EXPECT_EQ(error({}), "g.onnx: the network takes 2 inputs; found 0");
  EXPECT_EQ(error({a, b, b}), "g.onnx: the network takes 2 inputs; found 3");
  EXPECT_EQ(error({b, b}), "g.onnx: input \"a\" is float32 of 1x2; found float32 of 2");
  EXPECT_EQ(error({a, real_array({3}, {1, 2, 3})}),
            "g.onnx: input \"b\" is float32 of 2; found float32 of 3");
  EXPECT_EQ(error({a, integer_array({2}, {1, 2}, ElementType::kInt8)}),
            "g.onnx: input \"b\" is float32 of 2; found int8 of 2");
  EXPECT_EQ(error({a, real_array({2}, {1, 2}, ElementType::kFloat64)}),
            "g.onnx: input \"b\" is float32 of 2; found float64 of 2");
}

TEST(Executor, MistakesOfARunNameTheirNode) {
  GraphBuilder builder;
  const int a = builder.input("a", {1}, ElementType::kInt64);
  builder.output(builder.node("Div", {a, a}, {}, "quotient"));
  const Executor executor(builder.graph);
  EXPECT_EQ(executor.run({integer_array({1}, {7})})[0].integers, Integers{1});
  EXPECT_EQ(input_error([&] { (void)executor.run({integer_array({1}, {0})}); }),
            "g.onnx: node \"quotient\" (Div): divides an integer by zero");
}

TEST(Executor, AnObserverSeesEveryValueOnceAsItIsMade) {
  GraphBuilder builder;
  const int x = builder.input("x", {1, 4});
  const int weight = builder.constant(real_array({4}, {1, 2, 3, 4}));
  const int product = builder.node("Mul", {x, weight});
  const auto parts = builder.nodes("Split", {product}, 2, {{"axis", std::int64_t{1}}});
  const int negative = builder.node("Neg", {parts[0]});
  builder.output(negative).output(product);
  std::vector<int> order;
  std::map<int, Array> seen;
  const auto outputs =
      Executor(builder.graph)
          .run({real_array({1, 4}, {1, 1, 2, 2})}, [&](int value, const Array& array) {
            order.push_back(value);
            seen.emplace(value, array);
          });
  EXPECT_EQ(order, (std::vector<int>{x, product, parts[0], parts[1], negative}));
  EXPECT_EQ(seen.at(parts[1]), real_array({1, 2}, {6, 8}));  // though nobody reads it
  EXPECT_EQ(seen.at(negative), outputs[0]);
  EXPECT_EQ(outputs[1], real_array({1, 4}, {1, 2, 6, 8}));
}

TEST(Executor, ConstantsMayLeaveAndBeReadOftenAndInputsToo) {
  GraphBuilder builder;
  const int x = builder.input("x", {2});
  const int c = builder.constant(real_array({2}, {1, 2}));
  const int sum = builder.node("Add", {builder.node("Add", {x, c}), c});
  builder.output(sum).output(c).output(x).output(sum);
  const auto outputs = Executor(builder.graph).run({real_array({2}, {10, 20})});
  EXPECT_EQ(outputs[0].reals, (Values{12, 24}));
  EXPECT_EQ(outputs[1].reals, (Values{1, 2}));
  EXPECT_EQ(outputs[2].reals, (Values{10, 20}));
  EXPECT_EQ(outputs[3], outputs[0]);
}

TEST(Executor, OptionalInputsAndOutputsMayBeMissing) {
  GraphBuilder builder;
  const int x = builder.input("x", {3});
  builder.output(builder.node("Clip", {x, kNoValue, builder.scalar(1.5)}));
  EXPECT_EQ(Executor(builder.graph).run({real_array({3}, {-9, 1, 2})})[0].reals,
            (Values{-9, 1, 1.5}));
}

// A net of two layers with 8-bit weights and activations, once with real arithmetic between
// quantizers and once on integers, against numbers worked out by hand.
//
// x = {1.0, -0.6} in steps of 0.25 with zero point 128 is {132, 126}, that is {4, -2} steps.
// First layer: weights in steps of 0.5, {3, -1, 2} and {1, 4, -5}:
//   sums {4*3 - 2*1, -4 - 8, 8 + 10} = {10, -12, 18} steps of 0.125 = {1.25, -1.5, 2.25}.
// Relu: {1.25, 0, 2.25}. In steps of 0.1 as uint8: {12 (12.5 is a tie), 0, 22 (22.5 too)}.
// Second layer: weights in steps of 0.25, {2, -3, 1}: sum 24 + 22 = 46 steps of 0.025 = 1.15.
class TwoLayers : public testing::Test {
 protected:
  static constexpr ElementType kU8 = ElementType::kUint8;
  static constexpr ElementType kS8 = ElementType::kInt8;
  Array first_ = integer_array({2, 3}, {3, -1, 2, 1, 4, -5}, kS8);
  Array second_ = integer_array({3, 1}, {2, -3, 1}, kS8);
  Array x_ = real_array({1, 2}, {1.0, round_to(ElementType::kFloat32, -0.6)});
};

TEST_F(TwoLayers, WithQuantizersBetween) {
  GraphBuilder b;
  const auto quantized = [&](int value, double scale, std::int64_t zero) {
    const int s = b.scalar(scale);
    const int z = b.scalar(zero, kU8);
    return b.node("DequantizeLinear", {b.node("QuantizeLinear", {value, s, z}), s, z});
  };
  const int w1 = b.node("DequantizeLinear", {b.constant(first_), b.scalar(0.5)});
  const int w2 = b.node("DequantizeLinear", {b.constant(second_), b.scalar(0.25)});
  const int x = quantized(b.input("x", {1, 2}), 0.25, 128);
  const int hidden = b.node("Relu", {b.node("MatMul", {x, w1})});
  const double tenth = 0.125 * 0.8;
  b.output(hidden).output(b.node("MatMul", {quantized(hidden, tenth, 0), w2}));
  const auto outputs = Executor(b.graph).run({x_});
  EXPECT_EQ(outputs[0].reals, (Values{1.25, 0, 2.25}));
  EXPECT_NEAR(outputs[1].reals[0], 1.15, 1e-6);
}

TEST_F(TwoLayers, OnIntegers) {
  GraphBuilder b;
  const int x = b.input("x", {1, 2});
  const int zero = b.scalar(128, kU8);
  const int steps = b.node("QuantizeLinear", {x, b.scalar(0.25), zero});
  const int none = b.scalar(0, kS8);
  const int hidden =
      b.node("QLinearMatMul", {steps, b.scalar(0.25), zero, b.constant(first_), b.scalar(0.5), none,
                               b.scalar(0.1), b.scalar(0, kU8)});
  const int sums = b.node("MatMulInteger", {hidden, b.constant(second_)});
  b.output(steps).output(hidden).output(sums);
  const auto outputs = Executor(b.graph).run({x_});
  EXPECT_EQ(outputs[0].integers, (Integers{132, 126}));
  EXPECT_EQ(outputs[1].integers, (Integers{12, 0, 22}));  // below zero is cut as by a relu
  EXPECT_EQ(outputs[2].integers, Integers{46});
}

// y = (a + 1) * relu(b), of which the product is made otherwise.
TEST(Executor, SubstitutesTakeTheInputsTheyAskFor) {
  GraphBuilder builder;
  const int a = builder.input("a", {2});
  const int b = builder.input("b", {2});
  const int sum = builder.node("Add", {a, builder.constant(real_array({2}, {1, 1}))});
  const int positive = builder.node("Relu", {b});
  builder.output(builder.node("Mul", {sum, positive}));
  std::vector<std::size_t> read;
  Executor::Substitute minus{{0}, [&](const std::vector<const Array*>& inputs) {
                               read.push_back(inputs.size());
                               return real_array({2}, {-inputs[0]->reals[0], -inputs[0]->reals[1]});
                             }};
  const std::vector<Array> inputs{real_array({2}, {1, 2}), real_array({2}, {3, 4})};
  EXPECT_EQ(Executor(builder.graph, {{2, minus}}).run(inputs)[0].reals, (Values{-2, -3}));
  minus.places = {1, 0};
  EXPECT_EQ(Executor(builder.graph, {{2, minus}}).run(inputs)[0].reals, (Values{-3, -4}));
  EXPECT_EQ(read, (std::vector<std::size_t>{1, 2}));
}

TEST(Executor, LeavesOutWhatOnlySubstitutesWouldHaveRead) {
  GraphBuilder builder;
  const int a = builder.input("a", {2});
  const int unused = builder.node("Relu", {a});
  builder.output(builder.node("Add", {a, unused}));
  const Executor executor(
      builder.graph,
      {{1, {{0}, [](const std::vector<const Array*>& inputs) { return *inputs[0]; }}}});
  int made = 0;
  (void)executor.run({real_array({2}, {1, 2})}, [&](int, const Array&) { ++made; });
  EXPECT_EQ(made, 2);  // the input and the sum
}

}  // namespace
}  // namespace pimento::workloads
