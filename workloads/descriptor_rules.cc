// SPDX-License-Identifier: Apache-2.0
#include "workloads/descriptor_rules.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "workloads/limits.h"
#include "workloads/names.h"

namespace pimento::workloads {
namespace {

std::vector<std::string> read_patterns(ConfigMap& map, std::string_view key) {
  std::vector<std::string> patterns;
  auto list = map.optional_list(key);
  if (list && list->size() > kMaxRulePatterns) {
    map.problem(key, fmt::format("found {} patterns; expected at most {}; use globs", list->size(),
                                 kMaxRulePatterns));
    return patterns;
  }
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    patterns.push_back(list->text(i));
    const std::string fault = pattern_fault(patterns.back());
    if (!fault.empty()) list->problem(i, fault);
  }
  return patterns;
}

// Looks entries of rules up among the layers with weights.
class RuleChecker {
 public:
  explicit RuleChecker(const Network& network) {
    for (const int index : network.weight_layers()) {
      names_.push_back(network.layers[static_cast<std::size_t>(index)].name);
    }
    known_.insert(names_.begin(), names_.end());
  }

  void check_pattern(ConfigMap& rule, std::string_view key, const std::string& pattern) {
    const bool matches = known_.contains(pattern) ||
                         std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
                           return glob_matches(pattern, name);
                         });
    if (!matches) note(rule, key, pattern);
  }
  void check_name(ConfigMap& rule, std::string_view key, const std::string& name) {
    if (!known_.contains(name)) note(rule, key, name);
  }

 private:
  static constexpr int kSuggestions = 20;

  void note(ConfigMap& rule, std::string_view key, const std::string& pattern) {
    const auto nearest =
        ++unknown_ <= kSuggestions ? nearest_layer(pattern, names_) : std::optional<std::string>();
    rule.problem(key, fmt::format("\"{}\" is no layer with weights{}", printable(pattern),
                                  nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
  }

  std::vector<std::string> names_;
  std::unordered_set<std::string> known_;
  int unknown_ = 0;
};

}  // namespace

void read_counting_rules(ConfigMap& root, Network& network) {
  network.mac_rule = root.text_or("mac_rule", "standard");
  auto rules = root.optional_map("counting_rules");
  if (!rules) return;
  const std::vector<std::string> names = rules->keys();
  if (names.size() > kMaxCountingRules) {
    root.problem("counting_rules", fmt::format("found {} rules; expected at most {}", names.size(),
                                               kMaxCountingRules));
  }
  for (const std::string& name : names) {
    ConfigMap map = rules->map(name);
    if (name == "standard") {
      rules->problem(name, "\"standard\" is the rule of every network; choose another name");
    }
    CountingRule rule;
    rule.name = name;
    rule.source = map.text("source");
    rule.exclude = read_patterns(map, "exclude");
    rule.with_bias = read_patterns(map, "with_bias");
    if (auto macs = map.optional_map("macs")) {
      for (const std::string& layer : macs->keys()) {
        rule.counted_macs[layer] = macs->integer(layer, {0, kMaxMacs - 1});
      }
    }
    network.counting_rules.push_back(std::move(rule));
  }
}

void check_counting_rules(ConfigMap& root, const Network& network) {
  RuleChecker checker(network);
  for (const CountingRule& counting : network.counting_rules) {
    ConfigMap rule = root.map("counting_rules").map(counting.name);
    for (const std::string& pattern : counting.exclude)
      checker.check_pattern(rule, "exclude", pattern);
    for (const std::string& pattern : counting.with_bias)
      checker.check_pattern(rule, "with_bias", pattern);
    for (const auto& [layer, macs] : counting.counted_macs) checker.check_name(rule, "macs", layer);
  }
  if (network.mac_rule != "standard" && network.rule(network.mac_rule) == nullptr) {
    std::vector<std::string> rules{"standard"};
    for (const CountingRule& counting : network.counting_rules) rules.push_back(counting.name);
    root.problem("mac_rule", fmt::format("found \"{}\"; expected one of the counting rules: {}",
                                         network.mac_rule, join(rules)));
  }
}

}  // namespace pimento::workloads
