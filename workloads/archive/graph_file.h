// SPDX-License-Identifier: Apache-2.0
// A graph as files of our own: YAML for its operators, .npz beside it for its constants.
#pragma once

#include <filesystem>
#include <string>

#include "base/config_reader.h"
#include "workloads/graph/graph.h"

namespace pimento::workloads {

inline constexpr const char* kGraphSchema = "pimento/graph/1";

// Writes NAME.yaml and NAME.npz into a folder, NAME being the graph's name; gives the path of the
// first. What is read back from them is the same graph. Throws InputError when they cannot be
// written.
std::filesystem::path write_graph(const Graph& graph, const std::filesystem::path& folder);

// Reads what write_graph wrote, or a file of the same form (docs/networks.md). Throws InputError
// listing all mistakes of fields, then of the first node that does not fit.
[[nodiscard]] Graph read_graph_file(ConfigDocument document, const std::string& file_name);

}  // namespace pimento::workloads
