// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/options.h"

#include <fmt/format.h>

namespace pimento::app {

CLI::Validator not_empty() {
  return {[](std::string& text) {
            return text.empty() ? std::string("found an empty name; expected one") : std::string();
          },
          ""};
}

RunRequest InputOptions::complete() const {
  RunRequest result = request;
  result.overrides = parse_settings(settings);
  return result;
}

std::vector<Override> parse_settings(const std::vector<std::string>& settings) {
  std::vector<Override> overrides;
  overrides.reserve(settings.size());
  for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
  return overrides;
}

void add_network(CLI::App& command, std::string& network) {
  command
      .add_option("NETWORK", network,
                  "A network's name (pimento list networks) or file (.onnx, .yaml)")
      ->required()
      ->type_name("");
}

void add_chip(CLI::App& command, std::string& chip) {
  command
      .add_option(
          "--chip", chip,
          fmt::format("A chip's name (pimento list chips) or YAML file; {} if not given", chip))
      ->type_name("CHIP");
}

void add_policy(CLI::App& command, std::string& policy) {
  command
      .add_option("--policy", policy,
                  "A precision policy's name (pimento list policies) or YAML file; if not given, "
                  "the bits of a quantized network (as_stored), else uniform8")
      ->type_name("POLICY");
}

void add_strategy(CLI::App& command, std::string& strategy) {
  command
      .add_option("--strategy", strategy,
                  fmt::format("How weights are laid on crossbars (pimento list strategies); {} if "
                              "not given",
                              strategy))
      ->type_name("NAME");
}

void add_images(CLI::App& command, int& images) {
  constexpr int kMostImages = 1'000'000;
  command
      .add_option("--images", images,
                  fmt::format("Images that enter one behind the other, up to {}; {} if not given",
                              kMostImages, images))
      ->type_name("N")
      ->check(CLI::Range(1, kMostImages));
}

void add_limit(CLI::App& command, int& limit) {
  command.add_option("--limit", limit, "Takes only the first N images")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
}

void add_calibration(CLI::App& command, CalibrationRequest& calibration) {
  CLI::Option* file =
      command
          .add_option("--calibrate", calibration.file,
                      "Quantizes a float model at the policy's bits, on these inputs")
          ->type_name("FILE.npz");
  const std::vector<std::string> rules{"minmax", "percentile", "mse"};
  command
      .add_option("--observer", calibration.observer,
                  "How the range of activations is chosen: minmax, percentile or mse; minmax if "
                  "not given")
      ->type_name("RULE")
      ->check(CLI::IsMember(rules))
      ->needs(file);
  command
      .add_option("--weight-observer", calibration.weight_observer,
                  "The same for weights; minmax if not given")
      ->type_name("RULE")
      ->check(CLI::IsMember(rules))
      ->needs(file);
  command
      .add_option("--calibration-images", calibration.images,
                  fmt::format("Takes the first N inputs; {} if not given", calibration.images))
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(file);
  command
      .add_flag("--per-tensor", calibration.per_tensor,
                "One scale for all weights of a layer instead of one a channel")
      ->needs(file);
  command
      .add_flag("--bias-correction", calibration.bias_correction,
                "Takes the shift of each channel's mean off its bias")
      ->needs(file);
}

void add_encodings(CLI::App& command, std::string& file) {
  command
      .add_option("--encodings", file,
                  "Quantizes the model as a side file of AIMET says (*.encodings, JSON)")
      ->type_name("FILE");
}

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command
      .add_option("--set", settings,
                  "Lays a value over a field of the chip (macro.cell_bits=1), the network "
                  "(network.mac_rule=ad_date21) or the policy (policy.default.weights=6); may be "
                  "repeated")
      ->type_name("FIELD=VALUE")
      ->allow_extra_args(false);
}

void add_json(CLI::App& command, FormOptions& forms) {
  command.add_flag("--json", forms.json, "Prints JSON instead of text");
}

void add_all_forms(CLI::App& command, FormOptions& forms, const std::string& report_name) {
  CLI::Option* json = command.add_flag("--json", forms.json, "Prints JSON instead of text");
  command.add_flag("--csv", forms.csv, "Prints CSV instead of text")->excludes(json);
  command
      .add_option(
          "--out", forms.folder,
          fmt::format("Also writes {0}.txt, {0}.json and {0}.csv into this folder", report_name))
      ->type_name("FOLDER");
}

}  // namespace pimento::app
