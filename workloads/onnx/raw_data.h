// SPDX-License-Identifier: Apache-2.0
// Keeps the values of initializers where they lie in the file. A model is little structure and a
// great deal of raw data; parsed as messages, the data would be in memory twice.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pimento::workloads::onnx_import {

struct StrippedModel {
  std::string message;  // the serialized ModelProto without the large raw_data of its initializers
  // For each initializer of the graph, in order: its raw data, where that was taken out.
  std::vector<std::optional<std::string_view>> raw_data;
};

// Walks the wire format of ModelProto.graph.initializer.raw_data. Empty when the content is not
// well-formed that far; the parser will say what is wrong.
[[nodiscard]] std::optional<StrippedModel> strip_raw_data(std::string_view content);

}  // namespace pimento::workloads::onnx_import
