// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento inspect`: what a network is made of.
void add_inspect_command(CLI::App& app);

}  // namespace pimento::app
