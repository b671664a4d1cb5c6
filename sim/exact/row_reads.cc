// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/row_reads.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/ceil_div.h"

namespace pimento::exact {
namespace {

constexpr std::size_t kMostSlices = 32;

// Bit s: whether slice s of the word has a bit.
std::uint32_t slices_in_use(std::uint32_t word, int dac_bits) {
  if (dac_bits == 1) return word;
  const std::uint32_t slice = (std::uint32_t{1} << dac_bits) - 1;
  std::uint32_t used = 0;
  for (int s = 0; word != 0; ++s, word >>= dac_bits) {
    if ((word & slice) != 0) used |= std::uint32_t{1} << s;
  }
  return used;
}

class Driven {
 public:
  Driven(const RowSet& rows, const ReadingRule& rule, const std::uint32_t* vector)
      : rows_(rows),
        vector_(vector),
        mask_(rule.driven_bits >= 32 ? ~std::uint32_t{0}
                                     : (std::uint32_t{1} << rule.driven_bits) - 1) {}
  [[nodiscard]] std::uint32_t operator[](std::size_t i) const {
    const std::uint32_t word = vector_[rows_.inputs[i]];
    return (rows_.shifts.empty() ? word : word << rows_.shifts[i]) & mask_;
  }

 private:
  const RowSet& rows_;
  const std::uint32_t* vector_;
  std::uint32_t mask_;
};

RowReads fragment_reads(const RowSet& rows, const ReadingRule& rule, const Driven& driven) {
  RowReads result;
  const auto unit = static_cast<std::size_t>(rule.unit_rows);
  for (std::size_t first = 0; first < rows.inputs.size(); first += unit) {
    const std::size_t last = std::min(first + unit, rows.inputs.size());
    std::uint32_t any = 0;
    for (std::size_t i = first; i < last; ++i) any |= driven[i];
    const int slices = rule.skipping == arch::ZeroSkipping::kLeadingBits
                           ? ceil_div(std::bit_width(any), rule.dac_bits)
                           : std::popcount(slices_in_use(any, rule.dac_bits));
    result += {slices, slices * static_cast<std::int64_t>(last - first)};
  }
  return result;
}

RowReads row_reads(const RowSet& rows, const ReadingRule& rule, const Driven& driven) {
  std::array<std::int64_t, kMostSlices> rows_in_slice{};
  for (std::size_t i = 0; i < rows.inputs.size(); ++i) {
    std::uint32_t used = slices_in_use(driven[i], rule.dac_bits);
    for (; used != 0; used &= used - 1) {
      ++rows_in_slice[static_cast<std::size_t>(std::countr_zero(used))];
    }
  }
  RowReads result;
  for (const std::int64_t count : rows_in_slice) {
    result += {ceil_div(count, rule.unit_rows), count};
  }
  return result;
}

}  // namespace

RowReads all_reads(const RowSet& rows, const ReadingRule& rule) {
  const std::int64_t count = std::ssize(rows.inputs);
  return {ceil_div(count, rule.unit_rows) * rule.slices(), count * rule.slices()};
}

RowReads reads_of(const RowSet& rows, const ReadingRule& rule, const std::uint32_t* vector) {
  const Driven driven(rows, rule, vector);
  switch (rule.skipping) {
    case arch::ZeroSkipping::kNone:
      return all_reads(rows, rule);
    case arch::ZeroSkipping::kRows:
      return row_reads(rows, rule, driven);
    case arch::ZeroSkipping::kLeadingBits:
    case arch::ZeroSkipping::kSlices:
      break;
  }
  return fragment_reads(rows, rule, driven);
}

}  // namespace pimento::exact
