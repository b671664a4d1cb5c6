// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_points.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/resources.h"
#include "base/text.h"
#include "mapper/strategy.h"
#include "sim/app/version.h"
#include "sim/sweep/result_store.h"
#include "workloads/policy.h"

namespace pimento::app {
namespace {

constexpr const char* kEmbedded = "embedded:";

bool is_path(const std::string& name) {
  if (name.starts_with(kEmbedded)) return false;
  return name.find('/') != std::string::npos || name.ends_with(".yaml") || name.ends_with(".yml") ||
         name.ends_with(".onnx");
}

}  // namespace

SweepPoints::SweepPoints(const std::string& sweep_file) {
  if (!sweep_file.starts_with(kEmbedded)) {
    folder_ = std::filesystem::path(sweep_file).parent_path();
  }
}

std::string SweepPoints::beside(const std::string& name) const {
  return is_path(name) ? (folder_ / name).string() : name;
}

RunRequest SweepPoints::request(const sim::SweepPoint& point) const {
  RunRequest result;
  result.network = beside(point.network);
  result.chip = beside(point.chip);
  result.policy = beside(point.policy);
  result.strategy = point.strategy;
  result.images = point.images;
  result.activity = point.activity;
  result.is_quiet = true;
  result.overrides = point.overrides;
  return result;
}

const std::string& SweepPoints::digest_of(const std::string& name, const char* kind) {
  const auto [it, is_new] = digests_.try_emplace({kind, name});
  if (!is_new) return it->second;
  if (name == workloads::kStoredPolicy) return it->second = name;  // in the network's own file
  try {
    const InputFile file = open_input(name, kind);
    std::string digests = sim::digest(file.content);
    if (!file.name.ends_with(".onnx")) {
      const auto resolve = [&](const std::string& included, const std::string& from) {
        auto found = resolve_include(included, from);
        digests += " " + sim::digest(found.second);
        return found;
      };
      static_cast<void>(ConfigDocument::parse(file.content, file.name, resolve));
    }
    it->second = std::move(digests);
  } catch (...) {
    digests_.erase(it);
    throw;
  }
  return it->second;
}

std::string SweepPoints::inputs(const sim::SweepPoint& point) {
  nlohmann::ordered_json json;
  json["version"] = kVersion;
  json["network"] = digest_of(beside(point.network), "networks");
  json["chip"] = digest_of(beside(point.chip), "chips");
  json["policy"] = digest_of(beside(point.policy), "policies");
  json["strategy"] = point.strategy;
  json["images"] = point.images;
  if (point.activity) json["activity"] = true;
  json["overrides"] = nlohmann::ordered_json::array();
  for (const Override& setting : point.overrides) {
    json["overrides"].push_back(setting.path + "=" + setting.value);
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void SweepPoints::check(const sim::SweepSpec& spec) {
  for (const auto& [word, kind] : {std::pair{"network", "networks"}, std::pair{"chip", "chips"},
                                   std::pair{"policy", "policies"}}) {
    for (const std::string& name : spec.values_of(word)) {
      try {
        static_cast<void>(digest_of(beside(name), kind));
      } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}: {}", spec.file, word, error.what()));
      }
    }
  }
  for (const std::string& strategy : spec.values_of("strategy")) {
    if (mapper::strategies().find(strategy) != nullptr) continue;
    throw InputError(fmt::format("{}: strategy: found \"{}\"; expected one of {}", spec.file,
                                 printable(strategy), join(mapper::strategies().names())));
  }
  try {
    static_cast<void>(load_inputs(request(spec.point(0))));
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: the first of {} points is wrong: {}", spec.file,
                                 spec.points(), error.what()));
  }
}

}  // namespace pimento::app
