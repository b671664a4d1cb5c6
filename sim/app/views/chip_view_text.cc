// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/views/chip_view.h"
#include "sim/report/format.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

// Sources are long: the table names them by number, the list below tells them.
class Sources {
 public:
  std::string number_of(const std::string& source) {
    const auto it = std::find(sources_.begin(), sources_.end(), source);
    const auto index = it - sources_.begin();
    if (it == sources_.end()) sources_.push_back(source);
    return fmt::format("[{}]", index + 1);
  }
  [[nodiscard]] std::string str() const {
    std::string text;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      text += fmt::format("  [{}] {}\n", i + 1, printable(sources_[i], 1000));
    }
    return text;
  }

 private:
  std::vector<std::string> sources_;
};

std::string area_text(Area area) {
  return area.value() > 0.0 ? format_quantity(area, 3) : "-";
}

std::string power_text(Power power) {
  return power.value() > 0.0 ? format_quantity(power) : "-";
}

std::string rate_text(const ComponentView& component) {
  if (!component.rate) return "-";
  std::string text = format_quantity(*component.rate);
  if (component.width.value() > 1) text += fmt::format(" x {} b", component.width.value());
  return text;
}

std::string price_text(const ComponentView& component, std::size_t index) {
  return index < component.prices.size() ? format_quantity(component.prices[index].price) : "-";
}

std::string action_text(const ComponentView& component, std::size_t index) {
  if (index >= component.prices.size()) return "-";
  const PriceView& price = component.prices[index];
  return price.bits == 0 ? price.action : fmt::format("{} of {} bits", price.action, price.bits);
}

void add_component(sim::Table& table, const ComponentView& component, Sources& sources) {
  table.add_row({component.name, component.kind, sim::format_amount(component.count),
                 rate_text(component), price_text(component, 0), action_text(component, 0),
                 power_text(component.power), power_text(component.power * component.count),
                 area_text(component.area), area_text(component.area * component.count),
                 sources.number_of(component.assumed.empty()
                                       ? component.source
                                       : component.source + "; assumed: " + component.assumed)});
  for (std::size_t i = 1; i < component.prices.size(); ++i) {
    table.add_row({"", "", "", "", price_text(component, i), action_text(component, i)});
  }
}

std::string level_text(const ChipView& view, std::size_t index, Sources& sources,
                       const sim::Style& style) {
  using sim::Align;
  const LevelView& level = view.levels[index];
  sim::Table table({{"component", Align::kLeft},
                    {"kind", Align::kLeft},
                    {"count"},
                    {"rate"},
                    {"energy"},
                    {"of one", Align::kLeft},
                    {"power each"},
                    {"power"},
                    {"area each"},
                    {"area"},
                    {"source"}});
  for (const ComponentView& component : level.components) add_component(table, component, sources);
  const arch::LevelSummary& own = level.summary;
  if (index > 0) {
    const arch::LevelSummary& child = view.levels[index - 1].summary;
    table.add_row({std::string(arch::level_name(child.level)), "", sim::format_count(own.children),
                   "", "", "", power_text(child.peak_power),
                   power_text(child.peak_power * double(own.children)), area_text(child.area),
                   area_text(child.area * double(own.children))});
  }
  table.add_rule();
  table.add_row(
      {"total", "", "", "", "", "", "", power_text(own.peak_power), "", area_text(own.area)});
  return "\n" + style.bold(fmt::format("One {}", arch::level_name(own.level))) + "\n" +
         table.str(style);
}

// Four digits of power up to the core and three above, three of area: as component tables of
// papers are printed.
std::string subtotal_text(const arch::LevelSummary& summary) {
  const int digits = summary.level <= arch::Level::kCore ? 4 : 3;
  std::string text = fmt::format("  {} {}", arch::level_name(summary.level),
                                 format_quantity(summary.peak_power, digits));
  if (summary.area.value() <= 0.0) return text + ", area not given\n";
  const bool small = summary.level == arch::Level::kMacro;
  text += " " + (small ? format_quantity(summary.area, 3)
                       : sim::format_number(sim::square_millimetres(summary.area), 3) + " mm2");
  return text + "\n";
}

std::string header_text(const ChipView& view, const sim::Style& style) {
  const arch::MacroSpec& macro = view.macro;
  sim::Listing listing;
  listing.add("chip", fmt::format("{} ({})", printable(view.name), printable(view.file, 200)));
  if (!view.description.empty()) listing.add("", printable(view.description, 200));
  listing.add("source", printable(view.source, 200));
  if (view.node) listing.add("node", format_quantity(*view.node));
  listing.add("macro",
              fmt::format("{} x {} cells of {} {}, {}-bit inputs, {}, a read takes {}", macro.rows,
                          macro.columns, macro.cell_bits, macro.cell_bits == 1 ? "bit" : "bits",
                          macro.dac_bits, arch::encoding_name(macro.encoding),
                          format_quantity(macro.read_time)));
  listing.add("readout", macro.readout == arch::Readout::kDigital
                             ? std::string("digital, no conversions")
                             : fmt::format("ADCs: {} a macro, {} columns each", macro.adcs(),
                                           macro.columns_per_adc));
  if (macro.zero_skipping != arch::ZeroSkipping::kNone) {
    listing.add("zero inputs", fmt::format("skipped by the rule {}",
                                           arch::zero_skipping_name(macro.zero_skipping)));
  }
  listing.add("tiles", view.sized_to_network
                           ? std::string("as many as the network needs; shown with one")
                           : sim::format_count(view.levels.back().summary.children));
  if (view.double_buffering) {
    listing.add("writing",
                "half of the cores while the other half works, where a network takes "
                "several rounds");
  }
  return listing.str(style, 0);
}

}  // namespace

std::string chip_text(const ChipView& view, const sim::Style& style) {
  Sources sources;
  std::string text = header_text(view, style);
  for (std::size_t i = 0; i < view.levels.size(); ++i) {
    text += level_text(view, i, sources, style);
  }
  text += "\n" + style.bold("Power at full rate and area, the levels below included") + "\n";
  for (const LevelView& level : view.levels) text += subtotal_text(level.summary);
  text += "\n" + style.bold("Sources") + "\n" + sources.str();
  std::string notes;
  for (const LevelView& level : view.levels) {
    for (const ComponentView& component : level.components) {
      if (!component.note.empty())
        notes += fmt::format("  - {}: {}\n", component.path, component.note);
    }
  }
  if (!notes.empty()) text += "\n" + style.bold("Notes") + "\n" + notes;
  return text;
}

}  // namespace pimento::app
