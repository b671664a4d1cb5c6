// SPDX-License-Identifier: Apache-2.0
// What a chip can do that costs energy. Models count actions as integers; a component of the chip
// prices them after the run.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <utility>

namespace pimento::arch {

// The levels of a chip, each made of the one before.
enum class Level { kMacro, kCore, kTile, kChip };
[[nodiscard]] std::string_view level_name(Level level);

// The place of a component: its level and its key in the chip's YAML.
enum class Role {
  kArray,
  kDac,
  kSampleHold,
  kAdc,
  kUnitColumn,
  kMacUnit,
  kCoreShiftAdd,
  kInputRegister,
  kOutputRegister,
  kIndexMemory,
  kBuffer,
  kBus,
  kTileShiftAdd,
  kTileRegister,
  kVectorUnit,
  kPoolingUnit,
  kRouter,
  kIoLink,
};
struct RoleInfo {
  Role role;
  Level level;
  std::string_view key;   // "adc"
  std::string_view path;  // "macro.adc": unique, used in reports
};
[[nodiscard]] std::span<const RoleInfo> all_roles();
[[nodiscard]] const RoleInfo& info(Role role);

enum class Action {
  kCellRead,           // one cell takes part in one read
  kLevelRead,          // one cell takes part in one read: its stored level x the driven level^k
  kDriveRead,          // the same, the driven level^k alone; k of macro.drive (arch::drive_power)
  kCellSet,            // one cell is written to a higher level (0 -> 1)
  kCellReset,          // one cell is written to a lower level (1 -> 0)
  kRowDrive,           // one row is driven with one input slice
  kSample,             // one column's current is sampled
  kAdcConversion,      // one column sum is digitised
  kInputSum,           // one sum of a macro's inputs for one input slice (offset encoding)
  kMac,                // one multiply-accumulate priced as a whole, by precision
  kShiftAdd,           // one column sum is shifted and added in the core
  kInputRegisterBit,   // one bit is read from a core's input register
  kInputTestBit,       // one bit of an input register is looked at, to pass over zeros
  kOutputRegisterBit,  // one bit is written to a core's output register
  kIndexBit,           // one bit of an index, mask or width is read: metadata of sparse mappings
  kBufferReadBit,
  kBufferWriteBit,
  kBusBit,
  kAccumulate,       // one partial sum is added in the tile
  kTileRegisterBit,  // one bit is written to the tile's output register
  kVectorOp,         // one element through the activation unit
  kPoolOp,           // one element compared or added in the pooling unit
  kRouterBit,        // one bit passes one router
  kOffchipBit,       // one bit enters or leaves the chip
};
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::kOffchipBit) + 1;
struct ActionInfo {
  Action action;
  Role role;              // the component that prices it
  std::string_view name;  // "adc_conversion"
  // Known only where values are; stands for another action of the role then (arch::by_values).
  bool counts_values = false;
  bool rewrites = false;     // happens only on chips whose arrays are written anew during a run
  bool skips_zeros = false;  // happens only on chips that pass over inputs of zero
  // Stands beside what its component does on every chip.
  [[nodiscard]] bool is_further() const { return counts_values || rewrites || skips_zeros; }
};
[[nodiscard]] std::span<const ActionInfo> all_actions();
[[nodiscard]] const ActionInfo& info(Action action);

// An action and, for actions whose price depends on precision (kMac), the bits; else 0.
struct CountKey {
  Action action;
  int bits = 0;
  friend auto operator<=>(const CountKey&, const CountKey&) = default;
};

// How often each action happened. Ordered, so that iteration is the same everywhere.
class Counts {
 public:
  void record(Action action, std::int64_t n, int bits = 0) {
    if (n != 0) counts_[CountKey{action, bits}] += n;
  }
  void add(const Counts& other, std::int64_t times = 1) {
    for (const auto& [key, n] : other.counts_) counts_[key] += n * times;
  }
  // All precisions together.
  [[nodiscard]] std::int64_t total(Action action) const;
  [[nodiscard]] auto begin() const { return counts_.begin(); }
  [[nodiscard]] auto end() const { return counts_.end(); }
  friend bool operator==(const Counts&, const Counts&) = default;

 private:
  std::map<CountKey, std::int64_t> counts_;
};

// Counts whose cell reads are told by the values that were read and driven.
[[nodiscard]] Counts by_values(const Counts& counts, std::int64_t level_reads,
                               std::int64_t drive_reads);

}  // namespace pimento::arch
