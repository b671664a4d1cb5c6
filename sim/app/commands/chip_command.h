// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento chip`: what a chip is made of.
void add_chip_command(CLI::App& app);

}  // namespace pimento::app
