// SPDX-License-Identifier: Apache-2.0
// A precision policy: which layer gets which bits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config_reader.h"
#include "workloads/network.h"

namespace pimento::workloads {

struct PolicyEntry {
  std::string pattern;  // layer name, glob, or "#3": the fourth weight layer
  SourceLocation location;
  std::optional<int> weight_bits;
  std::optional<int> activation_bits;
  std::vector<int> weight_slices;  // most significant first; empty: not named
};

struct Policy {
  std::string name;
  std::string source;
  std::string description;
  Precision fallback;                // of layers no entry names
  std::vector<int> fallback_slices;  // likewise
  std::vector<PolicyEntry> entries;  // a later entry wins over an earlier one
};

// Throws InputError listing all mistakes.
[[nodiscard]] Policy read_policy(ConfigDocument document, const std::string& name);

// The name that stands for the bits a quantized model has already.
inline constexpr const char* kStoredPolicy = "as_stored";

// The precisions a quantized file gives its layers. Layers of which it says nothing take 8 bits, as
// the fallback. Throws InputError when the network is not quantized.
[[nodiscard]] Policy stored_policy(const Network& network);

// Sets the precision of every weight layer. Returns the names of the layers left to the default.
// Throws InputError when an entry matches no weight layer of the network.
std::vector<std::string> apply_policy(const Policy& policy, Network& network);

}  // namespace pimento::workloads
