// SPDX-License-Identifier: Apache-2.0
// What the tests of mapper/ share: networks and chips made in a line, and a run of a program that
// knows counts but no time.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arch/chip_spec.h"
#include "arch/program/program.h"
#include "base/resources.h"
#include "mapper/mapping.h"
#include "mapper/strategy.h"
#include "workloads/importers.h"
#include "workloads/policy.h"

namespace pimento::mapper {

// The message of the error of type `Error` that `act` throws; "nothing thrown" if it throws none.
template <class Error, class Act>
std::string message_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

// ---- Networks

class NetworkBuilder {
 public:
  explicit NetworkBuilder(workloads::Shape input) {
    network.name = "net";
    network.input_shape = std::move(input);
  }
  // Adds a layer behind the one before it, or behind `inputs`. Returns its index.
  int add(const std::string& name, workloads::Operation operation, std::vector<int> inputs = {}) {
    workloads::Layer layer;
    layer.name = name;
    layer.operation = std::move(operation);
    layer.inputs = inputs.empty() ? std::vector<int>{last()} : std::move(inputs);
    return network.add(std::move(layer));
  }
  int conv(const std::string& name, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
           std::int64_t pad = 0, std::int64_t groups = 1, std::vector<int> inputs = {}) {
    workloads::Conv conv;
    conv.out_channels = out;
    conv.groups = groups;
    conv.window.kernel = {kernel, kernel};
    conv.window.stride = {stride, stride};
    conv.window.pads = {pad, pad, pad, pad};
    return add(name, conv, std::move(inputs));
  }
  [[nodiscard]] int last() const {
    return network.layers.empty() ? workloads::kNetworkInput
                                  : static_cast<int>(network.layers.size()) - 1;
  }
  void precision(int layer, int weight_bits, int activation_bits) {
    network.layers.at(static_cast<std::size_t>(layer)).precision = {weight_bits, activation_bits};
  }

  workloads::Network network;
};

inline workloads::Network shipped_network(const std::string& name, const std::string& policy_name) {
  const InputFile file = open_input(name, "networks");
  workloads::Network network = workloads::read_descriptor(
      ConfigDocument::parse(file.content, file.name, resolve_include), file.name);
  const InputFile policy = open_input(policy_name, "policies");
  (void)workloads::apply_policy(
      workloads::read_policy(ConfigDocument::parse(policy.content, policy.name, resolve_include),
                             policy_name),
      network);
  return network;
}

// ---- Chips

struct ChipShape {
  int rows = 128;
  int columns = 128;
  int cell_bits = 1;
  int dac_bits = 1;
  arch::Encoding encoding = arch::Encoding::kTwosComplement;
  int macros_per_core = 8;
  int cores_per_tile = 12;
  std::string tiles = "auto";
  // NOLINTNEXTLINE(readability-redundant-member-init): designated initializers may leave it out
  std::string more = {};  // of the macro: "signed_inputs: two_phase, "
};

inline arch::ChipSpec make_chip(const ChipShape& shape) {
  const std::string text = fmt::format(
      "schema: pimento/chip/1\nname: chip\nsource: test\n"
      "macro: {{rows: {}, columns: {}, cell_bits: {}, dac_bits: {}, encoding: {}, readout: "
      "digital, {}"
      "read_time: 1 ns}}\n"
      "core: {{macros: {}}}\ntile: {{cores: {}}}\nchip: {{tiles: {}}}\n",
      shape.rows, shape.columns, shape.cell_bits, shape.dac_bits,
      arch::encoding_name(shape.encoding), shape.more, shape.macros_per_core, shape.cores_per_tile,
      shape.tiles);
  return arch::read_chip(ConfigDocument::parse(text, "chip.yaml"), "chip.yaml");
}

inline arch::ChipSpec shipped_chip(const std::string& name,
                                   const std::vector<Override>& settings = {}) {
  const InputFile file = open_input(name, "chips");
  ConfigDocument document = ConfigDocument::parse(file.content, file.name, resolve_include);
  for (const Override& setting : settings) document.set(setting.path, setting.value);
  return arch::read_chip(std::move(document), file.name);
}

// ---- Programs

// Runs a program without time: whatever can take a step takes one, until nothing can. The order in
// which stages are asked plays no part: a stage that can take a step can still take it after any
// other stage has taken one. Which copy of a layer takes it plays no part either.
class UntimedRun {
 public:
  explicit UntimedRun(const arch::Program& program)
      : program_(program), made_(program.stages.size(), 0), readers_(program.stages.size()) {
    for (std::size_t s = 0; s < program.stages.size(); ++s) {
      freed_.emplace_back(program.stages[s].inputs.size(), 0);
      for (std::size_t i = 0; i < program.stages[s].inputs.size(); ++i) {
        const int producer = program.stages[s].inputs[i].producer;
        if (producer >= 0) readers_[static_cast<std::size_t>(producer)].emplace_back(s, i);
      }
    }
  }
  // Whether every stage made all of its pixels.
  bool completes() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t s = 0; s < made_.size(); ++s) {
        while (can_make(s)) {
          make(s);
          moved = true;
        }
      }
    }
    for (std::size_t s = 0; s < made_.size(); ++s) {
      if (made_[s] != program_.stages[s].grid.pixels()) return false;
    }
    return true;
  }

 private:
  // The last pixel of the next step, which begins at the first pixel that is not made.
  struct Pixel {
    std::int64_t y;
    std::int64_t x;
  };
  [[nodiscard]] Pixel last_of_step(std::size_t s) const {
    const arch::Stage& stage = program_.stages[s];
    return {std::min(stage.grid.height, made_[s] / stage.grid.width + stage.step.height) - 1,
            std::min(stage.grid.width, made_[s] % stage.grid.width + stage.step.width) - 1};
  }
  [[nodiscard]] bool can_make(std::size_t s) const {
    const arch::Stage& stage = program_.stages[s];
    if (made_[s] == stage.grid.pixels()) return false;
    const Pixel last = last_of_step(s);
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      const arch::StageInput& input = stage.inputs[i];
      const std::int64_t there = input.producer == arch::kChipInput
                                     ? freed_[s][i] + input.capacity
                                     : made_[static_cast<std::size_t>(input.producer)];
      if (there < input.needed(last.y, last.x)) return false;
    }
    const std::int64_t reach = last.y * stage.grid.width + last.x + 1;
    for (const auto& [reader, i] : readers_[s]) {
      if (reach > freed_[reader][i] + program_.stages[reader].inputs[i].capacity) return false;
    }
    return true;
  }
  void make(std::size_t s) {
    const arch::Stage& stage = program_.stages[s];
    // Rows below the first wait for the end of their band.
    const Pixel last = last_of_step(s);
    const bool ends_band = last.x == stage.grid.width - 1;
    const std::int64_t made = made_[s] / stage.grid.width * stage.grid.width + last.x + 1;
    made_[s] = ends_band ? (last.y + 1) * stage.grid.width : made;
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      const arch::StageInput& input = stage.inputs[i];
      const std::int64_t freed =
          made_[s] == stage.grid.pixels()
              ? input.grid.pixels()
              : input.released(made_[s] / stage.grid.width, made_[s] % stage.grid.width);
      freed_[s][i] = std::max(freed_[s][i], freed);  // what was released once stays released
    }
  }

  const arch::Program& program_;
  std::vector<std::int64_t> made_;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> readers_;
  std::vector<std::vector<std::int64_t>> freed_;
};

inline bool completes(const arch::Program& program) {
  return UntimedRun(program).completes();
}

}  // namespace pimento::mapper
