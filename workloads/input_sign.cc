// SPDX-License-Identifier: Apache-2.0
#include "workloads/input_sign.h"

#include <algorithm>
#include <variant>
#include <vector>

namespace pimento::workloads {
namespace {

bool never_negative(const Operation& operation) {
  if (const auto* clip = std::get_if<Clip>(&operation)) return clip->min >= 0.0;
  return std::holds_alternative<Relu>(operation) || std::holds_alternative<Softmax>(operation);
}

// Operations whose outputs are not negative where their inputs are not.
bool keeps_sign(const Operation& operation) {
  return std::holds_alternative<Pool>(operation) || std::holds_alternative<GlobalPool>(operation) ||
         std::holds_alternative<Add>(operation) || std::holds_alternative<Flatten>(operation) ||
         std::holds_alternative<Reshape>(operation) ||
         std::holds_alternative<Identity>(operation) || std::holds_alternative<Clip>(operation);
}

bool may_be_negative(const Network& network, int layer, bool input_is_negative) {
  const std::vector<int>& inputs = network.layers[static_cast<std::size_t>(layer)].inputs;
  return std::any_of(inputs.begin(), inputs.end(), [&](int input) {
    if (is_network_input(input)) return input_is_negative;
    const Operation& operation = network.layers[static_cast<std::size_t>(input)].operation;
    if (never_negative(operation)) return false;
    return !keeps_sign(operation) || may_be_negative(network, input, input_is_negative);
  });
}

}  // namespace

bool reads_negative(const Network& network, int layer, bool input_is_negative) {
  const auto& quantizer = network.layers[static_cast<std::size_t>(layer)].input_quantizer;
  return quantizer ? quantizer->is_signed : may_be_negative(network, layer, input_is_negative);
}

}  // namespace pimento::workloads
