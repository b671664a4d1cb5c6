// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/inspect_command.h"

#include <memory>

#include "sim/app/commands/options.h"
#include "sim/app/views/network_view.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento inspect resnet18_imagenet
  pimento inspect resnet20_cifar --policy hawq_resnet20
  pimento inspect digits_cnn --policy uniform4 --planes
  pimento inspect model.onnx --json)";

struct Options {
  InputOptions inputs;
  bool planes = false;
  FormOptions forms;
};

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  refuse_overrides(request.overrides, "inspect", true, false);
  workloads::Network network = load_network(request.network, request.overrides);
  const workloads::Policy policy = choose_policy(request.policy, network, request.overrides).policy;
  workloads::apply_policy(policy, network);
  const NetworkView view = view_network(network, policy, options.planes);
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
  command.add_flag("--planes", options->planes,
                   "Adds the share of ones in every bit-plane of the weights (two's complement)");
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
