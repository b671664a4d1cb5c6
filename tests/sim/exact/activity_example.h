// SPDX-License-Identifier: Apache-2.0
// A layer whose activity is known in two ways: by closed forms, and cell by cell, read by read.
#pragma once

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "mapper/mapping.h"
#include "mapper/strategy.h"
#include "sim/exact/array_activity.h"
#include "tests/mapper/support.h"
#include "workloads/window_matrix.h"

namespace pimento::exact {

// How the layer's matrix lies on macros.
enum class Form {
  kDense,
  kWindows,
  kGaps,     // windows at a stride that steps over positions
  kListed,   // rows in any order, every second column
  kShifted,  // the same by channels, with inputs that are driven shifted
  kShared,   // the second channel takes its sums from the first
  kPlanes,   // with cells for some planes only
};

// A layer on a small chip, with weights and inputs that go up and down together from row to row.
class ActivityExample {
 public:
  ActivityExample(const mapper::ChipShape& shape, arch::Drive drive, int weight_bits,
                  const InputFormat& input, int groups, std::uint32_t seed,
                  Form form = Form::kDense)
      : random_(seed), chip_(mapper::make_chip(shape)), input_(input) {
    chip_.macro.drive = drive;
    mapper::NetworkBuilder builder({std::int64_t{2} * groups, 5, 5});
    const bool has_gaps = form == Form::kGaps;
    builder.conv("conv", std::int64_t{3} * groups, has_gaps ? 1 : 3, has_gaps ? 2 : 1, 0, groups);
    builder.precision(0, weight_bits, input.bits);
    const workloads::MatrixShape matrix = builder.network.matrix(0);
    shape_ = {matrix.groups, matrix.rows, matrix.columns};
    const bool is_window = form == Form::kWindows || has_gaps;
    layout_ = mapper::map_network({builder.network, chip_}, is_window ? "windows" : "dense")
                  .layers.front();
    if (form == Form::kPlanes) leave_planes_out();
    draw_weights();
    if (is_window) unroll(builder.network);
    if (form == Form::kListed) list_rows();
    if (form == Form::kShifted) shift_rows();
    if (form == Form::kShared) share_columns();
    draw_inputs();
  }
  [[nodiscard]] const arch::LayerLayout& layout() const { return layout_; }

  static constexpr int kVectors = 9;

  [[nodiscard]] ArrayActivity closed_form() const {
    InputCounts counts(shape_.blocks, shape_.rows, input_);
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      counts.add(block, kVectors, inputs_.data() + block * kVectors * shape_.rows, shape_.rows);
    }
    return array_activity(counts, weights_, shape_.channels, layout_, chip_.macro);
  }

  // Cell by cell, read by read.
  [[nodiscard]] ArrayActivity brute_force() const {
    ArrayActivity activity;
    activity.vectors = kVectors;
    std::int64_t driven_rows = 0;
    for (const arch::ColumnGroup& group : layout_.groups) {
      const std::int64_t at_once =
          chip_.macro.unit.is_whole() ? group.columns.size() : chip_.macro.unit.columns;
      const std::int64_t units = (group.columns.size() + at_once - 1) / at_once;
      for (int v = 0; v < kVectors; ++v) {
        for (int first = 0; first < driven_bits(); first += chip_.macro.dac_bits) {
          for (std::int64_t i = 0; i < group.rows.size(); ++i) {
            const std::int64_t level = driven_level(group, v, i, first);
            const std::int64_t drive =
                chip_.macro.drive == arch::Drive::kVoltage ? level * level : level;
            activity.row_drives += units;
            driven_rows += level != 0 ? units : 0;
            for (std::int64_t c = 0; c < group.columns.size(); ++c) {
              for (const std::int64_t cell : cells_at(group, i, group.columns[c])) {
                ++activity.cell_reads;
                activity.drive_reads += drive;
                activity.level_reads += drive * cell;
              }
            }
          }
        }
      }
    }
    if (chip_.macro.dac_bits == 1) activity.driven_rows = driven_rows;
    return activity;
  }

 private:
  [[nodiscard]] std::int64_t weight_at(std::int64_t block, std::int64_t channel,
                                       std::int64_t row) const {
    return weights_[static_cast<std::size_t>((block * shape_.channels + channel) * shape_.rows +
                                             row)];
  }

  // What the lines of a column store at a row of the group; a column that would store more than
  // half of what it could is inverted.
  [[nodiscard]] std::vector<std::int64_t> cells_at(const arch::ColumnGroup& group, std::int64_t at,
                                                   std::int64_t column) const {
    const arch::SlicePlan& plan = layout_.plan;
    const std::int64_t slices = std::ssize(plan.slices);
    const std::int64_t channel = column / slices;
    std::vector<std::int32_t> filter;
    filter.reserve(static_cast<std::size_t>(shape_.rows));
    for (std::int64_t r = 0; r < shape_.rows; ++r) {
      filter.push_back(static_cast<std::int32_t>(weight_at(group.block, channel, r)));
    }
    const std::int64_t center = arch::center_of(plan, filter);
    const auto cells_of = [&](std::int64_t i) {
      const std::int32_t weight = filter[static_cast<std::size_t>(group.rows[i])];
      const auto cells = arch::encode(plan, weight / (1 << group.row_shift(i)), center);
      const std::int64_t first = column % slices * plan.lines();
      return std::vector<std::int64_t>(cells.begin() + first, cells.begin() + first + plan.lines());
    };
    std::vector<std::int64_t> cells = cells_of(at);
    if (plan.encoding != arch::Encoding::kOffsetFlipped) return cells;
    const std::int64_t most =
        (std::int64_t{1} << plan.slices[static_cast<std::size_t>(column % slices)].width) - 1;
    std::int64_t stored = 0;
    std::int64_t inverted = 0;
    for (std::int64_t i = 0; i < group.rows.size(); ++i) {
      const std::int64_t cell = cells_of(i)[0];
      stored += cell;
      inverted += most - cell;
    }
    if (stored > inverted) cells[0] = most - cells[0];
    return cells;
  }

  [[nodiscard]] int driven_bits() const { return input_.bits + layout_.largest_row_shift(); }
  [[nodiscard]] std::int64_t driven_level(const arch::ColumnGroup& group, int v, std::int64_t i,
                                          int first) const {
    const auto at =
        static_cast<std::size_t>((group.block * kVectors + v) * shape_.rows + group.rows[i]);
    std::int64_t value = inputs_[at];
    const bool has_offset = chip_.macro.signed_inputs == arch::SignedInputs::kOffset;
    if (input_.is_signed && has_offset) value += std::int64_t{1} << (input_.bits - 1);
    value *= std::int64_t{1} << group.row_shift(i);
    value &= (std::int64_t{1} << driven_bits()) - 1;
    return value >> first & ((std::int64_t{1} << chip_.macro.dac_bits) - 1);
  }

  // Each row has a strength of its own, of which its weights and inputs are shares.
  double strength(std::int64_t row) {
    std::uniform_real_distribution<double> any(0.0, 1.0);
    while (std::ssize(strength_) <= row) strength_.push_back(any(random_));
    return strength_[static_cast<std::size_t>(row)];
  }
  std::int32_t value(std::int64_t from, std::int64_t to, std::int64_t row) {
    std::uniform_real_distribution<double> any(0.0, 1.0);
    const double share = strength(row) * any(random_);
    return static_cast<std::int32_t>(
        std::min(to, from + static_cast<std::int64_t>(share * double(to - from + 1))));
  }
  // Of those that the plan has a place for.
  void draw_weights() {
    std::vector<std::int32_t> held;
    for (std::int64_t w = arch::lowest_weight(layout_.plan);
         w <= arch::highest_weight(layout_.plan); ++w) {
      if (arch::is_in_range(layout_.plan, w)) held.push_back(static_cast<std::int32_t>(w));
    }
    for (std::int64_t i = 0; i < shape_.blocks * shape_.channels * shape_.rows; ++i) {
      const std::int32_t chosen = value(0, std::ssize(held) - 1, i % shape_.rows);
      weights_.push_back(held[static_cast<std::size_t>(chosen)]);
    }
  }
  void draw_inputs() {
    const std::int64_t half = std::int64_t{1} << (input_.bits - 1);
    const std::int64_t lowest = input_.is_signed ? -half : 0;
    for (std::int64_t i = 0; i < shape_.blocks * kVectors * shape_.rows; ++i) {
      inputs_.push_back(value(lowest, lowest + 2 * half - 1, i % shape_.rows));
    }
  }

  void unroll(const workloads::Network& network) {
    const workloads::WindowMatrix windows(network, 0, layout_.copies);
    weights_ = windows.unrolled(weights_);
    shape_ = {windows.shape().groups, windows.shape().rows, windows.shape().columns};
  }

  // One group of every block for each of two halves of the rows in any order, and `columns`.
  void regroup(const std::vector<arch::Indices>& columns) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(shape_.rows));
    std::iota(rows.begin(), rows.end(), 0);
    layout_.groups.clear();
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      std::shuffle(rows.begin(), rows.end(), random_);
      const auto middle = rows.begin() + shape_.rows / 3;
      for (const arch::Indices& some : columns) {
        for (const auto& part : {std::vector(rows.begin(), middle), {middle, rows.end()}}) {
          arch::ColumnGroup group;
          group.block = block;
          group.rows = arch::Indices::listed(part);
          group.columns = some;
          layout_.groups.push_back(group);
        }
      }
    }
  }
  void list_rows() {
    const std::int64_t columns = shape_.channels * std::ssize(layout_.plan.slices);
    regroup(
        {arch::Indices::every(0, 2, (columns + 1) / 2), arch::Indices::every(1, 2, columns / 2)});
  }

  // What is stored is whole; a row has one shift for one channel, and another for the others.
  void shift_rows() {
    const std::int64_t slices = std::ssize(layout_.plan.slices);
    regroup({arch::Indices(0, slices), arch::Indices(slices, shape_.channels * slices)});
    std::uniform_int_distribution<int> any(0, 2);
    for (arch::ColumnGroup& group : layout_.groups) {
      arch::GroupDetails details;
      for (std::int64_t i = 0; i < group.rows.size(); ++i) {
        const int shift = any(random_);
        details.row_shifts.push_back(static_cast<std::uint8_t>(shift));
        for (std::int64_t c = group.columns.front() / slices; c <= group.columns.back() / slices;
             ++c) {
          std::int32_t& weight = weights_[static_cast<std::size_t>(
              (group.block * shape_.channels + c) * shape_.rows + group.rows[i])];
          weight = weight / (1 << shift) * (1 << shift);
        }
      }
      group.details = std::make_shared<const arch::GroupDetails>(details);
    }
  }

  void share_columns() {
    const std::int64_t slices = std::ssize(layout_.plan.slices);
    std::vector<std::int32_t> stored;
    arch::GroupDetails details;
    for (std::int64_t column = 0; column < shape_.channels * slices; ++column) {
      if (column / slices == 1) {
        details.shared.push_back({column, column - slices});
      } else {
        stored.push_back(static_cast<std::int32_t>(column));
      }
    }
    regroup({arch::Indices::listed(stored)});
    for (arch::ColumnGroup& group : layout_.groups) {
      group.details = std::make_shared<const arch::GroupDetails>(details);
    }
    for (std::int64_t block = 0; block < shape_.blocks; ++block) {
      const auto first = weights_.begin() + block * shape_.channels * shape_.rows;
      std::copy_n(first, shape_.rows, first + shape_.rows);
    }
  }

  void leave_planes_out() {
    const std::uint64_t planes = 0b1011010110 | std::uint64_t{1} << (layout_.plan.weight_bits - 1);
    layout_.plan = arch::plan_planes(layout_.plan.encoding, layout_.plan.weight_bits,
                                     chip_.macro.cell_bits, planes);
    regroup({arch::Indices(0, shape_.channels * std::ssize(layout_.plan.slices))});
  }

  std::mt19937 random_;
  arch::ChipSpec chip_;
  InputFormat input_;
  BlockShape shape_;
  std::vector<double> strength_;  // of rows
  arch::LayerLayout layout_;
  std::vector<std::int32_t> weights_;
  std::vector<std::int32_t> inputs_;  // blocks x vectors x rows
};

}  // namespace pimento::exact
