// SPDX-License-Identifier: Apache-2.0
// Numbers of bins that no packing can go below.
#pragma once

#include <cstdint>

#include "mapper/packing/tiling.h"

namespace pimento::mapper::packing {

// Holds for any cuts. Areas in bands of rows: one column of an array holds either one piece that
// reaches into all bands, or as many bands as are complete. So the best that can be done with a
// column of an item is to cut it by the array's height and to count the rest in bands, each of
// which takes its share of an array's complete ones. Where rows are read one by one, or bands fill
// the array, this is needed cells (of whole bands) over an array's cells.
[[nodiscard]] std::int64_t area_bound(const Problem& problem);

// Holds for the tiles of a tiling, if they stay whole: the area after sizes were changed by dual
// feasible functions, u^(e) of Fekete and Schepers (A General Framework for Bounds for
// Higher-Dimensional Orthogonal Packing Problems, Math. Methods of Oper. Res. 60, 2004): a side
// longer than the array's less e counts as the array's, one shorter than e as nothing. Both sides
// are changed, each with an e of its own, among the sizes that occur.
[[nodiscard]] std::int64_t whole_tiles_bound(const Tiling& tiling, const Problem& problem);

}  // namespace pimento::mapper::packing
