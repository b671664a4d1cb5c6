// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/packed.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/ceil_div.h"
#include "mapper/capacity.h"
#include "mapper/layer_work.h"
#include "mapper/packing/packing.h"
#include "mapper/placement.h"
#include "mapper/turns.h"

namespace pimento::mapper {
namespace {

// Whether macros are numbered with regard for cores, and when cuts end.
struct Goal {
  std::string name;
  double spare_share = 0.0;
  bool minds_cores = false;
};

class PackedMapper {
 public:
  PackedMapper(const MappingProblem& problem, Goal goal)
      : problem_(problem), chip_(problem.chip), goal_(std::move(goal)), capacity_(problem) {}

  Mapping run() {
    Mapping mapping;
    mapping.strategy = goal_.name;
    packing_.rows = chip_.macro.rows;
    packing_.columns = chip_.macro.weight_columns();
    packing_.row_unit = chip_.macro.rows_at_once();
    if (chip_.macro.unit.is_whole()) packing_.row_unit = 1;
    packing_.spare_share = goal_.spare_share;
    for (const int index : problem_.network.weight_layers()) {
      mapping.layers.push_back(add_items(index));
    }
    const packing::Packing packed = packing::pack(packing_);
    place(packed, mapping.layers);
    for (LayerMapping& layer : mapping.layers) finish(layer);
    mapping.macros = packed.bins;
    mapping.packing =
        PackingSummary{packed.bins, packed.lower_bound, packed.row_cuts, packed.column_cuts};
    return mapping;
  }

 private:
  // Where an item comes from.
  struct Source {
    std::size_t layer = 0;  // place in the mapping
    std::int64_t block = 0;
  };

  LayerMapping add_items(int index) {
    LayerMapping layer = unplaced_layer(problem_, index);
    const workloads::MatrixShape matrix = problem_.network.matrix(index);
    const std::int64_t slices = std::ssize(layer.plan.slices);
    const std::int64_t columns = matrix.columns * slices;
    capacity_.add_groups(index, matrix.groups * ceil_div(matrix.rows, packing_.rows) *
                                    ceil_div(columns, packing_.columns));
    const std::size_t place = layers_++;
    for (std::int64_t block = 0; block < matrix.groups; ++block) {
      packing_.items.push_back({matrix.rows, columns, slices});
      sources_.push_back({place, block});
    }
    return layer;
  }

  [[nodiscard]] const Source& source_of(const packing::Place& place) const {
    return sources_[static_cast<std::size_t>(place.piece.item)];
  }

  void place(const packing::Packing& packed, std::vector<LayerMapping>& layers) const {
    const std::vector<int> macros = numbers(packed);
    const int lines = arch::lines(chip_.macro.encoding);
    for (const packing::Place& place : packed.places) {
      const Source& source = source_of(place);
      ColumnGroup group;
      group.block = source.block;
      group.rows = place.piece.rows;
      group.columns = place.piece.columns;
      group.macro = macros[static_cast<std::size_t>(place.at.bin)];
      group.at_row = place.at.row;
      group.at_column = place.at.column * lines;
      layers[source.layer].groups.push_back(std::move(group));
    }
  }

  // The macro of each bin.
  [[nodiscard]] std::vector<int> numbers(const packing::Packing& packed) const {
    std::vector<int> macros(static_cast<std::size_t>(packed.bins));
    if (!goal_.minds_cores) {
      std::iota(macros.begin(), macros.end(), 0);
      return macros;
    }
    std::vector<std::size_t> full;  // layers of full tiles, bin by bin
    for (const packing::Place& place : packed.places) {
      const packing::Piece& piece = place.piece;
      if (piece.rows.size() < packing_.rows || piece.columns.size() < packing_.columns) break;
      full.push_back(source_of(place).layer);
    }
    int next = 0;
    const std::vector<std::pair<std::size_t, std::size_t>> shared =
        shared_bins(packed, full.size());
    auto of_shared = shared.begin();
    const auto number_shared = [&] {
      macros[of_shared->second] = next++;
      ++of_shared;
    };
    std::size_t bin = 0;
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      const std::ptrdiff_t left =
          (chip_.macros_per_core - next % chip_.macros_per_core) % chip_.macros_per_core;
      const bool has_full = bin < full.size() && full[bin] == layer;
      for (std::ptrdiff_t i = 0; has_full && left <= shared.end() - of_shared && i < left; ++i) {
        number_shared();
      }
      while (bin < full.size() && full[bin] == layer) macros[bin++] = next++;
      while (of_shared != shared.end() && of_shared->first == layer) number_shared();
    }
    return macros;
  }

  // The bins behind the full tiles, each with the layer that has the most cells in it, layer by
  // layer.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> shared_bins(
      const packing::Packing& packed, std::size_t full) const {
    std::map<std::size_t, std::map<std::size_t, std::int64_t>> cells;  // of a bin, by layer
    for (std::size_t i = full; i < packed.places.size(); ++i) {
      const packing::Place& place = packed.places[i];
      cells[static_cast<std::size_t>(place.at.bin)][source_of(place).layer] +=
          place.piece.rows.size() * place.piece.columns.size();
    }
    std::vector<std::pair<std::size_t, std::size_t>> result;
    for (const auto& [bin, layers] : cells) {
      const auto home =
          std::max_element(layers.begin(), layers.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      result.emplace_back(home->first, bin);
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  void finish(LayerMapping& layer) const {
    std::sort(layer.groups.begin(), layer.groups.end(),
              [](const ColumnGroup& a, const ColumnGroup& b) {
                return std::tie(a.macro, a.at_row, a.at_column) <
                       std::tie(b.macro, b.at_row, b.at_column);
              });
    std::set<int> macros;
    for (const ColumnGroup& group : layer.groups) macros.insert(group.macro);
    layer.macros = std::ssize(macros);
    if (chip_.macro.unit.is_whole()) assign_turns(layer);
    PassReport report;
    report.pass = "packing";
    report.conversions_saved =
        dense_work(problem_, layer.layer).conversions - mapped_work(problem_, layer).conversions;
    layer.passes.push_back(report);
    capacity_.check_macros(layer.layer, *macros.rbegin() + 1);
  }

  const MappingProblem& problem_;
  const arch::ChipSpec& chip_;
  Goal goal_;
  Capacity capacity_;
  packing::Problem packing_;
  std::vector<Source> sources_;  // of items
  std::size_t layers_ = 0;
};

}  // namespace

Mapping map_packed(const MappingProblem& problem) {
  return PackedMapper(problem, {"packed", 0.02, true}).run();
}

Mapping map_area(const MappingProblem& problem) {
  return PackedMapper(problem, {"area", 0.0, false}).run();
}

}  // namespace pimento::mapper
