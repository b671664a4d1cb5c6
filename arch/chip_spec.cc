// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_spec.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace pimento::arch {
namespace {

constexpr std::array<std::pair<std::string_view, Encoding>, 3> kEncodings{{
    {"twos_complement", Encoding::kTwosComplement},
    {"offset", Encoding::kOffset},
    {"differential", Encoding::kDifferential},
}};
constexpr std::array<std::pair<std::string_view, Readout>, 2> kReadouts{{
    {"adc", Readout::kAdc},
    {"digital", Readout::kDigital},
}};

constexpr int kMaxArraySide = 65536;
constexpr int kMaxChildren = 1 << 20;

MacroSpec read_macro(ConfigMap& map) {
  MacroSpec macro;
  macro.rows = static_cast<int>(map.integer("rows", {.min = 1, .max = kMaxArraySide}));
  macro.columns = static_cast<int>(map.integer("columns", {.min = 1, .max = kMaxArraySide}));
  macro.cell_bits = static_cast<int>(map.integer("cell_bits", {.min = 1, .max = 8}));
  macro.dac_bits = static_cast<int>(map.integer("dac_bits", {.min = 1, .max = 16}));
  macro.encoding = map.choice<Encoding>("encoding", kEncodings);
  macro.readout = map.choice_or<Readout>("readout", Readout::kAdc, kReadouts);
  if (macro.readout == Readout::kAdc) {
    macro.columns_per_adc =
        static_cast<int>(map.integer("columns_per_adc", {.min = 1, .max = kMaxArraySide}));
  }
  macro.read_time = map.quantity<Time>("read_time", {.min = 1e-13, .max = 1.0});
  return macro;
}

// What a parent holds of a component when the file does not say: a driver a row, a sample-and-hold
// a column, as many ADCs as share the columns, one of everything else.
double natural_count(Role role, const MacroSpec& macro) {
  switch (role) {
    case Role::kDac:
      return macro.rows;
    case Role::kSampleHold:
      return macro.columns;
    case Role::kAdc:
      return std::max(1, macro.adcs());
    default:
      return 1.0;
  }
}

void read_components(ConfigMap& parent, Level level, const MacroSpec& macro,
                     std::vector<ComponentSlot>& slots) {
  const MacroGeometry geometry{macro.rows, macro.columns, macro.cell_bits, macro.dac_bits};
  std::optional<ConfigMap> components = parent.optional_map("components");
  if (!components) return;
  for (const RoleInfo& role : all_roles()) {
    if (role.level != level || !components->has(role.key)) continue;
    ConfigMap map = components->map(role.key);
    ComponentSlot slot;
    slot.role = role.role;
    slot.location = components->where(role.key);
    slot.kind = map.text("kind");
    slot.source = map.text("source");
    (void)map.text_or("assumed", "");
    slot.count = map.number_or("count", natural_count(role.role, macro), {.min = 1e-6, .max = 1e9});
    if (role.role == Role::kAdc && slot.count != natural_count(role.role, macro)) {
      map.problem("count", "the number of ADCs follows from macro.columns_per_adc; remove it");
    }
    const ComponentFactory* factory = component_kinds().find(slot.kind);
    if (factory == nullptr) {
      const std::vector<std::string> known = component_kinds().names();
      const std::optional<std::string> nearest = nearest_name(slot.kind, known);
      map.problem("kind", fmt::format("found \"{}\"; expected one of {}{}", slot.kind, join(known),
                                      nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
      continue;
    }
    slot.model = (*factory)(map, role, geometry);
    slots.push_back(std::move(slot));
  }
}

// A count of parts, or `auto` where the chip follows the network.
std::optional<int> read_tiles(ConfigMap& map) {
  if (map.text("tiles") == "auto") return std::nullopt;
  return static_cast<int>(map.integer("tiles", {.min = 1, .max = kMaxChildren}));
}

// Mistakes that no single field can show.
void check_consistency(const ChipSpec& chip, ConfigMap& macro) {
  const bool has_adc = chip.find(Role::kAdc) != nullptr;
  if (chip.macro.readout == Readout::kAdc && !has_adc) {
    macro.problem("readout",
                  "expected an adc among macro.components; add one, or write "
                  "\"readout: digital\"");
  }
  if (chip.macro.readout == Readout::kDigital && has_adc) {
    macro.problem("readout",
                  "found digital readout beside an adc; remove macro.components.adc or "
                  "write \"readout: adc\"");
  }
  const ComponentSlot* adc = chip.find(Role::kAdc);
  if (has_adc && !adc->model->rate()) {
    macro.problem("components", "the adc needs a rate (conversions a second)");
  }
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  for (const auto& [name, value] : kEncodings) {
    if (value == encoding) return name;
  }
  throw InternalError("unknown encoding");
}

const ComponentSlot* ChipSpec::find(Role role) const {
  const auto it = std::find_if(components.begin(), components.end(),
                               [role](const ComponentSlot& slot) { return slot.role == role; });
  return it == components.end() ? nullptr : &*it;
}

int ChipSpec::supported_precision(int bits) const {
  if (supported_bits.empty()) return bits;
  const auto it = std::lower_bound(supported_bits.begin(), supported_bits.end(), bits);
  if (it == supported_bits.end()) {
    throw InputError(
        fmt::format("{}: a layer asks for {} bits; the chip knows {} at most; choose a "
                    "policy of fewer bits, or add a price to macro.mac_unit",
                    file, bits, supported_bits.back()));
  }
  return *it;
}

double ChipSpec::instances(const ComponentSlot& slot, int tile_count) const {
  switch (info(slot.role).level) {
    case Level::kMacro:
      return slot.count * macros_per_tile() * tile_count;
    case Level::kCore:
      return slot.count * cores_per_tile * tile_count;
    case Level::kTile:
      return slot.count * tile_count;
    case Level::kChip:
      return slot.count;
  }
  throw InternalError("unknown level");
}

ChipSpec read_chip(ConfigDocument document, const std::string& file) {
  ConfigMap root = document.root();
  ChipSpec chip;
  chip.file = file;
  constexpr std::array<std::pair<std::string_view, int>, 1> kSchemas{{{"pimento/chip/1", 1}}};
  (void)root.choice<int>("schema", kSchemas);
  chip.name = root.text("name");
  chip.description = root.text_or("description", "");
  chip.source = root.text("source");
  if (root.has("node")) chip.node = root.quantity<Length>("node", {.min = 1e-9, .max = 1e-5});

  ConfigMap macro = root.map("macro");
  ConfigMap core = root.map("core");
  ConfigMap tile = root.map("tile");
  ConfigMap top = root.map("chip");
  chip.macro = read_macro(macro);
  chip.macros_per_core = static_cast<int>(core.integer("macros", {.min = 1, .max = 65536}));
  chip.cores_per_tile = static_cast<int>(tile.integer("cores", {.min = 1, .max = 65536}));
  chip.tiles = read_tiles(top);
  chip.hop_time = top.quantity_or<Time>("hop_time", Time{}, {.min = 0.0, .max = 1.0});

  read_components(macro, Level::kMacro, chip.macro, chip.components);
  read_components(core, Level::kCore, chip.macro, chip.components);
  read_components(tile, Level::kTile, chip.macro, chip.components);
  read_components(top, Level::kChip, chip.macro, chip.components);
  if (const ComponentSlot* mac = chip.find(Role::kMacUnit)) {
    chip.supported_bits = mac->model->supported_bits();
  }
  check_consistency(chip, macro);
  document.finish();
  return chip;
}

}  // namespace pimento::arch
