// SPDX-License-Identifier: Apache-2.0
// Random tiles, cells and inputs as plain numbers, and what a column of them adds up to by a loop
// over its rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "sim/kernels/drives.h"
#include "sim/kernels/read.h"
#include "sim/kernels/tile.h"

namespace pimento::kernels {

// Random numbers of one test case, one after the other.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed, stream_of("kernels")) {}
  // Uniform in [low, high].
  int operator()(int low, int high) {
    return low +
           static_cast<int>(random_.bits(next_++) % static_cast<std::uint64_t>(high - low + 1));
  }
  template <class T>
  T of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>((*this)(0, static_cast<int>(choices.size()) - 1))];
  }

 private:
  CounterRandom random_;
  std::uint64_t next_ = 0;
};

struct Case {
  int rows = 0;
  int unit_rows = 0;
  int cell_bits = 1;
  bool pairs = false;    // cells of a positive and a negative line, read together
  bool bipolar = false;  // cells that conduct where input and weight are equal
  InputSlicing slicing;
  int vectors = 1;
  std::vector<Transfer> transfers;
  std::vector<ColumnPlace> columns;
  std::vector<std::vector<int>> cells;  // of each column, of each row; less than 0: negative line
  std::vector<std::int32_t> inputs;     // vectors x rows
};

inline Transfer random_transfer(Dice& dice, int reach, bool pairs) {
  const int low = pairs ? -dice(0, reach) : 0;
  switch (dice(0, 3)) {
    case 0:
      return stepped_transfer(low + dice(0, 7) / 8.0, 1.0 + dice(0, 31) / 8.0, dice(1, 8));
    case 1: {
      std::vector<double> values(static_cast<std::size_t>(dice(1, reach + 2)));
      for (double& value : values) value = dice(-1000, 1000) / 16.0;
      return table_transfer(low, values);
    }
    default:
      return clamp_transfer(low, dice(0, reach));
  }
}

// Every other case is of the common kind: cells of one bit, one input bit at a time, clamps.
inline Case random_case(std::uint64_t seed) {
  Dice dice(seed);
  Case c;
  const bool common = seed % 2 == 0;
  c.rows = dice.of<int>({1, 7, 16, 32, 64, 100, 128, 256, 512, 1024});
  c.unit_rows = std::min(c.rows, dice.of<int>({1, 4, 8, 9, 16, 31, 32, 33, 64, 128, 256, 1024}));
  c.bipolar = !common && dice(0, 4) == 0;
  c.cell_bits = c.bipolar || common ? 1 : dice.of<int>({1, 1, 1, 2, 3, 4, 5, 8});
  c.pairs = !c.bipolar && !common && dice(0, 2) == 0;
  c.slicing = {dice.of<int>({1, 2, 4, 7, 8, 11, 16}),
               c.bipolar || common ? 1 : dice.of<int>({1, 1, 2, 3, 4})};
  c.vectors = dice.of<int>({1, 2, 3, 9, 16, 40});
  const int reach = c.unit_rows * ((1 << c.cell_bits) - 1) * ((1 << c.slicing.drive_bits) - 1);
  for (int i = dice(1, 3); i > 0; --i) c.transfers.push_back(random_transfer(dice, reach, c.pairs));
  if (common) c.transfers = {clamp_transfer(0, dice(0, reach))};
  int channel = 0;
  for (int i = dice(1, 12); i > 0; --i) {
    channel += dice(0, 1);
    c.columns.push_back(
        {channel, dice(0, 15), dice(0, 1) == 0, dice(0, static_cast<int>(c.transfers.size()) - 1)});
    std::vector<int> cells(static_cast<std::size_t>(c.rows));
    const int sparse = dice(0, 3);
    for (int& cell : cells) {
      cell = dice(0, 3) < sparse ? 0 : dice(0, (1 << c.cell_bits) - 1);
      if (c.pairs && dice(0, 1) == 0) cell = -cell;
    }
    c.cells.push_back(cells);
  }
  const int sparse = dice(0, 2);
  for (int i = 0; i < c.vectors * c.rows; ++i) {
    const int input = dice(0, 3) < sparse ? 0 : dice(0, (1 << c.slicing.bits) - 1);
    // Half of them negative: the same bits in two's complement.
    c.inputs.push_back(i % 2 == 0 ? input : input - (1 << c.slicing.bits));
  }
  return c;
}

inline int slice_of(const Case& c, std::int32_t input, int slice) {
  int value = 0;
  for (int i = 0; i < c.slicing.drive_bits; ++i) {
    const int bit = slice * c.slicing.drive_bits + i;
    if (bit < c.slicing.bits) value |= (input >> bit & 1) << i;
  }
  return value;
}

inline int column_sum(const Case& c, std::size_t column, int read, int slice, int vector) {
  int sum = 0;
  const int end = std::min(c.rows, (read + 1) * c.unit_rows);
  for (int row = read * c.unit_rows; row < end; ++row) {
    const std::int32_t input = c.inputs[static_cast<std::size_t>(vector * c.rows + row)];
    const int x = slice_of(c, input, slice);
    const int cell = c.cells[column][static_cast<std::size_t>(row)];
    sum += c.bipolar ? (x == cell ? 1 : 0) : x * cell;
  }
  return sum;
}

struct Outcome {
  std::vector<std::int64_t> sums;  // channel by channel, drive by drive
  std::int64_t saturated = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Of a Tile or an AnalogTile of these columns.
template <class AnyTile>
Outcome expected(const Case& c, const AnyTile& tile) {
  Outcome outcome;
  const int drives = c.slicing.slices() * c.vectors;
  for (const Tile::Channel& channel : tile.channels()) {
    for (int drive = 0; drive < drives; ++drive) {
      std::int64_t total = 0;
      for (int i = channel.first; i < channel.last; ++i) {
        const auto column = static_cast<std::size_t>(i);
        const ColumnPlace& place = c.columns[column];
        const Transfer& transfer = c.transfers[static_cast<std::size_t>(place.transfer)];
        for (int read = 0; read * c.unit_rows < c.rows; ++read) {
          const int sum = column_sum(c, column, read, drive / c.vectors, drive % c.vectors);
          outcome.saturated += sum < transfer.low || sum > transfer.high ? 1 : 0;
          const bool whole = transfer.kind == Transfer::Kind::kClamp;
          const int unit = whole ? tile.fraction_bits() : 0;
          const std::int64_t worth =
              transfer.convert(sum) * (std::int64_t{1} << (place.shift + unit));
          total += place.negative ? -worth : worth;
        }
      }
      outcome.sums.push_back(total);
    }
  }
  return outcome;
}

class EveryInstructionSet : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::vector<std::string> sets = instruction_sets();
    if (std::find(sets.begin(), sets.end(), GetParam()) == sets.end()) {
      GTEST_SKIP() << "this processor has no " << GetParam();
    }
    use_instruction_set(GetParam());
  }
};

}  // namespace pimento::kernels
