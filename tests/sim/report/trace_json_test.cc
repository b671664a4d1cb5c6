// SPDX-License-Identifier: Apache-2.0
#include "sim/report/trace_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pimento::sim {
namespace {

Trace example() {
  Trace trace;
  trace.units = {"tile0.bus", "tile0.core0.lane0", "rounds.writer"};
  trace.spans.push_back({1, 0, 7, from_si<Time>(1e-6), from_si<Time>(250e-9)});
  trace.spans.push_back({2, -1, 1, from_si<Time>(2e-6), from_si<Time>(1e-3)});
  trace.dropped = 3;
  return trace;
}

TEST(TraceJson, IsTheTraceEventFormat) {
  const auto json = nlohmann::json::parse(trace_json(example(), {"conv \"1\""}));
  EXPECT_EQ(json["otherData"]["dropped_spans"], 3);
  const auto& events = json["traceEvents"];
  ASSERT_EQ(events.size(), 2U + 3U + 2U);
  EXPECT_EQ(events[0], (nlohmann::json{{"name", "process_name"},
                                       {"ph", "M"},
                                       {"pid", 0},
                                       {"tid", 0},
                                       {"args", {{"name", "tile0"}}}}));
  EXPECT_EQ(events[2]["args"]["name"], "tile0.core0.lane0");
  EXPECT_EQ(events[5], (nlohmann::json{{"name", "conv \"1\""},
                                       {"ph", "X"},
                                       {"ts", 1.0},
                                       {"dur", 0.25},
                                       {"pid", 0},
                                       {"tid", 1},
                                       {"args", {{"number", 7}}}}));
  EXPECT_EQ(events[6]["name"], "writing");
  EXPECT_EQ(events[6]["pid"], 1);
}

TEST(TraceJson, OfNothingIsValid) {
  const auto json = nlohmann::json::parse(trace_json({}, {}));
  EXPECT_TRUE(json["traceEvents"].empty());
}

}  // namespace
}  // namespace pimento::sim
