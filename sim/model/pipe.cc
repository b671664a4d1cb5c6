// SPDX-License-Identifier: Apache-2.0
#include "sim/model/pipe.h"

#include <algorithm>

namespace pimento::sim {

namespace {

// Its place on the chip, without the chip.
std::string unit_name(const std::string& full_name) {
  return full_name.substr(full_name.find('.') + 1);
}

}  // namespace

Pipe::Pipe(const sc_core::sc_module_name& name, RunLog& log)
    : sc_module(name), log_(log), unit_(log.add_unit(unit_name(this->name()))) {
  SC_HAS_PROCESS(Pipe);
  SC_METHOD(deliver_due);
  sensitive << due_;
  dont_initialize();
}

void Pipe::put(const Delivery& done, const sc_core::sc_time& service,
               const sc_core::sc_time& latency, const Delivery& started) {
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  const sc_core::sc_time start = std::max(now, free_at_);
  free_at_ = start + service;
  ++unit_.served;
  unit_.busy += service;
  unit_.queued += start - now;
  if (log_.trace != nullptr && service > sc_core::SC_ZERO_TIME) {
    log_.trace->add({unit_.index, done.message.stage, done.message.number, start, service});
  }
  if (started.to != nullptr) post(start, started);
  if (done.to != nullptr) post(free_at_ + latency, done);
}

void Pipe::post(const sc_core::sc_time& at, const Delivery& delivery) {
  log_.count_event();
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  if (at == now && (pending_.empty() || pending_.top().at > now)) {
    delivery.to->receive(delivery.message);
    return;
  }
  const bool earliest = pending_.empty() || at < pending_.top().at;
  pending_.push({at, order_++, delivery});
  if (earliest) {
    due_.cancel();
    due_.notify(at - now);
  }
}

void Pipe::deliver_due() {
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  while (!pending_.empty() && pending_.top().at <= now) {
    const Delivery delivery = pending_.top().delivery;
    pending_.pop();
    delivery.to->receive(delivery.message);
  }
  if (!pending_.empty()) {
    due_.cancel();
    due_.notify(pending_.top().at - now);
  }
}

}  // namespace pimento::sim
