// SPDX-License-Identifier: Apache-2.0
// Fills macros with matrices: those larger than an array in tiles of its size, small ones several
// to an array, each on rows and columns of its own.
#pragma once

#include "mapper/mapping.h"
#include "mapper/placement.h"

namespace pimento::mapper {

class ArraySlots {
 public:
  ArraySlots(const MappingProblem& problem, FreshMacros& macros, LayerMapping& layer)
      : problem_(problem), macros_(macros), layer_(layer) {}

  // On the diagonal of the present macro where rows and columns both have room, else on fresh ones.
  void add(std::int64_t block, const Indices& rows, const Indices& columns,
           const std::vector<std::uint8_t>& row_shifts = {});
  // What comes next is read with other inputs than what lies on the present macro.
  void close() { macro_ = -1; }
  // Beside what was added last, on the same rows, which are the same inputs. Takes as many columns
  // as there is room for, and returns how many.
  std::int64_t add_beside(std::int64_t block, const Indices& rows, const Indices& columns,
                          const std::vector<std::uint8_t>& row_shifts = {});
  // Columns that are free beside what was added last; 0 where nothing was.
  [[nodiscard]] std::int64_t room_beside() const;

 private:
  void put(ColumnGroup group, const std::vector<std::uint8_t>& row_shifts);

  const MappingProblem& problem_;
  FreshMacros& macros_;
  LayerMapping& layer_;
  int macro_ = -1;
  std::int64_t top_ = 0;  // of what was added last
  std::int64_t next_row_ = 0;
  std::int64_t next_column_ = 0;  // of weights
};

}  // namespace pimento::mapper
