// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"
#include "workloads/onnx/graph_reader.h"

namespace pimento::workloads {

Graph read_onnx_graph(std::string content, const std::string& file_name,
                      const OnnxOptions& options) {
  const onnx_import::ParsedModel model(std::move(content), file_name);
  return onnx_import::read_graph(model, file_name, options);
}

Network read_onnx(std::string content, const std::string& file_name, const OnnxOptions& options) {
  Network network = network_of(read_onnx_graph(std::move(content), file_name, options));
  network.validate();
  return network;
}

}  // namespace pimento::workloads
