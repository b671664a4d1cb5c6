// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ONNX model: parsed, folded, and lowered to a network.
#include <string>

#include "base/error.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string content(reinterpret_cast<const char*>(data), size);
    (void)pimento::workloads::read_onnx(content, "fuzz.onnx");
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
  return 0;
}
