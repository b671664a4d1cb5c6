// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento sweep`: one network and chip with fields varied along axes.
void add_sweep_command(CLI::App& app);

}  // namespace pimento::app
