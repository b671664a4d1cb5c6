// SPDX-License-Identifier: Apache-2.0
// The .npy format of NumPy: one array, as a short header and then its bytes as they lie in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "workloads/graph/constant.h"

namespace pimento::workloads {

// Reads format versions 1, 2 and 3 with floating-point numbers of 16, 32 or 64 bits, integers of 8
// to 64 bits, or bool, little-endian. The constant lies in `bytes`, which `owner` keeps alive; only
// arrays in Fortran's order are copied, into row-major order. Pickled objects are never read.
// Throws InputError "where: message".
[[nodiscard]] Constant read_npy(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                const std::string& where);

// What NumPy's own save() writes for an array: a header, and the array's bytes as they lie. Types
// that NumPy lacks become the next that hold their values: int4 and uint4 become int8 and uint8,
// bfloat16 becomes float32.
struct NpyParts {
  std::string header;
  Constant data;
};
[[nodiscard]] NpyParts npy_parts(const Constant& constant);
// The same in one piece.
[[nodiscard]] std::string write_npy(const Constant& constant);

}  // namespace pimento::workloads
