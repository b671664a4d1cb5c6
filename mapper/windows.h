// SPDX-License-Identifier: Apache-2.0
// How many places of a convolution's kernel lie side by side on an array, so that one read makes
// several outputs: the arithmetic of im2col, SDK and VW-SDK. It counts; nothing is placed here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "mapper/mapping.h"

namespace pimento::mapper {

// A convolution and the array it shall lie on. Pairs are {height, width}. Padding shows in the
// output's extent alone: rows on padding are there, and driven with zero.
struct WindowProblem {
  std::array<std::int64_t, 2> kernel{1, 1};
  std::array<std::int64_t, 2> stride{1, 1};
  std::array<std::int64_t, 2> dilation{1, 1};
  std::array<std::int64_t, 2> output{1, 1};
  std::int64_t in_channels = 1;  // of all groups
  std::int64_t out_channels = 1;
  std::int64_t groups = 1;
  std::int64_t array_rows = 1;
  std::int64_t array_columns = 1;       // of weights: pairs of lines count once
  std::int64_t columns_per_weight = 1;  // its slices
  std::int64_t unit_rows = 1;  // groups on one array start at multiples: they share no such unit
  // Positions of a window that no copy looks at take rows all the same: cells of weights that are
  // zero must hold something there.
  bool stores_gaps = false;
};

// Of a layer that is a convolution, in the slices of its precision.
[[nodiscard]] WindowProblem window_problem(const MappingProblem& problem, int layer);

// A window of the input from which one read makes copies[0] x copies[1] neighbouring outputs, each
// by a copy of the kernel on columns of its own. Windows lie side by side over the output; the last
// of a row or a column may reach beyond it.
struct ParallelWindow {
  std::array<std::int64_t, 2> copies{1, 1};
  std::array<std::int64_t, 2> extent{1, 1};  // in the input, from its first position to its last
  std::int64_t rows_a_channel = 1;           // positions in it that take rows
  // Input and output channels of a group that a full tile holds (ICt and OCt of VW-SDK); 0 where
  // tiles are cut anywhere, between the positions of a channel and the slices of a weight.
  std::int64_t channels_a_tile = 0;
  std::int64_t out_channels_a_tile = 0;
  std::int64_t groups_a_tile = 1;  // on the diagonal of an array
  std::int64_t windows = 1;        // an image
  std::int64_t row_tiles = 1;      // of one group: AR
  std::int64_t column_tiles = 1;   // AC
  std::int64_t group_tiles = 1;

  [[nodiscard]] bool is_cut_anywhere() const { return channels_a_tile == 0; }
  // Arrays that hold the whole layer. With all of them reading at once an image takes `windows`
  // reads; one array after the other it takes `cycles`.
  [[nodiscard]] std::int64_t arrays() const { return row_tiles * column_tiles * group_tiles; }
  [[nodiscard]] std::int64_t cycles() const { return windows * arrays(); }
  friend bool operator==(const ParallelWindow&, const ParallelWindow&) = default;
};

// One kernel, one output a read; rows and columns cut anywhere. As the strategy "dense".
[[nodiscard]] ParallelWindow im2col_window(const WindowProblem& problem);

// As many copies along both axes, as far as they fit on the arrays of im2col (Zhang et al., TCAD
// 2020, as VW-SDK's authors compare against it); rows and columns cut anywhere. The smallest of
// those with the fewest cycles.
[[nodiscard]] ParallelWindow sdk_window(const WindowProblem& problem);

// The window with these copies after VW-SDK (Rhe et al., DATE 2022): tiles hold whole channels,
// ICt = floor(rows / rows a channel), OCt = floor(columns / (copies x columns per weight)). None if
// a tile cannot hold one channel, if the window is larger than the output, or if copies along a
// dilated axis share no input. Beyond the paper: strides and dilations, of which only positions
// that are looked at take rows where zeros need none; slices; and groups, which stand on the
// diagonal of an array while whole ones fit.
[[nodiscard]] std::optional<ParallelWindow> variable_window(const WindowProblem& problem,
                                                            std::array<std::int64_t, 2> copies);

// The one with the fewest cycles of all variable windows and im2col. Among equals im2col, then the
// window of the smallest area, then the one of the smallest height.
[[nodiscard]] ParallelWindow best_window(const WindowProblem& problem);

}  // namespace pimento::mapper
