// SPDX-License-Identifier: Apache-2.0
#include "workloads/policy.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/names.h"

namespace pimento::workloads {
namespace {

constexpr const char* kSchema = "pimento/policy/1";
constexpr IntRange kBits{1, kMaxBits};
constexpr std::size_t kNamesShown = 8;
constexpr std::size_t kMistakesShown = 20;
constexpr std::size_t kMostGlobTrials = 10'000'000;

// "weight_slices: [4, 2, 2]": how the bits of a weight are parted among cells, most significant
// first.
std::vector<int> read_slices(ConfigMap& map) {
  std::vector<int> slices;
  if (!map.has("weight_slices")) return slices;
  ConfigList list = map.list("weight_slices");
  for (std::size_t i = 0; i < list.size(); ++i) {
    slices.push_back(static_cast<int>(list.integer(i, kBits)));
  }
  if (map.is_list("weight_slices") && slices.empty()) {
    map.problem("weight_slices", "found no slices; expected at least one, such as [4, 2, 2]");
  }
  return slices;
}

PolicyEntry read_entry(ConfigMap& layers, const std::string& pattern) {
  PolicyEntry entry{.pattern = pattern,
                    .location = layers.where(pattern),
                    .weight_bits = std::nullopt,
                    .activation_bits = std::nullopt,
                    .weight_slices = {}};
  if (const std::string fault = pattern_fault(pattern); !fault.empty()) {
    layers.problem(pattern, fault);
  }
  ConfigMap bits = layers.map(pattern);
  if (bits.has("weights")) entry.weight_bits = static_cast<int>(bits.integer("weights", kBits));
  if (bits.has("activations")) {
    entry.activation_bits = static_cast<int>(bits.integer("activations", kBits));
  }
  entry.weight_slices = read_slices(bits);
  if (layers.is_map(pattern) && !entry.weight_bits && !entry.activation_bits &&
      !bits.has("weight_slices")) {
    layers.problem(pattern, "found no bits; expected \"weights\", \"activations\" or both");
  }
  return entry;
}

// The position in "#3"; empty when the pattern is not of that form.
std::optional<std::size_t> position_in(const std::string& pattern) {
  if (!pattern.starts_with('#')) return std::nullopt;
  std::size_t position = 0;
  const char* end = pattern.data() + pattern.size();
  const auto [rest, fault] = std::from_chars(pattern.data() + 1, end, position);
  if (fault != std::errc{} || rest != end) return std::nullopt;
  return position;
}

// The layers with weights, by name and by position.
class WeightLayers {
 public:
  explicit WeightLayers(std::vector<std::string> names) : names_(std::move(names)) {
    for (std::size_t i = 0; i < names_.size(); ++i) positions_.emplace(names_[i], i);
  }

  // The positions that a pattern means. A layer's own name comes before its reading as a glob, as
  // names of exported models may hold brackets.
  [[nodiscard]] std::vector<std::size_t> matches(const std::string& pattern) const {
    const auto exact = positions_.find(pattern);
    if (exact != positions_.end()) return {exact->second};
    if (const auto position = position_in(pattern)) {
      return *position < names_.size() ? std::vector{*position} : std::vector<std::size_t>{};
    }
    std::vector<std::size_t> result;
    if (!is_glob(pattern)) return result;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (glob_matches(pattern, names_[i])) result.push_back(i);
    }
    return result;
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> positions_;
};

// Globs are tried on every layer: a bound on the product bounds the time.
void check_work(const Policy& policy, std::size_t layers) {
  const auto globs = std::count_if(policy.entries.begin(), policy.entries.end(),
                                   [](const PolicyEntry& entry) { return is_glob(entry.pattern); });
  if (static_cast<std::size_t>(globs) * layers > kMostGlobTrials) {
    throw InputError(fmt::format("policy \"{}\": {} globs for {} layers; use fewer globs",
                                 printable(policy.name), globs, layers));
  }
}

std::string known_layers(const std::vector<std::string>& names) {
  const std::span shown(names.data(), std::min(names.size(), kNamesShown));
  return fmt::format(
      "{}{}", join(shown),
      names.size() > kNamesShown ? fmt::format(", ... ({} in all)", names.size()) : std::string());
}

std::string no_match(const Policy& policy, const PolicyEntry& entry, const Network& network,
                     const std::vector<std::string>& names) {
  std::string why;
  if (const int index = network.find(entry.pattern); index >= 0) {
    const Layer& layer = network.layers[static_cast<std::size_t>(index)];
    why = fmt::format("it is a {} layer, which has no weights", operation_name(layer.operation));
  } else if (position_in(entry.pattern)) {
    why = fmt::format("its weight layers are \"#0\" to \"#{}\"", names.size() - 1);
  } else if (const auto nearest = nearest_layer(entry.pattern, names)) {
    why = fmt::format("did you mean \"{}\"?", *nearest);
  } else {
    why = fmt::format("its weight layers are {}", known_layers(names));
  }
  return fmt::format("{}: policy \"{}\": \"{}\" matches no weight layer of network \"{}\"; {}",
                     entry.location.str(), printable(policy.name), printable(entry.pattern),
                     printable(network.name), why);
}

}  // namespace

Policy read_policy(ConfigDocument document, const std::string& name) {
  ConfigMap root = document.root();
  if (const std::string schema = root.text("schema"); root.has("schema") && schema != kSchema) {
    root.problem("schema",
                 fmt::format("found \"{}\"; expected \"{}\"", printable(schema), kSchema));
  }
  Policy policy;
  policy.name = root.text_or("name", name);
  policy.description = root.text_or("description", "");
  policy.source = root.text_or("source", "");
  ConfigMap fallback = root.map("default");
  policy.fallback.weight_bits = static_cast<int>(fallback.integer("weights", kBits));
  policy.fallback.activation_bits = static_cast<int>(fallback.integer("activations", kBits));
  policy.fallback_slices = read_slices(fallback);
  if (auto layers = root.optional_map("layers")) {
    const std::vector<std::string> patterns = layers->keys();
    if (patterns.size() > kMaxPolicyEntries) {
      root.problem("layers", fmt::format("found {} entries; expected at most {}; use globs",
                                         patterns.size(), kMaxPolicyEntries));
    }
    for (const std::string& pattern : patterns) {
      policy.entries.push_back(read_entry(*layers, pattern));
    }
  }
  document.finish();
  return policy;
}

Policy stored_policy(const Network& network) {
  if (!network.is_quantized()) {
    throw InputError(
        fmt::format("policy \"{}\": network \"{}\" is not quantized; name another policy",
                    kStoredPolicy, printable(network.name)));
  }
  Policy policy;
  policy.name = kStoredPolicy;
  policy.source = network.source;
  policy.description = "the bits the model was quantized with";
  const std::vector<int> layers = network.weight_layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = network.layers[static_cast<std::size_t>(layers[i])];
    if (!layer.stored && !layer.input_quantizer) continue;
    PolicyEntry entry;
    entry.pattern = fmt::format("#{}", i);
    if (layer.stored) entry.weight_bits = layer.stored->bits;
    if (layer.input_quantizer) entry.activation_bits = layer.input_quantizer->bits;
    policy.entries.push_back(std::move(entry));
  }
  return policy;
}

std::vector<std::string> apply_policy(const Policy& policy, Network& network) {
  const std::vector<int> layers = network.weight_layers();
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const int index : layers) {
    names.push_back(network.layers[static_cast<std::size_t>(index)].name);
  }
  check_work(policy, names.size());
  const WeightLayers weight_layers(names);
  std::vector<Precision> precisions(names.size(), policy.fallback);
  std::vector<std::vector<int>> slices(names.size(), policy.fallback_slices);
  std::vector<bool> named(names.size(), false);
  std::vector<std::string> mistakes;
  for (const PolicyEntry& entry : policy.entries) {
    const std::vector<std::size_t> matched = weight_layers.matches(entry.pattern);
    if (matched.empty()) mistakes.push_back(no_match(policy, entry, network, names));
    if (mistakes.size() == kMistakesShown) break;
    for (const std::size_t position : matched) {
      named[position] = true;
      if (entry.weight_bits) precisions[position].weight_bits = *entry.weight_bits;
      if (entry.activation_bits) precisions[position].activation_bits = *entry.activation_bits;
      if (!entry.weight_slices.empty()) slices[position] = entry.weight_slices;
    }
  }
  if (!mistakes.empty()) throw InputError(join(mistakes, "\n"));
  std::vector<std::string> left;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Layer& layer = network.layers[static_cast<std::size_t>(layers[i])];
    layer.precision = precisions[i];
    layer.weight_slices = slices[i];
    if (!named[i]) left.push_back(names[i]);
  }
  return left;
}

}  // namespace pimento::workloads
