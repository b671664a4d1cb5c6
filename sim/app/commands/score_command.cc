// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/score_command.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "sim/app/commands/options.h"
#include "sim/app/quantize.h"
#include "sim/app/scoring.h"
#include "sim/app/version.h"
#include "sim/report/format.h"
#include "sim/report/json.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento score model.onnx --images test.npz
  pimento score digits_cnn --images test.npz --policy uniform4 --calibrate train.npz
  pimento score model.onnx --images test.npz --limit 100 --outputs outputs.npz --json)";

struct Options {
  InputOptions inputs;
  std::string images;
  std::string outputs;
  int limit = 0;
  FormOptions forms;
};

struct Result {
  std::string network;
  std::string weights;
  std::string policy;
  std::string images;
  Score score;
};

std::string to_text(const Result& result, const sim::Style& style) {
  sim::Listing listing;
  listing.add("network", printable(result.network, 200));
  listing.add("weights", printable(result.weights, 300));
  listing.add("bits", printable(result.policy));
  listing.add("images",
              fmt::format("{} of {}", result.score.images, printable(result.images, 200)));
  const auto accuracy = result.score.accuracy();
  const auto right = result.score.right;
  if (accuracy && right) {
    listing.add("accuracy", fmt::format("{:.2f} % ({} right)", 100.0 * *accuracy, *right));
  } else {
    listing.add("accuracy", "unknown: the file has no labels");
  }
  return listing.str(style, 0);
}

std::string to_json(const Result& result) {
  sim::Json json = {{"network", result.network},   {"weights", result.weights},
                    {"policy", result.policy},     {"images_file", result.images},
                    {"program_version", kVersion}, {"images", result.score.images}};
  const auto accuracy = result.score.accuracy();
  const auto right = result.score.right;
  json["right"] = accuracy && right ? sim::Json(*right) : sim::Json();
  json["accuracy"] = accuracy ? sim::Json(*accuracy) : sim::Json();
  return sim::dump(json);
}

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  refuse_overrides(request.overrides, "score", true, false);
  workloads::Network network = load_network(request.network, request.overrides);
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("network \"{}\" is a description without values; score a model "
                    "that has weights",
                    request.network));
  }
  if (!request.encodings.empty()) network = encode_network(network, request.encodings);
  std::string policy = network.is_quantized() ? workloads::kStoredPolicy : "float";
  if (!request.calibration.file.empty()) {
    const ChosenPolicy chosen = choose_policy(request.policy, network, request.overrides);
    policy = chosen.policy.name;
    network = quantize_network(std::move(network), chosen.policy, request.calibration);
  } else if (!request.policy.empty() && request.policy != policy) {
    throw InputError(
        fmt::format("--policy {}: a float model is quantized on calibration inputs; "
                    "give some with --calibrate FILE.npz",
                    request.policy));
  }
  std::optional<PendingFile> place;  // notices an impossible one before the work
  if (!options.outputs.empty()) place.emplace(options.outputs);
  std::error_code ignored;
  if (place && std::filesystem::equivalent(options.outputs, options.images, ignored)) {
    throw InputError(fmt::format("--outputs {}: it would replace the images; give another name",
                                 printable(options.outputs)));
  }
  const LabelledImages images =
      read_images(options.images, *network.graph, static_cast<std::size_t>(options.limit));
  Progress progress("score");
  const Result result{network.name, network.weight_origin.str(), policy, options.images,
                      score(*network.graph, images, progress)};
  progress.hide();
  if (!options.outputs.empty()) {
    workloads::write_npz(options.outputs, {{"outputs", workloads::encode(result.score.outputs)}});
  }
  print_result(options.forms.json ? to_json(result) : to_text(result, result_style()));
}

}  // namespace

void add_score_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "score", "Runs a network on labelled images, exactly as its file means it: accuracy");
  const auto options = std::make_shared<Options>();
  add_network(command, options->inputs.request.network);
  command
      .add_option("--images", options->images,
                  "Images (array \"images\", or one named as each input) and \"labels\", as .npz")
      ->required()
      ->type_name("FILE.npz");
  add_limit(command, options->limit);
  command.add_option("--outputs", options->outputs, "Writes the network's outputs as .npz")
      ->type_name("FILE.npz")
      ->check(not_empty());
  add_policy(command, options->inputs.request.policy);
  add_encodings(command, options->inputs.request.encodings);
  add_calibration(command, options->inputs.request.calibration);
  add_settings(command, options->inputs.settings);
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
