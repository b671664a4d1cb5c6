// SPDX-License-Identifier: Apache-2.0
// Weights that are the same integers, however their file says it.
#include "workloads/lowering/quantization_reader.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/lowering/weight_forms.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using Integers = std::vector<std::int64_t>;

// The layer holds the known integers, and they mean what the graph computes.
void expect_steps(const Product& product, int bits, const Integers& expected = kSteps) {
  const Layer layer = product.layer();
  ASSERT_TRUE(layer.stored);
  EXPECT_FALSE(layer.weight);
  EXPECT_EQ(layer.stored->bits, bits);
  EXPECT_EQ(layer.precision.weight_bits, bits);
  EXPECT_EQ(layer.stored->integers.type, ElementType::kInt32);
  EXPECT_EQ(layer.stored->integers.shape, (Shape{3, 2}));
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(expected));
  const Array reals = real_weights(*layer.stored);
  const std::vector<double> executed = turned(product.executed().reals);
  for (std::size_t i = 0; i < executed.size(); ++i) {
    EXPECT_NEAR(reals.reals[i], executed[i], 1e-6 * std::abs(executed[i])) << i;
  }
}

Attributes quant_attributes(std::int64_t has_sign = 1) {
  return {{"signed", has_sign}, {"narrow", std::int64_t{0}}};
}

// The exporter's Clip of stored integers narrows them as that of computed ones does.
TEST(WeightForms, ClippedIntegers) {
  for (const bool stored : {true, false}) {
    const auto clipped = [&](GraphBuilder& b, int low, int high) {
      const int scale = b.scalar(0.5);
      const int integers =
          stored ? b.constant(steps())
                 : b.node("QuantizeLinear", {b.constant(step_reals(0.5)), scale,
                                             b.scalar(std::int64_t{0}, ElementType::kInt8)});
      return b.node("DequantizeLinear", {b.node("Clip", {integers, low, high}), scale});
    };
    const auto bound = [](GraphBuilder& b, std::int64_t value) {
      return b.scalar(value, ElementType::kInt8);
    };
    expect_steps(Product([&](GraphBuilder& b) { return clipped(b, bound(b, -8), bound(b, 7)); }),
                 4);
    expect_steps(Product([&](GraphBuilder& b) { return clipped(b, kNoValue, bound(b, 7)); }), 8);
    expect_steps(Product([&](GraphBuilder& b) { return clipped(b, bound(b, -2), bound(b, 1)); }), 2,
                 {-2, 1, 0, 1, -1, 1});
  }
}

TEST(WeightForms, QuantWithBitsOfEachChannel) {
  const Product product([](GraphBuilder& b) {
    const int bits = b.constant(integer_array({3}, {4, 5, 3}));
    return b.node("Quant", {b.constant(step_reals(0.5)), b.scalar(0.5), b.scalar(0.0), bits},
                  quant_attributes());
  });
  expect_steps(product, 5, {-8, 7, 0, 3, -1, 3});  // 5 does not fit 3 bits
  EXPECT_EQ(product.layer().stored->widths.shape, (Shape{3, 1}));
  EXPECT_EQ(product.layer().stored->widths.reals, (std::vector<double>{4, 5, 3}));
}

TEST(WeightForms, DequantizedConstants) {
  expect_steps(Product([](GraphBuilder& b) {
                 return b.node("DequantizeLinear", {b.constant(steps()), b.scalar(0.5)});
               }),
               8);
  expect_steps(Product([](GraphBuilder& b) {
                 const int scale = b.constant(real_array({3}, {0.5, 0.25, 2}));
                 return b.node("DequantizeLinear", {b.constant(steps()), scale},
                               {{"axis", std::int64_t{-1}}});
               }),
               8);
  expect_steps(Product([](GraphBuilder& b) {
                 const int scale = b.constant(real_array({2}, {0.5, 0.25}));
                 return b.node("DequantizeLinear", {b.constant(steps()), scale},
                               {{"axis", std::int64_t{0}}});
               }),
               8);
  expect_steps(Product([](GraphBuilder& b) {
                 return b.node("DequantizeLinear",
                               {b.constant(steps(ElementType::kInt4)), b.scalar(0.5)});
               }),
               4);
}

TEST(WeightForms, DequantizedInBlocks) {
  // Blocks of two along the columns, the last one short.
  expect_steps(Product([](GraphBuilder& b) {
                 const int scale = b.constant(real_array({2, 2}, {0.5, 0.25, 1, 2}));
                 return b.node("DequantizeLinear", {b.constant(steps()), scale},
                               {{"axis", std::int64_t{1}}, {"block_size", std::int64_t{2}}});
               }),
               8);
}

TEST(WeightForms, UnsignedIntegersAreMovedToBothSidesOfZero) {
  // 8 bits with the zero point 128 are the same integers; with another one they are not.
  expect_steps(Product([](GraphBuilder& b) {
                 return b.node("DequantizeLinear",
                               {b.constant(steps(ElementType::kUint8, 128)), b.scalar(0.5),
                                b.scalar(128, ElementType::kUint8)});
               }),
               8);
  const Product shifted([](GraphBuilder& b) {
    return b.node("DequantizeLinear", {b.constant(steps(ElementType::kUint8, 100)), b.scalar(0.5),
                                       b.scalar(100, ElementType::kUint8)});
  });
  expect_steps(shifted, 8, {-36, -21, -28, -25, -29, -23});
  EXPECT_EQ(decode(shifted.layer().stored->integers).integers[0], -8 + 100 - 128);
  EXPECT_EQ(shifted.layer().stored->zero_point.reals, std::vector<double>{-28});
}

TEST(WeightForms, RealsQuantizedInTheGraph) {
  expect_steps(Product([](GraphBuilder& b) {
                 const int scale = b.scalar(0.5);
                 const int zero = b.scalar(0, ElementType::kInt8);
                 // A quarter of a step away from the grid.
                 Array values = step_reals(0.5);
                 for (double& value : values.reals) value += 0.125;
                 const int q = b.node("QuantizeLinear", {b.constant(values), scale, zero});
                 return b.node("DequantizeLinear", {q, scale, zero});
               }),
               8);
}

TEST(WeightForms, AClipNarrowsTheIntegers) {
  const auto clipped = [](std::int64_t low, std::int64_t high) {
    return Product([=](GraphBuilder& b) {
      const int scale = b.scalar(0.5);
      const int zero = b.scalar(0, ElementType::kInt8);
      const int q = b.node("QuantizeLinear", {b.constant(step_reals(0.5)), scale, zero});
      const int c = b.node(
          "Clip", {q, b.scalar(low, ElementType::kInt8), b.scalar(high, ElementType::kInt8)});
      return b.node("DequantizeLinear", {c, scale, zero});
    });
  };
  expect_steps(clipped(-8, 7), 4);
  expect_steps(clipped(-7, 7), 4, {-7, 7, 0, 3, -1, 5});
  expect_steps(clipped(-9, 7), 5);
  expect_steps(clipped(-8, 8), 5);
  expect_steps(clipped(-128, 127), 8);
}

TEST(WeightForms, AClipWithOneBoundNarrowsNothing) {
  const auto clipped = [](bool has_low) {
    return Product([=](GraphBuilder& b) {
      const int scale = b.scalar(0.5);
      const int zero = b.scalar(0, ElementType::kInt8);
      const int q = b.node("QuantizeLinear", {b.constant(step_reals(0.5)), scale, zero});
      const int bound = b.scalar(has_low ? -8 : 7, ElementType::kInt8);
      const int c = has_low ? b.node("Clip", {q, bound}) : b.node("Clip", {q, kNoValue, bound});
      return b.node("DequantizeLinear", {c, scale, zero});
    });
  };
  expect_steps(clipped(true), 8);
  expect_steps(clipped(false), 8);
}

TEST(WeightForms, QuantizersOfAnyNumberOfBits) {
  const auto quant = [](const Array& scale, double bits) {
    return Product([&](GraphBuilder& b) {
      return b.node("Quant",
                    {b.constant(step_reals(0.5)), b.constant(scale), b.scalar(0.0), b.scalar(bits)},
                    quant_attributes());
    });
  };
  expect_steps(quant(real_array({}, {0.5}), 4), 4);
  expect_steps(quant(real_array({}, {0.5}), 5), 5);
  // Columns in steps of 0.5, 0.25 and 0.5: the middle one's integers are twice as large, and cut.
  expect_steps(quant(real_array({1, 3}, {0.5, 0.25, 0.5}), 4), 4, {-8, 7, 0, 3, -2, 5});
}

TEST(WeightForms, UnsignedQuantizersWithAZeroPoint) {
  const Product product([](GraphBuilder& b) {
    return b.node("Quant",
                  {b.constant(step_reals(0.5)), b.scalar(0.5), b.scalar(8.0), b.scalar(4.0)},
                  quant_attributes(0));
  });
  expect_steps(product, 4);
  EXPECT_EQ(product.layer().stored->zero_point.reals, std::vector<double>{0});
}

TEST(WeightForms, OneBitIsZeroOrMinusOne) {
  const Integers signs{-1, 0, 0, 0, -1, 0};  // of steps that are negative, or not
  expect_steps(Product([](GraphBuilder& b) {
                 return b.node("BipolarQuant", {b.constant(step_reals(0.5)), b.scalar(0.25)});
               }),
               1, signs);
  const auto quant = [](double zero_point) {
    return Product([=](GraphBuilder& b) {
      return b.node(
          "Quant",
          {b.constant(step_reals(0.5)), b.scalar(0.25), b.scalar(zero_point), b.scalar(1.0)},
          quant_attributes());
    });
  };
  expect_steps(quant(0.0), 1, signs);
  expect_steps(quant(0.5), 1, signs);  // also with a zero point, odd as that is
  const StoredWeights stored = *quant(0.0).layer().stored;
  EXPECT_EQ(stored.scale.reals, std::vector<double>{0.5});
  EXPECT_EQ(stored.zero_point.reals, std::vector<double>{-0.5});
}

TEST(WeightForms, LevelsOfARange) {
  const auto fake_quantize = [](double low, double high, std::int64_t levels) {
    return Product([=](GraphBuilder& b) {
      const int from = b.scalar(low);
      const int to = b.scalar(high);
      return b.node("FakeQuantize", {b.constant(step_reals(0.5)), from, to, from, to},
                    {{"levels", levels}});
    });
  };
  expect_steps(fake_quantize(-4.0, 3.5, 16), 4);
  // 15 levels from -3.5 on: the first integer is -8 still, of the real -3.5.
  expect_steps(fake_quantize(-3.5, 3.5, 15), 4, {-8, 6, -1, 2, -2, 4});
  expect_steps(fake_quantize(-64, 63.5, 256), 8);
}

TEST(WeightForms, TruncatedQuantizers) {
  // Sixteen fine steps of 1/32 make one coarse step of 0.5. In the first version the outcome is in
  // fine steps still.
  const Product first([](GraphBuilder& b) {
    return b.node("Trunc", {b.constant(step_reals(0.5)), b.scalar(1.0 / 32), b.scalar(0.0),
                            b.scalar(8.0), b.scalar(4.0)});
  });
  expect_steps(first, 4);
  const Product second([](GraphBuilder& b) {
    return b.node("Trunc", {b.constant(step_reals(0.5)), b.scalar(1.0 / 32), b.scalar(0.0),
                            b.scalar(8.0), b.scalar(0.5), b.scalar(0.0), b.scalar(4.0)});
  });
  expect_steps(second, 4);
}

TEST(WeightForms, ATransposeBetweenChangesNothing) {
  const Array turned_steps = integer_array({3, 2}, turned(kSteps), ElementType::kInt8);
  expect_steps(Product([&](GraphBuilder& b) {
                 const int scale = b.constant(real_array({3}, {0.5, 0.25, 2}));
                 const int d = b.node("DequantizeLinear", {b.constant(turned_steps), scale},
                                      {{"axis", std::int64_t{0}}});
                 return b.node("Transpose", {d});
               }),
               8);
  expect_steps(Product([&](GraphBuilder& b) {
                 Array values = step_reals(0.5);
                 const Array flat = real_array({6}, values.reals);
                 const int q = b.node(
                     "Quant", {b.constant(flat), b.scalar(0.5), b.scalar(0.0), b.scalar(4.0)},
                     quant_attributes());
                 return b.node("Reshape", {q, b.constant(integer_array({2}, {2, 3}))});
               }),
               4);
}

TEST(WeightForms, PlainRealsAreNotStored) {
  const Product plain([](GraphBuilder& b) { return b.constant(step_reals(0.5)); });
  EXPECT_FALSE(plain.layer().stored);
  EXPECT_EQ(decode(*plain.layer().weight).reals, turned(step_reals(0.5).reals));
  EXPECT_FALSE(plain.network().is_quantized());
  // What follows a quantizer but is no move makes reals of it.
  const Product scaled([](GraphBuilder& b) {
    const int d = b.node("DequantizeLinear", {b.constant(steps()), b.scalar(0.5)});
    return b.node("Mul", {d, b.scalar(3.0)});
  });
  EXPECT_FALSE(scaled.layer().stored);
  EXPECT_EQ(decode(*scaled.layer().weight).reals, turned(scaled.executed().reals));
}

TEST(WeightForms, AlphaOfAGemmScalesTheSteps) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2});
  const int d = b.node("DequantizeLinear", {b.constant(steps()), b.scalar(0.5)});
  b.output(b.node("Gemm", {x, d}, {{"alpha", 4.0}}, "fc"));
  const Layer layer = network_of(b.graph).layers.back();
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(real_weights(*layer.stored).reals, turned(step_reals(2.0).reals));
}

// Operators on integers ------------------------------------------------------------------------

constexpr ElementType kU8 = ElementType::kUint8;
constexpr ElementType kS8 = ElementType::kInt8;

struct IntegerProduct {
  GraphBuilder b{21};
  int x = b.input("x", {1, 2}, kU8);
  [[nodiscard]] Layer layer(int y) {
    b.output(y);
    return network_of(b.graph).layers.back();
  }
};

TEST(IntegerOperators, QLinearMatMul) {
  IntegerProduct p;
  GraphBuilder& b = p.b;
  const Layer layer = p.layer(b.node(
      "QLinearMatMul", {p.x, b.scalar(0.1), b.scalar(7, kU8), b.constant(steps(kU8, 128)),
                        b.scalar(0.5), b.scalar(128, kU8), b.scalar(1.0), b.scalar(0, kU8)}));
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(real_weights(*layer.stored).reals, turned(step_reals(0.5).reals));
  ASSERT_TRUE(layer.input_quantizer);
  EXPECT_EQ(layer.input_quantizer->bits, 8);
  EXPECT_FALSE(layer.input_quantizer->is_signed);
  EXPECT_EQ(layer.input_quantizer->scale.reals,
            std::vector<double>{round_to(ElementType::kFloat32, 0.1)});
  EXPECT_EQ(layer.input_quantizer->zero_point.reals, std::vector<double>{7});
  EXPECT_EQ(layer.precision.activation_bits, 8);
}

TEST(IntegerOperators, QLinearMatMulByColumns) {
  IntegerProduct p;
  GraphBuilder& b = p.b;
  const Layer layer =
      p.layer(b.node("QLinearMatMul", {p.x, b.scalar(0.1), b.scalar(7, kU8), b.constant(steps()),
                                       b.constant(real_array({3}, {1, 2, 4})),
                                       b.constant(integer_array({3}, {0, 1, 0}, kS8)),
                                       b.scalar(1.0), b.scalar(0, kU8)}));
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(real_weights(*layer.stored).reals, turned(std::vector<double>{-8, 12, 0, 3, -4, 20}));
}

TEST(IntegerOperators, MatMulIntegerOnDynamicQuantization) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2});
  const auto q = b.nodes("DynamicQuantizeLinear", {x}, 3);
  const int sums = b.node("MatMulInteger", {q[0], b.constant(steps()), q[2]}, {}, "fc");
  b.output(b.node("Cast", {sums}, {{"to", std::string("float32")}}));
  const Network network = network_of(b.graph);
  const Layer& layer = network.layers[0];
  EXPECT_EQ(layer.name, "fc");
  EXPECT_EQ(layer.inputs, std::vector<int>{kNetworkInput});
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(layer.stored->scale.reals, std::vector<double>{1});
  ASSERT_TRUE(layer.input_quantizer);
  EXPECT_EQ(layer.input_quantizer->bits, 8);
  EXPECT_EQ(layer.input_quantizer->scale.size(), 1);
  EXPECT_TRUE(layer.input_quantizer->scale.reals.empty());  // found anew for every tensor
}

// The steps as three filters of two channels and one place.
Array filters(ElementType type, std::int64_t zero_point) {
  Integers values = turned(kSteps);
  for (std::int64_t& value : values) value += zero_point;
  return integer_array({3, 2, 1, 1}, values, type);
}

TEST(IntegerOperators, QLinearConv) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2, 4, 4}, kU8);
  b.output(b.node(
      "QLinearConv",
      {x, b.scalar(0.5), b.scalar(0, kU8), b.constant(filters(kU8, 128)),
       b.constant(real_array({3}, {1, 2, 4})), b.scalar(128, kU8), b.scalar(1.0), b.scalar(0, kU8),
       b.constant(integer_array({3}, {10, -10, 6}, ElementType::kInt32))}));
  const Layer layer = network_of(b.graph).layers.back();
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(layer.stored->scale.shape, (Shape{3, 1, 1, 1}));
  EXPECT_EQ(real_weights(*layer.stored).reals, (std::vector<double>{-8, 3, 14, -2, 0, 20}));
  // In steps of the input's scale times each filter's: 0.5, 1 and 2.
  EXPECT_EQ(decode(*layer.bias).reals, (std::vector<double>{5, -10, 12}));
  EXPECT_TRUE(layer.has_bias);
}

TEST(IntegerOperators, ConvInteger) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2, 4, 4}, kU8);
  b.output(b.node("ConvInteger",
                  {x, b.constant(filters(kU8, 128)), b.scalar(3, kU8), b.scalar(128, kU8)}));
  const Layer layer = network_of(b.graph).layers.back();
  EXPECT_EQ(decode(layer.stored->integers).integers, turned(kSteps));
  EXPECT_EQ(layer.input_quantizer->zero_point.reals, std::vector<double>{3});
  EXPECT_FALSE(layer.has_bias);
}

TEST(IntegerOperators, ComputedScalesMakeThemDigitalWork) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2}, kU8);
  const int scale = b.input("scale", {});
  b.output(b.node("QLinearMatMul", {x, b.scalar(0.1), b.scalar(7, kU8), b.constant(steps()), scale,
                                    b.scalar(0, kS8), b.scalar(1.0), b.scalar(0, kU8)}));
  const Layer layer = network_of(b.graph).layers.back();
  EXPECT_EQ(std::get<Digital>(layer.operation).macs, 6);
  EXPECT_EQ(layer.inputs.size(), 2U);
}

TEST(IntegerOperators, AComputedInputScaleHidesTheBias) {
  GraphBuilder b(21);
  const int x = b.input("x", {1, 2, 4, 4}, kU8);
  const int scale = b.input("scale", {});
  b.output(
      b.node("QLinearConv", {x, scale, b.scalar(0, kU8), b.constant(filters(kS8, 0)), b.scalar(1.0),
                             b.scalar(0, kS8), b.scalar(1.0), b.scalar(0, kU8),
                             b.constant(integer_array({3}, {10, -10, 6}, ElementType::kInt32))}));
  const Layer layer = network_of(b.graph).layers.back();
  EXPECT_TRUE(layer.stored);
  EXPECT_TRUE(layer.has_bias);
  EXPECT_FALSE(layer.bias);
  EXPECT_EQ(layer.inputs, std::vector<int>{kNetworkInput});
}

// The quantizer of a layer's input -------------------------------------------------------------

// x through `make_input` into a product.
template <class MakeInput>
std::optional<InputQuantizer> input_quantizer(const MakeInput& make_input, const Shape& shape) {
  GraphBuilder b(21);
  const int x = b.input("x", shape);
  const int data = make_input(b, x);
  const Shape& found = b.graph.value(data).shape;
  const Array weight = make_array(ElementType::kFloat32, {found.back(), 2});
  b.output(b.node("MatMul", {data, b.constant(weight)}, {}, "fc"));
  const Network network = network_of(b.graph);
  const Layer& layer = network.layers[static_cast<std::size_t>(network.find("fc"))];
  EXPECT_EQ(layer.precision.activation_bits,
            layer.input_quantizer ? layer.input_quantizer->bits : 8);
  return layer.input_quantizer;
}

int quantized(GraphBuilder& b, int x, double scale, std::int64_t zero, ElementType type) {
  const int s = b.scalar(scale);
  const int z = b.scalar(zero, type);
  return b.node("DequantizeLinear", {b.node("QuantizeLinear", {x, s, z}), s, z});
}

TEST(InputQuantizers, OfUint8AndInt4) {
  const auto found =
      input_quantizer([](GraphBuilder& b, int x) { return quantized(b, x, 0.5, 3, kU8); }, {1, 4});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bits, 8);
  EXPECT_FALSE(found->is_signed);
  EXPECT_EQ(found->scale.reals, std::vector<double>{0.5});
  EXPECT_EQ(found->zero_point.reals, std::vector<double>{3});
  const auto narrow = input_quantizer(
      [](GraphBuilder& b, int x) { return quantized(b, x, 0.5, 0, ElementType::kInt4); }, {1, 4});
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->bits, 4);
  EXPECT_TRUE(narrow->is_signed);
}

TEST(InputQuantizers, AreFoundThroughWhatKeepsTheGrid) {
  const auto found = input_quantizer(
      [](GraphBuilder& b, int x) {
        const int q = quantized(b, x, 0.25, 0, kS8);
        const int relu = b.node("Relu", {q});
        const int pool = b.node("MaxPool", {relu}, {{"kernel_shape", Integers{2, 2}}});
        const int turned = b.node("Transpose", {pool}, {{"perm", Integers{0, 2, 3, 1}}});
        return b.node("Reshape", {turned, b.constant(integer_array({2}, {1, -1}))});
      },
      {1, 2, 3, 3});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bits, 8);
  EXPECT_EQ(found->scale.reals, std::vector<double>{0.25});
}

TEST(InputQuantizers, EndWhereValuesLeaveTheGrid) {
  const auto of = [](const std::string& op) {
    return input_quantizer(
        [&](GraphBuilder& b, int x) { return b.node(op, {quantized(b, x, 0.25, 0, kS8)}); },
        {1, 4});
  };
  EXPECT_TRUE(of("Relu"));
  EXPECT_TRUE(of("Identity"));
  EXPECT_FALSE(of("Sigmoid"));
  EXPECT_FALSE(of("Neg"));
  EXPECT_FALSE(input_quantizer([](GraphBuilder&, int x) { return x; }, {1, 4}));
  EXPECT_FALSE(input_quantizer(
      [](GraphBuilder& b, int x) {
        return b.node("AveragePool", {quantized(b, x, 0.25, 0, kS8)},
                      {{"kernel_shape", Integers{2, 2}}});
      },
      {1, 2, 3, 3}));
}

TEST(InputQuantizers, OfQuantAndItsKin) {
  const auto quant = input_quantizer(
      [](GraphBuilder& b, int x) {
        return b.node("Quant", {x, b.scalar(0.5), b.scalar(0.0), b.scalar(3.0)},
                      quant_attributes(0));
      },
      {1, 4});
  ASSERT_TRUE(quant);
  EXPECT_EQ(quant->bits, 3);
  EXPECT_FALSE(quant->is_signed);
  const auto bipolar = input_quantizer(
      [](GraphBuilder& b, int x) { return b.node("BipolarQuant", {x, b.scalar(0.5)}); }, {1, 4});
  ASSERT_TRUE(bipolar);
  EXPECT_EQ(bipolar->bits, 1);
  EXPECT_TRUE(bipolar->is_signed);
  const auto levels = input_quantizer(
      [](GraphBuilder& b, int x) {
        return b.node("FakeQuantize",
                      {x, b.scalar(0.0), b.scalar(6.0), b.scalar(0.0), b.scalar(6.0)},
                      {{"levels", std::int64_t{16}}});
      },
      {1, 4});
  ASSERT_TRUE(levels);
  EXPECT_EQ(levels->bits, 4);
  EXPECT_FALSE(levels->is_signed);
  EXPECT_EQ(levels->scale.reals, std::vector<double>{0.4});
  EXPECT_EQ(levels->zero_point.reals, std::vector<double>{0});
}

// A Clip or a Cast of integers within a quantizer is no layer of its own.
TEST(InputQuantizers, WhatIsWithinAQuantizerIsNoLayer) {
  GraphBuilder b;
  const int x = b.input("x", {1, 2});
  const int scale = b.scalar(0.5);
  const int zero = b.scalar(std::int64_t{0}, ElementType::kUint8);
  const int quantized = b.node("QuantizeLinear", {x, scale, zero});
  const int same = b.node("Cast", {quantized}, {{"to", std::string("uint8")}});
  const int top = b.scalar(std::int64_t{15}, ElementType::kUint8);
  const int clipped = b.node("Clip", {same, kNoValue, top});
  const int reals = b.node("DequantizeLinear", {clipped, scale, zero});
  const int weight = b.constant(real_array({2, 1}, {1, 2}));
  b.output(b.node("MatMul", {reals, weight}, {}, "fc"));
  const Network network = network_of(b.graph);
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].precision.activation_bits, 4);
  EXPECT_EQ(network.input_bits, 4);
}

TEST(InputQuantizers, ClipsNarrowThem) {
  const auto clipped = [](const std::vector<std::optional<std::int64_t>>& bounds) {
    return input_quantizer(
        [&](GraphBuilder& b, int x) {
          const int s = b.scalar(0.5);
          const int z = b.scalar(0, kU8);
          std::vector<int> inputs{b.node("QuantizeLinear", {x, s, z})};
          for (const auto& bound : bounds) {
            inputs.push_back(bound ? b.scalar(*bound, kU8) : kNoValue);
          }
          return b.node("DequantizeLinear", {b.node("Clip", inputs), s, z});
        },
        {1, 4});
  };
  EXPECT_EQ(clipped({0, 15})->bits, 4);
  EXPECT_EQ(clipped({0, 3})->bits, 2);
  EXPECT_EQ(clipped({std::nullopt, 15})->bits, 4);
  EXPECT_EQ(clipped({0})->bits, 8);
}

TEST(InputQuantizers, OddBitWidthsAreNone) {
  // Widths that only another quantizer tells: what they are shows when the network runs.
  const auto found = [](const Array& bits, double scale) {
    return input_quantizer(
        [&](GraphBuilder& b, int x) {
          const int width = b.node("BipolarQuant", {b.constant(bits), b.scalar(scale)});
          return b.node("Quant", {x, b.scalar(0.5), b.scalar(0.0), width}, quant_attributes());
        },
        {1, 4});
  };
  EXPECT_EQ(found(real_array({}, {1.0}), 2.0)->bits, 2);
  EXPECT_FALSE(found(real_array({}, {1.0}), 2.5));
  EXPECT_FALSE(found(real_array({}, {-1.0}), 2.0));
  EXPECT_FALSE(found(real_array({0}, {}), 2.0));
}

// Hostile graphs -------------------------------------------------------------------------------

// Each takes the one before as data and as scale: two to the power of their number of paths.
int diamond(GraphBuilder& b, int quantizers, const Shape& shape) {
  Array ones = make_array(ElementType::kFloat32, shape);
  for (double& one : ones.reals) one = 1.0;
  int value = b.constant(ones);
  for (int i = 0; i < quantizers; ++i) {
    value = b.node("Quant", {value, value, b.scalar(0.0), b.scalar(8.0)}, quant_attributes(),
                   fmt::format("q{}", i));
  }
  return value;
}

std::string diamond_error(int quantizers, const Shape& shape) {
  return input_error([&] {
    (void)Product([&](GraphBuilder& b) { return diamond(b, quantizers, shape); }).layer();
  });
}

TEST(HostileQuantizers, PathsWithoutNumberEndSoon) {
  const auto start = std::chrono::steady_clock::now();
  const std::string message =
      ": a constant passes through more operators than an exporter would write";
  EXPECT_EQ(diamond_error(40, {2, 3}), "g.onnx: node \"q6\" (Quant)" + message);
  const std::string shallow = diamond_error(30, {2, 3});
  EXPECT_TRUE(shallow.ends_with(message)) << shallow;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HostileQuantizers, LargeValuesEndSooner) {
  const auto start = std::chrono::steady_clock::now();
  GraphBuilder b(21);
  const int x = b.input("x", {1, 1024});
  b.output(b.node("MatMul", {x, diamond(b, 18, {1024, 1024})}));
  EXPECT_TRUE(
      input_error([&] {
        (void)network_of(b.graph);
      }).ends_with("a constant passes through more operators than an exporter would write"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HostileQuantizers, LongChainsAreRefused) {
  const auto chain = [](int operators) {
    return input_error([&] {
      (void)Product([&](GraphBuilder& b) {
        int value = b.node("BipolarQuant", {b.constant(step_reals(1.0)), b.scalar(1.0)});
        for (int i = 0; i < operators; ++i) value = b.node("Identity", {value});
        return value;
      }).layer();
    });
  };
  EXPECT_EQ(chain(31), "nothing thrown");
  EXPECT_EQ(chain(40),
            "g.onnx: node \"Identity\" (Identity): a weight passes through more than 32 operators");
}

TEST(HostileQuantizers, ScalesMustFitTheWeights) {
  IntegerProduct p;
  GraphBuilder& b = p.b;
  const int y = b.node(
      "QLinearMatMul",
      {p.x, b.scalar(0.1), b.scalar(7, kU8), b.constant(steps()),
       b.constant(real_array({2}, {1, 2})), b.scalar(0, kS8), b.scalar(1.0), b.scalar(0, kU8)},
      {}, "n");
  EXPECT_EQ(input_error([&] { (void)p.layer(y); }),
            "g.onnx: node \"n\" (QLinearMatMul): a scale or zero point of its weight has 2 values; "
            "expected 1 or 3");
  IntegerProduct empty;
  const int z = empty.b.node(
      "MatMulInteger",
      {empty.x, empty.b.constant(steps()), kNoValue, empty.b.constant(integer_array({0}, {}, kS8))},
      {}, "n");
  EXPECT_EQ(input_error([&] { (void)empty.layer(z); }),
            "g.onnx: node \"n\" (MatMulInteger): a scale or zero point of its weight has 0 values; "
            "expected 1 or 3");
}

TEST(HostileQuantizers, IntegersMustFitTheirBits) {
  const auto error = [](const std::function<int(GraphBuilder&)>& make_weight) {
    return input_error([&] { (void)Product(make_weight).layer(); });
  };
  // The first version of Trunc cuts nothing off above.
  EXPECT_EQ(error([](GraphBuilder& b) {
              return b.node("Trunc", {b.constant(step_reals(1.0)), b.scalar(1.0), b.scalar(0.0),
                                      b.scalar(4.0), b.scalar(3.0)});
            }),
            "nothing thrown");  // -8 to 7 halved are -4 to 3
  EXPECT_EQ(error([](GraphBuilder& b) {
              return b.node("Trunc", {b.constant(step_reals(2.0)), b.scalar(1.0), b.scalar(0.0),
                                      b.scalar(4.0), b.scalar(3.0)});
            }),
            "g.onnx: node \"fc\" (MatMul): its weight has an integer that its 3 bits cannot hold");
  // Bounds that cross: everything becomes the upper one.
  EXPECT_EQ(error([](GraphBuilder& b) {
              const int s = b.scalar(0.5);
              const int z = b.scalar(0, kS8);
              const int q = b.node("QuantizeLinear", {b.constant(step_reals(0.5)), s, z});
              const int c = b.node("Clip", {q, b.scalar(5, kS8), b.scalar(-5, kS8)});
              return b.node("DequantizeLinear", {c, s, z});
            }),
            "g.onnx: node \"fc\" (MatMul): its weight has an integer that its 1 bits cannot hold");
  EXPECT_EQ(
      error([](GraphBuilder& b) {
        return b.node("DequantizeLinear",
                      {b.constant(steps(ElementType::kUint64, 100)), b.scalar(0.5)});
      }),
      "g.onnx: node \"fc\" (MatMul): its weight has integers of 64 bits; expected at most 32");
}

TEST(HostileQuantizers, WeightsMustBeFinite) {
  const Product product([](GraphBuilder& b) {
    const int from = b.scalar(0.0);
    const int to = b.scalar(std::numeric_limits<double>::infinity());
    return b.node("FakeQuantize", {b.constant(step_reals(1.0)), from, to, from, to},
                  {{"levels", std::int64_t{16}}}, "f");
  });
  EXPECT_EQ(input_error([&] { (void)product.layer(); }),
            "g.onnx: node \"f\" (FakeQuantize): a weight is not finite");
}

}  // namespace
}  // namespace pimento::workloads
