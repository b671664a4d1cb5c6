// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

// `pimento list`: the names that other commands take.
void add_list_command(CLI::App& app);

}  // namespace pimento::app
