// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/chip_command.h"

#include <memory>

#include "sim/app/commands/options.h"
#include "sim/app/views/chip_view.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento chip isaac_ce
  pimento chip ./mychip.yaml --json
  pimento chip reram_128x128_1b --set macro.rows=256 --set macro.columns=256)";

struct Options {
  std::string chip;
  std::vector<std::string> settings;
  FormOptions forms;
};

void execute(const Options& options) {
  const std::vector<Override> overrides = parse_settings(options.settings);
  refuse_overrides(overrides, "chip", false, true);
  const arch::ChipSpec chip = load_chip(options.chip, overrides);
  const ChipView view = view_chip(chip);
  print_result(options.forms.json ? chip_json(view) : chip_text(view, result_style()));
}

}  // namespace

void add_chip_command(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("chip", "Shows a chip's components with their power, area and sources");
  const auto options = std::make_shared<Options>();
  command.add_option("CHIP", options->chip, "A chip's name (pimento list chips) or YAML file")
      ->required()
      ->type_name("");
  add_settings(command, options->settings);
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
