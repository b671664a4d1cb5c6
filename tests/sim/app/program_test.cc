// SPDX-License-Identifier: Apache-2.0
// The program from outside: help, mistakes, exit codes, streams.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Program, SaysItsVersion) {
  const ProgramRun run = run_program("--version");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "pimento 0.1.0\n");
  EXPECT_EQ(run.err, "");
}

TEST(Program, HelpOfEveryCommandHasExamples) {
  for (const char* command : {"", "run", "compare", "sweep", "map", "chip", "inspect", "list"}) {
    const ProgramRun run = run_program(std::string(command) + " --help");
    EXPECT_EQ(run.exit_code, 0) << command;
    EXPECT_THAT(run.out, HasSubstr("Examples:\n  pimento ")) << command;
    EXPECT_EQ(run.err, "") << command;
  }
}

TEST(Program, WithoutACommandShowsHelpAsAMistake) {
  const ProgramRun run = run_program("");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, StartsWith("pimento: no command given\n"));
  EXPECT_THAT(run.err, HasSubstr("compare"));
}

TEST(Program, AMisspeltCommandIsNamed) {
  const ProgramRun run = run_program("compair vgg8");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "pimento: error: no command \"compair\"; did you mean \"compare\"?; known: run, "
            "compare, sweep, map, chip, inspect, import, score, list\n");
}

TEST(Program, AMisspeltOptionIsNamed) {
  const ProgramRun run = run_program("run vgg8 --chp isaac_ce");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "pimento: error: no option \"--chp\"; did you mean \"--chip\"?\n"
            "'pimento run --help' shows what is expected\n");
  EXPECT_THAT(run_program("--foo").err, StartsWith("pimento: error: no option \"--foo\"\n"));
}

TEST(Program, NumbersOutOfRangeAreMistakes) {
  for (const char* images : {"0", "-3", "1000001", "1e3", "many", "99999999999999999999"}) {
    const ProgramRun run = run_program("run vgg8 --images " + std::string(images));
    EXPECT_EQ(run.exit_code, 2) << images;
    EXPECT_THAT(run.err, StartsWith("pimento: error: ")) << images;
  }
}

TEST(Program, AnUnknownNameIsOneMessage) {
  const ProgramRun run = run_program("run vgg9");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err,
              StartsWith("pimento: error: no embedded network \"vgg9\"; did you mean \"vgg8\"?"));
}

TEST(Program, ASettingDoesNotEatTheNetwork) {
  const ProgramRun run = run_program("inspect --set network.mac_rule=standard vgg8");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("network  vgg8"));
}

TEST(Program, ASettingWithoutValueIsAMistake) {
  const ProgramRun run = run_program("run vgg8 --set macro.rows");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, StartsWith("pimento: error: "));
  EXPECT_THAT(run.err, HasSubstr("macro.rows"));
}

TEST(Program, AMisspeltSettingIsAMistake) {
  const ProgramRun run = run_program("run vgg8 --set macro.rwos=64");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("rwos"));
  EXPECT_THAT(run.err, HasSubstr("did you mean \"rows\"?"));
}

TEST(Program, AFullDiskIsAnError) {
  const ProgramRun run = run_program("list >/dev/full");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "pimento: error: cannot write to standard output: No space left on device\n");
}

TEST(Program, AReaderThatLeavesIsNoError) {
  const ProgramRun run = run_program("inspect resnet56_cifar --json | true");
  EXPECT_EQ(run.err, "");
}

TEST(Program, JsonAndCsvExcludeEachOther) {
  EXPECT_EQ(run_program("run vgg8 --json --csv").exit_code, 2);
}

TEST(Program, ListsNames) {
  const ProgramRun run = run_program("list chips");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("isaac_ce  "));
  const std::string strategies = run_program("list strategies").out;
  EXPECT_THAT(strategies, StartsWith("area"));
  EXPECT_THAT(strategies, HasSubstr("\ndense"));
  EXPECT_THAT(strategies, HasSubstr("\npacked"));
  EXPECT_THAT(strategies, HasSubstr("\nthroughput"));
  EXPECT_THAT(run_program("list devices").out, HasSubstr("pcm_joshi2020"));
  EXPECT_THAT(run_program("list").out, HasSubstr("\npolicies\n"));
}

TEST(Program, ListOfSomethingElseIsAMistake) {
  const ProgramRun run = run_program("list chip");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "pimento: error: list: found \"chip\"; expected one of networks, chips, devices, "
            "policies, sweeps, strategies, components; did you mean \"chips\"?\n");
}

}  // namespace
}  // namespace pimento::app
