// SPDX-License-Identifier: Apache-2.0
// Networks described layer by layer compute what their layers say.
#include "workloads/lowering/graph_of.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/workloads/support.h"
#include "workloads/executor.h"

namespace pimento::workloads {
namespace {

using Values = std::vector<double>;

// An image of one channel and two by two through some layers, the last of which is a linear one
// that copies its inputs.
class Chain {
 public:
  explicit Chain(Shape input = {1, 2, 2}) {
    network_.name = "n";
    network_.source = "n.yaml";
    network_.input_shape = std::move(input);
  }

  Chain& add(Operation operation, std::vector<int> inputs = {}) {
    Layer layer;
    layer.name = "layer" + std::to_string(network_.layers.size());
    layer.operation = std::move(operation);
    const int last = static_cast<int>(network_.layers.size()) - 1;
    layer.inputs = inputs.empty() ? std::vector<int>{last} : std::move(inputs);
    network_.add(std::move(layer));
    return *this;
  }
  Chain& weight(const Array& values) {
    network_.layers.back().weight = encode(values);
    return *this;
  }
  Layer& layer() { return network_.layers.back(); }

  Values run(const Values& image) {
    const Graph graph = graph_of(network_);
    Shape shape = network_.input_shape;
    shape.insert(shape.begin(), 1);
    return Executor(graph).run({real_array(shape, image)})[0].reals;
  }
  std::string error() {
    return input_error([&] { (void)graph_of(network_); });
  }

 private:
  Network network_;
};

const Values kImage{1.0, -2.0, 3.0, 0.5};

Conv point(std::int64_t channels) {
  return Conv{.out_channels = channels, .groups = 1, .window = {}};
}

TEST(GraphOf, Convolutions) {
  Chain chain;
  chain.add(point(2)).weight(real_array({2, 1, 1, 1}, {2.0, -1.0}));
  EXPECT_EQ(chain.run(kImage), (Values{2, -4, 6, 1, -1, 2, -3, -0.5}));
  chain.layer().has_bias = true;
  chain.layer().bias = encode(real_array({2}, {0.5, 10.0}));
  EXPECT_EQ(chain.run(kImage), (Values{2.5, -3.5, 6.5, 1.5, 9, 12, 7, 9.5}));
}

TEST(GraphOf, Activations) {
  EXPECT_EQ(Chain().add(Relu{}).run(kImage), (Values{1, 0, 3, 0.5}));
  EXPECT_EQ(Chain().add(Clip{-1.0, 2.0}).run(kImage), (Values{1, -1, 2, 0.5}));
  EXPECT_EQ(Chain().add(Identity{}).run(kImage), kImage);
  EXPECT_EQ(Chain().add(Add{}, {kNetworkInput, kNetworkInput}).run(kImage), (Values{2, -4, 6, 1}));
}

TEST(GraphOf, PoolsAndShapes) {
  const Window all{.kernel = {2, 2}, .stride = {2, 2}};
  EXPECT_EQ(Chain().add(Pool{PoolKind::kMax, all}).run(kImage), (Values{3}));
  EXPECT_EQ(Chain().add(Pool{PoolKind::kAverage, all}).run(kImage), (Values{0.625}));
  EXPECT_EQ(Chain().add(GlobalPool{PoolKind::kMax}).run(kImage), (Values{3}));
  EXPECT_EQ(Chain().add(GlobalPool{}).run(kImage), (Values{0.625}));
  EXPECT_EQ(Chain().add(Flatten{}).run(kImage), kImage);
  EXPECT_EQ(Chain().add(Reshape{{4, 1, 1}}).add(GlobalPool{}).run(kImage), kImage);
}

TEST(GraphOf, PaddingCountsInAnAverageIfAsked) {
  Window padded{.kernel = {2, 2}, .stride = {2, 2}, .pads = {1, 1, 1, 1}};
  Pool pool{PoolKind::kAverage, padded, false};
  EXPECT_EQ(Chain().add(pool).run(kImage), kImage);
  pool.count_padding = true;
  EXPECT_EQ(Chain().add(pool).run(kImage), (Values{0.25, -0.5, 0.75, 0.125}));
}

TEST(GraphOf, SoftmaxIsOfTheLastAxis) {
  const Values result = Chain({2}).add(Softmax{}).run({0.0, std::log(3.0)});
  EXPECT_NEAR(result[0], 0.25, 1e-7);
  EXPECT_NEAR(result[1], 0.75, 1e-7);
}

TEST(GraphOf, BatchNorms) {
  Chain chain;
  chain.add(BatchNorm{.epsilon = 0.0});
  const Values parameters{2.0, 1.0, 0.5, 4.0};  // scale, shift, mean, variance
  for (std::size_t i = 0; i < 4; ++i) {
    chain.layer().batch_norm[i] = encode(real_array({1}, {parameters[i]}));
  }
  EXPECT_EQ(chain.run(kImage), (Values{1.5, -1.5, 3.5, 1.0}));
}

TEST(GraphOf, LinearLayersActOnTheLastAxis) {
  const Array weight = real_array({2, 2}, {1, 2, 3, -1});
  EXPECT_EQ(Chain({2}).add(Linear{2}).weight(weight).run({1, 10}), (Values{21, -7}));
  Chain tokens({2, 2});
  tokens.add(Linear{2}).weight(weight);
  EXPECT_EQ(tokens.run({1, 10, 0, 1}), (Values{21, -7, 2, -1}));
  tokens.layer().has_bias = true;
  tokens.layer().bias = encode(real_array({2}, {100, 200}));
  EXPECT_EQ(tokens.run({1, 10, 0, 1}), (Values{121, 193, 102, 199}));
}

// Stored weights are the same numbers, and seen again as the same integers.
TEST(GraphOf, StoredWeightsKeepTheirIntegers) {
  for (const int bits : {2, 4, 8}) {
    Chain chain({2});
    chain.add(Linear{2});
    chain.layer().stored = StoredWeights{
        .integers = encode(integer_array({2, 2}, {-2, 1, 0, -1}, ElementType::kInt32)),
        .bits = bits,
        .scale = real_array({2, 1}, {0.3, 7.0}),
        .zero_point = real_array({}, {1.0}),
        .widths = {}};
    const Values result = chain.run({1, 100});
    EXPECT_NEAR(result[0], 0.3F * (-3.0 + 0.0), 1e-6) << bits;
    EXPECT_NEAR(result[1], 7.0 * (-1.0 - 200.0), 1e-3) << bits;
  }
}

TEST(GraphOf, MissingValuesAreNamed) {
  EXPECT_EQ(Chain().add(point(2)).error(),
            "n.yaml: layer \"layer0\" has no values for its weight; give them, or none for the "
            "whole network");
  Chain biased;
  biased.add(point(1)).weight(real_array({1, 1, 1, 1}, {2.0}));
  biased.layer().has_bias = true;
  EXPECT_EQ(biased.error(),
            "n.yaml: layer \"layer0\" has no values for its bias; give them, or none for the "
            "whole network");
  EXPECT_EQ(Chain().add(BatchNorm{}).error(),
            "n.yaml: layer \"layer0\" has no values for its scale; give them, or none for the "
            "whole network");
}

}  // namespace
}  // namespace pimento::workloads
