// SPDX-License-Identifier: Apache-2.0
#include "sim/report/trace_json.h"

#include <map>

#include <fmt/format.h>

#include "sim/report/json.h"

namespace pimento::sim {
namespace {

constexpr double kMicrosecond = 1e-6;

// The part of a unit's name that all units of its process share: "tile3", "io".
std::string process_of(const std::string& unit) {
  return unit.substr(0, unit.find('.'));
}

Json name_of(const char* what, int process, int thread, const std::string& name) {
  return {
      {"name", what}, {"ph", "M"}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

}  // namespace

std::string trace_json(const Trace& trace, const std::vector<std::string>& stages) {
  std::map<std::string, int> processes;
  std::vector<int> process_of_unit;
  std::string events;
  const auto add = [&](const Json& event) {
    events += events.empty() ? "" : ",\n";
    events += event.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  for (std::size_t u = 0; u < trace.units.size(); ++u) {
    const std::string name = process_of(trace.units[u]);
    const auto [it, is_new] = processes.try_emplace(name, static_cast<int>(processes.size()));
    if (is_new) add(name_of("process_name", it->second, 0, name));
    process_of_unit.push_back(it->second);
    add(name_of("thread_name", it->second, static_cast<int>(u), trace.units[u]));
  }
  for (const Trace::Span& span : trace.spans) {
    const std::string name =
        span.stage < 0 ? "writing" : stages.at(static_cast<std::size_t>(span.stage));
    add({{"name", name},
         {"ph", "X"},
         {"ts", span.start.value() / kMicrosecond},
         {"dur", span.length.value() / kMicrosecond},
         {"pid", process_of_unit.at(static_cast<std::size_t>(span.unit))},
         {"tid", span.unit},
         {"args", {{"number", span.number}}}});
  }
  return fmt::format(
      "{{\"displayTimeUnit\": \"ns\", \"otherData\": {{\"dropped_spans\": {}}},\n"
      "\"traceEvents\": [\n{}\n]}}\n",
      trace.dropped, events);
}

}  // namespace pimento::sim
