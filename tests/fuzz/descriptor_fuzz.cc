// SPDX-License-Identifier: Apache-2.0
// Any bytes as a descriptor of layers, and as a graph file.
#include <string>

#include "base/config_reader.h"
#include "base/error.h"
#include "workloads/archive/graph_file.h"
#include "workloads/importers.h"

namespace {

template <class Read>
void attempt(const std::string& text, const Read& read) {
  try {
    (void)read(pimento::ConfigDocument::parse(text, "fuzz.yaml"));
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  attempt(text, [](pimento::ConfigDocument document) {
    return pimento::workloads::read_descriptor(std::move(document), "fuzz.yaml");
  });
  attempt(text, [](pimento::ConfigDocument document) {
    return pimento::workloads::read_graph_file(std::move(document), "fuzz.yaml");
  });
  return 0;
}
