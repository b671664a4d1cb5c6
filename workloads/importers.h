// SPDX-License-Identifier: Apache-2.0
// The ways a network comes in. Each format has a file of its own; all fill the same Network.
#pragma once

#include <string>

#include "base/config_reader.h"
#include "workloads/network.h"

namespace pimento::workloads {

// A YAML descriptor (docs/networks.md). Throws InputError listing all mistakes.
[[nodiscard]] Network read_descriptor(ConfigDocument document, const std::string& file_name);

// An ONNX model. `content` is the file, `file_name` is for messages. Throws InputError that names
// the node and the operator of the first thing it cannot take.
[[nodiscard]] Network read_onnx(const std::string& content, const std::string& file_name);

}  // namespace pimento::workloads
