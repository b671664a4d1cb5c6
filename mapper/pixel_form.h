// SPDX-License-Identifier: Apache-2.0
// How operators take and make the pixels of maps.
#pragma once

#include <cstdint>

#include "arch/program/program.h"
#include "workloads/network.h"

namespace pimento::mapper {

// How the elements of a map are gathered in pixels.
struct PixelForm {
  arch::Grid grid;
  std::int64_t elements = 0;  // of one pixel
  friend bool operator==(const PixelForm&, const PixelForm&) = default;
};

// Images have a pixel a position, lists of vectors one a vector.
[[nodiscard]] PixelForm form_of(const workloads::Shape& shape);

// The form in which an operator takes and makes its pixels.
[[nodiscard]] PixelForm form_for(const workloads::Operation& op, const workloads::Shape& shape);

[[nodiscard]] bool moves_nothing(const workloads::Operation& op);

// Digital work whose values may come from anywhere in its inputs.
[[nodiscard]] bool mixes_pixels(const workloads::Operation& op);

[[nodiscard]] bool is_elementwise(const workloads::Operation& op);

[[nodiscard]] bool treats_elements_alike(const workloads::Operation& op);

[[nodiscard]] arch::ReadWindow whole_map();

[[nodiscard]] arch::ReadWindow read_window(const workloads::Operation& op);

// Elements that a pooling operator looks at for one output element.
[[nodiscard]] std::int64_t pool_area(const workloads::Operation& op, const workloads::Shape& input);

}  // namespace pimento::mapper
