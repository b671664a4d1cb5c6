// SPDX-License-Identifier: Apache-2.0
// Options that several commands share, so that each has one name, one meaning and one help text.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "sim/app/output.h"
#include "sim/app/pipeline.h"
#include "sim/app/quantize.h"

namespace pimento::app {

// Refuses a value without a character.
[[nodiscard]] CLI::Validator not_empty();

// The inputs of a run as they are typed.
struct InputOptions {
  RunRequest request;
  std::vector<std::string> settings;  // of --set

  // With the settings read. Throws InputError on one without '='.
  [[nodiscard]] RunRequest complete() const;
};
[[nodiscard]] std::vector<Override> parse_settings(const std::vector<std::string>& settings);

void add_network(CLI::App& command, std::string& network);
void add_chip(CLI::App& command, std::string& chip);
void add_policy(CLI::App& command, std::string& policy);
void add_strategy(CLI::App& command, std::string& strategy);
void add_images(CLI::App& command, int& images);
// Of images that are run; 0 means all.
void add_limit(CLI::App& command, int& limit);
void add_calibration(CLI::App& command, CalibrationRequest& calibration);
void add_encodings(CLI::App& command, std::string& file);
void add_settings(CLI::App& command, std::vector<std::string>& settings);

// How a command prints its result.
struct FormOptions {
  bool json = false;
  bool csv = false;
  std::string folder;  // of --out; empty: nothing is saved
};
void add_json(CLI::App& command, FormOptions& forms);
void add_all_forms(CLI::App& command, FormOptions& forms, const std::string& report_name);

// Prints the form asked for and saves all three if asked for. `text` makes the text in a style.
template <class MakeText>
void deliver(const FormOptions& options, const std::string& report_name, const MakeText& text,
             const std::string& json, const std::string& csv) {
  if (!options.folder.empty()) {
    save_report(options.folder, report_name, {text(sim::Style{}), json, csv});
  }
  print_result(options.json ? json : options.csv ? csv : text(result_style()));
}

}  // namespace pimento::app
