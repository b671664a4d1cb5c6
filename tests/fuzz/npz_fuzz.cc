// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .npz file, of which each array is read.
#include <span>
#include <string>

#include "base/error.h"
#include "workloads/archive/npz.h"

namespace {

// An array that cannot be read must not keep others from being read.
void read_one(pimento::workloads::NpzFile& file, const std::string& name) {
  try {
    pimento::ensure(file.contains(name), "an archive does not know its own names");
    const auto array = file.read(name);
    pimento::ensure(array.bytes.size() == pimento::workloads::bytes_for(array.type, array.size()),
                    "an array has another number of bytes than its shape needs");
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    pimento::workloads::NpzFile file(std::as_bytes(std::span(data, size)), nullptr, "fuzz.npz");
    for (const std::string& name : file.names()) read_one(file, name);
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
  return 0;
}
