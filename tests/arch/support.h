// SPDX-License-Identifier: Apache-2.0
// What the tests of arch/ share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arch/chip_spec.h"
#include "base/resources.h"

namespace pimento::arch {

// The message of the InputError that `act` throws; "nothing thrown" if it throws none.
template <class Act>
std::string input_error(const Act& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

// The smallest complete chip, one field a line.
inline const std::string kTinyChip = R"(schema: pimento/chip/1
name: tiny
source: test
node: 32 nm
macro:
  rows: 128
  columns: 64
  cell_bits: 1
  dac_bits: 1
  encoding: twos_complement
  columns_per_adc: 16
  read_time: 100 ns
  components:
    adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, source: test}
core:
  macros: 2
tile:
  cores: 3
chip:
  tiles: 4
  hop_time: 1 ns
)";

// `text` with the one place that says `from` saying `to`.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ensure(at != std::string::npos, "the text to replace is not there");
  ensure(text.find(from, at + 1) == std::string::npos, "the text to replace is there twice");
  return text.replace(at, from.size(), to);
}

// A chip of a text with settings laid over it, as --set does.
inline ChipSpec chip_of(const std::string& text, const std::vector<Override>& settings = {}) {
  ConfigDocument document = ConfigDocument::parse(text, "c.yaml", resolve_include);
  for (const Override& setting : settings) document.set(setting.path, setting.value);
  return read_chip(std::move(document), "c.yaml");
}

inline ChipSpec shipped_chip(const std::string& name, const std::vector<Override>& settings = {}) {
  const InputFile file = open_input(name, "chips");
  ConfigDocument document = ConfigDocument::parse(file.content, file.name, resolve_include);
  for (const Override& setting : settings) document.set(setting.path, setting.value);
  return read_chip(std::move(document), file.name);
}

// A component of its own, as one of the tiny chip's fields would make it.
inline std::unique_ptr<Component> component_of(const std::string& kind, const std::string& fields,
                                               Role role,
                                               const MacroGeometry& macro = {128, 128, 1, 1}) {
  ConfigDocument document = ConfigDocument::parse("c: " + fields, "f.yaml");
  ConfigMap root = document.root();
  ConfigMap map = root.map("c");
  (void)map.text_or("kind", "");
  std::unique_ptr<Component> result = (*component_kinds().find(kind))(map, info(role), macro);
  document.finish();
  return result;
}

inline std::string component_error(const std::string& kind, const std::string& fields, Role role) {
  return input_error([&] { (void)component_of(kind, fields, role); });
}

}  // namespace pimento::arch
