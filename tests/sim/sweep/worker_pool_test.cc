// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/worker_pool.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>

#include "base/error.h"

namespace pimento::sim {
namespace {

using Outcome = TaskResult::Outcome;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;

// Numbers that parent and children see alike.
class Shared {
 public:
  Shared() {
    void* const memory =
        mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    counters_ = new (memory) Counters;
  }
  ~Shared() { munmap(counters_, sizeof(Counters)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  struct Counters {
    std::atomic<int> begun{0};
    std::atomic<int> running{0};
    std::atomic<int> most_running{0};
  };
  Counters* operator->() { return counters_; }

 private:
  Counters* counters_ = nullptr;
};

std::map<std::size_t, TaskResult> run_all(std::size_t count, int workers,
                                          const std::function<std::string(std::size_t)>& task,
                                          std::vector<std::size_t>* order = nullptr) {
  std::map<std::size_t, TaskResult> results;
  const StopFlag stop{false};
  run_in_processes(
      count, workers, task,
      [&](std::size_t i, const TaskResult& result) {
        EXPECT_TRUE(results.emplace(i, result).second) << i << " was reported twice";
        if (order != nullptr) order->push_back(i);
      },
      stop);
  return results;
}

TaskResult run_one(const std::function<std::string()>& task) {
  return run_all(1, 1, [&](std::size_t) { return task(); }).at(0);
}

void expect_no_children() {
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(WorkerPool, ReturnsWhatEveryTaskReturns) {
  const auto results =
      run_all(50, 3, [](std::size_t i) { return std::string(i, char('a' + i % 26)); });
  ASSERT_EQ(results.size(), 50u);
  for (const auto& [i, result] : results) {
    EXPECT_EQ(result.outcome, Outcome::kOk);
    EXPECT_EQ(result.output, std::string(i, char('a' + i % 26)));
    EXPECT_EQ(result.error, "");
  }
  expect_no_children();
}

TEST(WorkerPool, HasNothingToDoForNoTasks) {
  EXPECT_TRUE(run_all(0, 4, [](std::size_t) { return std::string("x"); }).empty());
}

TEST(WorkerPool, TakesLessThanOneWorkerAsOne) {
  EXPECT_EQ(run_all(3, 0, [](std::size_t) { return std::string("x"); }).size(), 3u);
  EXPECT_EQ(run_all(3, -1, [](std::size_t) { return std::string("x"); }).size(), 3u);
}

TEST(WorkerPool, OneWorkerTakesTasksInOrder) {
  std::vector<std::size_t> order;
  run_all(5, 1, [](std::size_t) { return std::string(); }, &order);
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkerPool, ReportsInOrderOfCompletion) {
  std::vector<std::size_t> order;
  run_all(
      2, 2,
      [](std::size_t i) {
        std::this_thread::sleep_for(milliseconds(i == 0 ? 1500 : 0));
        return std::string();
      },
      &order);
  EXPECT_THAT(order, ElementsAre(1, 0));
}

TEST(WorkerPool, RunsAsManyAtATimeAsAskedFor) {
  Shared shared;
  run_all(12, 3, [&](std::size_t) {
    const int running = ++shared->running;
    int most = shared->most_running;
    while (running > most && !shared->most_running.compare_exchange_weak(most, running)) {
    }
    std::this_thread::sleep_for(milliseconds(100));
    --shared->running;
    return std::string();
  });
  EXPECT_EQ(shared->most_running, 3);
}

TEST(WorkerPool, ChildrenChangeNothingOfTheParent) {
  int value = 1;
  const TaskResult result = run_one([&] {
    value = 2;
    return std::to_string(value);
  });
  EXPECT_EQ(result.output, "2");
  EXPECT_EQ(value, 1);
}

TEST(WorkerPool, TellsInputErrorsFromOtherExceptions) {
  TaskResult result = run_one([]() -> std::string { throw InputError("chip.yaml: wrong"); });
  EXPECT_EQ(result.outcome, Outcome::kInputError);
  EXPECT_EQ(result.error, "chip.yaml: wrong");
  EXPECT_EQ(result.output, "");
  result = run_one([]() -> std::string { throw std::runtime_error("deadlock"); });
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error, "deadlock");
  result = run_one([]() -> std::string { throw std::bad_alloc(); });
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error, "out of memory");
  result = run_one([]() -> std::string { throw 5; });
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error, "unknown exception");
}

TEST(WorkerPool, NamesTheSignalThatKilledAChild) {
  const auto results = run_all(4, 2, [](std::size_t i) -> std::string {
    if (i == 1) kill(getpid(), SIGKILL);
    if (i == 2) kill(getpid(), SIGTERM);
    return "lived";
  });
  EXPECT_EQ(results.at(0).output, "lived");
  EXPECT_EQ(results.at(1).outcome, Outcome::kFailed);
  EXPECT_EQ(results.at(1).error,
            "process ended by signal 9 (SIGKILL); the system may have run out of memory: try fewer "
            "jobs");
  EXPECT_EQ(results.at(2).outcome, Outcome::kFailed);
  EXPECT_EQ(results.at(2).error, "process ended by signal 15 (SIGTERM)");
  EXPECT_EQ(results.at(3).output, "lived");
}

TEST(WorkerPool, NoticesAChildThatLeavesEarly) {
  const TaskResult result = run_one([]() -> std::string { _exit(3); });
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error, "process ended with code 3 before its result was complete");
}

TEST(WorkerPool, CarriesLargeAndBinaryOutputs) {
  constexpr std::size_t kSize = 50'000'000;
  const auto results = run_all(2, 2, [](std::size_t i) {
    std::string output(kSize, '\0');
    for (std::size_t at = i; at < kSize; at += 997) output[at] = char(at % 251);
    return output;
  });
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string& output = results.at(i).output;
    ASSERT_EQ(output.size(), kSize);
    for (std::size_t at = 0; at < kSize; ++at) {
      const char expected = at % 997 == i ? char(at % 251) : '\0';
      ASSERT_EQ(output[at], expected) << at;
    }
  }
}

TEST(WorkerPool, StopEndsRunningChildrenAndKeepsWhatIsDone) {
  Shared shared;
  StopFlag stop{false};
  std::map<std::size_t, TaskResult> results;
  const auto begin = steady_clock::now();
  run_in_processes(
      10, 2,
      [&](std::size_t i) {
        ++shared->begun;
        if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(60));
        return std::string("done");
      },
      [&](std::size_t i, const TaskResult& result) {
        results.emplace(i, result);
        stop = true;
      },
      stop);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(30));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results.at(0).output, "done");
  EXPECT_LE(shared->begun, 2);
  expect_no_children();
}

TEST(WorkerPool, StopFromASignalIsSeenWhileWaiting) {
  StopFlag stop{false};
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(300));
    stop = true;
  });
  std::size_t reported = 0;
  run_in_processes(
      1, 1,
      [](std::size_t) {
        std::this_thread::sleep_for(std::chrono::seconds(60));
        return std::string();
      },
      [&](std::size_t, const TaskResult&) { ++reported; }, stop);
  later.join();
  EXPECT_EQ(reported, 0u);
  expect_no_children();
}

TEST(WorkerPool, StopBeforeTheBeginRunsNothing) {
  const StopFlag stop{true};
  Shared shared;
  run_in_processes(
      5, 2,
      [&](std::size_t) {
        ++shared->begun;
        return std::string();
      },
      [](std::size_t, const TaskResult&) { FAIL(); }, stop);
  EXPECT_EQ(shared->begun, 0);
}

TEST(WorkerPool, AThrowingListenerEndsTheChildren) {
  const StopFlag stop{false};
  EXPECT_THROW(run_in_processes(
                   4, 2,
                   [](std::size_t i) {
                     if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(60));
                     return std::string();
                   },
                   [](std::size_t, const TaskResult&) { throw InputError("disk full"); }, stop),
               InputError);
  expect_no_children();
}

TEST(WorkerPool, ChildrenDoNotWriteWhatTheParentBuffered) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::fputs("once", file);
  run_all(3, 2, [](std::size_t) { return std::string(); });
  std::fflush(file);
  std::fseek(file, 0, SEEK_END);
  EXPECT_EQ(std::ftell(file), 4);
  std::fclose(file);
}

TEST(WorkerPool, ChildrenIgnoreCtrlCAndTheHandlersOfTheParent) {
  const auto before = std::signal(SIGTERM, [](int) {});
  const auto results = run_all(2, 1, [](std::size_t i) {
    kill(getpid(), i == 0 ? SIGINT : SIGTERM);
    return std::string("lived");
  });
  std::signal(SIGTERM, before);
  EXPECT_EQ(results.at(0).output, "lived");
  EXPECT_EQ(results.at(1).error, "process ended by signal 15 (SIGTERM)");
}

}  // namespace
}  // namespace pimento::sim
