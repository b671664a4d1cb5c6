// SPDX-License-Identifier: Apache-2.0
// The ways a network comes in. Each format has a file of its own; all fill the same Network.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/config_reader.h"
#include "workloads/graph/graph.h"
#include "workloads/network.h"

namespace pimento::workloads {

// A YAML descriptor (docs/networks.md). Throws InputError listing all mistakes.
[[nodiscard]] Network read_descriptor(ConfigDocument document, const std::string& file_name);

struct OnnxOptions {
  // Where files of external data may stand; empty when there is no such place.
  std::filesystem::path folder;
  // Leave the batch as the file has it. Networks are counted an image at a time, so otherwise the
  // first extent of every input of two dimensions or more becomes one.
  bool keep_batch = false;
  // Shapes of inputs that the file leaves open, with the batch, by name.
  std::map<std::string, Shape> input_shapes;
  // Inputs whose values are known beforehand, by name: shapes, axes and limits that an exporter
  // left to its caller. They become constants.
  std::map<std::string, Constant> fixed_inputs;
};

// An ONNX model as the operators it holds. `content` is the file, `file_name` is for messages.
// Throws InputError that names the node and the operator of the first thing it cannot take.
[[nodiscard]] Graph read_onnx_graph(std::string content, const std::string& file_name,
                                    const OnnxOptions& options = {});

// The same as a network to be mapped.
[[nodiscard]] Network read_onnx(std::string content, const std::string& file_name,
                                const OnnxOptions& options = {});

}  // namespace pimento::workloads
