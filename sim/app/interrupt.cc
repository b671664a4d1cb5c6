// SPDX-License-Identifier: Apache-2.0
#include "sim/app/interrupt.h"

namespace pimento::app {
namespace {

sim::StopFlag stop{false};

void note_signal(int /*signal*/) {
  stop = true;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  stop = false;
  struct sigaction action{};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

const sim::StopFlag& InterruptGuard::flag() const {
  return stop;
}

}  // namespace pimento::app
