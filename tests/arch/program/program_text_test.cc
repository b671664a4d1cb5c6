// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "arch/program/program.h"
#include "tests/arch/program/random_program.h"
#include "tests/arch/program/sample.h"
#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

Program read(const std::string& text) {
  return read_program(ConfigDocument::parse(text, "p.yaml"));
}
std::string read_error(const std::string& text) {
  return input_error([&] { (void)read(text); });
}

const std::string kText = R"(schema: pimento/program/1
network: "net"
chip: "chip"
tiles: 3
stages:
  - name: "conv"
    grid: [4, 6]
    pixel_bits: 40
    outputs: 5
    home_tile: 1
    inputs:
      - {from: -1, grid: [4, 6], window: {span: [3, 3], stride: [1, 1], pad: [1, 1]}, pixel_bits: 24, capacity: 18}
    input_slices: 8
    sums_inputs: true
    sum_bits: 20
    tiles:
      - tile: 1
        partial_sums: 5
        cores:
          - {core: 0, macros: 2, rows: 30, columns: 40, cells: 500, reads: 1, max_columns: 25, input_bits: 100, partial_sums: 5}
          - {core: 2, macros: 1, rows: 10, columns: 20, cells: 200, reads: 1, max_columns: 20, input_bits: 50, partial_sums: 5}
      - tile: 2
        partial_sums: 3
        cores:
          - {core: 0, macros: 1, rows: 7, columns: 20, cells: 140, reads: 1, max_columns: 20, input_bits: 56, partial_sums: 3}
    vector_ops: 5
    pool_ops: 0
    macs: 1000
    mac_bits: 8
  - name: "pool"
    grid: [2, 3]
    pixel_bits: 40
    outputs: 5
    home_tile: 1
    inputs:
      - {from: 0, grid: [4, 6], window: {span: [2, 2], stride: [2, 2], pad: [0, 0]}, pixel_bits: 40, capacity: 12}
    vector_ops: 0
    pool_ops: 20
    macs: 0
    mac_bits: 0
  - name: "fc"
    grid: [1, 1]
    pixel_bits: 16
    outputs: 4
    home_tile: 0
    inputs:
      - {from: 1, grid: [2, 3], window: {whole: true}, pixel_bits: 20, capacity: 6}
    input_slices: 4
    sums_inputs: false
    sum_bits: 12
    tiles:
      - tile: 0
        partial_sums: 4
        cores:
          - {core: 1, macros: 1, rows: 30, columns: 16, cells: 480, reads: 1, max_columns: 16, input_bits: 120, partial_sums: 4}
    vector_ops: 4
    pool_ops: 0
    macs: 0
    mac_bits: 0
)";

TEST(ProgramText, IsWrittenFieldByField) {
  EXPECT_EQ(to_text(sample_program()), kText);
}

TEST(ProgramText, IsReadBackAsItWas) {
  EXPECT_EQ(read(kText), sample_program());
  EXPECT_EQ(to_text(read(kText)), kText);
}

TEST(ProgramText, StepsReplicasAndLanesAreWrittenWhereTheyAreNotTheUsual) {
  Program program = sample_program();
  Stage& fc = program.stages[2];
  fc.grid = {1, 4};
  fc.step = {1, 2};
  fc.outputs = 2;
  fc.tiles[0].cores[0].lane = 3;
  fc.tiles.push_back(fc.tiles[0]);
  fc.tiles[1].replica = 1;
  const std::string text = to_text(program);
  EXPECT_NE(text.find("    grid: [1, 4]\n    step: [1, 2]\n    pixel_bits: 16\n"),
            std::string::npos);
  EXPECT_NE(text.find("      - tile: 0\n        replica: 1\n        partial_sums: 4\n"),
            std::string::npos);
  EXPECT_NE(text.find("          - {core: 1, lane: 3, macros: 1, rows: 30,"), std::string::npos);
  EXPECT_EQ(read(text), program);
}

TEST(ProgramText, MistakesInStepsReplicasAndLanesAreNamed) {
  EXPECT_EQ(read_error(replaced(kText, "grid: [4, 6]\n", "grid: [4, 6]\n    step: [2]\n")),
            "p.yaml:8:11: stages.0.step: found 1 numbers; expected [height, width]");
  EXPECT_EQ(read_error(replaced(kText, "grid: [4, 6]\n", "grid: [4, 6]\n    step: [2, 0]\n")),
            "p.yaml:8:15: stages.0.step.1: found \"0\"; expected a whole number from 1 to "
            "1125899906842624");
  EXPECT_EQ(read_error(replaced(kText, "core: 2", "core: 2, lane: -1")),
            "p.yaml:21:29: stages.0.tiles.0.cores.1.lane: found \"-1\"; expected a whole number "
            "from 0 to 1073741824");
  EXPECT_EQ(read_error(replaced(kText, "tile: 2\n", "tile: 2\n        replica: one\n")),
            "p.yaml:23:18: stages.0.tiles.1.replica: found \"one\"; expected a whole number from 0 "
            "to 1073741824");
}

TEST(ProgramTextProperty, RandomProgramsComeBack) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const Program program = RandomProgram(seed).graph(1 + static_cast<int>(seed % 8));
    ASSERT_EQ(read(to_text(program)), program);
  }
}

TEST(ProgramText, NamesMayHoldWhatYamlGivesAMeaning) {
  Program program = sample_program();
  program.network = "a \"quoted\" \\ name: {x} # no comment";
  program.stages[0].name = "two\nlines\tand a tab";
  program.stages[1].name = "-";
  program.stages[2].name = "straße %s {}";
  EXPECT_EQ(read(to_text(program)), program);
}

TEST(ProgramText, FieldsOfNoWorkMayBeLeftOut) {
  const std::string text = replaced(kText, "    pool_ops: 20\n", "");
  Program expected = sample_program();
  expected.stages[1].pool_ops = 0;
  EXPECT_EQ(read(text), expected);
}

TEST(ProgramText, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(read_error(replaced(kText, "pimento/program/1", "pimento/chip/1")),
            "p.yaml:1:9: schema: found \"pimento/chip/1\"; expected \"pimento/program/1\"");
  EXPECT_EQ(read_error(replaced(kText, "tiles: 3\n", "tiles: 0\n")),
            "p.yaml:4:8: tiles: found \"0\"; expected a whole number from 1 to 1048576");
  EXPECT_EQ(read_error(replaced(kText, "    input_slices: 8\n", "")),
            "p.yaml:6:5: stages.0.input_slices: missing; expected a whole number from 1 to 64");
  EXPECT_EQ(read_error(replaced(kText, "core: 2", "core: -1")),
            "p.yaml:21:20: stages.0.tiles.0.cores.1.core: found \"-1\"; expected a whole number "
            "from 0 to 1073741824");
  EXPECT_EQ(
      read_error(replaced(kText, "from: 1", "from: -2")),
      "p.yaml:47:16: stages.2.inputs.0.from: found \"-2\"; expected a whole number from -1 to "
      "1073741824");
  EXPECT_EQ(read_error(replaced(kText, "span: [3, 3]", "span: [3]")),
            "p.yaml:12:49: stages.0.inputs.0.window.span: found 1 numbers; expected [height, "
            "width]");
  EXPECT_EQ(read_error(replaced(kText, "span: [3, 3], ", "")),
            "p.yaml:12:42: stages.0.inputs.0.window.span: missing; expected a list");
  EXPECT_EQ(read_error(replaced(kText, "{whole: true}", "{whole: true, span: [1, 1]}")),
            "p.yaml:47:55: stages.2.inputs.0.window.span: unknown key; known keys: whole");
  EXPECT_EQ(read_error(replaced(kText, "from: 1", "from: 2")),
            "stage \"fc\": input from stage 2; expected an earlier stage, or -1 for the chip's "
            "input");
}

TEST(ProgramText, HugeNumbersAreRefusedWithoutOverflow) {
  EXPECT_EQ(read_error(replaced(kText, "grid: [2, 3]\n    pixel_bits: 40",
                                "grid: [1125899906842624, 1125899906842624]\n    pixel_bits: 40")),
            "stage \"pool\": the program up to here counts more than 2^53 actions an image, which "
            "is more than can be counted exactly; make it smaller");
}

}  // namespace
}  // namespace pimento::arch
