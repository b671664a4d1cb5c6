// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_view.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/hand_made_mapping.h"
#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class MapTiny : public testing::Test {
 protected:
  MapTiny() {
    request.network = scratch.write("tiny.yaml", kTinyNetwork);
    request.chip = "reram_128x128_1b";
    for (const char* setting : {"macro.rows=16", "macro.columns=32"}) {
      request.overrides.push_back(parse_override(setting));
    }
  }
  [[nodiscard]] MappingView view() const {
    const Inputs inputs = load_inputs(request);
    return view_mapping(request, inputs, map_inputs(inputs, request.strategy).mapping);
  }
  Scratch scratch;
  RunRequest request;
};

TEST_F(MapTiny, CountsTilesOfTheMatrix) {
  const MappingView view = this->view();
  ASSERT_EQ(view.layers.size(), 2U);
  const LayerPlacement& conv = view.layers[0];
  EXPECT_EQ(conv.rows, 27);
  EXPECT_EQ(conv.columns, 4);
  EXPECT_EQ(conv.slices(), 8);
  EXPECT_EQ(conv.row_tiles, 2);
  EXPECT_EQ(conv.column_tiles, 1);
  EXPECT_EQ(conv.macros, 2);
  EXPECT_EQ(conv.used_cells, 27 * 32);
  EXPECT_EQ(conv.allocated_cells, 2 * 16 * 32);
  const LayerPlacement& fc = view.layers[1];
  EXPECT_EQ(fc.row_tiles, 4);
  EXPECT_EQ(fc.column_tiles, 3);
  EXPECT_EQ(fc.macros, 12);
}

TEST_F(MapTiny, NamesBothAverages) {
  const MappingView view = this->view();
  // 27 x 32 of 2 macros, 64 x 80 of 12 macros, 512 cells each.
  EXPECT_DOUBLE_EQ(view.utilization.cell_share(), (864.0 + 5120.0) / (14.0 * 512.0));
  EXPECT_DOUBLE_EQ(view.utilization.layer_mean, (864.0 / 1024.0 + 5120.0 / 6144.0) / 2.0);
  const std::string text = mapping_text(view, {});
  // Cores of 8 macros: one for the convolution, two for the linear layer; a tile has 12.
  EXPECT_THAT(text,
              HasSubstr("14: 58.3 % of the 24 of the cores in use, 14.6 % of the chip's 96\n"));
  EXPECT_THAT(text, HasSubstr("83.5 % = sum of used cells / sum of allocated cells\n"));
  EXPECT_THAT(text, HasSubstr("83.9 % = mean of the layers' own utilizations\n"));
}

TEST_F(MapTiny, JsonSaysTheSame) {
  const json read = json::parse(mapping_json(view()));
  EXPECT_EQ(read["layers"][1]["crossbars"], 12);
  EXPECT_EQ(read["totals"]["crossbars"], 14);
  EXPECT_EQ(read["totals"]["used_cells"], 864 + 5120);
  EXPECT_EQ(read["overrides"], json({"macro.rows=16", "macro.columns=32"}));
}

TEST_F(MapTiny, TellsTheReasonAndTheTraffic) {
  EXPECT_THAT(mapping_text(view(), {}), Not(HasSubstr("reason")));
  EXPECT_FALSE(json::parse(mapping_json(view())).contains("reason"));
  request.strategy = "throughput";
  const MappingView view = this->view();
  EXPECT_THAT(view.reason, HasSubstr("of 6 cores, assumed to be twice those of one copy"));
  EXPECT_THAT(mapping_text(view, {}), HasSubstr(view.reason));
  EXPECT_THAT(mapping_text(view, {}), HasSubstr("0 an image; 0 before tiles were placed\n"));
  const json read = json::parse(mapping_json(view));
  EXPECT_EQ(read["reason"], view.reason);
  EXPECT_EQ(read["bits_times_routers"], (json{{"before", 0}, {"after", 0}}));
}

TEST_F(MapTiny, TheProgramReadsBack) {
  const ProgramRun run = run_program("map " + request.network + " --program");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const arch::Program program = arch::read_program(ConfigDocument::parse(run.out, "program.yaml"));
  EXPECT_EQ(program.network, "tiny");
  EXPECT_EQ(arch::to_text(program), run.out);
}

TEST_F(MapTiny, AnUnknownStrategyIsAMistake) {
  const ProgramRun run = run_program("map " + request.network + " --strategy dens");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(
      run.err,
      "pimento: error: strategy \"dens\" is not known; expected one of area, auto, bwq, dense, "
      "forms, packed, planes, reload, similar, sme, sparse, sre, throughput, windows\n");
}

TEST(MapByHand, IsAMappingThatTheVerifierAccepts) {
  const HandMade made;
  EXPECT_NO_THROW(mapper::verify(made.mapping, {made.inputs.network, made.inputs.chip}));
}

TEST(MapByHand, CountsReplicasTurnsAndStoredShares) {
  const MappingView view = HandMade().view();
  const LayerPlacement& a = view.layers[0];
  EXPECT_EQ(a.replicas, 2);
  EXPECT_EQ(a.turns, 2);
  EXPECT_EQ(a.rounds, 1);
  EXPECT_EQ(a.used_cells, 2 * (24 + 24 + 12));
  EXPECT_EQ(a.dense_cells, 6 * 4 * 4);
  EXPECT_DOUBLE_EQ(a.stored_share(), 60.0 / 96.0);
  EXPECT_EQ(a.planes, (std::vector<std::optional<double>>{1.0, 1.0, std::nullopt, 0.5}));
  EXPECT_EQ(a.metadata_bits(), 10);
  EXPECT_EQ(a.metadata_reads(), 7);
  EXPECT_EQ(view.layers[1].turns, 1);
  EXPECT_DOUBLE_EQ(view.layers[1].stored_share(), 1.0);
}

TEST(MapByHand, CountsSharedAndEmptyMacros) {
  const MappingView view = HandMade().view();
  EXPECT_EQ(view.macros, 2);
  EXPECT_EQ(view.shared_macros, 2);
  EXPECT_EQ(view.writings, 2);
  EXPECT_EQ(view.empty_macros, (EmptyMacros{.behind_last_layer = 1, .skipped = 1}));
  // Beside 12 of 16 columns; under the three rows of plane 3.
  EXPECT_EQ(view.empty_of_shared, (EmptyCells{.columns_beside = 64, .gaps = 24}));
  EXPECT_EQ(view.empty(), view.empty_of_shared);
  EXPECT_EQ(view.empty().total() + view.utilization.used_cells, view.utilization.allocated_cells);
}

TEST(MapByHand, Text) {
  EXPECT_EQ(mapping_text(HandMade().view(), {}),
            content_of(PIMENTO_SOURCE_DIR "/tests/sim/app/map_by_hand.txt"));
}

TEST(MapByHand, ColoursOnTerminalsOnly) {
  const MappingView view = HandMade().view();
  EXPECT_THAT(mapping_text(view, {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(mapping_text(view, {.colour = true}), HasSubstr("\x1b[1mPasses\x1b[0m\n"));
}

TEST(MapByHand, PlanesBeyondSixteenHaveATableOfTheirOwn) {
  MappingView view = HandMade().view();
  view.layers[1].planes.assign(20, 0.996);
  view.layers[1].planes[17] = 0.004;
  view.layers[1].planes[18] = 0.0;
  const std::string text = mapping_text(view, {});
  EXPECT_THAT(text, HasSubstr("layer   16  17  18   19\n"));
  EXPECT_THAT(text, HasSubstr("b      >99  <1   0  >99\n"));
}

TEST(MapByHand, CopiesOfAKernelStoreItsWeightsSeveralTimes) {
  HandMade made;
  mapper::NetworkBuilder b({1, 6, 6});
  b.precision(b.conv("conv", 2, 3), 4, 8);
  made.inputs.network = b.network;
  made.inputs.chip = mapper::make_chip({.rows = 16, .columns = 16, .more = {}});
  mapper::LayerMapping layer;
  layer.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 4, 1);
  layer.copies = {2, 1};
  layer.groups.resize(1);
  layer.groups[0].rows = {0, 12};
  layer.groups[0].columns = {0, 16};
  layer.macros = 1;
  made.mapping.layers = {layer};
  const MappingView view = made.view();
  EXPECT_EQ(view.layers[0].rows, 12);
  EXPECT_EQ(view.layers[0].columns, 4);
  EXPECT_DOUBLE_EQ(view.layers[0].stored_share(), 12.0 * 16.0 / (9.0 * 2.0 * 4.0));
  EXPECT_THAT(mapping_text(view, {}), HasSubstr("  2 x 1  "));
  EXPECT_EQ(json::parse(mapping_json(view))["layers"][0]["copies"], json({2, 1}));
}

TEST(MapByHand, Json) {
  const json read = json::parse(mapping_json(HandMade().view()));
  const json& a = read["layers"][0];
  EXPECT_EQ(a["plane_stored_shares"], json::parse("[1.0, 1.0, null, 0.5]"));
  EXPECT_EQ(a["slice_plan"][2], json({{"shift", 3}, {"width", 1}, {"sign", -1}}));
  EXPECT_EQ(a["passes"][1], json({{"pass", "zero rows"},
                                  {"cells_saved", 12},
                                  {"conversions_saved", -1},
                                  {"metadata_bits", 6},
                                  {"metadata_bits_read_per_position", 6},
                                  {"extra_input_slices", 2}}));
  EXPECT_EQ(read["totals"]["empty_crossbars"]["skipped"], 1);
  EXPECT_EQ(read["totals"]["empty_cells_of_shared"]["gaps"], 24);
  EXPECT_EQ(read["totals"]["shared_crossbars"], 2);
  EXPECT_FALSE(read.contains("column_groups"));
}

std::string listed(const HandMade& made) {
  std::string text;
  write_mapping_json(made.view(), made.mapping, [&](const std::string& piece) { text += piece; });
  return text;
}

TEST(MapByHand, JsonListsColumnGroups) {
  HandMade made;
  made.mapping.layers[1].groups[1].details = std::make_shared<const arch::GroupDetails>(
      arch::GroupDetails{{0, 1}, {{.column = 3, .place = 5}}});
  const json read = json::parse(listed(made));
  const json& groups = read["column_groups"];
  ASSERT_EQ(groups.size(), 8U);
  EXPECT_EQ(groups[5], json::parse(R"({"layer": "a", "block": 0, "rows": [0, 3],
    "columns": {"list": [2, 5, 8, 11]}, "macro": 2, "tile": 0, "core": 1, "at_row": 0,
    "at_column": 8, "turn": 1, "replica": 1, "round": 0})"));
  EXPECT_EQ(groups[7]["row_shifts"], json({0, 1}));
  EXPECT_EQ(groups[7]["shared_columns"], json::parse(R"([{"column": 3, "place": 5}])"));
  EXPECT_FALSE(groups[6].contains("row_shifts"));
  // Everything else is as without the groups, and a group takes a line.
  json others = read;
  others.erase("column_groups");
  EXPECT_EQ(others, json::parse(mapping_json(made.view())));
  EXPECT_THAT(listed(made), HasSubstr("\n    {\"layer\":\"b\",\"block\":0,\"rows\":[0,2]"));
}

TEST(MapByHand, TooManyColumnGroupsAreRefused) {
  HandMade made;
  const MappingView view = made.view();
  made.mapping.layers[0].groups.resize(static_cast<std::size_t>(kMostListedGroups));
  std::size_t written = 0;
  EXPECT_EQ(mapper::message_of<InputError>([&] {
              write_mapping_json(view, made.mapping,
                                 [&](const std::string& piece) { written += piece.size(); });
            }),
            "--groups: the mapping has 1,000,002 column groups; expected at most 1,000,000; leave "
            "--groups out, or map fewer layers");
  EXPECT_EQ(written, 0U);
}

TEST_F(MapTiny, GroupsGoWithJson) {
  const ProgramRun run = run_program("map " + request.network + " --json --groups");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(json::parse(run.out)["column_groups"].size(), 2U);
  EXPECT_EQ(run_program("map " + request.network + " --groups").exit_code, 2);
}

}  // namespace
}  // namespace pimento::app
