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

// The layers' counts of one runner, beside those of others.
void add_counts(std::vector<exact::LayerCounts>& counts, const exact::NetworkRunner& runner) {
  counts.resize(runner.counts().size());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i].add(runner.counts()[i]);
}

void fill_layers(sim::ExactReport& report, const workloads::Network& network,
                 const std::vector<arch::LayerLayout>& layouts,
                 const std::vector<exact::LayerCounts>& counts,
                 const std::vector<exact::ColumnSums>& sums) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const exact::ReadCounts& reads = counts[i].reads;
    sim::ExactLayer layer;
    layer.name = network.layers[static_cast<std::size_t>(layouts[i].layer)].name;
    layer.conversions = reads.conversions;
    layer.saturated = reads.saturated;
    layer.sqnr_db = sqnr_of(counts[i]);
    fill_sums(layer, sums[i]);
    report.layers.push_back(std::move(layer));
    report.conversions += reads.conversions;
    report.saturated += reads.saturated;
  }
}

// Executes a network on arrays, and what there is to tell about it.
class Execution {
 public:
  Execution(const RunRequest& request, const Inputs& inputs, const mapper::Mapping& mapping)
      : request_(request),
        chip_(inputs.chip),
        weight_origin_(inputs.network.weight_origin),
        network_(workloads::with_synthetic_values(inputs.network)),
        layouts_(mapping.layers.begin(), mapping.layers.end()),
        images_(
            find_images(request.exact.inputs, network_, static_cast<std::size_t>(request.images))),
        reading_(exact::column_reading(inputs.chip)),
        outputs_(images_.inputs.size()) {
    if (request.exact.labels && images_.labels.empty()) {
      throw InputError(fmt::format("--labels: {} has none; give labelled inputs with --inputs",
                                   printable(images_.file, 200)));
    }
    if (!request.exact.device.empty()) {
      device_ = load_device(request.exact.device, request.overrides);
    }
  }

  [[nodiscard]] ExactRun run() {
    report_.inputs = images_.file;
    report_.images = std::ssize(images_.inputs);
    report_.equals_reference = true;
    Progress progress("exact");
    for (int seed = 1; seed <= request_.exact.seeds; ++seed) run_seed(seed, progress);
    progress.hide();
    const auto executed = static_cast<double>(images_.inputs.size()) * request_.exact.seeds;
    report_.cpu_s_per_image = seconds_ / executed;
    if (device_) report_.device = device_->name;
    fill_layers(report_, network_, layouts_, counts_, sums_);
    return {report_, std::move(activity_), std::move(reads_)};
  }
  // Of the first seed.
  [[nodiscard]] const Array& outputs() const { return outputs_.all(); }

 private:
  // Cells are programmed once a seed.
  void run_seed(int seed, Progress& progress) {
    std::optional<exact::ArrayDevices> devices;
    if (device_) {
      devices.emplace(*device_, chip_.macro.cell_bits, static_cast<std::uint64_t>(seed));
    }
    exact::NetworkRunner runner(network_, layouts_,
                                {chip_.macro, reading_, devices ? &*devices : nullptr},
                                has_negative(images_));
    report_.adc = choose_ranges(runner, request_.exact, chip_.macro, reading_, images_);
    if (seed == 1) {
      sums_ = runner.sums();
      find_references(runner);
    }
    Guesses guesses(images_);
    runner.count_inputs(seed == 1 && depends_on_values(chip_));
    if (seed == 1 && skips_zeros(chip_)) {
      runner.count_kept_reads(layouts_, chip_.macro, chip_.macros_per_core);
    }
    for (std::size_t i = 0; i < images_.inputs.size(); ++i) {
      const double start = cpu_seconds();
      const std::vector<Array> found = runner.run(images_.inputs[i], arithmetic(), i);
      seconds_ += cpu_seconds() - start;
      report_.equals_reference = report_.equals_reference && found == references_[i];
      guesses.add(found.front());
      if (seed == 1) outputs_.add(found.front());
      progress.update(++done_,
                      images_.inputs.size() * static_cast<std::size_t>(request_.exact.seeds));
    }
    const std::optional<double> accuracy = guesses.accuracy();
    if (accuracy) report_.accuracies.push_back(*accuracy);
    add_counts(counts_, runner);
    if (seed == 1 && depends_on_values(chip_)) find_activity(runner);
    if (seed == 1 && skips_zeros(chip_)) find_reads(runner);
  }

  // Of the values on the arrays, in the first seed.
  void find_activity(const exact::NetworkRunner& runner) {
    sim::ActivityReport activity =
        measure_activity(network_, layouts_, chip_.macro, images_, runner.input_counts());
    activity.on_arrays = true;
    activity.weights = weight_origin_.str();
    activity.basis = describe_values(images_, weight_origin_);
    activity_ = std::move(activity);
  }

  void find_reads(const exact::NetworkRunner& runner) {
    reads_ = counted_reads(network_, runner.kept_reads(), chip_, images_, weight_origin_);
    reads_->report.on_arrays = true;
  }

  // On integers alone.
  void find_references(exact::NetworkRunner& runner) {
    Guesses guesses(images_);
    for (const std::vector<Array>& image : images_.inputs) {
      references_.push_back(runner.run(image, exact::Arithmetic::kIntegers));
      guesses.add(references_.back().front());
    }
    report_.reference_accuracy = guesses.accuracy();
  }

  [[nodiscard]] exact::Arithmetic arithmetic() const {
    return request_.exact.every_read ? exact::Arithmetic::kEveryRead : exact::Arithmetic::kArrays;
  }

  const RunRequest& request_;
  const arch::ChipSpec& chip_;
  workloads::WeightOrigin weight_origin_;
  workloads::Network network_;
  std::vector<arch::LayerLayout> layouts_;
  LabelledImages images_;
  exact::ColumnReading reading_;
  std::optional<arch::DeviceSpec> device_;
  std::vector<std::vector<Array>> references_;
  std::vector<exact::LayerCounts> counts_;
  std::vector<exact::ColumnSums> sums_;
  Outputs outputs_;
  sim::ExactReport report_;
  std::optional<sim::ActivityReport> activity_;
  std::optional<CountedReads> reads_;
  double seconds_ = 0.0;
  std::size_t done_ = 0;
};

}  // namespace

ExactRun run_exact(const RunRequest& request, const Inputs& inputs,
                   const mapper::Mapping& mapping) {
  std::optional<PendingFile> place;  // notices an impossible one before the work
  if (!request.exact.outputs.empty()) place.emplace(request.exact.outputs);
  Execution execution(request, inputs, mapping);
  ExactRun result = execution.run();
  if (place) {
    workloads::write_npz(request.exact.outputs,
                         {{"outputs", workloads::encode(execution.outputs())}});
  }
  return result;
}

}  // namespace pimento::app
