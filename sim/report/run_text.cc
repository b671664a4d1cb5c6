// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/format.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

std::string heading(const std::string& text, const Style& style) {
  return "\n" + style.bold(text) + "\n";
}

// What a level of fidelity vouches for.
std::string describe_level(const std::string& level) {
  if (level == "activity") {
    return "activity: actions, crossbars and area are exact for this mapping, and so is energy for "
           "these prices and the values that were counted; latency is that of the simulated "
           "timeline";
  }
  if (level != "counts") return level;
  return "counts: actions, crossbars, area and energy are exact for this mapping and these prices; "
         "latency is that of the simulated timeline";
}

std::string header_text(const RunReport& report, const Style& style) {
  Listing listing;
  listing.add("network", fmt::format("{} ({})", printable(report.network),
                                     printable(report.provenance.network_file, 200)));
  listing.add("chip",
              fmt::format("{} ({}), {} {}", printable(report.chip),
                          printable(report.provenance.chip_file, 200), format_count(report.tiles),
                          report.tiles == 1 ? "tile" : "tiles"));
  listing.add("policy", fmt::format("{} ({})", printable(report.policy),
                                    printable(report.provenance.policy_file, 200)));
  list_provenance(listing, report.provenance);
  listing.add("images", format_count(report.totals.images));
  return listing.str(style, 0);
}

std::string rate_text(const Figures& f) {
  if (f.latency.value() <= 0.0) return "unknown: the run takes no time";
  std::string text =
      fmt::format("{} TOPS, {} TOPS/W", format_number(f.tops()), format_number(f.tops_per_w()));
  if (f.area.value() > 0.0) text += fmt::format(", {} TOPS/mm2", format_number(f.tops_per_mm2()));
  return text + " (1 MAC = 2 operations)";
}

std::string totals_text(const RunReport& report, const Style& style) {
  const Figures& f = report.totals;
  Listing listing;
  listing.add("energy", fmt::format("{}, of which static {}", format_quantity(f.energy, 6),
                                    format_quantity(report.static_energy, 6)));
  listing.add("latency", format_quantity(f.latency, 6));
  listing.add("power", format_quantity(f.power(), 6));
  listing.add("area", f.area.value() > 0.0 ? format_quantity(f.area, 6) : "not given by the chip");
  listing.add("rate", rate_text(f));
  listing.add("energy x delay", fmt::format("{:.5e} J s", f.edp()));
  listing.add("MACs an image", format_count(f.macs));
  listing.add("weights",
              fmt::format("{}, {} bits", format_count(f.weights), format_count(f.weight_bits)));
  listing.add("crossbars",
              fmt::format("{}; {} of those of the cores in use, {} of the chip's",
                          format_count(f.crossbars), format_percent(f.macro_utilization),
                          format_percent(report.chip_utilization)));
  listing.add("cells used",
              fmt::format("{} (all used / all in those crossbars); {} (mean of the layers)",
                          format_percent(f.cell_utilization),
                          format_percent(report.cell_utilization_layer_mean)));
  listing.add("ADC conversions", format_count(f.adc_conversions));
  listing.add("simulated events", format_count(report.events));
  return heading("Totals", style) + listing.str(style);
}

// Which layers the policy leaves to its default is worth a mark only where it names others.
bool marks_defaults(const RunReport& report) {
  const auto has = [&](bool is_default) {
    return std::any_of(report.layers.begin(), report.layers.end(), [&](const LayerReport& layer) {
      return layer.weight_bits > 0 && layer.default_precision == is_default;
    });
  };
  return has(true) && has(false);
}

std::vector<std::string> layer_cells(const LayerReport& layer, bool mark, Energy dynamic) {
  const Figures& f = layer.figures;
  const bool weighted = layer.weight_bits > 0;
  const auto of_weights = [&](const std::string& text) { return weighted ? text : "-"; };
  const double share = ratio(f.energy.value(), dynamic.value()).value_or(0.0);
  return {printable(layer.name),
          layer.kind,
          of_weights(
              fmt::format("{}{}", layer.weight_bits, mark && layer.default_precision ? "*" : "")),
          of_weights(fmt::format("{}", layer.activation_bits)),
          of_weights(format_count(f.macs)),
          of_weights(format_count(f.weights)),
          of_weights(format_count(f.crossbars)),
          of_weights(format_percent(f.cell_utilization)),
          of_weights(format_count(f.adc_conversions)),
          format_quantity(f.energy),
          format_percent(share),
          format_quantity(layer.start),
          format_quantity(layer.finish),
          of_weights(format_quantity(layer.bound))};
}

std::string layers_text(const RunReport& report, const Style& style) {
  Table table({{"layer", Align::kLeft},
               {"kind", Align::kLeft},
               {"W bits"},
               {"A bits"},
               {"MACs"},
               {"weights"},
               {"crossbars"},
               {"cells used"},
               {"ADC conversions"},
               {"energy"},
               {"share"},
               {"start"},
               {"finish"},
               {"bound"}});
  Energy dynamic;
  for (const LayerReport& layer : report.layers) dynamic += layer.figures.energy;
  const bool mark = marks_defaults(report);
  for (const LayerReport& layer : report.layers) {
    table.add_row(layer_cells(layer, mark, dynamic));
  }
  std::string text = heading("Layers", style) + table.str(style) +
                     style.dim(
                         "  energy and share: without static energy; bound: the layer's "
                         "slowest core when nothing stalls") +
                     "\n";
  if (mark) text += style.dim("  *: the policy's default") + "\n";
  return text;
}

std::string components_text(const RunReport& report, const Style& style) {
  Table table({{"component", Align::kLeft},
               {"instances"},
               {"actions"},
               {"price"},
               {"energy"},
               {"share"},
               {"area"}});
  const Energy total = report.totals.energy;
  std::string previous;
  for (const BillItem& item : report.bill.items) {
    const bool first = item.component != previous;
    previous = item.component;
    const bool acts = item.action != "none";
    const bool is_static = item.action == "static";
    const double share = ratio(item.energy.value(), total.value()).value_or(0.0);
    table.add_row({item.name, first ? format_amount(item.instances) : "",
                   acts && !is_static ? format_amount(item.count) : "-",
                   acts ? format_quantity(item.price) : "-", format_quantity(item.energy),
                   format_percent(share), first ? format_quantity(item.area) : ""});
  }
  table.add_rule();
  table.add_row(
      {"total", "", "", "", format_quantity(total, 6), "", format_quantity(report.totals.area, 6)});
  return heading("Components: energy = actions x price; static: instances x price", style) +
         table.str(style);
}

std::string sizes_text(const RunReport& report, const Style& style) {
  Table table(
      {{"counting rule", Align::kLeft}, {"parameters"}, {"bits"}, {"MiB"}, {"against 32 bits"}});
  for (const SizeReport& size : report.sizes) {
    table.add_row({printable(size.rule), format_count(size.parameters), format_count(size.bits),
                   fmt::format("{:.4f}", size.mebibytes), format_ratio(size.compression)});
  }
  return heading("Size of the weights", style) + table.str(style);
}

}  // namespace

void list_provenance(Listing& listing, const Provenance& p) {
  listing.add("strategy", p.strategy);
  listing.add("MACs", "counted by the rule " + printable(p.mac_rule));
  listing.add("weights", printable(p.weights, 200));
  listing.add("activations", printable(p.activations, 200));
  listing.add("level", describe_level(p.level));
  for (const std::string& setting : p.overrides) {
    listing.add("set", printable(setting, 200));
  }
  listing.add("program", "pimento " + p.program_version);
}

std::string notes_text(const std::vector<std::string>& notes, const Style& style) {
  if (notes.empty()) return {};
  std::string text = heading("Notes", style);
  for (const std::string& note : notes) text += "  - " + printable(note, 1000) + "\n";
  return text;
}

std::string run_text(const RunReport& report, const Style& style) {
  return header_text(report, style) + totals_text(report, style) + layers_text(report, style) +
         components_text(report, style) + sizes_text(report, style) +
         (report.writes ? writes_text(*report.writes, style) : "") +
         (report.skipping ? skipping_text(*report.skipping, style) : "") +
         (report.activity ? activity_text(*report.activity, style) : "") +
         (report.exact ? exact_text(*report.exact, style) : "") + notes_text(report.notes, style);
}

}  // namespace pimento::sim
