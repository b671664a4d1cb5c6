// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/run_sweep.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "sim/sweep/result_store.h"
#include "sim/sweep/sweep_report.h"
#include "tests/sim/sweep/support.h"

namespace pimento::sim {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A sweep over a and b whose runs are noted in a file, as they happen in other processes.
class RunSweep : public testing::Test {
 protected:
  static SweepSpec spec_of(const std::string& axes) {
    return read_sweep(ConfigDocument::parse("schema: pimento/sweep/1\nname: s\nnetwork: n\n"
                                            "chip: c\npolicy: p\naxes:\n" +
                                                axes,
                                            "s.yaml"),
                      "s.yaml");
  }

  static std::string inputs_of(const SweepPoint& point) {
    std::string text = "v1";
    for (const Override& override_ : point.overrides) text += " " + override_.value;
    return text;
  }

  PointFigures run(const SweepPoint& point) const {
    const std::string a = point.overrides.at(0).value;
    const std::string line = a + point.overrides.at(1).value + "\n";
    const int log = open(log_.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (write(log, line.data(), line.size()) < 0) throw InternalError("log");
    close(log);
    if (a == "bad") throw InputError("does not fit\nthe chip");
    if (a == "dead") kill(getpid(), SIGKILL);
    return some_figures(std::stod(a) + 0.1 * std::stod(point.overrides.at(1).value));
  }

  SweepOutcome sweep(const SweepSpec& spec, int workers = 2, bool fresh = false) {
    SweepOptions options;
    options.workers = workers;
    options.store = folder_.path() / "points";
    options.fresh = fresh;
    options.on_progress = [this](std::size_t done, std::size_t total) {
      progress_.push_back(done);
      total_ = total;
      if (done >= stop_at_) stop_ = true;
    };
    return run_sweep(spec, {inputs_of, [this](const SweepPoint& p) { return run(p); }}, options,
                     stop_);
  }

  // What was run since the last call.
  std::vector<std::string> runs() {
    std::ifstream log(log_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    fs::remove(log_);
    return lines;
  }

  TemporaryFolder folder_;
  fs::path log_ = folder_.path() / "log";
  std::vector<std::size_t> progress_;
  std::size_t total_ = 0;
  std::size_t stop_at_ = 1000;
  StopFlag stop_{false};
  SweepSpec spec_ = spec_of("  a: [1, 2]\n  b: [3, 4]\n");
};

TEST_F(RunSweep, RunsEveryPointOnce) {
  const SweepOutcome outcome = sweep(spec_);
  EXPECT_THAT(runs(), UnorderedElementsAre("13", "14", "23", "24"));
  EXPECT_TRUE(outcome.complete());
  EXPECT_EQ(outcome.succeeded, 4u);
  EXPECT_EQ(outcome.reused, 0u);
  ASSERT_EQ(outcome.results.size(), 4u);
  EXPECT_EQ(outcome.results[0].figures, some_figures(1.0 + 0.1 * 3));
  EXPECT_EQ(outcome.results[3].figures, some_figures(2.0 + 0.1 * 4));
  EXPECT_THAT(progress_, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(total_, 4u);
}

TEST_F(RunSweep, RunsNothingAgain) {
  static_cast<void>(sweep(spec_));
  static_cast<void>(runs());
  progress_.clear();
  const SweepOutcome again = sweep(spec_);
  EXPECT_THAT(runs(), IsEmpty());
  EXPECT_EQ(again.reused, 4u);
  EXPECT_EQ(again.succeeded, 4u);
  EXPECT_EQ(again.results[3].figures, some_figures(2.0 + 0.1 * 4));
  EXPECT_THAT(progress_, ElementsAre(4));
}

TEST_F(RunSweep, RunsOnlyWhatALongerAxisAdds) {
  static_cast<void>(sweep(spec_));
  static_cast<void>(runs());
  const SweepOutcome more = sweep(spec_of("  a: [0, 1, 2]\n  b: [3, 4]\n"));
  EXPECT_THAT(runs(), UnorderedElementsAre("03", "04"));
  EXPECT_EQ(more.reused, 4u);
  EXPECT_EQ(more.results[2].figures, some_figures(1.0 + 0.1 * 3));
}

TEST_F(RunSweep, FreshRunsEverything) {
  static_cast<void>(sweep(spec_));
  static_cast<void>(runs());
  EXPECT_EQ(sweep(spec_, 2, true).reused, 0u);
  EXPECT_EQ(runs().size(), 4u);
}

TEST_F(RunSweep, DamagedPointsAreRunAgain) {
  static_cast<void>(sweep(spec_));
  static_cast<void>(runs());
  const ResultStore store(folder_.path() / "points");
  const fs::path cut = store.file_of(inputs_of(spec_.point(1)));
  const fs::path junk = store.file_of(inputs_of(spec_.point(2)));
  fs::resize_file(cut, fs::file_size(cut) / 2);
  write_file_atomically(junk, "junk");
  const SweepOutcome again = sweep(spec_);
  EXPECT_THAT(runs(), UnorderedElementsAre("14", "23"));
  EXPECT_EQ(again.succeeded, 4u);
  static_cast<void>(sweep(spec_));
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(RunSweep, FailedPointsAreRowsAndTriedAgain) {
  const SweepSpec spec = spec_of("  a: [1, bad, dead]\n  b: [3]\n");
  const SweepOutcome outcome = sweep(spec);
  EXPECT_TRUE(outcome.complete());
  EXPECT_EQ(outcome.succeeded, 1u);
  EXPECT_EQ(outcome.failed, 2u);
  EXPECT_EQ(outcome.results[1].error, "does not fit\nthe chip");
  EXPECT_FALSE(outcome.results[1].figures.has_value());
  EXPECT_EQ(outcome.results[2].error,
            "process ended by signal 9 (SIGKILL); the system may have run out of memory: try fewer "
            "jobs");
  static_cast<void>(runs());
  static_cast<void>(sweep(spec));
  EXPECT_THAT(runs(), UnorderedElementsAre("bad3", "dead3"));
}

TEST_F(RunSweep, GoesOnWhereItWasStopped) {
  stop_at_ = 2;
  const SweepOutcome stopped = sweep(spec_, 1);
  EXPECT_FALSE(stopped.complete());
  EXPECT_GE(stopped.succeeded, 2u);
  static_cast<void>(runs());
  stop_ = false;
  stop_at_ = 1000;
  const SweepOutcome rest = sweep(spec_, 1);
  EXPECT_TRUE(rest.complete());
  EXPECT_EQ(rest.reused, stopped.succeeded);
  EXPECT_EQ(runs().size(), 4u - stopped.succeeded);
}

TEST_F(RunSweep, AStoreThatCannotBeWrittenEndsTheSweep) {
  write_file_atomically(folder_.path() / "points", "a file, no folder");
  EXPECT_THROW(static_cast<void>(sweep(spec_)), InputError);
}

TEST_F(RunSweep, GivesTheSameBytesWhateverTheWorkersAndTheStore) {
  const SweepSpec spec = spec_of("  a: [5, 1, bad, 3, 2]\n  b: [0.1, 0.7, 3]\n");
  const auto bytes = [&](const SweepOutcome& outcome) {
    const SweepReport report(spec, outcome.results);
    return report.csv() + report.json("1.0");
  };
  const std::string first = bytes(sweep(spec, 1, true));
  EXPECT_EQ(bytes(sweep(spec, 4, true)), first);
  EXPECT_EQ(bytes(sweep(spec, 3)), first);  // from the store
}

}  // namespace
}  // namespace pimento::sim
