// SPDX-License-Identifier: Apache-2.0
#include "sim/report/skipping_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"
#include "sim/report/table.h"

namespace pimento::sim {
namespace {

Json counts_json(const SkippingLayer& layer) {
  return {{"reads", layer.reads.kept},
          {"reads_possible", layer.reads.possible},
          {"row_drives", layer.row_drives.kept},
          {"row_drives_possible", layer.row_drives.possible},
          {"conversions", layer.conversions.kept},
          {"conversions_possible", layer.conversions.possible},
          {"tested_bits", layer.tested_bits}};
}

std::string share_text(const Kept& kept) {
  return format_percent(ratio(double(kept.kept), double(kept.possible)).value_or(0.0));
}

std::string of_text(const Kept& kept) {
  return fmt::format("{} of {}, {}", format_count(kept.kept), format_count(kept.possible),
                     share_text(kept));
}

std::string layers_text(const SkippingReport& report, const Style& style) {
  Table table({{"layer", Align::kLeft},
               {"reads kept"},
               {"of"},
               {"share"},
               {"rows driven"},
               {"conversions"},
               {"bits looked at"}});
  for (const SkippingLayer& layer : report.layers) {
    table.add_row({printable(layer.name), format_count(layer.reads.kept),
                   format_count(layer.reads.possible), share_text(layer.reads),
                   share_text(layer.row_drives), share_text(layer.conversions),
                   format_count(layer.tested_bits)});
  }
  return table.str(style);
}

}  // namespace

SkippingLayer SkippingReport::total() const {
  SkippingLayer sum;
  for (const SkippingLayer& layer : layers) {
    sum.reads += layer.reads;
    sum.row_drives += layer.row_drives;
    sum.conversions += layer.conversions;
    sum.tested_bits += layer.tested_bits;
  }
  return sum;
}

Json to_json(const SkippingReport& report) {
  Json layers = Json::array();
  for (const SkippingLayer& layer : report.layers) {
    Json json = {{"name", layer.name}};
    json.update(counts_json(layer));
    layers.push_back(std::move(json));
  }
  Json json = {{"rule", report.rule},
               {"images", report.images},
               {"inputs", report.inputs},
               {"basis", report.basis},
               {"values", report.on_arrays ? "arrays" : "integers"}};
  json.update(counts_json(report.total()));
  json["layers"] = std::move(layers);
  return json;
}

std::string skipping_text(const SkippingReport& report, const Style& style) {
  const SkippingLayer total = report.total();
  Listing listing;
  listing.add("rule", report.rule);
  listing.add("images", fmt::format("{} of {}; {}", report.images, printable(report.inputs, 200),
                                    report.on_arrays ? "values as the arrays made them"
                                                     : "values of integers, without what ADCs "
                                                       "change"));
  listing.add("reads kept", of_text(total.reads));
  listing.add("rows driven", of_text(total.row_drives));
  listing.add("conversions", of_text(total.conversions));
  return "\n" + style.bold("Zero inputs: what is left where reads of them are passed over") + "\n" +
         listing.str(style) + "\n" + layers_text(report, style);
}

}  // namespace pimento::sim
