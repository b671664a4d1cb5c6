// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento run`: one network, one policy, one chip.
void add_run_command(CLI::App& app);

}  // namespace pimento::app
