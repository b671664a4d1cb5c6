// SPDX-License-Identifier: Apache-2.0
// What a network is made of under a policy: what `pimento inspect` shows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/style.h"
#include "workloads/network.h"
#include "workloads/policy.h"
#include "workloads/value_statistics.h"

namespace pimento::app {

struct LayerView {
  std::string name;
  std::string operation;
  std::string input_shape;
  std::string output_shape;
  std::string place;  // "mapped" on macros, "digital" beside them, or "free": it moves nothing
  std::int64_t macs = 0;
  std::int64_t weights = 0;
  int weight_bits = 0;
  int activation_bits = 0;
  std::optional<workloads::WeightStatistics> values;  // of its weights, when they were looked at
  std::optional<workloads::InputStatistics> inputs;   // when images were run
};

struct NetworkView {
  std::string name;
  std::string source;
  std::string description;
  std::string input_shape;
  int input_bits = 0;
  std::string policy;
  std::string weights;  // their provenance
  std::string mac_rule;
  std::int64_t digital_macs = 0;  // of products of two computed matrices
  bool values = false;            // whether they were looked at
  std::string images;             // what was run, for the inputs of layers
  std::vector<LayerView> layers;
  std::vector<workloads::ModelSize> sizes;  // under every counting rule
};

// The policy must have been applied to the network. With `values` the weights are looked at, one
// layer at a time.
[[nodiscard]] NetworkView view_network(const workloads::Network& network,
                                       const workloads::Policy& policy, bool values);
// Adds what layers read while images were run; `images` says which.
void add_inputs(NetworkView& view, const std::map<int, workloads::InputStatistics>& inputs,
                const std::string& images);
[[nodiscard]] std::string network_text(const NetworkView& view, const sim::Style& style);
[[nodiscard]] std::string network_json(const NetworkView& view);

}  // namespace pimento::app
