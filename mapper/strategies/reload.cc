// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/reload.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "mapper/cell_writes.h"
#include "mapper/placement.h"

namespace pimento::mapper {
namespace {

std::int64_t macros_of(const arch::ChipSpec& chip) {
  return chip.tiles ? *chip.tiles * chip.macros_per_tile()
                    : std::numeric_limits<std::int64_t>::max();
}

[[noreturn]] void refuse(const MappingProblem& problem, int layer, std::int64_t needed) {
  throw InputError(fmt::format(
      "{}: layer \"{}\" needs {} macros, the whole chip has {}; a layer is not split over rounds: "
      "raise chip.tiles, enlarge the arrays, or lower the precision",
      problem.chip.file, printable(problem.network.layers[static_cast<std::size_t>(layer)].name),
      needed, macros_of(problem.chip)));
}

void place(const MappingProblem& problem, Mapping& mapping) {
  const std::int64_t room = macros_of(problem.chip);
  FreshMacros macros(problem);
  int round = 0;
  for (const int index : problem.network.weight_layers()) {
    LayerMapping layer = unplaced_layer(problem, index);
    const MatrixTiles tiles =
        array_tiles(problem.network.matrix(index), layer.plan, problem.chip.macro);
    const std::int64_t needed = tiles.macros();
    if (needed > room) refuse(problem, index, needed);
    macros.start_core();
    if (macros.count() > room - needed) {
      macros.start_round();
      ++round;
    }
    macros.place(layer, tiles);
    for (ColumnGroup& group : layer.groups) group.round = round;
    mapping.macros = std::max(mapping.macros, macros.count());
    mapping.layers.push_back(std::move(layer));
  }
}

// How much of the chip's writing is saved by leaving alone what does not change.
void report_writes(const MappingProblem& problem, Mapping& mapping) {
  CellWrites found = cell_writes(mapping, problem);
  mapping.rewriting = std::move(found.rewriting);
  for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
    const CellWrites::Layer& cells = found.layers[l];
    PassReport report;
    report.pass = fmt::format("reload in round {}: {} of {} cells are written",
                              mapping.layers[l].groups.front().round, cells.written, cells.taken);
    report.cells_taken = cells.taken;
    report.cells_written = cells.written;
    mapping.layers[l].passes.push_back(std::move(report));
  }
}

}  // namespace

Mapping map_reload(const MappingProblem& problem) {
  Mapping mapping;
  mapping.strategy = "reload";
  place(problem, mapping);
  if (!mapping.layers.empty() && mapping.layers.back().groups.front().round > 0) {
    report_writes(problem, mapping);
  }
  return mapping;
}

}  // namespace pimento::mapper
