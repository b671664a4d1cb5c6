// SPDX-License-Identifier: Apache-2.0
#include "mapper/turns.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace pimento::mapper {
namespace {

using Groups = std::vector<const ColumnGroup*>;

// A set of turns.
class TurnSet {
 public:
  void insert(int turn) {
    const auto word = static_cast<std::size_t>(turn / 64);
    if (word >= words_.size()) words_.resize(word + 1, 0);
    words_[word] |= std::uint64_t{1} << (turn % 64);
  }
  void insert(const TurnSet& others) {
    if (others.words_.size() > words_.size()) words_.resize(others.words_.size(), 0);
    for (std::size_t i = 0; i < others.words_.size(); ++i) words_[i] |= others.words_[i];
  }
  [[nodiscard]] bool contains(int turn) const {
    const auto word = static_cast<std::size_t>(turn / 64);
    return word < words_.size() && (words_[word] >> (turn % 64) & 1) != 0;
  }
  [[nodiscard]] int first_missing() const {
    int turn = 0;
    for (const std::uint64_t word : words_) {
      if (word != ~std::uint64_t{0}) return turn + std::countr_one(word);
      turn += 64;
    }
    return turn;
  }

 private:
  std::vector<std::uint64_t> words_;
};

Range rows_of(const ColumnGroup& group) {
  return {group.at_row, group.at_row + group.rows.size()};
}

Range columns_of(const ColumnGroup& group, int lines) {
  return {group.at_column, group.at_column + group.columns.size() * lines};
}

// Groups of one drive want the same input on each row of the macro that they share.
using Drive = std::tuple<std::int64_t, int, std::int64_t>;
Drive drive_of(const ColumnGroup& group) {
  return {group.block, group.replica, group.rows.front() - group.at_row};
}

// First fit, group after group.
class FirstFit {
 public:
  explicit FirstFit(int lines) : lines_(lines) {}

  int place(const ColumnGroup& group) {
    const Range rows = rows_of(group);
    const Range columns = columns_of(group, lines_);
    TurnSet taken;
    for (std::int64_t c = columns.begin; c < columns.end; ++c) taken.insert(columns_[c]);
    const TurnSet by_columns = taken;
    for (std::int64_t r = rows.begin; r < rows.end; ++r) taken.insert(rows_[r]);
    int turn = taken.first_missing();
    auto& peers = peers_[drive_of(group)];
    for (const auto& [peer, of_peer] : peers) {
      if (of_peer < turn && !by_columns.contains(of_peer) && joins(group, of_peer, peers)) {
        turn = of_peer;
      }
    }
    for (std::int64_t c = columns.begin; c < columns.end; ++c) columns_[c].insert(turn);
    for (std::int64_t r = rows.begin; r < rows.end; ++r) rows_[r].insert(turn);
    peers.emplace_back(&group, turn);
    return turn;
  }

 private:
  using Peers = std::vector<std::pair<const ColumnGroup*, int>>;

  // Whether the rows that are driven in this turn are driven for groups of the same drive.
  [[nodiscard]] bool joins(const ColumnGroup& group, int turn, const Peers& peers) {
    const Range rows = rows_of(group);
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
      if (!rows_[r].contains(turn)) continue;
      const bool is_alike = std::any_of(peers.begin(), peers.end(), [&](const auto& other) {
        const Range of_other = rows_of(*other.first);
        return other.second == turn && of_other.begin <= r && r < of_other.end;
      });
      if (!is_alike) return false;
    }
    return true;
  }

  int lines_;
  std::map<std::int64_t, TurnSet> rows_;  // in which a row is driven
  std::map<std::int64_t, TurnSet> columns_;
  std::map<Drive, Peers> peers_;
};

enum class Order { kDiagonals, kRows, kColumns, kLargest };

// The sort key of groups by their place among the rows and columns where groups start.
using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
std::vector<Key> keys(const Groups& groups, Order order) {
  std::map<std::int64_t, std::int64_t> row_ranks;
  std::map<std::int64_t, std::int64_t> column_ranks;
  for (const ColumnGroup* group : groups) {
    row_ranks.emplace(group->at_row, 0);
    column_ranks.emplace(group->at_column, 0);
  }
  std::int64_t next = 0;
  for (auto& [row, rank] : row_ranks) rank = next++;
  next = 0;
  for (auto& [column, rank] : column_ranks) rank = next++;
  const std::int64_t diagonals = std::max(std::ssize(row_ranks), std::ssize(column_ranks));
  std::vector<Key> result;
  for (const ColumnGroup* group : groups) {
    const std::int64_t row = row_ranks[group->at_row];
    const std::int64_t column = column_ranks[group->at_column];
    const std::int64_t diagonal = (column - row + diagonals) % diagonals;
    const std::int64_t cells = group->rows.size() * group->columns.size();
    switch (order) {
      case Order::kDiagonals:
        result.emplace_back(diagonal, row, column);
        break;
      case Order::kRows:
        result.emplace_back(row, column, 0);
        break;
      case Order::kColumns:
        result.emplace_back(column, row, 0);
        break;
      case Order::kLargest:
        result.emplace_back(-cells, row, column);
        break;
    }
  }
  return result;
}

std::vector<int> turns_in(const Groups& groups, int lines, Order order) {
  const std::vector<Key> of = keys(groups, order);
  std::vector<std::size_t> sequence(groups.size());
  std::iota(sequence.begin(), sequence.end(), std::size_t{0});
  std::stable_sort(sequence.begin(), sequence.end(),
                   [&](std::size_t a, std::size_t b) { return of[a] < of[b]; });
  FirstFit fit(lines);
  std::vector<int> turns(groups.size(), 0);
  for (const std::size_t i : sequence) turns[i] = fit.place(*groups[i]);
  return turns;
}

std::vector<int> fewest_turns(const Groups& groups, int lines) {
  const int least = least_turns(groups, lines);
  std::vector<int> best;
  int fewest = 0;
  for (const Order order : {Order::kDiagonals, Order::kRows, Order::kColumns, Order::kLargest}) {
    std::vector<int> turns = turns_in(groups, lines, order);
    const int count = 1 + *std::max_element(turns.begin(), turns.end());
    if (best.empty() || count < fewest) {
      best = std::move(turns);
      fewest = count;
    }
    if (fewest == least) break;
  }
  return best;
}

}  // namespace

int least_turns(const std::vector<const ColumnGroup*>& groups, int lines) {
  std::map<std::int64_t, int> of_column;
  std::map<std::int64_t, std::set<Drive>> of_row;
  std::int64_t most = 0;
  for (const ColumnGroup* group : groups) {
    const Range columns = columns_of(*group, lines);
    for (std::int64_t c = columns.begin; c < columns.end; ++c) {
      most = std::max<std::int64_t>(most, ++of_column[c]);
    }
    const Range rows = rows_of(*group);
    for (std::int64_t r = rows.begin; r < rows.end; ++r) of_row[r].insert(drive_of(*group));
  }
  for (const auto& [row, drives] : of_row) most = std::max(most, std::ssize(drives));
  return static_cast<int>(most);
}

void assign_turns(LayerMapping& layer) {
  std::map<std::pair<int, int>, std::vector<ColumnGroup*>> macros;
  for (ColumnGroup& group : layer.groups) {
    ensure(group.rows.is_range() && group.columns.is_range() && group.details == nullptr,
           "turns are given to plain rectangles");
    macros[{group.macro, group.round}].push_back(&group);
  }
  for (auto& [macro, groups] : macros) {
    if (groups.size() == 1) {
      groups.front()->turn = 0;
      continue;
    }
    const std::vector<int> turns = fewest_turns({groups.begin(), groups.end()}, layer.plan.lines());
    for (std::size_t i = 0; i < groups.size(); ++i) groups[i]->turn = turns[i];
  }
}

}  // namespace pimento::mapper
