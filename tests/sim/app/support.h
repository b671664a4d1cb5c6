// SPDX-License-Identifier: Apache-2.0
// Runs the program as its users do, and looks at everything it leaves behind.
#pragma once

#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <vector>

#include <gtest/gtest.h>

#include "tests/scratch.h"

namespace pimento::app {

struct ProgramRun {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Arguments are given to the shell, so that redirections and pipes can be tested too.
inline ProgramRun run_program(const std::string& arguments) {
  const Scratch scratch;
  const std::string command = "{ \"" PIMENTO_PROGRAM "\" " + arguments + " ; } >\"" +
                              scratch.path("out") + "\" 2>\"" + scratch.path("err") + "\"";
  const int status = std::system(command.c_str());
  ProgramRun run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  run.out = content_of(scratch.path("out"));
  run.err = content_of(scratch.path("err"));
  return run;
}

// A network that is simulated in no time.
inline constexpr const char* kTinyNetwork = R"(schema: pimento/network/1
name: tiny
input: {shape: [3, 8, 8]}
layers:
  - {name: conv1, op: conv, out_channels: 4, kernel: 3, pad: 1}
  - {name: relu1, op: relu}
  - {name: pool, op: max_pool, kernel: 2}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 10}
)";

}  // namespace pimento::app
