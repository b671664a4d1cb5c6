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
