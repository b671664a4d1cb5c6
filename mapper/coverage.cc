// SPDX-License-Identifier: Apache-2.0
#include "mapper/coverage.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arch/cell_table.h"
#include "mapper/rectangles.h"
#include "workloads/window_matrix.h"

namespace pimento::mapper {
namespace {

// Groups that store the whole matrix of every block, without a gap.
class WholeCoverage {
 public:
  WholeCoverage(const LayerMapping& layer, const workloads::MatrixShape& matrix)
      : layer_(layer), matrix_(matrix), columns_(matrix.columns * std::ssize(layer.plan.slices)) {}

  [[nodiscard]] bool applies() const {
    return std::all_of(layer_.groups.begin(), layer_.groups.end(), [](const ColumnGroup& group) {
      return group.rows.is_range() && group.columns.is_range() && group.details == nullptr;
    });
  }
  // Whether the bits that are stored are as many as there are.
  [[nodiscard]] bool is_complete() const {
    std::int64_t cells = 0;
    for (const ColumnGroup& group : layer_.groups) {
      cells += group.rows.size() * group.columns.size();
    }
    return cells == layer_.replicas() * matrix_.groups * matrix_.rows * columns_;
  }
  [[nodiscard]] bool overlaps() const {
    std::vector<Rectangle> rectangles;
    rectangles.reserve(layer_.groups.size());
    for (const ColumnGroup& group : layer_.groups) {
      rectangles.push_back(
          {group.block + matrix_.groups * group.replica, group.rows.hull(), group.columns.hull()});
    }
    return first_overlap(rectangles).has_value();
  }

 private:
  const LayerMapping& layer_;
  const workloads::MatrixShape& matrix_;
  std::int64_t columns_;
};

// The weights of one block, channels x rows, and a center for each channel.
struct BlockWeights {
  BlockWeights(const arch::SlicePlan& plan, const workloads::MatrixShape& matrix,
               std::span<const std::int32_t> all)
      : rows(matrix.rows), values(all), centers(arch::centers_of(plan, all, matrix.rows)) {}
  [[nodiscard]] std::int32_t weight(std::int64_t channel, std::int64_t row) const {
    return values[static_cast<std::size_t>(channel * rows + row)];
  }
  [[nodiscard]] std::int64_t center(std::int64_t channel) const {
    return centers[static_cast<std::size_t>(channel)];
  }

  std::int64_t rows;
  std::span<const std::int32_t> values;
  std::vector<std::int64_t> centers;
};

// The slices of each weight of one block in one replica, and how its row is driven.
class BlockCoverage {
 public:
  BlockCoverage(const arch::SlicePlan& plan, const workloads::MatrixShape& matrix)
      : plan_(plan),
        matrix_(matrix),
        slices_(std::ssize(plan.slices)),
        held_(static_cast<std::size_t>(matrix.rows * matrix.columns), 0) {}

  // Empty, or what is wrong.
  std::string add(const ColumnGroup& group) {
    if (group.largest_row_shift() > 0 && shifts_.empty()) shifts_.assign(held_.size(), 0);
    for (std::int64_t i = 0; i < group.columns.size(); ++i) {
      std::string fault = add_column(group, group.columns[i]);
      if (!fault.empty()) return fault;
    }
    if (group.details == nullptr) return {};
    for (const arch::SharedColumn& shared : group.details->shared) {
      std::string fault = add_column(group, shared.column);
      if (!fault.empty()) return fault;
    }
    return {};
  }

  [[nodiscard]] std::string check(const BlockWeights& weights, arch::CellTable& table) const {
    for (std::int64_t channel = 0; channel < matrix_.columns; ++channel) {
      for (std::int64_t row = 0; row < matrix_.rows; ++row) {
        std::string fault = check_weight(weights.weight(channel, row), {channel, row},
                                         weights.center(channel), table);
        if (!fault.empty()) return fault;
      }
    }
    return {};
  }

 private:
  struct Place {
    std::int64_t channel = 0;
    std::int64_t row = 0;
  };
  [[nodiscard]] std::size_t at(const Place& place) const {
    return static_cast<std::size_t>(place.channel * matrix_.rows + place.row);
  }

  std::string add_column(const ColumnGroup& group, std::int64_t column) {
    const std::uint64_t slice = std::uint64_t{1} << (column % slices_);
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::size_t place = at({column / slices_, group.rows[i]});
      if ((held_[place] & slice) != 0) return "a weight bit is stored twice";
      if (!shifts_.empty()) {
        const auto shift = static_cast<std::uint8_t>(group.row_shift(i));
        if (held_[place] != 0 && shifts_[place] != shift) {
          return "the slices of a weight are driven with different inputs";
        }
        shifts_[place] = shift;
      }
      held_[place] |= slice;
    }
    return {};
  }

  [[nodiscard]] std::string check_weight(std::int32_t weight, const Place& place,
                                         std::int64_t center, arch::CellTable& table) const {
    const std::size_t here = at(place);
    const int shift = shifts_.empty() ? 0 : shifts_[here];
    const std::int32_t stored = weight >> shift;
    if (stored * (std::int64_t{1} << shift) != weight) {
      return fmt::format(
          "the weight {} of row {} and channel {} loses bits when it is halved {} "
          "times",
          weight, place.row, place.channel, shift);
    }
    if (!arch::is_in_range(plan_, stored, center)) {
      return fmt::format("the weight {} of row {} and channel {} has no place in its slices",
                         weight, place.row, place.channel);
    }
    const arch::CellTable::Entry& entry = table.of(stored, center);
    const bool answers_always = plan_.encoding == arch::Encoding::kXnor;
    const std::uint64_t wanted =
        answers_always ? (slices_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << slices_) - 1)
                       : entry.slices;
    if (!entry.comes_back) {
      return fmt::format("the weight {} comes back as {} from its cells", stored,
                         arch::decode(plan_, entry.cells, center));
    }
    if ((wanted & ~held_[here]) != 0) {
      return fmt::format("a bit of the weight {} of row {} and channel {} is missing", weight,
                         place.row, place.channel);
    }
    return {};
  }

  const arch::SlicePlan& plan_;
  const workloads::MatrixShape& matrix_;
  std::int64_t slices_;
  std::vector<std::uint64_t> held_;   // channels x rows; bit s: slice s
  std::vector<std::uint8_t> shifts_;  // likewise; empty: none
};

// Columns that take their sums from others must hold the same there.
std::string shared_fault(const ColumnGroup& group, const arch::SlicePlan& plan,
                         const BlockWeights& weights, arch::CellTable& table) {
  if (group.details == nullptr) return {};
  const std::int64_t slices = std::ssize(plan.slices);
  const auto lines = static_cast<std::size_t>(plan.lines());
  const auto cells = [&](std::int64_t column, std::int64_t i, std::size_t line) {
    const std::int64_t channel = column / slices;
    const std::int32_t weight = weights.weight(channel, group.rows[i]);
    return table.of(weight >> group.row_shift(i), weights.center(channel))
        .cells[static_cast<std::size_t>(column % slices) * lines + line];
  };
  for (const arch::SharedColumn& shared : group.details->shared) {
    if (shared.place < 0 || shared.place >= group.columns.size()) {
      return "a column takes its sums from outside the group";
    }
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      for (std::size_t line = 0; line < lines; ++line) {
        if (cells(shared.column, i, line) == cells(group.columns[shared.place], i, line)) continue;
        return fmt::format("column {} takes its sums from column {}, which holds something else",
                           shared.column, group.columns[shared.place]);
      }
    }
  }
  return {};
}

std::string fault_by_weights(const LayerMapping& layer, const MappingProblem& problem,
                             const workloads::WindowMatrix& window) {
  const workloads::MatrixShape& matrix = window.shape();
  const std::vector<std::int32_t> weights =
      window.unrolled(workloads::integer_weights(problem.network, layer.layer));
  std::vector<const ColumnGroup*> groups;
  groups.reserve(layer.groups.size());
  for (const ColumnGroup& group : layer.groups) groups.push_back(&group);
  const auto home = [](const ColumnGroup* group) {
    return std::pair(group->replica, group->block);
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const ColumnGroup* a, const ColumnGroup* b) { return home(a) < home(b); });
  arch::CellTable table(layer.plan);
  auto next = groups.begin();
  for (int replica = 0; replica < layer.replicas(); ++replica) {
    for (std::int64_t block = 0; block < matrix.groups; ++block) {
      const auto cells = static_cast<std::size_t>(matrix.rows * matrix.columns);
      const BlockWeights of_block(
          layer.plan, matrix,
          std::span(weights).subspan(static_cast<std::size_t>(block) * cells, cells));
      BlockCoverage coverage(layer.plan, matrix);
      for (; next != groups.end() && home(*next) == std::pair(replica, block); ++next) {
        std::string fault = coverage.add(**next);
        if (fault.empty()) {
          fault = shared_fault(**next, layer.plan, of_block, table);
        }
        if (!fault.empty()) return fault;
      }
      std::string fault = coverage.check(of_block, table);
      if (!fault.empty()) return fault;
    }
  }
  return {};
}

}  // namespace

std::string coverage_fault(const LayerMapping& layer, const MappingProblem& problem) {
  const workloads::WindowMatrix window(problem.network, layer.layer, layer.copies);
  const int bits =
      problem.network.layers[static_cast<std::size_t>(layer.layer)].precision.weight_bits;
  const WholeCoverage whole(layer, window.shape());
  const bool holds_all = layer.plan.weight_bits == bits && arch::holds_all_weights(layer.plan);
  if (whole.applies() && holds_all) {
    if (whole.overlaps()) return "a weight bit is stored twice";
    if (whole.is_complete()) return {};
  }
  return fault_by_weights(layer, problem, window);
}

}  // namespace pimento::mapper
