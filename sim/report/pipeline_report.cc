// SPDX-License-Identifier: Apache-2.0
#include "sim/report/pipeline_report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

std::string waited(Time time, Time span) {
  return format_percent(ratio(time.value(), span.value()).value_or(0.0));
}

std::string layers_text(const std::vector<LayerReport>& layers, const Style& style) {
  Table table({{"layer", Align::kLeft},
               {"simulated"},
               {"bound"},
               {"waits: inputs"},
               {"readers"},
               {"units"},
               {"writing"},
               {"what sets the pace", Align::kLeft}});
  for (const LayerReport& layer : layers) {
    const Time span = layer.finish - layer.start;
    table.add_row({printable(layer.name), format_quantity(span),
                   layer.weight_bits > 0 ? format_quantity(layer.bound) : "-",
                   waited(layer.waits.input, span), waited(layer.waits.reader, span),
                   waited(layer.waits.units, span), waited(layer.waits.round, span), layer.limit});
  }
  return table.str(style);
}

std::string units_text(const PipelineReport& report, const Style& style) {
  Table table({{"units", Align::kLeft},
               {"number"},
               {"requests"},
               {"busy: mean"},
               {"most"},
               {"the busiest", Align::kLeft},
               {"a request queues"}});
  for (const UnitUse& kind : report.units) {
    table.add_row({kind.kind, format_count(kind.units), format_count(kind.served),
                   format_percent(report.mean_occupancy(kind)),
                   format_percent(report.largest_occupancy(kind)), kind.busiest,
                   format_quantity(report.mean_queueing(kind))});
  }
  return table.str(style);
}

}  // namespace

double PipelineReport::mean_occupancy(const UnitUse& kind) const {
  return ratio(kind.busy.value(), run.value() * double(kind.units)).value_or(0.0);
}

double PipelineReport::largest_occupancy(const UnitUse& kind) const {
  return ratio(kind.busiest_time.value(), run.value()).value_or(0.0);
}

Time PipelineReport::mean_queueing(const UnitUse& kind) const {
  return kind.queued / double(kind.served);
}

Json to_json(const PipelineReport& report) {
  const auto value = [](const std::optional<Time>& time) {
    return time ? Json(time->value()) : Json(nullptr);
  };
  Json units = Json::array();
  for (const UnitUse& kind : report.units) {
    units.push_back({{"kind", kind.kind},
                     {"units", kind.units},
                     {"requests", kind.served},
                     {"busy_s", kind.busy.value()},
                     {"queued_s", kind.queued.value()},
                     {"mean_occupancy", report.mean_occupancy(kind)},
                     {"largest_occupancy", report.largest_occupancy(kind)},
                     {"busiest", kind.busiest}});
  }
  return {{"first_image_s", report.first_image.value()},
          {"mean_interval_s", value(report.mean_interval)},
          {"last_interval_s", value(report.last_interval)},
          {"units", std::move(units)}};
}

std::string pace_text(const RunReport& report, const Style& style) {
  const PipelineReport& pipeline = report.pipeline;
  Listing images;
  images.add("first image", format_quantity(pipeline.first_image, 6));
  if (pipeline.last_interval && pipeline.mean_interval) {
    images.add("then one every", fmt::format("{} at last, {} on the mean",
                                             format_quantity(*pipeline.last_interval, 6),
                                             format_quantity(*pipeline.mean_interval, 6)));
  }
  return "\n" + style.bold("Pace: from a layer's first issue to its last result") + "\n" +
         images.str(style) + "\n" + layers_text(report.layers, style) + "\n" +
         units_text(pipeline, style);
}

}  // namespace pimento::sim
