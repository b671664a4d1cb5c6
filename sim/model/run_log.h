// SPDX-License-Identifier: Apache-2.0
// What a simulation writes down: how often each action happened for each stage, and when. Integers
// and times only; nothing is priced here.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "arch/action.h"
#include "base/error.h"
#include "sim/model/trace_log.h"

namespace pimento::sim {

// Why a stage issues no step.
enum class Wait {
  kNothing,  // it can, or has issued all it has
  kRound,    // arrays are being written, or an earlier round is at work
  kInput,    // pixels of an input have not arrived
  kReader,   // the buffer of a reader has no room
  kUnits,    // its macros, or its vector unit, are at work on the steps before
};
inline constexpr std::size_t kWaits = 5;

struct StageLog {
  std::array<std::int64_t, arch::kActionCount> actions{};  // by arch::Action
  sc_core::sc_time first_issue;
  sc_core::sc_time last_done;
  std::int64_t issued = 0;
  std::int64_t done = 0;
  // After its first issue, by Wait.
  std::array<sc_core::sc_time, kWaits> waited;
};

// What a unit that serves requests one after the other did.
struct UnitLog {
  std::string name;  // "tile3.core0.lane0"
  int index = 0;
  std::int64_t served = 0;
  sc_core::sc_time busy;
  sc_core::sc_time queued;  // that requests waited for their service, all added up
};

class RunLog {
 public:
  // `event_budget`: more messages than that and the run is called off.
  RunLog(std::size_t stages, std::int64_t event_budget)
      : stages_(stages), event_budget_(event_budget) {}

  void record(int stage, arch::Action action, std::int64_t n) {
    stages_[static_cast<std::size_t>(stage)].actions[static_cast<std::size_t>(action)] += n;
  }
  void count_event() {
    if (++events_ > event_budget_) {
      throw SimulationError("the simulation spent its event budget without coming to an end");
    }
  }
  [[nodiscard]] StageLog& stage(int index) { return stages_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] const StageLog& stage(int index) const {
    return stages_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] std::int64_t events() const { return events_; }
  // The log of a unit that is being built. It stays where it is.
  [[nodiscard]] UnitLog& add_unit(std::string name) {
    units_.push_back({std::move(name), static_cast<int>(units_.size()), 0, {}, {}});
    return units_.back();
  }
  [[nodiscard]] const std::deque<UnitLog>& units() const { return units_; }
  // Null: nothing is traced.
  TraceLog* trace = nullptr;
  // When each image's last result was complete.
  std::vector<sc_core::sc_time> image_done;
  // Time in which arrays were written, and the part of it in which nothing else was done.
  sc_core::sc_time written;
  sc_core::sc_time writing;

 private:
  std::vector<StageLog> stages_;
  std::deque<UnitLog> units_;
  std::int64_t event_budget_;
  std::int64_t events_ = 0;
};

}  // namespace pimento::sim
