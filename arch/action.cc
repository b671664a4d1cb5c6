// SPDX-License-Identifier: Apache-2.0
#include "arch/action.h"

#include "base/error.h"

namespace pimento::arch {
namespace {

constexpr std::array kRoles{
    RoleInfo{Role::kArray, Level::kMacro, "array", "macro.array"},
    RoleInfo{Role::kDac, Level::kMacro, "dac", "macro.dac"},
    RoleInfo{Role::kSampleHold, Level::kMacro, "sample_hold", "macro.sample_hold"},
    RoleInfo{Role::kAdc, Level::kMacro, "adc", "macro.adc"},
    RoleInfo{Role::kUnitColumn, Level::kMacro, "unit_column", "macro.unit_column"},
    RoleInfo{Role::kMacUnit, Level::kMacro, "mac_unit", "macro.mac_unit"},
    RoleInfo{Role::kCoreShiftAdd, Level::kCore, "shift_add", "core.shift_add"},
    RoleInfo{Role::kInputRegister, Level::kCore, "input_register", "core.input_register"},
    RoleInfo{Role::kOutputRegister, Level::kCore, "output_register", "core.output_register"},
    RoleInfo{Role::kIndexMemory, Level::kCore, "index_memory", "core.index_memory"},
    RoleInfo{Role::kBuffer, Level::kTile, "buffer", "tile.buffer"},
    RoleInfo{Role::kBus, Level::kTile, "bus", "tile.bus"},
    RoleInfo{Role::kTileShiftAdd, Level::kTile, "shift_add", "tile.shift_add"},
    RoleInfo{Role::kTileRegister, Level::kTile, "output_register", "tile.output_register"},
    RoleInfo{Role::kVectorUnit, Level::kTile, "vector_unit", "tile.vector_unit"},
    RoleInfo{Role::kPoolingUnit, Level::kTile, "pooling_unit", "tile.pooling_unit"},
    RoleInfo{Role::kRouter, Level::kTile, "router", "tile.router"},
    RoleInfo{Role::kIoLink, Level::kChip, "io_link", "chip.io_link"},
};

constexpr std::array<ActionInfo, kActionCount> kActions{
    ActionInfo{Action::kCellRead, Role::kArray, "cell_read"},
    ActionInfo{Action::kLevelRead, Role::kArray, "level_read", true},
    ActionInfo{Action::kDriveRead, Role::kArray, "drive_read", true},
    ActionInfo{Action::kCellSet, Role::kArray, "cell_set", false, true},
    ActionInfo{Action::kCellReset, Role::kArray, "cell_reset", false, true},
    ActionInfo{Action::kRowDrive, Role::kDac, "row_drive"},
    ActionInfo{Action::kSample, Role::kSampleHold, "sample"},
    ActionInfo{Action::kAdcConversion, Role::kAdc, "adc_conversion"},
    ActionInfo{Action::kInputSum, Role::kUnitColumn, "input_sum"},
    ActionInfo{Action::kMac, Role::kMacUnit, "mac"},
    ActionInfo{Action::kShiftAdd, Role::kCoreShiftAdd, "shift_add"},
    ActionInfo{Action::kInputRegisterBit, Role::kInputRegister, "read_bit"},
    ActionInfo{Action::kInputTestBit, Role::kInputRegister, "test_bit", false, false, true},
    ActionInfo{Action::kOutputRegisterBit, Role::kOutputRegister, "write_bit"},
    ActionInfo{Action::kIndexBit, Role::kIndexMemory, "read_bit"},
    ActionInfo{Action::kBufferReadBit, Role::kBuffer, "read_bit"},
    ActionInfo{Action::kBufferWriteBit, Role::kBuffer, "write_bit"},
    ActionInfo{Action::kBusBit, Role::kBus, "bit"},
    ActionInfo{Action::kAccumulate, Role::kTileShiftAdd, "accumulate"},
    ActionInfo{Action::kTileRegisterBit, Role::kTileRegister, "write_bit"},
    ActionInfo{Action::kVectorOp, Role::kVectorUnit, "vector_op"},
    ActionInfo{Action::kPoolOp, Role::kPoolingUnit, "pool_op"},
    ActionInfo{Action::kRouterBit, Role::kRouter, "bit"},
    ActionInfo{Action::kOffchipBit, Role::kIoLink, "bit"},
};

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kMacro:
      return "macro";
    case Level::kCore:
      return "core";
    case Level::kTile:
      return "tile";
    case Level::kChip:
      return "chip";
  }
  throw InternalError("unknown level");
}

std::span<const RoleInfo> all_roles() {
  return kRoles;
}

const RoleInfo& info(Role role) {
  const RoleInfo& result = kRoles.at(static_cast<std::size_t>(role));
  ensure(result.role == role, "the role table is out of order");
  return result;
}

std::span<const ActionInfo> all_actions() {
  return kActions;
}

const ActionInfo& info(Action action) {
  const ActionInfo& result = kActions.at(static_cast<std::size_t>(action));
  ensure(result.action == action, "the action table is out of order");
  return result;
}

Counts by_values(const Counts& counts, std::int64_t level_reads, std::int64_t drive_reads) {
  Counts result;
  for (const auto& [key, n] : counts) {
    if (key.action != Action::kCellRead) result.record(key.action, n, key.bits);
  }
  result.record(Action::kLevelRead, level_reads);
  result.record(Action::kDriveRead, drive_reads);
  return result;
}

std::int64_t Counts::total(Action action) const {
  std::int64_t sum = 0;
  for (const auto& [key, n] : counts_) {
    if (key.action == action) sum += n;
  }
  return sum;
}

}  // namespace pimento::arch
