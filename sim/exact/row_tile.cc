// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/row_tile.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pimento::exact {
namespace {

using kernels::Plane;
using Cells = std::vector<std::int64_t>;

// A column of the tile as the kernels take it, and what its sums lack.
struct BuiltColumn {
  std::vector<Plane> planes;
  std::vector<std::vector<std::uint8_t>>
      lines;  // what the cells of each line hold, for real devices
  std::vector<std::int32_t> rest;
  bool negative = false;
  double inputs_worth = 0.0;  // of one unit of the column's place
  double constant = 0.0;
};

// Where the cells of a column of the layer's matrix lie.
struct ColumnHome {
  std::int64_t column = 0;
  std::size_t group = 0;
  std::int64_t place = 0;  // in that group
  bool is_shared = false;  // with another column
};

// Of all groups, by column.
std::vector<ColumnHome> homes_of(std::span<const arch::ColumnGroup* const> groups) {
  std::vector<ColumnHome> homes;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const arch::Indices& columns = groups[g]->columns;
    for (std::int64_t i = 0; i < columns.size(); ++i) homes.push_back({columns[i], g, i, false});
    if (groups[g]->details == nullptr) continue;
    for (const arch::SharedColumn& shared : groups[g]->details->shared) {
      homes.push_back({shared.column, g, shared.place, true});
    }
  }
  std::sort(homes.begin(), homes.end(),
            [](const ColumnHome& a, const ColumnHome& b) { return a.column < b.column; });
  return homes;
}

class TileBuilder {
 public:
  TileBuilder(const LayerWeights& weights, const ArrayContext& context,
              std::span<const arch::ColumnGroup* const> groups, RowTile& tile)
      : weights_(weights), plan_(context.table.plan()), tile_(tile), table_(context.table) {
    if (context.devices == nullptr) return;
    for (const arch::ColumnGroup* group : groups) {
      programmed_.emplace_back(*context.devices, context.macro, *group);
    }
  }

  // Adds the slices of a channel that are here.
  void add_channel(std::int64_t block, std::int64_t channel, std::span<const ColumnHome> homes) {
    const std::span<const std::int32_t> values = weights_.channel(block, channel);
    const std::int64_t center = weights_.center(block, channel);
    cells_.clear();
    for (std::int64_t i = 0; i < tile_.rows.size(); ++i) {
      const int shift =
          tile_.row_shifts.empty() ? 0 : tile_.row_shifts[static_cast<std::size_t>(i)];
      const std::int32_t weight = values[static_cast<std::size_t>(tile_.rows[i])] >> shift;
      cells_.push_back(&table_.of(weight, center).cells);
    }
    RowTile::Correction correction;
    const std::int64_t first = channel * std::ssize(plan_.slices);
    for (const ColumnHome& home : homes) {
      add_slice(static_cast<int>(channel), static_cast<std::size_t>(home.column - first), home,
                correction);
    }
    tile_.all.push_back(static_cast<int>(std::ssize(tile_.cells.channels())) - 1);
    tile_.is_whole.push_back(homes.size() == plan_.slices.size());
    tile_.corrections.push_back(correction);
  }

  // The same columns of real devices.
  void add_analog(const ArrayContext& context) {
    for (ProgrammedGroup& group : programmed_) group.connect();
    kernels::ConverterFaults faults;
    if (context.devices->spec.adc) {
      faults = {context.devices->spec.adc->noise, context.devices->spec.adc->inl};
    }
    tile_.analog.emplace(tile_.cells.groups(), tile_.cells.drive_bits(),
                         std::vector(plan_.slices.size(), context.transfer), faults);
    for (std::size_t i = 0; i < homes_.size(); ++i) {
      const ProgrammedGroup& group = programmed_[homes_[i].group];
      tile_.analog->add_column(tile_.cells.columns()[i].place, group.levels(homes_[i].place),
                               group.variances(homes_[i].place));
    }
  }

 private:
  void add_slice(int channel, std::size_t s, const ColumnHome& home,
                 RowTile::Correction& correction) {
    const arch::Slice& slice = plan_.slices[s];
    const BuiltColumn column = column_of(s);
    tile_.cells.add_column(
        {channel, slice.shift, (slice.sign < 0) != column.negative, static_cast<int>(s)},
        column.planes, column.rest);
    const double worth = slice.sign * static_cast<double>(std::int64_t{1} << slice.shift);
    correction.inputs_worth += worth * column.inputs_worth;
    correction.constant += worth * column.constant;
    if (programmed_.empty()) return;
    homes_.push_back(home);
    if (home.is_shared) return;
    for (std::size_t line = 0; line < column.lines.size(); ++line) {
      programmed_[home.group].program(home.place, static_cast<int>(line), column.lines[line]);
    }
  }

  BuiltColumn column_of(std::size_t s) {
    const arch::Slice& slice = plan_.slices[s];
    BuiltColumn column;
    switch (plan_.encoding) {
      case arch::Encoding::kSignMagnitude:
      case arch::Encoding::kCenterOffset:
      case arch::Encoding::kCsd:
        read_cells(2 * s);
        add_planes(column, slice.width, false);
        read_cells(2 * s + 1);
        add_planes(column, slice.width, true);
        break;
      case arch::Encoding::kOffsetFlipped:
        read_cells(s);
        flip(column, slice);
        add_planes(column, slice.width, false);
        break;
      case arch::Encoding::kXnor:
        read_cells(s);
        add_bipolar(column, slice.width);
        break;
      default:
        read_cells(s);
        add_planes(column, slice.width, false);
    }
    return column;
  }

  void read_cells(std::size_t index) {
    line_.clear();
    for (const Cells* cells : cells_) line_.push_back((*cells)[index]);
  }

  // A plane for each bit of the line's cells.
  void add_planes(BuiltColumn& column, int width, bool negative) const {
    if (!programmed_.empty()) column.lines.emplace_back(line_.begin(), line_.end());
    for (int bit = 0; bit < width; ++bit) {
      Plane plane{bit, negative, {}};
      plane.bits.reserve(line_.size());
      for (const std::int64_t cell : line_) {
        plane.bits.push_back(static_cast<std::uint8_t>(cell >> bit & 1));
      }
      column.planes.push_back(std::move(plane));
    }
  }

  // sum of x cell = most x (sum of x) - sum of x (most - cell).
  void flip(BuiltColumn& column, const arch::Slice& slice) {
    const std::int64_t sum = std::accumulate(line_.begin(), line_.end(), std::int64_t{0});
    if (!arch::is_flipped(plan_, slice, std::ssize(line_), sum)) return;
    const std::int64_t most = (std::int64_t{1} << slice.width) - 1;
    for (std::int64_t& cell : line_) cell = most - cell;
    column.negative = true;
    column.inputs_worth = static_cast<double>(most);
  }

  // With bipolar inputs 2x - D and cells 2c - W, where D and W are the largest input and cell, the
  // array gives (sum of their products + rows W D) / 2 = 2 sum of x c - W sum of x + sum of D (W -
  // c): for single bits the number of rows whose input and cell agree. So sum of x c = (sum + W
  // (sum of x) - sum of D (W - c)) / 2.
  void add_bipolar(BuiltColumn& column, int width) {
    const std::int64_t most = (std::int64_t{1} << width) - 1;
    const std::int64_t drive = (std::int64_t{1} << tile_.cells.drive_bits()) - 1;
    add_planes(column, width, false);
    column.rest.assign(static_cast<std::size_t>(tile_.cells.groups().reads()), 0);
    std::int64_t total = 0;
    for (std::size_t row = 0; row < line_.size(); ++row) {
      const std::int64_t rest = drive * (most - line_[row]);
      const auto read =
          static_cast<std::size_t>(tile_.cells.groups().read_of(static_cast<int>(row)));
      column.rest[read] += static_cast<std::int32_t>(rest);
      total += rest;
      line_[row] = most - line_[row];
    }
    add_planes(column, width, true);
    column.inputs_worth = static_cast<double>(most) / 2.0;
    column.constant = -static_cast<double>(total) / 2.0;
  }

  const LayerWeights& weights_;
  const arch::SlicePlan& plan_;
  RowTile& tile_;
  arch::CellTable& table_;
  std::vector<const Cells*> cells_;  // of the tile's rows
  std::vector<std::int64_t> line_;   // of one slice and line
  std::vector<ProgrammedGroup> programmed_;
  std::vector<ColumnHome> homes_;  // of the tile's columns
};

}  // namespace

void RowTile::find_through_adc() {
  through_adc.clear();
  for (const int place : all) {
    const auto at = static_cast<std::size_t>(place);
    if (!is_whole[at] || !cells.channels()[at].is_exact) through_adc.push_back(place);
  }
}

void RowTile::find_through_adc(const std::vector<bool>& exact_channels) {
  through_adc.clear();
  for (const int place : all) {
    if (!exact_channels[channel_at(place)]) through_adc.push_back(place);
  }
}

RowTile make_row_tile(const LayerWeights& weights, const ArrayContext& context,
                      std::span<const arch::ColumnGroup* const> groups) {
  const arch::ColumnGroup& any = *groups.front();
  const int rows = static_cast<int>(any.rows.size());
  const int unit = context.unit_rows == 0 ? rows : std::min(context.unit_rows, rows);
  const arch::SlicePlan& plan = context.table.plan();
  RowTile tile{.rows = any.rows,
               .row_shifts = {},
               .cells = kernels::Tile(kernels::RowGroups(rows, unit), context.macro.dac_bits,
                                      std::vector(plan.slices.size(), context.transfer)),
               .analog = {},
               .scale = plan.encoding == arch::Encoding::kXnor ? 0.5 : 1.0,
               .corrections = {},
               .all = {},
               .is_whole = {},
               .through_adc = {}};
  if (any.largest_row_shift() > 0) tile.row_shifts = any.details->row_shifts;
  const std::vector<ColumnHome> homes = homes_of(groups);
  TileBuilder builder(weights, context, groups, tile);
  for (std::size_t first = 0; first < homes.size();) {
    const std::int64_t channel = homes[first].column / std::ssize(plan.slices);
    std::size_t last = first;
    while (last < homes.size() && homes[last].column / std::ssize(plan.slices) == channel) ++last;
    builder.add_channel(any.block, channel, std::span(homes).subspan(first, last - first));
    first = last;
  }
  if (context.devices != nullptr) builder.add_analog(context);
  tile.find_through_adc();
  const auto stored = std::count_if(homes.begin(), homes.end(),
                                    [](const ColumnHome& home) { return !home.is_shared; });
  tile.conversions = stored * tile.cells.groups().reads();
  return tile;
}

}  // namespace pimento::exact
