// SPDX-License-Identifier: Apache-2.0
#include "workloads/importers.h"
#include "workloads/onnx/graph_reader.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads {

Network read_onnx(const std::string& content, const std::string& file_name) {
  const onnx_import::ParsedModel model(content, file_name);
  Network network = onnx_import::read_graph(model.proto(), file_name);
  network.validate();
  return network;
}

}  // namespace pimento::workloads
