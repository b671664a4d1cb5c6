// SPDX-License-Identifier: Apache-2.0
#include "sim/app/activity_run.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/app/activity_cache.h"
#include "sim/app/progress.h"
#include "sim/exact/array_activity.h"
#include "sim/exact/network_runner.h"
#include "workloads/input_sign.h"
#include "workloads/synthetic_values.h"
#include "workloads/window_matrix.h"

namespace pimento::app {
namespace {

struct Counted {
  std::vector<exact::InputCounts> inputs;
  std::vector<exact::LayerReads> reads;  // where the chip passes over zeros
};

// What the network reads while it runs on integers.
Counted count_inputs(const workloads::Network& network,
                     const std::vector<arch::LayerLayout>& layouts, const arch::ChipSpec& chip,
                     const LabelledImages& images, bool is_quiet) {
  // What is counted does not depend on the DAC, and integers can be executed beside any; of those
  // that the arrays of the engine know, one bit will do.
  arch::MacroSpec macro = chip.macro;
  macro.dac_bits = 1;
  macro.signed_inputs = arch::SignedInputs::kTwosComplement;
  exact::NetworkRunner runner(network, layouts, {macro, exact::column_reading(chip)},
                              has_negative(images));
  runner.count_inputs(true);
  if (skips_zeros(chip)) runner.count_kept_reads(layouts, chip.macro, chip.macros_per_core);
  std::optional<Progress> progress;
  if (!is_quiet) progress.emplace("activity");
  for (std::size_t i = 0; i < images.inputs.size(); ++i) {
    (void)runner.run(images.inputs[i], exact::Arithmetic::kIntegers);
    if (progress) progress->update(i + 1, images.inputs.size());
  }
  if (progress) progress->hide();
  return {runner.input_counts(), runner.kept_reads()};
}

// What the counts of each layer must look like.
std::vector<CountsShape> shapes_of(const workloads::Network& network,
                                   const std::vector<arch::LayerLayout>& layouts,
                                   const LabelledImages& images) {
  std::vector<CountsShape> shapes;
  shapes.reserve(layouts.size());
  for (const arch::LayerLayout& layout : layouts) {
    const workloads::MatrixShape matrix =
        workloads::WindowMatrix(network, layout.layer, layout.copies).shape();
    const exact::InputGrid grid(
        network.layers[static_cast<std::size_t>(layout.layer)],
        workloads::reads_negative(network, layout.layer, has_negative(images)));
    shapes.push_back({matrix.groups, matrix.rows, matrix.positions * std::ssize(images.inputs),
                      grid.format(), layout.copies});
  }
  return shapes;
}

}  // namespace

sim::ActivityReport measure_activity(const workloads::Network& network,
                                     const std::vector<arch::LayerLayout>& layouts,
                                     const arch::MacroSpec& macro, const LabelledImages& images,
                                     const std::vector<exact::InputCounts>& counts) {
  sim::ActivityReport report;
  report.images = std::ssize(images.inputs);
  report.inputs = images.file;
  report.drive = arch::drive_name(macro.drive);
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const int index = layouts[i].layer;
    const workloads::WindowMatrix windows(network, index, layouts[i].copies);
    const exact::ArrayActivity found = exact::array_activity(
        counts.at(i), windows.unrolled(workloads::integer_weights(network, index)),
        windows.shape().columns, layouts[i], macro);
    sim::ActivityLayer layer;
    layer.name = network.layers[static_cast<std::size_t>(index)].name;
    layer.vectors = found.vectors;
    layer.figures.cell_reads = found.cell_reads;
    layer.figures.level_reads = found.level_reads;
    layer.figures.drive_reads = found.drive_reads;
    layer.figures.row_drives = found.row_drives;
    layer.figures.driven_rows = found.driven_rows;
    layer.figures.independent_level_reads = found.independent_level_reads;
    layer.figures.independent_drive_reads = found.independent_drive_reads;
    report.layers.push_back(std::move(layer));
  }
  return report;
}

ActivityRun run_activity(const RunRequest& request, const Inputs& inputs,
                         const mapper::Mapping& mapping) {
  const workloads::Network network = workloads::with_synthetic_values(inputs.network);
  const LabelledImages images =
      find_images(request.exact.inputs, network, static_cast<std::size_t>(request.images));
  const std::vector<arch::LayerLayout> layouts(mapping.layers.begin(), mapping.layers.end());
  const ActivityCache cache(network, images.inputs, shapes_of(network, layouts, images),
                            request.is_quiet);
  std::optional<std::vector<exact::InputCounts>> counts = cache.load();
  std::vector<exact::LayerReads> reads;
  if (!counts || skips_zeros(inputs.chip)) {
    Counted counted = count_inputs(network, layouts, inputs.chip, images, request.is_quiet);
    if (!counts) cache.save(counted.inputs);
    counts = std::move(counted.inputs);
    reads = std::move(counted.reads);
  }
  ActivityRun result;
  result.report = measure_activity(network, layouts, inputs.chip.macro, images, *counts);
  result.report.weights = inputs.network.weight_origin.str();
  result.report.basis = describe_values(images, inputs.network.weight_origin);
  if (skips_zeros(inputs.chip)) {
    result.reads =
        counted_reads(network, std::move(reads), inputs.chip, images, inputs.network.weight_origin);
  }
  return result;
}

}  // namespace pimento::app
