// SPDX-License-Identifier: Apache-2.0
// A small program for tests: a layer on two tiles, a pooling stage, and a layer on one tile.
#pragma once

#include "arch/program/program.h"

namespace pimento::arch {

inline StageInput sample_input(int producer, Grid grid, std::int64_t bits, std::int64_t capacity) {
  StageInput input;
  input.producer = producer;
  input.grid = grid;
  input.pixel_bits = Bits(bits);
  input.capacity = capacity;
  return input;
}

inline Program sample_program() {
  Program program;
  program.network = "net";
  program.chip = "chip";
  program.tiles = 3;

  Stage conv;
  conv.name = "conv";
  conv.grid = {4, 6};
  conv.pixel_bits = Bits(40);
  conv.inputs.push_back(sample_input(kChipInput, {4, 6}, 24, 18));
  conv.inputs.back().window = {false, 3, 3, 1, 1, 1, 1};
  conv.home_tile = 1;
  conv.sum_bits = Bits(20);
  conv.input_slices = 8;
  conv.sums_inputs = true;
  conv.outputs = 5;
  conv.vector_ops = 5;
  conv.macs = 1000;
  conv.mac_bits = 8;
  conv.tiles = {
      {1, {{0, 2, 30, 40, 500, 25, Bits(100), 5}, {2, 1, 10, 20, 200, 20, Bits(50), 5}}, 5},
      {2, {{0, 1, 7, 20, 140, 20, Bits(56), 3}}, 3}};
  program.stages.push_back(conv);

  Stage pool;
  pool.name = "pool";
  pool.grid = {2, 3};
  pool.pixel_bits = Bits(40);
  pool.inputs.push_back(sample_input(0, {4, 6}, 40, 12));
  pool.inputs.back().window = {false, 2, 2, 2, 2, 0, 0};
  pool.home_tile = 1;
  pool.outputs = 5;
  pool.pool_ops = 20;
  program.stages.push_back(pool);

  Stage fc;
  fc.name = "fc";
  fc.pixel_bits = Bits(16);
  fc.inputs.push_back(sample_input(1, {2, 3}, 20, 6));
  fc.inputs.back().window.whole = true;
  fc.home_tile = 0;
  fc.sum_bits = Bits(12);
  fc.input_slices = 4;
  fc.outputs = 4;
  fc.vector_ops = 4;
  fc.tiles = {{0, {{1, 1, 30, 16, 480, 16, Bits(120), 4}}, 4}};
  program.stages.push_back(fc);
  return program;
}

}  // namespace pimento::arch
