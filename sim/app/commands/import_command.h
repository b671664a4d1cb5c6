// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace pimento::app {

void add_import_command(CLI::App& app);

}  // namespace pimento::app
