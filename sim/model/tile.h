// SPDX-License-Identifier: Apache-2.0
// A tile: cores on a bus, a buffer, the adder that joins partial sums, the units for pooling and
// element-wise work, and a port into the mesh of routers. Each is a unit that serves one request
// after the other, whichever stage it comes from.
// Leaves out: ports and banks of the buffer; its traffic is counted, the bus sets its pace.
#pragma once

#include <map>
#include <memory>

#include "sim/model/core.h"

namespace pimento::sim {

// Work of one tile by core index.
using TilePlan = std::map<int, CorePlan>;

class Tile : public sc_core::sc_module {
 public:
  Tile(const sc_core::sc_module_name& name, const RunContext& run, const TilePlan& plan);

  Pipe bus;
  Pipe adder;
  Pipe vector_unit;
  Pipe pooling_unit;
  Pipe port;

  [[nodiscard]] Core& core(int index) { return *cores_.at(index); }

 private:
  std::map<int, std::unique_ptr<Core>> cores_;
};

}  // namespace pimento::sim
