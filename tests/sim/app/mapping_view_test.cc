// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

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
  EXPECT_EQ(conv.slices, 8);
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

TEST_F(MapTiny, TheProgramReadsBack) {
  const ProgramRun run = run_program("map " + request.network + " --program");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const arch::Program program = arch::read_program(ConfigDocument::parse(run.out, "program.yaml"));
  EXPECT_EQ(program.network, "tiny");
  EXPECT_EQ(arch::to_text(program), run.out);
}

TEST_F(MapTiny, AnUnknownStrategyIsAMistake) {
  const ProgramRun run = run_program("map " + request.network + " --strategy sparse");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err, "pimento: error: strategy \"sparse\" is not known; expected one of dense\n");
}

}  // namespace
}  // namespace pimento::app
