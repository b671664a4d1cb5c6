// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/chip_view.h"

#include "sim/app/version.h"
#include "sim/report/format.h"
#include "sim/report/json.h"

namespace pimento::app {
namespace {

std::vector<PriceView> prices_of(const arch::ComponentSlot& slot, const arch::MacroSpec& macro) {
  std::vector<PriceView> prices;
  std::vector<int> precisions = slot.model->supported_bits();
  if (precisions.empty()) precisions.push_back(0);
  for (const arch::ActionInfo& action : arch::all_actions()) {
    if (action.role != slot.role) continue;
    if (action.counts_values && !slot.model->depends_on_values()) continue;
    if (action.skips_zeros && macro.zero_skipping == arch::ZeroSkipping::kNone) continue;
    if (!slot.model->prices(action.action)) continue;
    for (const int bits : precisions) {
      prices.push_back({std::string(action.name), bits, slot.model->energy(action.action, bits)});
    }
  }
  return prices;
}

ComponentView view_component(const arch::ComponentSlot& slot, const arch::MacroSpec& macro) {
  const arch::RoleInfo& role = arch::info(slot.role);
  ComponentView view;
  view.name = role.key;
  view.path = role.path;
  view.kind = slot.kind;
  view.count = slot.count;
  view.rate = slot.model->rate();
  view.width = slot.model->width();
  view.prices = prices_of(slot, macro);
  view.power = slot.model->peak_power();
  view.static_power = slot.model->static_power();
  view.area = slot.model->area();
  view.source = slot.source;
  view.assumed = slot.assumed;
  view.resolution = slot.model->resolution();
  view.note = slot.model->note();
  return view;
}

sim::Json component_json(const ComponentView& component) {
  using sim::Json;
  Json prices = Json::array();
  for (const PriceView& price : component.prices) {
    prices.push_back(
        {{"action", price.action}, {"bits", price.bits}, {"price", price.price.value()}});
  }
  return {{"name", component.path},
          {"kind", component.kind},
          {"count", component.count},
          {"rate_hz", component.rate ? Json(component.rate->value()) : Json(nullptr)},
          {"width_bits", component.width.value()},
          {"prices", std::move(prices)},
          {"power_w", component.power.value()},
          {"static_power_w", component.static_power.value()},
          {"area_mm2", sim::square_millimetres(component.area)},
          {"total_power_w", (component.power * component.count).value()},
          {"total_area_mm2", sim::square_millimetres(component.area * component.count)},
          {"source", component.source},
          {"assumed", component.assumed},
          {"bits", component.resolution ? sim::Json(*component.resolution) : sim::Json(nullptr)},
          {"note", component.note}};
}

sim::Json level_json(const LevelView& level) {
  sim::Json components = sim::Json::array();
  for (const ComponentView& component : level.components) {
    components.push_back(component_json(component));
  }
  return {{"level", arch::level_name(level.summary.level)},
          {"children", level.summary.children},
          {"power_w", level.summary.peak_power.value()},
          {"static_power_w", level.summary.static_power.value()},
          {"area_mm2", sim::square_millimetres(level.summary.area)},
          {"components", std::move(components)}};
}

}  // namespace

ChipView view_chip(const arch::ChipSpec& chip) {
  ChipView view;
  view.name = chip.name;
  view.file = chip.file;
  view.description = chip.description;
  view.source = chip.source;
  view.node = chip.node;
  view.double_buffering = chip.double_buffering;
  view.macro = chip.macro;
  view.sized_to_network = !chip.tiles;
  for (const arch::LevelSummary& summary : arch::summarize(chip, chip.tiles.value_or(1))) {
    LevelView level{summary, {}};
    for (const arch::ComponentSlot& slot : chip.components) {
      if (arch::info(slot.role).level == summary.level) {
        level.components.push_back(view_component(slot, chip.macro));
      }
    }
    view.levels.push_back(std::move(level));
  }
  return view;
}

std::string chip_json(const ChipView& view) {
  using sim::Json;
  Json levels = Json::array();
  for (const LevelView& level : view.levels) levels.push_back(level_json(level));
  return sim::dump({{"chip", view.name},
                    {"chip_file", view.file},
                    {"description", view.description},
                    {"source", view.source},
                    {"program_version", kVersion},
                    {"double_buffering", view.double_buffering},
                    {"node_m", view.node ? Json(view.node->value()) : Json(nullptr)},
                    {"macro",
                     {{"rows", view.macro.rows},
                      {"columns", view.macro.columns},
                      {"cell_bits", view.macro.cell_bits},
                      {"dac_bits", view.macro.dac_bits},
                      {"encoding", arch::encoding_name(view.macro.encoding)},
                      {"adcs", view.macro.adcs()},
                      {"zero_skipping", arch::zero_skipping_name(view.macro.zero_skipping)},
                      {"read_time_s", view.macro.read_time.value()}}},
                    {"tiles_follow_network", view.sized_to_network},
                    {"levels", std::move(levels)}});
}

}  // namespace pimento::app
