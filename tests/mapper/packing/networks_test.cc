// SPDX-License-Identifier: Apache-2.0
// Whole networks of 8-bit weights in 1-bit cells: how many arrays they take packed, against the
// area of their cells and against the strategy that gives every layer macros of its own.
#include <utility>

#include <gtest/gtest.h>

#include "mapper/packing/packing.h"
#include "tests/mapper/packing/support.h"
#include "tests/mapper/support.h"

namespace pimento::mapper::packing {
namespace {

constexpr std::int64_t kSlices = 8;

// Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, CVPR 2018, table 2, width
// 1.0, as in torchvision's mobilenet_v2. Adds hold no weights and are left out.
class MobileNetV2 {
 public:
  workloads::Network make() {
    conv(32, 3, 2, 1);
    for (const auto& [expansion, channels, repeats, stride] :
         {Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2}, Stage{6, 32, 3, 2}, Stage{6, 64, 4, 2},
          Stage{6, 96, 3, 1}, Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1}}) {
      for (int i = 0; i < repeats; ++i) bottleneck(expansion, channels, i == 0 ? stride : 1);
    }
    conv(1280, 1);
    builder_.add("pool", workloads::GlobalPool{});
    builder_.add("flatten", workloads::Flatten{});
    builder_.add("classifier", workloads::Linear{1000});
    for (int layer = 0; layer <= builder_.last(); ++layer) builder_.precision(layer, 8, 8);
    return std::move(builder_.network);
  }

 private:
  struct Stage {
    std::int64_t expansion, channels;
    int repeats;
    std::int64_t stride;
  };
  void bottleneck(std::int64_t expansion, std::int64_t channels, std::int64_t stride) {
    const std::int64_t hidden = channels_ * expansion;
    if (expansion > 1) conv(hidden, 1);
    conv(hidden, 3, stride, hidden);
    conv(channels, 1);
  }
  void conv(std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
            std::int64_t groups = 1) {
    builder_.conv(fmt::format("conv{}", ++convs_), out, kernel, stride, kernel / 2, groups);
    channels_ = out;
  }
  NetworkBuilder builder_{{3, 224, 224}};
  std::int64_t channels_ = 3;
  int convs_ = 0;
};

workloads::Network network_of(const std::string& name) {
  return name == "mobilenet_v2" ? MobileNetV2().make() : shipped_network(name, "uniform8");
}

std::vector<Item> items_of(const workloads::Network& network) {
  std::vector<Item> items;
  for (const int layer : network.weight_layers()) {
    const workloads::MatrixShape matrix = network.matrix(layer);
    items.insert(items.end(), static_cast<std::size_t>(matrix.groups),
                 Item{matrix.rows, matrix.columns * kSlices, kSlices});
  }
  return items;
}

std::int64_t dense_macros(const workloads::Network& network, int side) {
  const arch::ChipSpec chip = make_chip({.rows = side, .columns = side});
  const Mapping mapping = map_network({network, chip}, "dense");
  std::int64_t macros = 0;
  for (const LayerMapping& layer : mapping.layers) macros += layer.macros;
  return macros;
}

struct Row {
  const char* network;
  int side;
  std::int64_t cells;
  std::int64_t bound;
  std::int64_t dense;
  std::int64_t whole;       // bins without cuts
  std::int64_t cuts;        // to within 2 %
  std::int64_t bound_cuts;  // to the bound
};

class PackedNetworks : public testing::TestWithParam<Row> {};

TEST_P(PackedNetworks, LieWithinTwoPercentOfTheirCells) {
  const Row& row = GetParam();
  const workloads::Network network = network_of(row.network);
  EXPECT_EQ(dense_macros(network, row.side), row.dense);
  Problem problem{.rows = row.side, .columns = row.side, .items = items_of(network)};

  const Packing packing = pack(problem);
  EXPECT_EQ(fault(packing, problem), "");
  EXPECT_EQ(packing.cells, row.cells);
  EXPECT_EQ(packing.lower_bound, row.bound);
  EXPECT_LE(double(packing.bins), 1.02 * double(packing.lower_bound));
  EXPECT_LE(double(packing.bins * row.side * row.side), 1.02 * double(packing.cells));
  EXPECT_EQ(packing.cuts(), row.cuts);

  problem.allow_cuts = false;
  EXPECT_EQ(pack(problem).bins, row.whole);

  problem.allow_cuts = true;
  problem.spare_share = 0.0;
  const Packing tight = pack(problem);
  EXPECT_EQ(fault(tight, problem), "");
  EXPECT_EQ(tight.bins, row.bound);
  EXPECT_LE(tight.cuts(), row.bound_cuts);
  for (const Place& place : tight.places) EXPECT_EQ(place.piece.columns.begin % kSlices, 0);
}

std::string name_of(const testing::TestParamInfo<Row>& row) {
  return fmt::format("{}_{}", row.param.network, row.param.side);
}

INSTANTIATE_TEST_SUITE_P(
    EightBits, PackedNetworks,
    testing::Values(Row{"vgg8", 128, 103'787'520, 6335, 6344, 6338, 0, 4},
                    Row{"vgg8", 256, 103'787'520, 1584, 1596, 1585, 0, 1},
                    Row{"vgg8", 512, 103'787'520, 396, 410, 397, 0, 4},
                    Row{"resnet18_imagenet", 128, 93'431'296, 5703, 5724, 5703, 0, 0},
                    Row{"resnet18_imagenet", 256, 93'431'296, 1426, 1454, 1427, 0, 2},
                    Row{"resnet18_imagenet", 512, 93'431'296, 357, 389, 357, 0, 0},
                    Row{"mobilenet_v2", 128, 27'758'080, 1695, 2526, 1695, 0, 0},
                    Row{"mobilenet_v2", 256, 27'758'080, 424, 866, 425, 0, 32},
                    Row{"mobilenet_v2", 512, 27'758'080, 106, 366, 107, 0, 137}),
    name_of);

}  // namespace
}  // namespace pimento::mapper::packing
