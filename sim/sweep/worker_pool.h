// SPDX-License-Identifier: Apache-2.0
// Runs many independent tasks in child processes. SystemC allows one simulation in the life of a
// process, so threads would not do.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

namespace pimento::sim {

// Set, by a signal handler or another thread, to end early.
using StopFlag = std::atomic<bool>;
static_assert(StopFlag::is_always_lock_free, "a signal handler sets it");

struct TaskResult {
  // kInputError: the task threw InputError. kFailed: it threw something else, or its process died.
  enum class Outcome { kOk, kInputError, kFailed };
  Outcome outcome = Outcome::kFailed;
  std::string output;  // what the task returned
  std::string error;   // why it did not
};

// Runs task(i) for every i in [0, count), each in a child process of its own made by fork() without
// exec, at most `workers` at a time and begun in order. Children see what the parent had loaded;
// nothing they change comes back but the returned string. on_done is called in the parent, in
// order of completion. When `stop` is set, running children are terminated, results that were
// complete are still reported, and the call returns. What on_done throws ends it the same way.
// Throws InputError when the system gives not even one process.
void run_in_processes(std::size_t count, int workers,
                      const std::function<std::string(std::size_t)>& task,
                      const std::function<void(std::size_t, const TaskResult&)>& on_done,
                      const StopFlag& stop);

}  // namespace pimento::sim
