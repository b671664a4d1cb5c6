// SPDX-License-Identifier: Apache-2.0
// Counts the reads of a layer that are left where its macros pass over inputs of zero
// (macro.zero_skipping), from the inputs themselves: how zeros of neighbouring rows go together is
// not to be had from counts of single rows.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "arch/layout.h"
#include "arch/program/program.h"
#include "sim/exact/mapped_matrix.h"
#include "sim/exact/row_reads.h"

namespace pimento::exact {

// Of one copy of a layer on one core, over all vectors that the copy has read. Macros of a core
// begin a step together and each goes through its reads without waiting for the others, so that the
// one with most of them in that step sets the time.
struct CoreReads {
  int replica = 0;
  std::int64_t core = 0;  // counted over the whole chip
  arch::KeptReads kept;
  arch::KeptReads possible;  // with nothing passed over
  friend bool operator==(const CoreReads&, const CoreReads&) = default;
};

// Of one layer. Reads are those of arrays or operation units, whichever macro they are on.
struct LayerReads {
  std::int64_t vectors = 0;
  std::int64_t reads_kept = 0;
  std::int64_t reads_possible = 0;
  std::vector<CoreReads> cores;  // by replica and core
  friend bool operator==(const LayerReads&, const LayerReads&) = default;
};

class ReadCounter {
 public:
  ReadCounter(const BlockShape& shape, const arch::LayerLayout& layout,
              const arch::MacroSpec& macro, int macros_per_core, const InputFormat& input);

  // Vectors [first, first + count) of an image: `inputs` has, for each block, those of all of them,
  // a value a row. Copies of the layer take turns. May be called by several threads at once.
  void add(std::int64_t first, std::int64_t count, const std::vector<std::int32_t>& inputs);
  [[nodiscard]] LayerReads reads() const;

 private:
  // Columns of a macro that are read with the rows of a set.
  struct Columns {
    std::size_t set = 0;
    std::int64_t count = 0;
    std::int64_t shared = 0;
    std::int64_t beside = 1;          // units, one after the other
    std::int64_t cells_of_drive = 0;  // or, of groups with other rows that are read together,
    std::int64_t cells_of_read = 0;
  };
  struct Core {
    int replica = 0;
    std::int64_t number = 0;
    std::map<int, std::vector<Columns>> macros;
    // Rows and the cells at one of them, where cells go by the rows of each group for itself.
    std::vector<std::pair<std::size_t, std::int64_t>> parts;
  };
  // Sums over the vectors of one replica.
  struct Totals {
    std::vector<RowReads> sets;
    std::vector<std::int64_t> serial;  // of cores
    std::int64_t vectors = 0;
    void add(const Totals& other);
  };
  struct Replica {
    std::vector<RowSet> sets;
    // Sets by their first input and size.
    std::map<std::pair<std::int64_t, std::size_t>, std::vector<std::size_t>> sets_from;
    std::map<std::int64_t, Core> cores;
  };
  using Groups = std::vector<const arch::ColumnGroup*>;

  std::size_t set_of(int replica, RowSet rows);
  [[nodiscard]] RowSet rows_of(const Groups& groups) const;
  Core& core_of(const arch::ColumnGroup& group);
  void add_units(const arch::ColumnGroup& group, int lines);
  void add_turn(const Groups& groups, int lines);
  [[nodiscard]] std::vector<std::uint32_t> driven(std::int64_t count, int phase,
                                                  const std::vector<std::int32_t>& inputs) const;
  void add_vector(int replica, const std::vector<const std::uint32_t*>& phases,
                  std::vector<RowReads>& found, std::vector<Totals>& totals) const;
  [[nodiscard]] static std::int64_t reads_of_macro(const std::vector<Columns>& columns,
                                                   const std::vector<RowReads>& sets);
  [[nodiscard]] std::vector<Totals> no_totals() const;
  void add_core(const Core& core, const Replica& copy, const Totals& totals,
                const std::vector<RowReads>& all, LayerReads& result) const;
  [[nodiscard]] static arch::KeptReads sum(const Core& core, const std::vector<RowReads>& sets);

  BlockShape shape_;
  ReadingRule rule_;
  arch::OperationUnit unit_;
  int macros_per_core_;
  int phases_ = 1;
  std::int64_t offset_ = 0;
  std::vector<Replica> replicas_;
  std::mutex guard_;
  std::vector<Totals> totals_;  // of replicas
};

}  // namespace pimento::exact
