// SPDX-License-Identifier: Apache-2.0
#include "workloads/network.h"

#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

using testing::ElementsAre;

Layer layer(const std::string& name, Operation operation, std::vector<int> inputs) {
  Layer result;
  result.name = name;
  result.operation = std::move(operation);
  result.inputs = std::move(inputs);
  return result;
}

Conv conv3x3(std::int64_t out_channels, std::int64_t groups = 1) {
  return {.out_channels = out_channels,
          .groups = groups,
          .window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}};
}

Constant halves(const Shape& shape) {
  const auto count = static_cast<std::size_t>(element_count(shape));
  return encode(real_array(shape, std::vector<double>(count, 0.5)));
}

// conv(8 channels) - relu - flatten - fc(10) on 3x4x4.
Network small() {
  Network network;
  network.name = "small";
  network.input_shape = {3, 4, 4};
  network.add(layer("conv", conv3x3(8), {kNetworkInput}));
  network.add(layer("relu", Relu{}, {0}));
  network.add(layer("flatten", Flatten{}, {1}));
  network.add(layer("fc", Linear{.out_features = 10}, {2}));
  return network;
}

std::int64_t total_macs(const Network& network) {
  std::int64_t total = 0;
  for (const int index : network.weight_layers()) total += network.macs(index);
  return total;
}

TEST(WeightOriginText, NamesFileOrSeed) {
  EXPECT_EQ(WeightOrigin{}.str(), "synthetic gaussian, seed 1");
  WeightOrigin drawn;
  drawn.distribution = "uniform";
  drawn.seed = 7;
  EXPECT_EQ(drawn.str(), "synthetic uniform, seed 7");
  WeightOrigin read;
  read.origin = ValueOrigin::kFile;
  read.file = "a.onnx";
  EXPECT_EQ(read.str(), "file a.onnx");
}

TEST(Network, AddInfersShapesAndGivesIndices) {
  const Network network = small();
  EXPECT_EQ(network.find("fc"), 3);
  EXPECT_EQ(network.find("nothing"), -1);
  EXPECT_EQ(network.shape_of(0), (Shape{8, 4, 4}));
  EXPECT_EQ(network.shape_of(3), (Shape{10}));
  EXPECT_EQ(network.shape_of(kNetworkInput), (Shape{3, 4, 4}));
  EXPECT_THAT(network.weight_layers(), ElementsAre(0, 3));
  EXPECT_NO_THROW(network.validate());
}

TEST(Network, FindFollowsLayersThatWereRenamedOrRemoved) {
  Network network = small();
  network.layers[3].name = "head";
  EXPECT_EQ(network.find("head"), 3);
  EXPECT_EQ(network.find("fc"), -1);
  network.layers.erase(network.layers.begin() + 1);
  EXPECT_EQ(network.find("flatten"), 1);
  EXPECT_EQ(network.find("relu"), -1);
}

TEST(Network, MatrixOfAConvolutionIsWhatOnePositionMultiplies) {
  const Network network = small();
  const MatrixShape matrix = network.matrix(0);
  EXPECT_EQ(matrix.groups, 1);
  EXPECT_EQ(matrix.rows, 27);
  EXPECT_EQ(matrix.columns, 8);
  EXPECT_EQ(matrix.positions, 16);
  EXPECT_EQ(matrix.weights(), 216);
  EXPECT_EQ(matrix.macs(), 3456);
}

TEST(Network, MatrixOfAGroupedConvolutionIsPerGroup) {
  Network network;
  network.input_shape = {6, 4, 4};
  network.add(layer("conv", conv3x3(12, 3), {kNetworkInput}));
  const MatrixShape matrix = network.matrix(0);
  EXPECT_EQ(matrix.groups, 3);
  EXPECT_EQ(matrix.rows, 18);
  EXPECT_EQ(matrix.columns, 4);
  EXPECT_EQ(matrix.weights(), 216);
}

TEST(Network, MatrixOfALinearLayerCountsLeadingAxesAsPositions) {
  Network network;
  network.input_shape = {7, 5, 16};
  network.add(layer("fc", Linear{.out_features = 4}, {kNetworkInput}));
  EXPECT_EQ(network.matrix(0).rows, 16);
  EXPECT_EQ(network.matrix(0).columns, 4);
  EXPECT_EQ(network.matrix(0).positions, 35);
}

TEST(NetworkError, AddRefusesNamesAndInputs) {
  Network network = small();
  EXPECT_EQ(input_error([&] { network.add(layer("", Relu{}, {0})); }),
            "layer 4 has no name; give it one");
  EXPECT_EQ(input_error([&] { network.add(layer("fc", Relu{}, {0})); }),
            "layer \"fc\": the name is taken; choose another");
  EXPECT_EQ(input_error([&] { network.add(layer("x", Relu{}, {4})); }),
            "layer \"x\": its input 4 is not an earlier layer");
  EXPECT_EQ(input_error([&] { network.add(layer("x", Relu{}, {-2})); }),
            "layer \"x\": its input -2 is not an earlier layer");
  EXPECT_EQ(input_error([&] { network.add(layer("x", Add{}, {0, 2})); }),
            "layer \"x\": add takes two inputs of one shape; found 8x4x4 and 128");
  EXPECT_EQ(input_error([&] { network.add(layer(std::string(513, 'a'), Relu{}, {0})); }),
            "layer 4 has a name of 513 characters; expected at most 512");
  EXPECT_EQ(network.layers.size(), 4U);
}

TEST(NetworkError, AddRefusesConstantsThatDoNotFit) {
  Network network = small();
  Layer fc = layer("fc2", Linear{.out_features = 2}, {3});
  fc.weight = halves({10, 2});
  EXPECT_EQ(input_error([&] { network.add(fc); }),
            "layer \"fc2\": its weight has the shape 10x2; expected 2x10");
  fc.weight = halves({2, 10});
  fc.bias = halves({3});
  EXPECT_EQ(input_error([&] { network.add(fc); }),
            "layer \"fc2\": its bias has the shape 3; expected 2");
  Layer norm = layer("bn", BatchNorm{}, {0});
  norm.batch_norm[2] = halves({9});
  EXPECT_EQ(input_error([&] { network.add(norm); }),
            "layer \"bn\": its mean has the shape 9; expected 8");
  Layer relu = layer("r", Relu{}, {0});
  relu.weight = halves({1});
  EXPECT_EQ(input_error([&] { network.add(relu); }),
            "layer \"r\": relu has no weights, but values for them are given");
  fc.bias = halves({2});
  EXPECT_TRUE(network.layers[static_cast<std::size_t>(network.add(fc))].has_bias);
}

TEST(NetworkError, AddRefusesTooManyMacs) {
  Network network;
  network.input_shape = {1024, 1 << 14, 1 << 14};
  EXPECT_EQ(input_error([&] {
              Conv conv{.out_channels = 1 << 11, .window = {}};
              conv.window.kernel = {101, 101};
              conv.window.pads = {50, 50, 50, 50};
              network.add(layer("c", conv, {kNetworkInput}));
            }),
            "layer \"c\": 21393047552 weights at 268435456 positions are 2^60 MACs or more; "
            "expected fewer");
}

TEST(NetworkError, Validate) {
  Network network = small();
  network.source = "a.onnx";
  network.layers.insert(network.layers.end(), layer("spare", Relu{}, {0}));
  network.layers.back().shape = {8, 4, 4};
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "a.onnx: layer \"fc\": no later layer uses its output, and it is not the last; connect "
            "it or remove it");
  network = small();
  network.input_bits = 33;
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "small: the input has 33 bits a value; expected 1 to 32");
  network = small();
  network.layers[0].precision.weight_bits = 0;
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "small: layer \"conv\": a precision of 0 bits; expected 1 to 32");
  network = Network();
  network.name = "bare";
  network.input_shape = {4};
  network.add(layer("relu", Relu{}, {kNetworkInput}));
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "bare: the network has no conv or linear layer; there is nothing to map");
}

TEST(NetworkError, ValidateLimitsTheSumOfMacs) {
  Network network;
  network.name = "huge";
  network.input_shape = {1024, 1 << 14, 1 << 14};
  Conv conv{.out_channels = 1024, .window = {}};
  conv.window.kernel = {61, 61};
  conv.window.pads = {30, 30, 30, 30};
  const std::int64_t macs = 1024LL * 1024 * 61 * 61 * (1LL << 28);  // just over 2^59.8
  network.add(layer("a", conv, {kNetworkInput}));
  EXPECT_EQ(network.macs(0), macs);
  EXPECT_NO_THROW(network.validate());
  network.add(layer("b", conv, {0}));
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "huge: the network has 2^60 MACs or more; expected fewer");
}

TEST(CountingRules, MacsFollowTheRule) {
  Network network = small();
  network.counting_rules = {CountingRule{
      .name = "paper", .source = "", .exclude = {}, .with_bias = {}, .counted_macs = {{"fc", 5}}}};
  EXPECT_EQ(total_macs(network), 3456 + 1280);
  network.mac_rule = "paper";
  EXPECT_EQ(total_macs(network), 3456 + 5);
  network.mac_rule = "papr";
  EXPECT_EQ(input_error([&] { (void)network.macs(0); }),
            "network \"small\" has no counting rule \"papr\"; it has: standard, paper; name one of "
            "these");
  EXPECT_THROW(network.validate(), InputError);
  network.mac_rule = "paper";
  network.counting_rules[0].counted_macs["conv"] = -1;
  EXPECT_EQ(input_error([&] { network.validate(); }),
            "small: layer \"conv\": counting rule \"paper\" gives it -1 MACs; expected 0 to 2^60");
}

TEST(CountingRules, SizesExcludeLayersAndCountBiases) {
  Network network = small();
  network.counting_rules = {CountingRule{
      .name = "paper", .source = "", .exclude = {"co*"}, .with_bias = {"fc"}, .counted_macs = {}}};
  network.layers[3].precision.weight_bits = 3;
  EXPECT_EQ(model_size(network, "standard").parameters, 216 + 1280);
  EXPECT_EQ(model_size(network, "standard").bits, 216 * 8 + 1280 * 3);
  EXPECT_EQ(model_size(network, "paper").parameters, 1280);  // the layer has no bias
  network.layers[3].has_bias = true;
  EXPECT_EQ(model_size(network, "paper").parameters, 1290);
  EXPECT_EQ(model_size(network, "paper").bits, 1290 * 3);
  network.counting_rules[0].with_bias = {"conv"};
  EXPECT_EQ(model_size(network, "paper").parameters, 1280);
  network.counting_rules[0].with_bias = {"fc"};
  EXPECT_DOUBLE_EQ(model_size(network, "paper").compression(), 32.0 / 3.0);
  EXPECT_EQ(input_error([&] { (void)model_size(network, "nobody's"); }),
            "network \"small\" has no counting rule \"nobody's\"; it has: standard, paper; name "
            "one of these");
}

struct Totals {
  const char* network;
  std::size_t weight_layers;
  std::int64_t macs;
  std::int64_t weights;
  Shape output;
};

class ShippedNetwork : public testing::TestWithParam<Totals> {};

TEST_P(ShippedNetwork, HasTheKnownTotals) {
  const Totals& expected = GetParam();
  const Network network = shipped_network(expected.network);
  EXPECT_EQ(network.name, expected.network);
  EXPECT_EQ(network.weight_layers().size(), expected.weight_layers);
  EXPECT_EQ(total_macs(network), expected.macs);
  EXPECT_EQ(model_size(network, "standard").parameters, expected.weights);
  EXPECT_EQ(network.layers.back().shape, expected.output);
  EXPECT_EQ(network.weight_origin.str(), "synthetic gaussian, seed 1");
}

INSTANTIATE_TEST_SUITE_P(
    All, ShippedNetwork,
    testing::Values(Totals{"vgg8", 8, 615'917'568, 12'973'440, {10}},
                    Totals{"vgg16_cifar", 14, 313'201'664, 14'715'584, {10}},
                    Totals{"vgg19_cifar", 17, 398'136'320, 20'024'000, {10}},
                    Totals{"resnet18_cifar100", 21, 555'468'800, 11'210'432, {100}},
                    Totals{"resnet18_imagenet", 21, 1'814'073'344, 11'678'912, {1000}},
                    Totals{"resnet20_cifar", 22, 40'813'184, 270'896, {10}},
                    Totals{"resnet56_cifar", 58, 125'753'600, 857'264, {100}},
                    Totals{"resnet50_imagenet", 54, 4'089'184'256, 25'502'912, {1000}},
                    Totals{"mobilenet_v2", 53, 300'774'272, 3'469'760, {1000}},
                    Totals{"bert_base", 73, 10'872'225'792, 85'524'480, {1, 768}},
                    Totals{"llama2_7b", 225, 6'607'077'376, 6'607'077'376, {1, 32000}}),
    [](const auto& test) { return std::string(test.param.network); });

TEST(ShippedNetworks, ResNet18KeepsTorchvisionsShapes) {
  const Network network = shipped_network("resnet18_imagenet");
  EXPECT_EQ(network.shape_of(network.find("maxpool")), (Shape{64, 56, 56}));
  EXPECT_EQ(network.shape_of(network.find("layer2.0.downsample.0")), (Shape{128, 28, 28}));
  EXPECT_EQ(network.shape_of(network.find("layer4.1.relu2")), (Shape{512, 7, 7}));
}

// What a batch norm or a norm of the tokens, a bias and an embedding add, up to the numbers of
// parameters that are published: torchvision's table of models, and the sums of the state_dicts of
// BertModel and LlamaForCausalLM.
TEST(ShippedNetworks, ParametersArePublishedOnes) {
  const auto weights = [](const char* name) {
    return model_size(shipped_network(name), "standard").parameters;
  };
  const auto norms_and_biases = [](const char* name) {
    const Network network = shipped_network(name);
    std::int64_t count = 0;
    for (const Layer& layer : network.layers) {
      if (std::holds_alternative<BatchNorm>(layer.operation)) count += 2 * layer.shape[0];
      if (layer.has_bias) count += layer.shape.back();
    }
    return count;
  };
  EXPECT_EQ(weights("resnet50_imagenet") + norms_and_biases("resnet50_imagenet"), 25'557'032);
  EXPECT_EQ(weights("mobilenet_v2") + norms_and_biases("mobilenet_v2"), 3'504'872);
  const std::int64_t bert_embeddings = (30'522 + 512 + 2) * 768 + 2 * 768;
  const std::int64_t bert_norms = 12 * 2 * 2 * 768;
  EXPECT_EQ(weights("bert_base") + norms_and_biases("bert_base") + bert_embeddings + bert_norms,
            109'482'240);
  EXPECT_EQ(weights("llama2_7b") + 32'000 * 4096 + (2 * 32 + 1) * 4096, 6'738'415'616);
}

// Products of two computed matrices: q k^T and attention times v.
TEST(ShippedNetworks, AttentionIsDigital) {
  EXPECT_EQ(shipped_network("bert_base").digital_macs(), 12 * 2 * 128 * 128 * 768);
  EXPECT_EQ(shipped_network("llama2_7b").digital_macs(), 32 * 2 * 512 * 4096);
  EXPECT_EQ(shipped_network("mobilenet_v2").digital_macs(), 0);
}

TEST(ShippedNetworks, ResNet50AndMobileNetKeepTorchvisionsShapes) {
  const Network resnet = shipped_network("resnet50_imagenet");
  EXPECT_EQ(resnet.shape_of(resnet.find("layer2.0.conv1")), (Shape{128, 56, 56}));
  EXPECT_EQ(resnet.shape_of(resnet.find("layer2.0.conv2")), (Shape{128, 28, 28}));
  EXPECT_EQ(resnet.shape_of(resnet.find("layer4.2.relu3")), (Shape{2048, 7, 7}));
  const Network mobilenet = shipped_network("mobilenet_v2");
  EXPECT_EQ(mobilenet.matrix(mobilenet.find("features.2.conv.1.0")).groups, 96);
  EXPECT_EQ(mobilenet.shape_of(mobilenet.find("features.3.add")), (Shape{24, 56, 56}));
  EXPECT_EQ(mobilenet.shape_of(mobilenet.find("features.18.2")), (Shape{1280, 7, 7}));
}

TEST(ShippedNetworks, BitSparseOneHasTheLayersOfResNet18) {
  const Network dense = shipped_network("resnet18_imagenet");
  const Network sparse = shipped_network("resnet18_imagenet_bit_sparse");
  ASSERT_EQ(sparse.layers.size(), dense.layers.size());
  for (std::size_t i = 0; i < dense.layers.size(); ++i) {
    EXPECT_EQ(sparse.layers[i].name, dense.layers[i].name);
    EXPECT_EQ(sparse.layers[i].shape, dense.layers[i].shape);
  }
  EXPECT_EQ(sparse.weight_origin.str(),
            "synthetic bit_sparse (9x8 blocks, 1.5 significant bits, plane presence 1, row density "
            "0.9), seed 1");
}

// The totals behind the published energies of arXiv 2101.04354: 110.154 uJ and 159.501 uJ.
TEST(ShippedNetworks, AdTotals) {
  Network vgg19 = shipped_network("vgg19_cifar");
  vgg19.mac_rule = "ad_date21";
  EXPECT_EQ(total_macs(vgg19), 398'136'320);
  Network resnet18 = shipped_network("resnet18_cifar100");
  resnet18.mac_rule = "ad_date21";
  EXPECT_EQ(total_macs(resnet18), 576'491'520);
  EXPECT_NEAR(static_cast<double>(total_macs(resnet18)) * 276.676e-9, 159.501, 0.0005);
}

}  // namespace
}  // namespace pimento::workloads
