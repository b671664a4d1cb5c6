// SPDX-License-Identifier: Apache-2.0
// Which groups of a layer a macro reads together.
#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapping.h"

namespace pimento::mapper {

// Gives the groups of a layer on each macro their turns: groups of one turn share no column, and
// rows only where they take the same inputs. Greedy first fit, in several orders (along diagonals,
// by rows, by columns, the largest first), of which the one with the fewest turns is taken: that is
// the least number wherever an order reaches least_turns(), as diagonals do on a grid of equal
// blocks. Rows and columns of the groups are ranges, and no row is shifted.
void assign_turns(LayerMapping& layer);

// No fewer turns can do for these groups of one layer on one macro: as many as want a column, or
// want to drive a row, each in its own way. `lines` are physical columns a column.
[[nodiscard]] int least_turns(const std::vector<const ColumnGroup*>& groups, int lines);

}  // namespace pimento::mapper
