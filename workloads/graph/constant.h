// SPDX-License-Identifier: Apache-2.0
// Constant values as the bytes they are stored in: compact, and often still lying in the file.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "workloads/graph/array.h"

namespace pimento::workloads {

// Little-endian and row-major, two 4-bit values a byte with the earlier one in the low half: the
// layout of ONNX's raw data. Whoever owns the bytes (a mapped file, a buffer) is kept alive.
struct Constant {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  [[nodiscard]] std::int64_t size() const { return element_count(shape); }
};

// Bytes that values of a type take, the last byte of packed types rounded up.
[[nodiscard]] std::size_t bytes_for(ElementType type, std::int64_t count);

[[nodiscard]] Array decode(const Constant& constant);
[[nodiscard]] Constant encode(const Array& array);
// Takes over a buffer whose size fits type and shape.
[[nodiscard]] Constant make_constant(ElementType type, Shape shape, std::vector<std::byte> buffer);
// Same type, shape and bytes.
[[nodiscard]] bool same_values(const Constant& a, const Constant& b);

}  // namespace pimento::workloads
