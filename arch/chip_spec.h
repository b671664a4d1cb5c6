// SPDX-License-Identifier: Apache-2.0
// A chip as its YAML describes it: plain values, checked once when they are read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arch/component.h"
#include "arch/encoding.h"
#include "base/config_reader.h"
#include "base/units.h"

namespace pimento::arch {

// How column sums leave the array: through ADCs, or as digital words that cost no conversion.
enum class Readout { kAdc, kDigital };

[[nodiscard]] std::string_view drive_name(Drive drive);

// Which reads of zero inputs a macro passes over. What is looked at are the rows that a read
// drives: those of an operation unit, or of the whole array.
enum class ZeroSkipping {
  kNone,
  kLeadingBits,  // input slices above the highest one that is not zero in all the rows (FORMS)
  kSlices,       // every input slice that is zero in all the rows
  // Rows whose input slice is zero: units are formed of the others, from read to read (SRE).
  kRows,
};
[[nodiscard]] std::string_view zero_skipping_name(ZeroSkipping rule);

// Rows and columns that are read at once where that is less than the whole array; 0: all of them.
struct OperationUnit {
  int rows = 0;
  int columns = 0;
  [[nodiscard]] bool is_whole() const { return rows == 0 && columns == 0; }
};

// The array and what stands around it.
struct MacroSpec {
  int rows = 0;
  int columns = 0;
  int cell_bits = 1;
  int dac_bits = 1;
  Encoding encoding = Encoding::kTwosComplement;
  SignedInputs signed_inputs = SignedInputs::kTwosComplement;
  OperationUnit unit;
  Readout readout = Readout::kAdc;
  Drive drive = Drive::kVoltage;
  ZeroSkipping zero_skipping = ZeroSkipping::kNone;
  int columns_per_adc = 0;  // 0 with digital readout
  Time read_time;           // drive the rows with one input slice and settle
  // Write one row of an array, all its cells at once. None: writing takes no time.
  std::optional<Time> write_time = std::nullopt;
  [[nodiscard]] int rows_at_once() const { return unit.rows == 0 ? rows : unit.rows; }
  // Columns of weights that lie side by side: pairs of lines count once.
  [[nodiscard]] int weight_columns() const { return columns / lines(encoding); }
  [[nodiscard]] MacroGeometry geometry() const {
    return {rows, columns, cell_bits, dac_bits, encoding, rows_at_once(), drive, read_time};
  }
  [[nodiscard]] int adcs() const {
    return columns_per_adc == 0 ? 0 : (columns + columns_per_adc - 1) / columns_per_adc;
  }
};

struct ChipSpec {
  std::string name;
  std::string file;
  std::string description;
  std::string source;
  std::optional<Length> node;
  MacroSpec macro;
  int macros_per_core = 1;
  int cores_per_tile = 1;
  std::optional<int> tiles;  // none: the chip is made as large as the network needs
  Time hop_time;             // a flit passes one router and one link
  // Cores can be written while others work: where a network takes several rounds, half of the cores
  // are written for the next round while the other half works.
  bool double_buffering = false;
  // Precisions the chip's MAC unit knows, ascending; empty: any. Others round up.
  std::vector<int> supported_bits;
  std::vector<ComponentSlot> components;

  // Null when the chip has none; what it would do then costs neither energy nor time.
  [[nodiscard]] const ComponentSlot* find(Role role) const;
  [[nodiscard]] std::int64_t macros_per_tile() const {
    return std::int64_t{macros_per_core} * cores_per_tile;
  }
  // Smallest supported precision that holds `bits`. Throws InputError when there is none.
  [[nodiscard]] int supported_precision(int bits) const;
  // Instances of a slot on a chip of `tile_count` tiles.
  [[nodiscard]] double instances(const ComponentSlot& slot, int tile_count) const;
};

// Reads a chip. Throws InputError listing all mistakes.
[[nodiscard]] ChipSpec read_chip(ConfigDocument document, const std::string& file);

// Area and power of one instance of a level, the levels below included.
struct LevelSummary {
  Level level = Level::kMacro;
  int children = 0;  // how many of the level below one instance holds; 0 at macro level
  Area area;
  Power peak_power;
  Power static_power;
};
// One summary a level, macro first. `tile_count` is used where the chip is sized to its network.
[[nodiscard]] std::vector<LevelSummary> summarize(const ChipSpec& chip, int tile_count);

}  // namespace pimento::arch
