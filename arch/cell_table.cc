// SPDX-License-Identifier: Apache-2.0
#include "arch/cell_table.h"

namespace pimento::arch {

CellTable::Entry CellTable::make(std::int64_t weight, std::int64_t center) const {
  Entry entry;
  entry.cells = encode(plan_, weight, center);
  entry.comes_back = decode(plan_, entry.cells, center) == weight;
  const auto lines = static_cast<std::size_t>(plan_.lines());
  for (std::size_t i = 0; i < entry.cells.size(); ++i) {
    if (entry.cells[i] != 0) entry.slices |= std::uint64_t{1} << (i / lines);
  }
  return entry;
}

const CellTable::Entry& CellTable::of(std::int64_t weight, std::int64_t center) {
  const std::int64_t distance = weight - center;
  const bool is_near = distance >= -kNear && distance < kNear;
  const Entry*& known =
      is_near ? near_[static_cast<std::size_t>(distance + kNear)] : far_[distance];
  if (known == nullptr) {
    entries_.push_back(make(weight, center));
    known = &entries_.back();
  }
  return *known;
}

}  // namespace pimento::arch
