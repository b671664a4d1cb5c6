// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/inspect_command.h"

#include <cstdint>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/error.h"
#include "sim/app/commands/options.h"
#include "sim/app/progress.h"
#include "sim/app/scoring.h"
#include "sim/app/views/network_view.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento inspect resnet18_imagenet
  pimento inspect resnet20_cifar --policy hawq_resnet20
  pimento inspect digits_cnn --policy uniform4 --values
  pimento inspect model.onnx --images test.npz --limit 64
  pimento inspect model.onnx --json)";

// Looking at this many weights takes about a second.
constexpr std::int64_t kWeightsLookedAtUnasked = std::int64_t{1} << 24;

struct Options {
  InputOptions inputs;
  bool values = false;
  bool no_values = false;
  std::string images;
  int limit = 0;
  FormOptions forms;
};

void run_images(const workloads::Network& network, const Options& options, NetworkView& view) {
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("--images: network \"{}\" is a description without values; run images through "
                    "a model that has weights",
                    network.name));
  }
  const LabelledImages images =
      read_images(options.images, *network.graph, static_cast<std::size_t>(options.limit));
  workloads::InputRecorder recorder(network);
  Progress progress("images");
  for (std::size_t i = 0; i < images.inputs.size(); ++i) {
    recorder.add(images.inputs[i]);
    progress.update(i + 1, images.inputs.size());
  }
  progress.hide();
  add_inputs(view, recorder.statistics(),
             fmt::format("{} images of {}", images.inputs.size(), options.images));
}

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  refuse_overrides(request.overrides, "inspect", true, false);
  workloads::Network network = load_network(request.network, request.overrides);
  const workloads::Policy policy = choose_policy(request.policy, network, request.overrides).policy;
  workloads::apply_policy(policy, network);
  const bool few = workloads::model_size(network, "standard").parameters <= kWeightsLookedAtUnasked;
  const bool values = options.values || (few && !options.no_values);
  NetworkView view = view_network(network, policy, values);
  if (!options.images.empty()) run_images(network, options, view);
  print_result(options.forms.json ? network_json(view) : network_text(view, result_style()));
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "inspect", "Shows a network's layers, shapes, MACs, weights, bits and sizes");
  const auto options = std::make_shared<Options>();
  add_network(command, options->inputs.request.network);
  add_policy(command, options->inputs.request.policy);
  add_settings(command, options->inputs.settings);
  CLI::Option* values =
      command.add_flag("--values", options->values,
                       "Looks at the weights, however many: ranges, zeros, ones in bit-planes");
  command.add_flag("--no-values", options->no_values, "Does not look at the weights, however few")
      ->excludes(values);
  command
      .add_option("--images", options->images,
                  "Runs images as score does (.npz) and shows what the layers read: ranges, zeros, "
                  "ones in bit-planes")
      ->type_name("FILE.npz");
  add_limit(command, options->limit);
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
