// SPDX-License-Identifier: Apache-2.0
#include "arch/chip_spec.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "arch/encoding_names.h"
#include "arch/number_or_word.h"

namespace pimento::arch {
namespace {

constexpr std::array<std::pair<std::string_view, Readout>, 2> kReadouts{{
    {"adc", Readout::kAdc},
    {"digital", Readout::kDigital},
}};

constexpr std::array<std::pair<std::string_view, Drive>, 2> kDrives{{
    {"voltage", Drive::kVoltage},
    {"pulse", Drive::kPulse},
}};

constexpr std::array<std::pair<std::string_view, ZeroSkipping>, 4> kZeroSkippings{{
    {"none", ZeroSkipping::kNone},
    {"leading_bits", ZeroSkipping::kLeadingBits},
    {"slices", ZeroSkipping::kSlices},
    {"rows", ZeroSkipping::kRows},
}};

template <class Value, std::size_t N>
std::string_view name_in(const std::array<std::pair<std::string_view, Value>, N>& names,
                         Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  throw InternalError("a value without a name");
}

constexpr int kMaxArraySide = 65536;
constexpr int kMaxTiles = 1 << 20;

void read_unit(ConfigMap& map, MacroSpec& macro) {
  std::optional<ConfigMap> unit = map.optional_map("operation_unit");
  if (!unit) return;
  macro.unit.rows = static_cast<int>(unit->integer("rows", {.min = 1, .max = macro.rows}));
  macro.unit.columns = static_cast<int>(unit->integer_or(
      "columns", macro.weight_columns(), {.min = 1, .max = macro.weight_columns()}));
  if (macro.encoding == Encoding::kOffsetFlipped && macro.unit.rows < macro.rows) {
    unit->problem("rows",
                  "fewer than the array's, but offset_flipped inverts whole columns of the array; "
                  "choose encoding: offset, or read all rows at once");
  }
}

void read_signed_inputs(ConfigMap& map, MacroSpec& macro) {
  const bool one_bit = macro.dac_bits == 1;
  macro.signed_inputs = map.choice_or<SignedInputs>(
      "signed_inputs", one_bit ? SignedInputs::kTwosComplement : SignedInputs::kOffset,
      kSignedInputsNames);
  if (macro.signed_inputs == SignedInputs::kTwosComplement && !one_bit) {
    map.problem("signed_inputs",
                "a DAC of several bits cannot give the sign bit a worth of its own; choose offset "
                "or two_phase");
  }
}

void read_zero_skipping(ConfigMap& map, MacroSpec& macro) {
  macro.zero_skipping =
      map.choice_or<ZeroSkipping>("zero_skipping", ZeroSkipping::kNone, kZeroSkippings);
  if (macro.zero_skipping != ZeroSkipping::kNone && macro.encoding == Encoding::kXnor) {
    map.problem("zero_skipping",
                "cells of the encoding xnor answer to inputs of zero as well, which cannot be "
                "passed over; choose another encoding, or write \"zero_skipping: none\"");
  }
}

MacroSpec read_macro(ConfigMap& map) {
  MacroSpec macro;
  macro.rows = static_cast<int>(map.integer("rows", {.min = 1, .max = kMaxArraySide}));
  macro.columns = static_cast<int>(map.integer("columns", {.min = 1, .max = kMaxArraySide}));
  macro.cell_bits = static_cast<int>(map.integer("cell_bits", {.min = 1, .max = 8}));
  macro.dac_bits = static_cast<int>(map.integer("dac_bits", {.min = 1, .max = 16}));
  macro.encoding = map.choice<Encoding>("encoding", kEncodingNames);
  if (macro.weight_columns() < 1) {
    map.problem("columns", "found one column, and a pair of lines needs two; give more columns");
  }
  read_signed_inputs(map, macro);
  read_unit(map, macro);
  macro.readout = map.choice_or<Readout>("readout", Readout::kAdc, kReadouts);
  macro.drive = map.choice_or<Drive>("drive", Drive::kVoltage, kDrives);
  read_zero_skipping(map, macro);
  if (macro.readout == Readout::kAdc) {
    macro.columns_per_adc =
        static_cast<int>(map.integer("columns_per_adc", {.min = 1, .max = kMaxArraySide}));
  } else if (map.has("columns_per_adc")) {
    map.problem("columns_per_adc", "given beside digital readout, which has no ADCs; remove it");
  }
  macro.read_time = map.quantity<Time>("read_time", {.min = 1e-13, .max = 1.0});
  if (map.has("write_time")) {
    macro.write_time = map.quantity<Time>("write_time", {.min = 1e-13, .max = 1.0});
  }
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

// The kind's factory; null with the mistake noted.
const ComponentFactory* read_kind(ConfigMap& map, std::string& kind) {
  const bool is_text = map.has("kind") && !map.is_map("kind") && !map.is_list("kind");
  kind = is_text ? map.text("kind") : "";
  const ComponentFactory* factory = component_kinds().find(kind);
  if (factory == nullptr) {
    const std::vector<std::string> known = component_kinds().names();
    std::vector<std::pair<std::string_view, int>> options;
    options.reserve(known.size());
    for (const std::string& name : known) options.emplace_back(name, 0);
    (void)map.choice<int>("kind", options);
  }
  return factory;
}

// Marks all fields as read: which of them are right depends on a kind that is not known.
void pass_over(ConfigMap map) {
  for (const std::string& key : map.keys()) {
    if (map.is_map(key)) {
      pass_over(map.map(key));
    } else if (map.is_list(key)) {
      (void)map.list(key);
    } else {
      (void)map.text(key);
    }
  }
}

void read_components(ConfigMap& parent, Level level, const MacroSpec& macro,
                     std::vector<ComponentSlot>& slots) {
  const MacroGeometry geometry = macro.geometry();
  std::optional<ConfigMap> components = parent.optional_map("components");
  if (!components) return;
  for (const RoleInfo& role : all_roles()) {
    if (role.level != level || !components->has(role.key)) continue;
    ConfigMap map = components->map(role.key);
    ComponentSlot slot;
    slot.role = role.role;
    slot.location = components->where(role.key);
    const ComponentFactory* factory = read_kind(map, slot.kind);
    if (factory == nullptr) {
      pass_over(map);
      continue;
    }
    slot.source = map.text("source");
    slot.assumed = map.text_or("assumed", "");
    slot.count = map.number_or("count", natural_count(role.role, macro), {.min = 1e-6, .max = 1e9});
    if (role.role == Role::kAdc && slot.count != natural_count(role.role, macro)) {
      map.problem("count", "the number of ADCs follows from macro.columns_per_adc; remove it");
    }
    slot.model = (*factory)(map, role, geometry);
    slots.push_back(std::move(slot));
  }
}

// Mistakes that no single field can show.
void check_consistency(const ChipSpec& chip, ConfigMap& macro) {
  // An adc whose own fields are wrong is there all the same.
  const bool has_adc = macro.is_map("components") && macro.map("components").has("adc");
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
  if (adc != nullptr && !adc->model->rate()) {
    macro.map("components")
        .problem("adc", "found no rate; add the conversions a second, such as \"rate: 1 GHz\"");
  }
}

}  // namespace

int MacroGeometry::lossless_adc_bits() const {
  const SumRange sums =
      sum_range(encoding, rows_at_once == 0 ? rows : rows_at_once, cell_bits, dac_bits);
  const auto levels = static_cast<std::uint64_t>(sums.highest - sums.lowest);
  return std::max(1, static_cast<int>(std::bit_width(levels)));
}

std::string_view drive_name(Drive drive) {
  return name_in(kDrives, drive);
}

std::string_view zero_skipping_name(ZeroSkipping rule) {
  return name_in(kZeroSkippings, rule);
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
  chip.tiles = number_or_word(top, "tiles", "auto", {.min = 1, .max = kMaxTiles});
  chip.hop_time = top.quantity_or<Time>("hop_time", Time{}, {.min = 0.0, .max = 1.0});
  chip.double_buffering = top.boolean_or("double_buffering", false);

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
