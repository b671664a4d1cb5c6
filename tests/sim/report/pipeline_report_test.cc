// SPDX-License-Identifier: Apache-2.0
#include "sim/report/pipeline_report.h"

#include <gtest/gtest.h>

#include "example_report.h"
#include "sim/report/json.h"
#include "sim/report/run_writers.h"

namespace pimento::sim {
namespace {

PipelineReport example() {
  PipelineReport report;
  report.first_image = from_si<Time>(1e-6);
  report.mean_interval = from_si<Time>(500e-9);
  report.last_interval = from_si<Time>(400e-9);
  report.run = from_si<Time>(2e-6);
  UnitUse buses;
  buses.kind = "bus";
  buses.units = 4;
  buses.served = 10;
  buses.busy = from_si<Time>(2e-6);
  buses.queued = from_si<Time>(100e-9);
  buses.busiest = "tile2.bus";
  buses.busiest_time = from_si<Time>(1e-6);
  report.units = {buses};
  return report;
}

TEST(PipelineReport, OccupancyIsOfTheWholeRun) {
  const PipelineReport report = example();
  EXPECT_DOUBLE_EQ(report.mean_occupancy(report.units[0]), 0.25);
  EXPECT_DOUBLE_EQ(report.largest_occupancy(report.units[0]), 0.5);
  EXPECT_DOUBLE_EQ(report.mean_queueing(report.units[0]).value(), 10e-9);
}

TEST(PipelineReport, JsonHasNullForWhatOneImageHasNot) {
  PipelineReport report = example();
  EXPECT_EQ(to_json(report)["last_interval_s"], 400e-9);
  report.last_interval.reset();
  EXPECT_TRUE(to_json(report)["last_interval_s"].is_null());
}

TEST(PaceText, IsExact) {
  RunReport report = example_report();
  report.layers.resize(1);
  LayerReport& layer = report.layers[0];
  layer.name = "conv1";
  layer.weight_bits = 4;
  layer.start = from_si<Time>(0);
  layer.finish = from_si<Time>(1e-6);
  layer.bound = from_si<Time>(500e-9);
  layer.waits.input = from_si<Time>(250e-9);
  layer.limit = "its inputs";
  report.pipeline = example();
  EXPECT_EQ(pace_text(report, Style{}),
            "\nPace: from a layer's first issue to its last result\n"
            "  first image     1 us\n"
            "  then one every  400 ns at last, 500 ns on the mean\n"
            "\n"
            "  layer  simulated   bound  waits: inputs  readers  units  writing  what sets the "
            "pace\n"
            "  -----  ---------  ------  -------------  -------  -----  -------  "
            "------------------\n"
            "  conv1       1 us  500 ns         25.0 %    0.0 %  0.0 %    0.0 %  its inputs\n"
            "\n"
            "  units  number  requests  busy: mean    most  the busiest  a request queues\n"
            "  -----  ------  --------  ----------  ------  -----------  ----------------\n"
            "  bus         4        10      25.0 %  50.0 %  tile2.bus               10 ns\n");
}

}  // namespace
}  // namespace pimento::sim
