// SPDX-License-Identifier: Apache-2.0
// What the tests of workloads/ share.
#pragma once

#include <filesystem>
#include <string>

#include "base/config_reader.h"
#include "base/error.h"
#include "base/file.h"
#include "workloads/importers.h"
#include "workloads/policy.h"

namespace pimento::workloads {

// The message of the InputError that `act` throws; "nothing thrown" if it throws none.
template <class Act>
std::string input_error(Act act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

inline Network network_of(const std::string& yaml, const std::string& file = "net.yaml") {
  return read_descriptor(ConfigDocument::parse(yaml, file), file);
}

inline std::string config_text(const std::string& path) {
  return read_file(std::filesystem::path(PIMENTO_SOURCE_DIR) / "configs" / path, 1 << 20);
}

inline Network shipped_network(const std::string& name) {
  return network_of(config_text("networks/" + name + ".yaml"), name + ".yaml");
}

inline Policy policy_of(const std::string& yaml, const std::string& file = "policy.yaml") {
  return read_policy(ConfigDocument::parse(yaml, file), file);
}

inline Policy shipped_policy(const std::string& name) {
  return policy_of(config_text("policies/" + name + ".yaml"), name + ".yaml");
}

}  // namespace pimento::workloads
