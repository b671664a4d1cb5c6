// SPDX-License-Identifier: Apache-2.0
#include "sim/app/kept_reads.h"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "arch/program/kept_reads.h"
#include "arch/program/steps.h"
#include "base/ceil_div.h"
#include "base/error.h"
#include "base/text.h"

namespace pimento::app {
namespace {

constexpr std::array kCounts{&arch::KeptReads::reads,   &arch::KeptReads::rows,
                             &arch::KeptReads::columns, &arch::KeptReads::shared_columns,
                             &arch::KeptReads::cells,   &arch::KeptReads::tested_bits};

arch::KeptReads mean_of(const arch::KeptReads& total, std::int64_t images) {
  arch::KeptReads mean;
  for (const auto count : kCounts) mean.*count = ceil_div(total.*count, images);
  return mean;
}

using CoresOfLayer = std::map<std::pair<int, std::int64_t>, const exact::CoreReads*>;

CoresOfLayer cores_of(const exact::LayerReads& layer) {
  CoresOfLayer cores;
  for (const exact::CoreReads& core : layer.cores) cores[{core.replica, core.core}] = &core;
  return cores;
}

// What was counted must be of the very reads that the program has.
void check_possible(const arch::Stage& stage, const exact::CoreReads& core, arch::KeptReads all,
                    std::int64_t images) {
  for (const auto count : kCounts) all.*count *= images;
  if (all == core.possible) return;
  if (all.reads > 0 && core.possible.reads == 2 * all.reads) {
    throw InputError(fmt::format(
        "layer \"{}\": some of its inputs are negative, and are driven in two phases; the program "
        "was made for inputs that are not; choose another macro.signed_inputs, or images without "
        "negative values",
        printable(stage.name)));
  }
  throw InternalError(fmt::format("stage \"{}\": {} reads of {} were looked at", stage.name,
                                  core.possible.reads, all.reads));
}

void keep_reads(arch::Stage& stage, const exact::LayerReads& layer, const arch::ChipSpec& chip,
                std::int64_t images) {
  const arch::Steps steps(stage);
  const CoresOfLayer cores = cores_of(layer);
  for (arch::TileWork& tile : stage.tiles) {
    for (arch::CoreWork& work : tile.cores) {
      const std::int64_t number = std::int64_t{tile.tile} * chip.cores_per_tile + work.core;
      const exact::CoreReads& core = *cores.at({tile.replica, number});
      check_possible(stage, core, arch::all_work_of_image(stage, work, steps.share(tile.replica)),
                     images);
      work.kept = mean_of(core.kept, images);
    }
  }
}

sim::SkippingReport skipping_report(const workloads::Network& network,
                                    const std::vector<exact::LayerReads>& layers,
                                    const arch::ChipSpec& chip) {
  sim::SkippingReport report;
  report.rule = arch::zero_skipping_name(chip.macro.zero_skipping);
  std::size_t next = 0;
  for (const int index : network.weight_layers()) {
    const exact::LayerReads& reads = layers.at(next++);
    sim::SkippingLayer layer;
    layer.name = network.layers[static_cast<std::size_t>(index)].name;
    layer.reads = {reads.reads_kept, reads.reads_possible};
    for (const exact::CoreReads& core : reads.cores) {
      layer.row_drives += {core.kept.rows, core.possible.rows};
      layer.conversions += {core.kept.columns, core.possible.columns};
      layer.tested_bits += core.kept.tested_bits;
    }
    report.layers.push_back(std::move(layer));
  }
  return report;
}

}  // namespace

void keep_reads(arch::Program& program, const std::vector<exact::LayerReads>& layers,
                const arch::ChipSpec& chip, std::int64_t images) {
  std::size_t next = 0;
  for (arch::Stage& stage : program.stages) {
    if (!stage.tiles.empty()) keep_reads(stage, layers.at(next++), chip, images);
  }
  ensure(next == layers.size(), "reads were counted of other layers than the program has");
}

CountedReads counted_reads(const workloads::Network& network, std::vector<exact::LayerReads> layers,
                           const arch::ChipSpec& chip, const LabelledImages& images,
                           const workloads::WeightOrigin& origin) {
  CountedReads counted{std::move(layers), {}};
  counted.report = skipping_report(network, counted.layers, chip);
  counted.report.images = std::ssize(images.inputs);
  counted.report.inputs = images.file;
  counted.report.basis = describe_values(images, origin);
  return counted;
}

}  // namespace pimento::app
