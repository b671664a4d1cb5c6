// SPDX-License-Identifier: Apache-2.0
// The arrays of a chip as a picture: `pimento map --svg`.
#pragma once

#include <cstdint>
#include <string>

#include "arch/chip_spec.h"
#include "mapper/mapping.h"
#include "sim/app/views/mapping_view.h"
#include "sim/app/views/svg.h"

namespace pimento::app {

// What keeps a picture readable and its file below some four megabytes, however large the chip.
struct PictureLimits {
  std::int64_t squares = 12'000;     // of the overview; beyond, a square is a core, or tiles
  std::int64_t first_macros = 64;    // drawn in detail
  std::int64_t shared_macros = 64;   // the same, if layers share them, wherever they are
  std::int64_t rectangles = 40'000;  // column groups drawn in detail
  std::int64_t layers = 240;         // of the legend
};

// What the parts of a picture go by.
struct PictureSource {
  const MappingView& view;
  const mapper::Mapping& mapping;
  const arch::ChipSpec& chip;
  const MacroContents& contents;
  PictureLimits limits;

  [[nodiscard]] std::int64_t cells_of_macro() const {
    return std::int64_t{chip.macro.rows} * chip.macro.columns;
  }
};
inline constexpr double kPictureWidth = 1152.0;  // of the parts, margins left aside

// A whole SVG file: title, legend, the chip macro by macro, macros cell by cell. The same mapping
// gives the same bytes.
[[nodiscard]] std::string mapping_picture(const MappingView& view, const mapper::Mapping& mapping,
                                          const arch::ChipSpec& chip,
                                          const PictureLimits& limits = {});

// Every macro of the tiles in use as a square, or what stands for many of them.
[[nodiscard]] svg::Part picture_overview(const PictureSource& source);
// The column groups of the first macros, and of those that layers share.
[[nodiscard]] svg::Part picture_detail(const PictureSource& source);

// The slice that all columns of a group belong to; -1 if they are of several.
[[nodiscard]] int slice_of(const arch::ColumnGroup& group, std::int64_t slices);
// A layer's colour at one slice: dark for the most significant one, light for the least.
[[nodiscard]] svg::Colour shade_of(int layer, int slice, std::int64_t slices);
// A layer's colour where a share of the cells is used.
[[nodiscard]] svg::Colour tint_of(int layer, double share);

}  // namespace pimento::app
