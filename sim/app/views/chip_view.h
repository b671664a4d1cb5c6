// SPDX-License-Identifier: Apache-2.0
// What a chip is made of, level by level: what `pimento chip` shows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arch/chip_spec.h"
#include "sim/report/style.h"

namespace pimento::app {

struct PriceView {
  std::string action;
  int bits = 0;  // precision, where the price depends on it
  Energy price;
};

struct ComponentView {
  std::string name;  // "adc"
  std::string path;  // "macro.adc"
  std::string kind;
  double count = 1;  // an instance of the level holds this many
  std::optional<Frequency> rate;
  Bits width;  // of one access
  std::vector<PriceView> prices;
  Power power;  // of one at full rate, static power included
  Power static_power;
  Area area;  // of one
  std::string source;
  std::string assumed;            // what of it is our own assumption
  std::optional<int> resolution;  // of an ADC
  std::string note;
};

struct LevelView {
  arch::LevelSummary summary;
  std::vector<ComponentView> components;
};

struct ChipView {
  std::string name;
  std::string file;
  std::string description;
  std::string source;
  std::optional<Length> node;
  bool double_buffering = false;
  arch::MacroSpec macro;
  bool sized_to_network = false;  // then the chip level stands for one tile
  std::vector<LevelView> levels;  // macro first
};

[[nodiscard]] ChipView view_chip(const arch::ChipSpec& chip);
[[nodiscard]] std::string chip_text(const ChipView& view, const sim::Style& style);
[[nodiscard]] std::string chip_json(const ChipView& view);

}  // namespace pimento::app
