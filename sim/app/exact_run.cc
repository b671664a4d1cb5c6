// SPDX-License-Identifier: Apache-2.0
#include "sim/app/exact_run.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "sim/app/activity_run.h"
#include "sim/app/progress.h"
#include "sim/app/run_images.h"
#include "sim/exact/network_runner.h"
#include "workloads/synthetic_values.h"

namespace pimento::app {
namespace {

using workloads::Array;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

std::optional<double> sqnr_of(const exact::LayerCounts& counts) {
  if (counts.error == 0.0) return std::nullopt;
  return 10.0 * std::log10(counts.signal / counts.error);
}

// Chooses the ADCs' ranges on the first images, and says so.
std::string choose_ranges(exact::NetworkRunner& runner, const ExactRequest& request,
                          const arch::MacroSpec& macro, const exact::ColumnReading& reading,
                          const LabelledImages& images) {
  const exact::AdcRange range = exact::adc_range_of(request.adc_range);
  const bool has_adc = reading.adc_bits.has_value();
  const std::size_t looked_at =
      range == exact::AdcRange::kFull || !has_adc
          ? 1
          : std::min(images.inputs.size(), static_cast<std::size_t>(request.adc_images));
  for (std::size_t i = 0; i < looked_at; ++i) runner.observe(images.inputs[i]);
  if (range == exact::AdcRange::kFull || !has_adc) return exact::describe(macro, reading);
  runner.set_ranges(reading.adc_bits.value_or(0), range);
  return fmt::format("{} bits, range {} of each row tile and slice, chosen on the first {} images",
                     reading.adc_bits.value_or(0), request.adc_range, looked_at);
}

void fill_sums(sim::ExactLayer& layer, const exact::ColumnSums& sums) {
  exact::SumHistogram all;
  for (const std::vector<exact::SumHistogram>& tile : sums) {
    for (const exact::SumHistogram& slice : tile) all.add(slice);
  }
  const auto entries = all.entries();
  if (entries.empty()) return;
  layer.lowest_sum = entries.front().sum;
  const std::int64_t span = std::int64_t{entries.back().sum} - layer.lowest_sum + 1;
  layer.sum_counts.assign(static_cast<std::size_t>(span), 0);
  for (const auto& entry : entries) {
    layer.sum_counts[static_cast<std::size_t>(entry.sum - layer.lowest_sum)] = entry.times;
  }
}

void fill_counts(sim::ExactReport& report, const workloads::Network& network,
                 const std::vector<arch::LayerLayout>& layouts,
                 const exact::NetworkRunner& runner) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const exact::ReadCounts& reads = runner.counts()[i].reads;
    sim::ExactLayer layer;
    layer.name = network.layers[static_cast<std::size_t>(layouts[i].layer)].name;
    layer.conversions = reads.conversions;
    layer.saturated = reads.saturated;
    layer.sqnr_db = sqnr_of(runner.counts()[i]);
    fill_sums(layer, runner.sums()[i]);
    report.layers.push_back(std::move(layer));
    report.conversions += reads.conversions;
    report.saturated += reads.saturated;
  }
}

// Executes all images, on the arrays and on integers alone. What is counted are the values on the
// arrays.
Array run_images(exact::NetworkRunner& runner, const LabelledImages& images,
                 exact::Arithmetic arithmetic, bool counts_inputs, sim::ExactReport& report) {
  Guesses guesses(images);
  Guesses reference_guesses(images);
  Outputs outputs(images.inputs.size());
  double seconds = 0.0;
  report.equals_reference = true;
  Progress progress("exact");
  for (std::size_t i = 0; i < images.inputs.size(); ++i) {
    const double start = cpu_seconds();
    runner.count_inputs(counts_inputs);
    const std::vector<Array> found = runner.run(images.inputs[i], arithmetic);
    seconds += cpu_seconds() - start;
    runner.count_inputs(false);
    const std::vector<Array> reference = runner.run(images.inputs[i], exact::Arithmetic::kIntegers);
    report.equals_reference = report.equals_reference && found == reference;
    guesses.add(found.front());
    reference_guesses.add(reference.front());
    outputs.add(found.front());
    progress.update(i + 1, images.inputs.size());
  }
  progress.hide();
  report.cpu_s_per_image = seconds / static_cast<double>(images.inputs.size());
  report.accuracy = guesses.accuracy();
  report.reference_accuracy = reference_guesses.accuracy();
  return outputs.all();
}

}  // namespace

ExactRun run_exact(const ExactRequest& request, const Inputs& inputs,
                   const mapper::Mapping& mapping, int images) {
  std::optional<PendingFile> place;  // notices an impossible one before the work
  if (!request.outputs.empty()) place.emplace(request.outputs);
  const workloads::Network network = workloads::with_synthetic_values(inputs.network);
  const LabelledImages given =
      find_images(request.inputs, network, static_cast<std::size_t>(images));
  if (request.labels && given.labels.empty()) {
    throw InputError(fmt::format("--labels: {} has none; give labelled inputs with --inputs",
                                 printable(given.file, 200)));
  }
  const exact::ColumnReading reading = exact::column_reading(inputs.chip);
  const std::vector<arch::LayerLayout> layouts(mapping.layers.begin(), mapping.layers.end());
  exact::NetworkRunner runner(network, layouts, inputs.chip.macro, reading, has_negative(given));

  ExactRun result;
  sim::ExactReport& report = result.report;
  report.inputs = given.file;
  report.images = images;
  report.adc = choose_ranges(runner, request, inputs.chip.macro, reading, given);
  const Array outputs =
      run_images(runner, given,
                 request.every_read ? exact::Arithmetic::kEveryRead : exact::Arithmetic::kArrays,
                 depends_on_values(inputs.chip), report);
  fill_counts(report, network, layouts, runner);
  if (depends_on_values(inputs.chip)) {
    result.activity =
        measure_activity(network, layouts, inputs.chip.macro, given, runner.input_counts());
    result.activity->on_arrays = true;
    result.activity->weights = inputs.network.weight_origin.str();
    result.activity->basis = describe_values(given, inputs.network.weight_origin);
  }
  if (!request.outputs.empty()) {
    workloads::write_npz(request.outputs, {{"outputs", workloads::encode(outputs)}});
  }
  return result;
}

}  // namespace pimento::app
