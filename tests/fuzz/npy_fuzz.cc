// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .npy file. What is read must come back from write_npy().
#include <memory>
#include <span>

#include "base/error.h"
#include "tests/fuzz/number_mutator.h"
#include "workloads/archive/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimento;
  using namespace pimento::workloads;
  try {
    const Constant array = read_npy(std::as_bytes(std::span(data, size)), nullptr, "fuzz.npy");
    const auto written = std::make_shared<const std::string>(write_npy(array));
    const auto bytes = std::as_bytes(std::span(*written));
    ensure(same_values(array, read_npy(bytes, written, "written.npy")),
           "an array is another one after writing and reading");
  } catch (const InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
  return 0;
}
