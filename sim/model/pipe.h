// SPDX-License-Identifier: Apache-2.0
// A unit that serves requests one after the other, first come first served: a bus, a link, an
// adder, a bank of macros. It is busy for the service time of each request and answers a latency
// later.
#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include <systemc>

#include "sim/model/message.h"
#include "sim/model/run_log.h"

namespace pimento::sim {

class Pipe : public sc_core::sc_module {
 public:
  Pipe(const sc_core::sc_module_name& name, RunLog& log);

  // Takes a request now. `started` goes out when its service starts, `done` a latency after the
  // service ends; both at once when no time passes.
  void put(const Delivery& done, const sc_core::sc_time& service,
           const sc_core::sc_time& latency = sc_core::SC_ZERO_TIME, const Delivery& started = {});

  // When the service of all that was taken is over; it may be long ago.
  [[nodiscard]] const sc_core::sc_time& free_at() const { return free_at_; }

 private:
  struct Pending {
    sc_core::sc_time at;
    std::uint64_t order;
    Delivery delivery;
    // Earliest first; equal times in order of arrival.
    friend bool operator>(const Pending& a, const Pending& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  void post(const sc_core::sc_time& at, const Delivery& delivery);
  void deliver_due();

  RunLog& log_;
  UnitLog& unit_;
  sc_core::sc_event due_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  sc_core::sc_time free_at_;
  std::uint64_t order_ = 0;
};

}  // namespace pimento::sim
