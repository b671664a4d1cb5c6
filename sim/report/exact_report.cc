// SPDX-License-Identifier: Apache-2.0
#include "sim/report/exact_report.h"

#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"
#include "sim/report/table.h"

namespace pimento::sim {
namespace {

Json or_null(const std::optional<double>& number) {
  return number ? Json(*number) : Json();
}

Json layer_json(const ExactLayer& layer) {
  return {{"name", layer.name},
          {"conversions", layer.conversions},
          {"saturated", layer.saturated},
          {"sqnr_db", or_null(layer.sqnr_db)},
          {"column_sums", {{"lowest", layer.lowest_sum}, {"counts", layer.sum_counts}}}};
}

std::string accuracy_text(const ExactReport& report) {
  const std::optional<double> accuracy = report.accuracy();
  if (!accuracy) return "unknown: the inputs have no labels";
  std::string text = fmt::format("{:.2f} %", 100.0 * *accuracy);
  const std::optional<double> deviation = report.accuracy_deviation();
  if (deviation) {
    text = fmt::format("{:.2f} +- {:.2f} % over {} seeds", 100.0 * *accuracy, 100.0 * *deviation,
                       report.accuracies.size());
  }
  if (report.reference_accuracy) {
    text += fmt::format("; {:.2f} % without arrays", 100.0 * *report.reference_accuracy);
  }
  return text;
}

std::string share_text(std::int64_t part, std::int64_t all) {
  if (part == 0) return "none";
  return fmt::format("{:.3g} %", 100.0 * double(part) / double(all));
}

std::string sums_text(const ExactLayer& layer) {
  if (layer.sum_counts.empty()) return "-";
  return fmt::format("{} to {}", layer.lowest_sum,
                     layer.lowest_sum + std::ssize(layer.sum_counts) - 1);
}

}  // namespace

std::optional<double> ExactReport::accuracy() const {
  if (accuracies.empty()) return std::nullopt;
  const auto count = static_cast<double>(accuracies.size());
  return std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / count;
}

std::optional<double> ExactReport::accuracy_deviation() const {
  if (accuracies.size() < 2) return std::nullopt;
  const double mean = accuracy().value_or(0.0);
  double squares = 0.0;
  for (const double each : accuracies) squares += (each - mean) * (each - mean);
  return std::sqrt(squares / static_cast<double>(accuracies.size() - 1));
}

Json to_json(const ExactReport& report) {
  Json layers = Json::array();
  for (const ExactLayer& layer : report.layers) layers.push_back(layer_json(layer));
  return {{"images", report.images},
          {"inputs", report.inputs},
          {"adc", report.adc},
          {"conversions", report.conversions},
          {"saturated", report.saturated},
          {"saturation_rate", report.saturation_rate()},
          {"equals_reference", report.equals_reference},
          {"device", report.device.empty() ? Json() : Json(report.device)},
          {"accuracy", or_null(report.accuracy())},
          {"accuracy_deviation", or_null(report.accuracy_deviation())},
          {"accuracies", report.accuracies},
          {"reference_accuracy", or_null(report.reference_accuracy)},
          {"cpu_s_per_image", report.cpu_s_per_image},
          {"layers", std::move(layers)}};
}

std::string exact_text(const ExactReport& report, const Style& style) {
  Listing listing;
  listing.add("images", fmt::format("{} of {}", report.images, printable(report.inputs, 200)));
  listing.add("ADC", report.adc);
  if (!report.device.empty()) listing.add("device", printable(report.device));
  listing.add("outputs", report.equals_reference
                             ? "bit for bit those of the integers without arrays"
                             : "not those of the integers without arrays");
  listing.add("accuracy", accuracy_text(report));
  listing.add("saturated",
              fmt::format("{} of {} conversions", share_text(report.saturated, report.conversions),
                          format_count(report.conversions)));
  Table table({{"layer", Align::kLeft},
               {"conversions"},
               {"saturated"},
               {"sums seen"},
               {"signal to error"}});
  for (const ExactLayer& layer : report.layers) {
    table.add_row({printable(layer.name), format_count(layer.conversions),
                   share_text(layer.saturated, layer.conversions), sums_text(layer),
                   layer.sqnr_db ? fmt::format("{:.1f} dB", *layer.sqnr_db) : "nothing lost"});
  }
  return "\n" + style.bold("Values: executed on the arrays") + "\n" + listing.str(style) + "\n" +
         table.str(style);
}

}  // namespace pimento::sim
