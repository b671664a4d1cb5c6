// SPDX-License-Identifier: Apache-2.0
#include "mapper/traffic.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "arch/program/steps.h"
#include "arch/router_mesh.h"
#include "base/error.h"
#include "mapper/lower.h"

namespace pimento::mapper {
namespace {

// Bits from a tile to another, one image.
using Flows = std::map<std::pair<int, int>, std::int64_t>;

Flows flows_of(const arch::Program& program) {
  Flows flows;
  for (const arch::Stage& stage : program.stages) {
    const arch::Steps steps(stage);
    for (const arch::TileWork& work : stage.tiles) {
      if (work.tile == stage.home_tile) continue;
      flows[{work.tile, stage.home_tile}] +=
          steps.share(work.replica) * work.partial_sums * stage.sum_bits.value();
    }
    for (const arch::StageInput& input : stage.inputs) {
      if (input.producer == arch::kChipInput) continue;
      const arch::Stage& producer = program.stages[static_cast<std::size_t>(input.producer)];
      if (producer.home_tile == stage.home_tile) continue;
      flows[{producer.home_tile, stage.home_tile}] +=
          producer.grid.pixels() * input.pixel_bits.value();
    }
  }
  return flows;
}

// The tile of those that hold a layer from which most partial sums come; of equal ones the first.
int busiest_tile(const arch::Stage& stage) {
  const arch::Steps steps(stage);
  std::map<int, std::int64_t> sums;
  for (const arch::TileWork& work : stage.tiles) {
    sums[work.tile] += steps.share(work.replica) * work.partial_sums;
  }
  return std::max_element(sums.begin(), sums.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

template <class Values>
auto& of(Values& values, int content) {
  return values[static_cast<std::size_t>(content)];
}

// Contents, which are the tiles as they were numbered, on the tiles of a mesh.
class Assignment {
 public:
  Assignment(const Flows& flows, const arch::RouterMesh& mesh, int tiles)
      : mesh_(mesh), tiles_(tiles), neighbours_(static_cast<std::size_t>(tiles)) {
    for (const auto& [ends, bits] : flows) {
      neighbours_[static_cast<std::size_t>(ends.first)].push_back({ends.second, bits});
      neighbours_[static_cast<std::size_t>(ends.second)].push_back({ends.first, bits});
    }
    in_order();
  }

  [[nodiscard]] const std::vector<int>& tile_of() const { return tile_of_; }
  [[nodiscard]] std::int64_t cost() const {
    std::int64_t twice = 0;
    for (int content = 0; content < tiles_; ++content) twice += cost_of(content, content);
    return twice / 2;
  }

  void in_order() {
    tile_of_.resize(static_cast<std::size_t>(tiles_));
    std::iota(tile_of_.begin(), tile_of_.end(), 0);
  }
  // Every second row of routers is filled backwards.
  void as_snake() {
    const auto place = [&](int tile) {
      const int router = tile / mesh_.tiles_per_router();
      const int row = router / mesh_.width();
      const int column = router % mesh_.width();
      return std::pair(row, row % 2 == 0 ? column : -column);
    };
    in_order();
    std::stable_sort(tile_of_.begin(), tile_of_.end(),
                     [&](int a, int b) { return place(a) < place(b); });
  }

  // Swaps pairs in their order as long as a round of all of them helps.
  void improve() {
    bool improved = true;
    while (improved) {
      improved = false;
      for (int a = 0; a < tiles_; ++a) {
        if (of(neighbours_, a).empty()) continue;
        // The second may hold nothing.
        for (int b = 0; b < tiles_; ++b) {
          if (b == a || (b < a && !of(neighbours_, b).empty())) continue;
          if (effort_ > kMostEffort) return;
          improved = swap_if_better(a, b) || improved;
        }
      }
    }
  }

 private:
  struct Flow {
    int to = 0;
    std::int64_t bits = 0;
  };
  // Ways looked at: a second or so.
  static constexpr std::int64_t kMostEffort = std::int64_t{1} << 27;

  // Of the flows of a content, but for that to `other`: a swap leaves its way as long as it was.
  [[nodiscard]] std::int64_t cost_of(int content, int other) const {
    std::int64_t cost = 0;
    for (const Flow& flow : of(neighbours_, content)) {
      if (flow.to == other) continue;
      cost += flow.bits * mesh_.routers_between(of(tile_of_, content), of(tile_of_, flow.to));
    }
    return cost;
  }
  bool swap_if_better(int a, int b) {
    effort_ += 2 * (1 + std::ssize(of(neighbours_, a)) + std::ssize(of(neighbours_, b)));
    const std::int64_t before = cost_of(a, b) + cost_of(b, a);
    std::swap(of(tile_of_, a), of(tile_of_, b));
    if (cost_of(a, b) + cost_of(b, a) < before) return true;
    std::swap(of(tile_of_, a), of(tile_of_, b));
    return false;
  }

  const arch::RouterMesh& mesh_;
  int tiles_;
  std::vector<std::vector<Flow>> neighbours_;
  std::vector<int> tile_of_;
  std::int64_t effort_ = 0;
};

std::vector<int> good_places(const arch::Program& program, const arch::RouterMesh& mesh,
                             std::int64_t macros_per_tile) {
  // Macros are numbered by an int.
  const auto tiles = static_cast<int>(
      std::min<std::int64_t>(program.tiles, std::numeric_limits<int>::max() / macros_per_tile));
  Assignment places(flows_of(program), mesh, tiles);
  const std::int64_t in_order = places.cost();
  places.as_snake();
  if (places.cost() > in_order) places.in_order();
  places.improve();
  return places.tile_of();
}

// Weight layers become stages in their order, so that the homes of stages are those of layers.
template <class HomeOf>
void set_homes(const arch::Program& program, Mapping& mapping, const HomeOf& home_of) {
  std::size_t next = 0;
  for (const arch::Stage& stage : program.stages) {
    if (!stage.tiles.empty()) mapping.layers.at(next++).home_tile = home_of(stage);
  }
  ensure(next == mapping.layers.size(), "a layer of the mapping is no stage");
}

void move_tiles(const std::vector<int>& tile_of, std::int64_t macros_per_tile, Mapping& mapping) {
  const auto moved = [&](int tile) { return tile_of.at(static_cast<std::size_t>(tile)); };
  for (LayerMapping& layer : mapping.layers) {
    if (layer.home_tile) layer.home_tile = moved(*layer.home_tile);
    for (ColumnGroup& group : layer.groups) {
      const std::int64_t tile = group.macro / macros_per_tile;
      group.macro = static_cast<int>((moved(static_cast<int>(tile)) * macros_per_tile) +
                                     (group.macro % macros_per_tile));
      mapping.macros = std::max<std::int64_t>(mapping.macros, group.macro + 1);
    }
  }
}

}  // namespace

std::int64_t traffic_cost(const arch::Program& program, const arch::ChipSpec& chip) {
  const arch::RouterMesh mesh(chip, program.tiles);
  std::int64_t cost = 0;
  for (const auto& [ends, bits] : flows_of(program)) {
    cost += bits * mesh.routers_between(ends.first, ends.second);
  }
  return cost;
}

void place_tiles(const MappingProblem& problem, Mapping& mapping) {
  const arch::Program program = lower(problem, mapping).program;
  const std::int64_t before = traffic_cost(program, problem.chip);
  mapping.traffic = TrafficSummary{before, before};
  if (before == 0) return;
  const arch::RouterMesh mesh(problem.chip, program.tiles);
  const std::int64_t macros_per_tile = problem.chip.macros_per_tile();
  Mapping best;
  std::int64_t after = before;
  for (const bool moves_homes : {false, true}) {
    Mapping placed = mapping;
    set_homes(program, placed, [&](const arch::Stage& stage) {
      return moves_homes ? busiest_tile(stage) : stage.home_tile;
    });
    const arch::Program start = lower(problem, placed).program;
    move_tiles(good_places(start, mesh, macros_per_tile), macros_per_tile, placed);
    const std::int64_t cost = traffic_cost(lower(problem, placed).program, problem.chip);
    if (cost >= after) continue;
    after = cost;
    best = std::move(placed);
  }
  if (after == before) return;
  mapping = std::move(best);
  mapping.traffic = TrafficSummary{before, after};
}

}  // namespace pimento::mapper
