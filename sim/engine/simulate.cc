// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/simulate.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "arch/program/kept_reads.h"
#include "arch/program/static_counts.h"
#include "arch/program/steps.h"
#include "sim/model/chip.h"
#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {
namespace {

// Twice the messages the pixels need: each passes every unit on its way once.
std::int64_t event_budget(const arch::Program& program, int images) {
  std::int64_t events = 10000 + 4 * program.rounds();
  for (const arch::Stage& stage : program.stages) {
    std::int64_t per_pixel = 16;
    for (const arch::TileWork& tile : stage.tiles) {
      per_pixel += 8 + 2 * std::ssize(tile.cores);
    }
    events += 2 * per_pixel * stage.grid.pixels() * images;
    for (const arch::StageInput& input : stage.inputs) {
      events += 4 * input.grid.pixels() * images;
    }
  }
  return events;
}

arch::Counts counts_of(const StageLog& log, const arch::Stage& stage) {
  arch::Counts counts;
  for (const arch::ActionInfo& action : arch::all_actions()) {
    const int bits = action.action == arch::Action::kMac ? stage.mac_bits : 0;
    counts.record(action.action, log.actions[static_cast<std::size_t>(action.action)], bits);
  }
  return counts;
}

StageWaits waits_of(const StageLog& log) {
  const auto waited = [&](Wait wait) {
    return to_time(log.waited[static_cast<std::size_t>(wait)]);
  };
  return {waited(Wait::kRound), waited(Wait::kInput), waited(Wait::kReader), waited(Wait::kUnits)};
}

// Each copy has its share of the steps.
Time bound_of(const arch::Stage& stage, const Timing& timing, int images) {
  const arch::Steps steps(stage);
  Time bound;
  for (const arch::TileWork& tile : stage.tiles) {
    const std::int64_t turns = steps.share(tile.replica);
    for (const arch::CoreWork& work : tile.cores) {
      const std::int64_t reads = images * arch::work_of_image(stage, work, turns).reads;
      bound = std::max(bound, timing.read_pace(reads, work.max_columns).latency);
    }
  }
  return bound;
}

// Every action the program asks for happened, and no other.
void check_conservation(const arch::Program& program, const arch::ChipSpec& chip, int images,
                        const SimulationResult& result) {
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    arch::Counts expected;
    expected.add(arch::static_counts(program, static_cast<int>(s), chip), images);
    expected.add(arch::write_counts(program, static_cast<int>(s)));
    for (const arch::ActionInfo& action : arch::all_actions()) {
      if (action.action == arch::Action::kRouterBit) continue;
      const std::int64_t simulated = result.stages[s].counts.total(action.action);
      const std::int64_t wanted = expected.total(action.action);
      if (simulated == wanted) continue;
      throw InternalError(fmt::format("stage \"{}\": {} times {} {} simulated, {} by arithmetic",
                                      program.stages[s].name, simulated,
                                      arch::info(action.role).path, action.name, wanted));
    }
  }
}

Trace trace_of(const RunLog& log, const TraceLog& from) {
  Trace trace;
  for (const UnitLog& unit : log.units()) trace.units.push_back(unit.name);
  trace.spans.reserve(from.spans().size());
  for (const TraceLog::Span& span : from.spans()) {
    trace.spans.push_back(
        {span.unit, span.stage, span.number, to_time(span.start), to_time(span.length)});
  }
  trace.dropped = from.dropped();
  return trace;
}

SimulationResult collect(const arch::Program& program, const RunLog& log, const Timing& timing,
                         int images) {
  SimulationResult result;
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    const StageLog& stage_log = log.stage(static_cast<int>(s));
    result.stages.push_back({counts_of(stage_log, program.stages[s]),
                             to_time(stage_log.first_issue), to_time(stage_log.last_done),
                             bound_of(program.stages[s], timing, images), waits_of(stage_log)});
  }
  for (const UnitLog& unit : log.units()) {
    if (unit.served == 0) continue;
    result.units.push_back({unit.name, unit.served, to_time(unit.busy), to_time(unit.queued)});
  }
  for (const sc_core::sc_time& done : log.image_done) result.image_done.push_back(to_time(done));
  result.writing = to_time(log.writing);
  result.hidden_writing = to_time(log.written - log.writing);
  result.events = log.events();
  return result;
}

}  // namespace

SimulationResult simulate(const arch::ChipSpec& chip, const arch::Program& program, int images,
                          std::int64_t traced_spans) {
  static bool used = false;
  ensure(!used, "a process can run one simulation");
  used = true;
  program.validate();
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  set_resolution();
  RunLog log(program.stages.size(), event_budget(program, images));
  TraceLog trace(traced_spans);
  if (traced_spans > 0) log.trace = &trace;
  const Chip model("chip", chip, program, images, log);
  sc_core::sc_start();
  if (!model.finished()) {
    throw SimulationError("the simulation is stuck; nothing can move:" + model.waiting_for());
  }
  SimulationResult result = collect(program, log, model.timing(), images);
  if (log.trace != nullptr) result.trace = trace_of(log, trace);
  check_conservation(program, chip, images, result);
  return result;
}

}  // namespace pimento::sim
