// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/sparse.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "mapper/input_slices.h"
#include "mapper/layer_strategy.h"
#include "mapper/strategies/bwq.h"
#include "mapper/strategies/dense.h"
#include "mapper/strategies/forms.h"
#include "mapper/strategies/planes.h"
#include "mapper/strategies/similar.h"
#include "mapper/strategies/sme.h"
#include "mapper/strategies/sre.h"
#include "mapper/tile_work.h"

namespace pimento::mapper {
namespace {

struct Candidate {
  const char* name;
  LayerMapping (*place)(const MappingProblem&, int, FreshMacros&);
};
constexpr std::array<Candidate, 7> kCandidates{{{"dense", map_layer_dense},
                                                {"planes", map_layer_planes},
                                                {"sre", map_layer_sre},
                                                {"bwq", map_layer_bwq},
                                                {"similar", map_layer_similar},
                                                {"sme", map_layer_sme},
                                                {"forms", map_layer_forms}}};

// In the order in which they count: reads a pixel, cells, bits of metadata.
using LayerCost = std::array<std::int64_t, 3>;

std::int64_t most_reads(const LayerMapping& layer, const MappingProblem& problem) {
  const std::vector<arch::TileWork> tiles = tile_work(layer, problem);
  const auto of_core = [](std::int64_t most, const arch::CoreWork& work) {
    return std::max(most, work.reads);
  };
  const auto of_tile = [&](std::int64_t most, const arch::TileWork& tile) {
    return std::accumulate(tile.cores.begin(), tile.cores.end(), most, of_core);
  };
  return std::accumulate(tiles.begin(), tiles.end(), std::int64_t{0}, of_tile);
}

LayerCost cost_of(const LayerMapping& layer, const MappingProblem& problem) {
  const std::int64_t metadata_bits = std::accumulate(
      layer.passes.begin(), layer.passes.end(), std::int64_t{0},
      [](std::int64_t sum, const PassReport& pass) { return sum + pass.metadata_bits; });
  return {most_reads(layer, problem) * input_slices(problem, layer), used_cells(layer),
          metadata_bits};
}

class BestOfLayers {
 public:
  LayerMapping place(const MappingProblem& problem, int layer, FreshMacros& macros) {
    struct Found {
      LayerMapping layer;
      LayerCost cost;
      FreshMacros macros;
      std::size_t candidate;
    };
    std::optional<Found> best;
    std::exception_ptr error;
    for (std::size_t c = 0; c < kCandidates.size(); ++c) {
      try {
        FreshMacros trial = macros;
        LayerMapping mapped = kCandidates[c].place(problem, layer, trial);
        const LayerCost cost = cost_of(mapped, problem);
        applied_[c] = true;
        if (best && best->cost <= cost) continue;
        best.emplace(Found{std::move(mapped), cost, trial, c});
      } catch (const InputError&) {
        if (error == nullptr) error = std::current_exception();  // of "dense"
      }
    }
    if (!best) std::rethrow_exception(error);
    ++chosen_[best->candidate];
    macros = best->macros;
    return std::move(best->layer);
  }

  // "3 layers as sre, 1 as dense; not on this chip: forms"
  [[nodiscard]] std::string reason() const {
    std::vector<std::string> chosen;
    std::vector<std::string> refused;
    for (std::size_t c = 0; c < kCandidates.size(); ++c) {
      if (chosen_[c] > 0) {
        const char* unit = chosen_[c] == 1 ? " layer" : " layers";
        chosen.push_back(
            fmt::format("{}{} as {}", chosen_[c], chosen.empty() ? unit : "", kCandidates[c].name));
      }
      if (!applied_[c]) refused.emplace_back(kCandidates[c].name);
    }
    std::string text = join(chosen);
    if (!refused.empty()) text += "; not on this chip: " + join(refused);
    return text;
  }

 private:
  std::array<std::int64_t, kCandidates.size()> chosen_{};
  std::array<bool, kCandidates.size()> applied_{};
};

}  // namespace

Mapping map_sparse(const MappingProblem& problem) {
  BestOfLayers best;
  Mapping mapping =
      map_layers(problem, "sparse", [&](const MappingProblem& of, int layer, FreshMacros& macros) {
        return best.place(of, layer, macros);
      });
  mapping.reason = best.reason();
  return mapping;
}

}  // namespace pimento::mapper
