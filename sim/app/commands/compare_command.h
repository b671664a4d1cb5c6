// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento compare`: several policies side by side.
void add_compare_command(CLI::App& app);

}  // namespace pimento::app
