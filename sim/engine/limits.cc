// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/limits.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace pimento::sim {
namespace {

constexpr double kAlmostAll = 0.95;
constexpr std::string_view kTile = "tile";

// "lane" of "tile3.core0.lane0", "vector_unit" of "tile3.vector_unit", "io.in".
std::string kind_of(const std::string& name) {
  if (!name.starts_with(kTile)) return name;
  std::string kind = name.substr(name.rfind('.') + 1);
  while (!kind.empty() && kind.back() >= '0' && kind.back() <= '9') kind.pop_back();
  return kind;
}

std::string name_of(const UnitResult& unit, Time span) {
  std::string kind = kind_of(unit.name);
  std::replace(kind.begin(), kind.end(), '_', ' ');
  const std::size_t digits = unit.name.find('.') - kTile.size();
  return fmt::format("{} of tile {}, {:.1f} % busy", kind, unit.name.substr(kTile.size(), digits),
                     100.0 * std::min(1.0, double(unit.busy / span)));
}

}  // namespace

StageLimits::StageLimits(const std::vector<UnitResult>& units) {
  for (const UnitResult& unit : units) units_.emplace(unit.name, &unit);
}

const UnitResult* StageLimits::busiest_on_way(const arch::Stage& stage) const {
  const UnitResult* busiest = nullptr;
  const auto look_at = [&](int tile, std::initializer_list<std::string_view> kinds) {
    for (const std::string_view kind : kinds) {
      const auto it = units_.find(fmt::format("tile{}.{}", tile, kind));
      if (it == units_.end()) continue;
      if (busiest == nullptr || busiest->busy < it->second->busy) busiest = it->second;
    }
  };
  for (const arch::TileWork& tile : stage.tiles) look_at(tile.tile, {"bus", "adder", "port"});
  look_at(stage.home_tile, {"bus", "adder", "vector_unit", "pooling_unit"});
  return busiest;
}

std::string StageLimits::of(const arch::Stage& stage, const StageResult& result) const {
  const Time span = result.last_done - result.first_issue;
  if (span.value() <= 0.0) return {};
  if (!stage.tiles.empty() && double(result.bound / span) >= kAlmostAll) return "its macros";
  const StageWaits& waits = result.waits;
  const std::array<std::pair<Time, const char*>, 4> found{{{waits.round, "writing arrays"},
                                                           {waits.input, "its inputs"},
                                                           {waits.reader, "room at its readers"},
                                                           {waits.units, "its units"}}};
  const auto& [longest, what] = *std::max_element(
      found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (longest.value() > 0.0 && longest != waits.units) return what;
  const UnitResult* unit = busiest_on_way(stage);
  return unit == nullptr ? what : name_of(*unit, span);
}

std::vector<UnitUse> units_by_kind(const std::vector<UnitResult>& units) {
  std::map<std::string, UnitUse> kinds;
  for (const UnitResult& unit : units) {
    UnitUse& kind = kinds[kind_of(unit.name)];
    ++kind.units;
    kind.served += unit.served;
    kind.busy += unit.busy;
    kind.queued += unit.queued;
    if (kind.busiest.empty() || kind.busiest_time < unit.busy) {
      kind.busiest = unit.name;
      kind.busiest_time = unit.busy;
    }
  }
  std::vector<UnitUse> result;
  for (auto& [name, kind] : kinds) {
    kind.kind = name;
    result.push_back(std::move(kind));
  }
  return result;
}

}  // namespace pimento::sim
