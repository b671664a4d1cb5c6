// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/map_command.h"

#include <memory>

#include "sim/app/commands/options.h"
#include "sim/app/views/mapping_view.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento map resnet18_imagenet
  pimento map vgg8 --chip sram_128x128 --policy uniform4
  pimento map resnet20_cifar --set macro.rows=64 --set macro.columns=64 --json
  pimento map digits_cnn --program)";

struct Options {
  InputOptions inputs;
  bool program = false;
  FormOptions forms;
};

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  const Inputs inputs = load_inputs(request);
  const Mapped mapped = map_inputs(inputs, request.strategy);
  if (options.program) {
    print_result(arch::to_text(mapped.lowered.program));
    return;
  }
  const MappingView view = view_mapping(request, inputs, mapped);
  print_result(options.forms.json ? mapping_json(view) : mapping_text(view, result_style()));
}

}  // namespace

void add_map_command(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("map", "Shows where the weights lie and how full the crossbars are");
  const auto options = std::make_shared<Options>();
  RunRequest& request = options->inputs.request;
  add_network(command, request.network);
  add_chip(command, request.chip);
  add_policy(command, request.policy);
  add_strategy(command, request.strategy);
  add_settings(command, options->inputs.settings);
  add_json(command, options->forms);
  command
      .add_flag("--program", options->program,
                "Prints the program the chip is given, as YAML that can be read back")
      ->excludes("--json");
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
