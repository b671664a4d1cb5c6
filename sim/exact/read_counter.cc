// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/read_counter.h"

#include <algorithm>
#include <array>

#include "base/ceil_div.h"
#include "base/error.h"

namespace pimento::exact {
namespace {

constexpr int kMostDrivenBits = 32;

std::int64_t shared_columns(const arch::ColumnGroup& group) {
  return group.details == nullptr ? 0 : std::ssize(group.details->shared);
}

}  // namespace

ReadCounter::ReadCounter(const BlockShape& shape, const arch::LayerLayout& layout,
                         const arch::MacroSpec& macro, int macros_per_core,
                         const InputFormat& input)
    : shape_(shape),
      unit_(macro.unit),
      macros_per_core_(macros_per_core),
      replicas_(static_cast<std::size_t>(layout.replicas())) {
  rule_ = {macro.zero_skipping, macro.rows_at_once(), macro.dac_bits,
           input.bits + layout.largest_row_shift()};
  ensure(rule_.driven_bits <= kMostDrivenBits, "an input has more bits than are looked at");
  if (input.is_signed && macro.signed_inputs == arch::SignedInputs::kOffset) {
    offset_ = std::int64_t{1} << (input.bits - 1);
  }
  if (input.is_signed && macro.signed_inputs == arch::SignedInputs::kTwoPhase) phases_ = 2;
  std::map<std::array<int, 3>, Groups> turns;  // replica, macro, turn
  for (const arch::ColumnGroup& group : layout.groups) {
    if (unit_.is_whole()) {
      turns[{group.replica, group.macro, group.turn}].push_back(&group);
    } else {
      add_units(group, layout.plan.lines());
    }
  }
  for (const auto& [key, groups] : turns) add_turn(groups, layout.plan.lines());
  totals_ = no_totals();
}

std::vector<ReadCounter::Totals> ReadCounter::no_totals() const {
  std::vector<Totals> totals(replicas_.size());
  for (std::size_t r = 0; r < totals.size(); ++r) {
    totals[r].sets.resize(replicas_[r].sets.size());
    totals[r].serial.resize(replicas_[r].cores.size());
  }
  return totals;
}

void ReadCounter::Totals::add(const Totals& other) {
  for (std::size_t s = 0; s < sets.size(); ++s) sets[s] += other.sets[s];
  for (std::size_t c = 0; c < serial.size(); ++c) serial[c] += other.serial[c];
  vectors += other.vectors;
}

// The same rows often lie on many macros.
std::size_t ReadCounter::set_of(int replica, RowSet rows) {
  Replica& copy = replicas_[static_cast<std::size_t>(replica)];
  std::vector<std::size_t>& alike = copy.sets_from[{rows.inputs.front(), rows.inputs.size()}];
  for (const std::size_t set : alike) {
    if (copy.sets[set] == rows) return set;
  }
  alike.push_back(copy.sets.size());
  copy.sets.push_back(std::move(rows));
  return alike.back();
}

// Rows of the macro that several groups share are driven once.
RowSet ReadCounter::rows_of(const Groups& groups) const {
  struct Row {
    std::int32_t input = 0;
    std::uint8_t shift = 0;
  };
  std::map<std::int64_t, Row> rows;
  bool is_shifted = false;
  for (const arch::ColumnGroup* group : groups) {
    is_shifted = is_shifted || group->largest_row_shift() > 0;
    for (std::int64_t i = 0; i < group->rows.size(); ++i) {
      rows[group->at_row + i] = {
          static_cast<std::int32_t>(group->block * shape_.rows + group->rows[i]),
          static_cast<std::uint8_t>(group->row_shift(i))};
    }
  }
  RowSet result;
  for (const auto& [place, row] : rows) {
    result.inputs.push_back(row.input);
    if (is_shifted) result.shifts.push_back(row.shift);
  }
  return result;
}

ReadCounter::Core& ReadCounter::core_of(const arch::ColumnGroup& group) {
  const std::int64_t number = group.macro / macros_per_core_;
  Core& core = replicas_[static_cast<std::size_t>(group.replica)].cores[number];
  core.replica = group.replica;
  core.number = number;
  return core;
}

void ReadCounter::add_units(const arch::ColumnGroup& group, int lines) {
  Columns columns;
  columns.set = set_of(group.replica, rows_of({&group}));
  columns.count = group.columns.size();
  columns.shared = shared_columns(group);
  columns.beside = ceil_div(columns.count, unit_.columns);
  columns.cells_of_drive = columns.count * lines;
  core_of(group).macros[group.macro].push_back(columns);
}

void ReadCounter::add_turn(const Groups& groups, int lines) {
  const arch::ColumnGroup& first = *groups.front();
  Core& core = core_of(first);
  Columns columns;
  columns.set = set_of(first.replica, rows_of(groups));
  for (const arch::ColumnGroup* group : groups) {
    const std::int64_t count = group->columns.size();
    columns.count += count;
    columns.shared += shared_columns(*group);
    if (rule_.skipping == arch::ZeroSkipping::kRows) {
      core.parts.emplace_back(set_of(first.replica, rows_of({group})), count * lines);
    } else {
      columns.cells_of_read += group->rows.size() * count * lines;
    }
  }
  core.macros[first.macro].push_back(columns);
}

// Vector by vector, the inputs of all blocks as the rows are driven with them.
std::vector<std::uint32_t> ReadCounter::driven(std::int64_t count, int phase,
                                               const std::vector<std::int32_t>& inputs) const {
  const std::int64_t sign = phase == 0 ? 1 : -1;
  const std::int64_t width = shape_.blocks * shape_.rows;
  std::vector<std::uint32_t> result(static_cast<std::size_t>(count * width));
  const std::int32_t* from = inputs.data();
  for (std::int64_t block = 0; block < shape_.blocks; ++block) {
    for (std::int64_t v = 0; v < count; ++v) {
      std::uint32_t* to = result.data() + v * width + block * shape_.rows;
      for (std::int64_t row = 0; row < shape_.rows; ++row) {
        std::int64_t value = *from++ + offset_;
        if (phases_ == 2) value = std::max<std::int64_t>(0, sign * value);
        *to++ = static_cast<std::uint32_t>(value);
      }
    }
  }
  return result;
}

// One after the other.
std::int64_t ReadCounter::reads_of_macro(const std::vector<Columns>& columns,
                                         const std::vector<RowReads>& sets) {
  std::int64_t reads = 0;
  for (const Columns& some : columns) reads += some.beside * sets[some.set].reads;
  return reads;
}

void ReadCounter::add_vector(int replica, const std::vector<const std::uint32_t*>& phases,
                             std::vector<RowReads>& found, std::vector<Totals>& totals) const {
  const Replica& copy = replicas_[static_cast<std::size_t>(replica)];
  Totals& total = totals[static_cast<std::size_t>(replica)];
  found.assign(copy.sets.size(), {});
  for (std::size_t s = 0; s < copy.sets.size(); ++s) {
    for (const std::uint32_t* vector : phases) found[s] += reads_of(copy.sets[s], rule_, vector);
    total.sets[s] += found[s];
  }
  auto serial = total.serial.begin();
  for (const auto& [number, core] : copy.cores) {
    std::int64_t most = 0;
    for (const auto& [macro, columns] : core.macros) {
      most = std::max(most, reads_of_macro(columns, found));
    }
    *serial++ += most;
  }
  ++total.vectors;
}

void ReadCounter::add(std::int64_t first, std::int64_t count,
                      const std::vector<std::int32_t>& inputs) {
  const std::int64_t width = shape_.blocks * shape_.rows;
  ensure(std::ssize(inputs) == count * width, "vectors of inputs have another length");
  std::vector<std::vector<std::uint32_t>> words;
  words.reserve(static_cast<std::size_t>(phases_));
  for (int phase = 0; phase < phases_; ++phase) words.push_back(driven(count, phase, inputs));
  std::vector<Totals> totals = no_totals();
  std::vector<RowReads> found;
  std::vector<const std::uint32_t*> phases(words.size());
  for (std::int64_t v = 0; v < count; ++v) {
    for (std::size_t p = 0; p < words.size(); ++p) phases[p] = words[p].data() + v * width;
    add_vector(static_cast<int>((first + v) % std::ssize(replicas_)), phases, found, totals);
  }
  const std::scoped_lock lock(guard_);
  for (std::size_t r = 0; r < totals.size(); ++r) totals_[r].add(totals[r]);
}

// All but the reads one after the other.
arch::KeptReads ReadCounter::sum(const Core& core, const std::vector<RowReads>& sets) {
  arch::KeptReads total;
  for (const auto& [macro, all] : core.macros) {
    for (const Columns& columns : all) {
      const RowReads& reads = sets[columns.set];
      total.rows += reads.drives * columns.beside;
      total.columns += reads.reads * columns.count;
      total.shared_columns += reads.reads * columns.shared;
      total.cells += reads.drives * columns.cells_of_drive + reads.reads * columns.cells_of_read;
    }
  }
  for (const auto& [set, cells] : core.parts) total.cells += sets[set].drives * cells;
  return total;
}

// Adds a core of a copy: `all` are the reads of one vector.
void ReadCounter::add_core(const Core& core, const Replica& copy, const Totals& totals,
                           const std::vector<RowReads>& all, LayerReads& result) const {
  CoreReads reads{core.replica, core.number, sum(core, totals.sets), sum(core, all)};
  for (const auto& [macro, columns] : core.macros) {
    const std::int64_t of_vector = reads_of_macro(columns, all);
    result.reads_kept += reads_of_macro(columns, totals.sets);
    result.reads_possible += of_vector * totals.vectors;
    reads.possible.reads = std::max(reads.possible.reads, of_vector);
    for (const Columns& some : columns) {
      reads.kept.tested_bits += std::ssize(copy.sets[some.set].inputs);
    }
  }
  reads.kept.tested_bits *=
      std::int64_t{rule_.slices()} * rule_.dac_bits * phases_ * totals.vectors;
  for (const auto count :
       {&arch::KeptReads::reads, &arch::KeptReads::rows, &arch::KeptReads::columns,
        &arch::KeptReads::shared_columns, &arch::KeptReads::cells}) {
    reads.possible.*count *= totals.vectors;
  }
  result.cores.push_back(reads);
}

LayerReads ReadCounter::reads() const {
  LayerReads result;
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    const Replica& copy = replicas_[r];
    result.vectors += totals_[r].vectors;
    std::vector<RowReads> all;
    all.reserve(copy.sets.size());
    for (const RowSet& set : copy.sets) {
      const RowReads once = all_reads(set, rule_);
      all.push_back({once.reads * phases_, once.drives * phases_});
    }
    auto serial = totals_[r].serial.begin();
    for (const auto& [number, core] : copy.cores) {
      add_core(core, copy, totals_[r], all, result);
      result.cores.back().kept.reads = *serial++;
    }
  }
  return result;
}

}  // namespace pimento::exact
