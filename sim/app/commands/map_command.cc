// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/map_command.h"

#include <memory>

#include <fmt/format.h>

#include "base/file.h"
#include "sim/app/commands/options.h"
#include "sim/app/views/mapping_picture.h"
#include "sim/app/views/mapping_view.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples =
    R"(The text tells of each layer which share of its bits is stored, what passes over it saved and which
metadata they cost, and why macros and cells stand empty. The picture is an SVG file of a few
megabytes at most; what it leaves out of a large chip, it says.

Examples:
  pimento map resnet18_imagenet
  pimento map vgg8 --chip sram_128x128 --policy uniform4
  pimento map resnet20_cifar --svg resnet20.svg
  pimento map digits_cnn --json --groups > digits.json
  pimento map resnet20_cifar --set macro.rows=64 --set macro.columns=64 --json
  pimento map digits_cnn --program)";

struct Options {
  InputOptions inputs;
  bool program = false;
  bool groups = false;
  std::string picture;  // file; empty: none
  FormOptions forms;
};

void print(const Options& options, const MappingView& view, const mapper::Mapping& mapping) {
  if (options.groups) {
    write_mapping_json(view, mapping, print_result);
  } else {
    print_result(options.forms.json ? mapping_json(view) : mapping_text(view, result_style()));
  }
}

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  const Inputs inputs = load_inputs(request);
  const Mapped mapped = map_inputs(inputs, request.strategy);
  if (options.program) {
    print_result(arch::to_text(mapped.lowered.program));
    return;
  }
  const MappingView view = view_mapping(request, inputs, mapped.mapping);
  if (!options.picture.empty()) {
    write_file_atomically(options.picture, mapping_picture(view, mapped.mapping, inputs.chip));
    print_message(fmt::format("wrote {}", options.picture));
  }
  print(options, view, mapped.mapping);
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
  command
      .add_flag("--groups", options->groups,
                "Adds every column group to the JSON: which rows and columns lie where")
      ->needs("--json");
  command
      .add_option("--svg", options->picture,
                  "Also draws the arrays into this file: which layer's cells lie where")
      ->type_name("FILE")
      ->check(not_empty())
      ->excludes("--program");
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
