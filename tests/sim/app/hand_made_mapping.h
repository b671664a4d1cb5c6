// SPDX-License-Identifier: Apache-2.0
// A small mapping with what strategies may do: a plane left out, rows of a plane left out, two
// replicas, two turns, macros that two layers share, a macro passed over.
#pragma once

#include <algorithm>
#include <string>

#include "sim/app/pipeline.h"
#include "sim/app/views/mapping_view.h"
#include "tests/mapper/support.h"
#include "workloads/graph/constant.h"

namespace pimento::app {

// "a": 6 rows and 4 outputs of 4 bits, all weights 3. Macros 0 and 2 each hold a replica: planes 0
// and 1 whole, of plane 3 the first three rows, in a turn of their own.
// "b": 4 rows and 3 outputs of 4 bits, half below "a" on macro 0, half on macro 2.
struct HandMade {
  explicit HandMade(const std::string& name_of_b = "b") {
    mapper::NetworkBuilder b({6});
    b.precision(b.add("a", workloads::Linear{4}), 4, 8);
    b.precision(b.add(name_of_b, workloads::Linear{3}), 4, 8);
    b.network.layers[0].stored = threes();
    inputs.network = b.network;
    inputs.chip = mapper::make_chip(
        {.rows = 8, .columns = 16, .macros_per_core = 2, .cores_per_tile = 2, .more = {}});
    inputs.policy.name = "by hand";
    mapping.strategy = "by hand";
    mapping.macros = 3;
    mapping.layers = {layer_a(), layer_b()};
  }
  [[nodiscard]] MappingView view() const { return view_mapping({}, inputs, mapping); }

  Inputs inputs;
  mapper::Mapping mapping;

 private:
  static workloads::StoredWeights threes() {
    workloads::Array integers = workloads::make_array(workloads::ElementType::kInt32, {4, 6});
    std::fill(integers.integers.begin(), integers.integers.end(), 3);
    workloads::StoredWeights stored;
    stored.integers = workloads::encode(integers);
    stored.bits = 4;
    return stored;
  }
  static mapper::LayerMapping layer_a() {
    mapper::LayerMapping layer;
    layer.layer = 0;
    layer.plan = arch::plan_planes(arch::Encoding::kTwosComplement, 4, 1, 0b1011);
    for (int replica = 0; replica < 2; ++replica) {
      for (std::int64_t slice = 0; slice < 3; ++slice) {
        arch::ColumnGroup group;
        group.rows = {0, slice == 2 ? 3 : 6};
        group.columns = arch::Indices::every(slice, 3, 4);
        group.macro = 2 * replica;
        group.at_column = 4 * slice;
        group.turn = slice == 2 ? 1 : 0;
        group.replica = replica;
        layer.groups.push_back(group);
      }
    }
    layer.macros = 2;
    layer.passes = {{.pass = "zero planes",
                     .cells_saved = 24,
                     .conversions_saved = 4,
                     .metadata_bits = 4,
                     .metadata_reads = 1},
                    {.pass = "zero rows",
                     .cells_saved = 12,
                     .conversions_saved = -1,
                     .metadata_bits = 6,
                     .metadata_reads = 6,
                     .extra_input_slices = 2}};
    return layer;
  }
  static mapper::LayerMapping layer_b() {
    mapper::LayerMapping layer;
    layer.layer = 1;
    layer.plan = arch::plan_slices(arch::Encoding::kTwosComplement, 4, 1);
    for (std::int64_t half = 0; half < 2; ++half) {
      arch::ColumnGroup group;
      group.rows = {2 * half, 2 * half + 2};
      group.columns = {0, 12};
      group.macro = static_cast<int>(2 * half);
      group.at_row = 6;
      layer.groups.push_back(group);
    }
    layer.macros = 2;
    return layer;
  }
};

}  // namespace pimento::app
