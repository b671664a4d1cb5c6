// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/result_store.h"

#include <cstdint>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace pimento::sim {
namespace {

using nlohmann::ordered_json;

constexpr const char* kSchema = "pimento/point/1";
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 20;
constexpr std::size_t kKeyDigits = 16;

std::string checksum(const std::string& inputs, const ordered_json& figures) {
  return digest(inputs + "\n" + figures.dump());
}

}  // namespace

std::string digest(std::string_view text) {
  const boost::uuids::name_generator_sha1 generate(boost::uuids::uuid{});
  return fmt::format("{:02x}", fmt::join(generate(text.data(), text.size()), ""));
}

std::filesystem::path ResultStore::file_of(const std::string& inputs) const {
  return folder_ / (digest(inputs).substr(0, kKeyDigits) + ".json");
}

std::optional<PointFigures> ResultStore::load(const std::string& inputs) const {
  const std::filesystem::path path = file_of(inputs);
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) return std::nullopt;
  ordered_json json;
  try {
    json = ordered_json::parse(read_file(path, kLargestFile), nullptr, false);
  } catch (const InputError&) {
    return std::nullopt;  // unreadable or too large: not a file of ours
  }
  if (!json.is_object() || json.value("schema", ordered_json()) != kSchema) return std::nullopt;
  if (json.value("inputs", ordered_json()) != inputs || !json.contains("figures")) {
    return std::nullopt;
  }
  const ordered_json& figures = json["figures"];
  if (json.value("checksum", ordered_json()) != checksum(inputs, figures)) return std::nullopt;
  return figures_from(figures);
}

void ResultStore::save(const std::string& inputs, const PointFigures& figures) const {
  ordered_json json;
  json["schema"] = kSchema;
  json["inputs"] = inputs;
  json["figures"] = to_json(figures);
  json["checksum"] = checksum(inputs, json["figures"]);
  write_file_atomically(file_of(inputs), json.dump(1) + "\n");
}

}  // namespace pimento::sim
