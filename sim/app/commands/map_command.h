// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento map`: where the weights lie.
void add_map_command(CLI::App& app);

}  // namespace pimento::app
