// SPDX-License-Identifier: Apache-2.0
// Ctrl-C as a flag that long work looks at.
#pragma once

#include <csignal>
#include <stdexcept>

#include "sim/sweep/worker_pool.h"

namespace pimento::app {

// The user ended the work. The program exits with 128 + SIGINT, as shells expect.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// While one lives, SIGINT and SIGTERM set its flag; before and after, they do what they did.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  [[nodiscard]] const sim::StopFlag& flag() const;

 private:
  struct sigaction old_interrupt_{};
  struct sigaction old_terminate_{};
};

}  // namespace pimento::app
