// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/compare_command.h"

#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "base/text.h"
#include "sim/app/commands/options.h"
#include "sim/app/compare_runs.h"
#include "sim/app/interrupt.h"
#include "sim/app/progress.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento compare resnet18_imagenet
  pimento compare resnet20_cifar --policies uniform8,hawq_resnet20 --baseline uniform8
  pimento compare vgg8 --policies uniform8,./mine.yaml --chip sram_128x128 --csv
  pimento compare resnet18_cifar100 --jobs 4 --out out/resnet18)";

struct Options {
  CompareRequest request;
  std::string policies = "uniform16,uniform8,uniform4,uniform2";
  std::vector<std::string> settings;
  FormOptions forms;
};

std::vector<std::string> parse_policies(const std::string& text) {
  std::vector<std::string> policies = split(text, ',');
  if (std::find(policies.begin(), policies.end(), "") != policies.end()) {
    throw InputError(
        fmt::format("--policies: found an empty name in \"{}\"; expected names with "
                    "commas between them, such as uniform8,uniform4",
                    printable(text)));
  }
  return policies;
}

// The progress bar is gone from the terminal before the first result comes.
sim::Comparison run_policies(const CompareRequest& request) {
  Progress progress(fmt::format("compare {}", printable(request.run.network)));
  const InterruptGuard guard;
  return compare_runs(
      request, [&](std::size_t done, std::size_t total) { progress.update(done, total); },
      guard.flag());
}

void execute(const Options& options) {
  CompareRequest request = options.request;
  request.policies = parse_policies(options.policies);
  request.run.overrides = parse_settings(options.settings);
  const sim::Comparison comparison = run_policies(request);
  deliver(
      options.forms, "compare",
      [&](const sim::Style& style) { return sim::comparison_text(comparison, style); },
      sim::comparison_json(comparison), sim::comparison_csv(comparison));
}

}  // namespace

void add_compare_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "compare", "Runs several precision policies and puts them into one table");
  const auto options = std::make_shared<Options>();
  CompareRequest& request = options->request;
  request.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  add_network(command, request.run.network);
  add_chip(command, request.run.chip);
  command
      .add_option("--policies", options->policies,
                  fmt::format("Names or YAML files with commas between them; {} if not given",
                              options->policies))
      ->type_name("A,B,...");
  command
      .add_option("--baseline", request.baseline,
                  "The policy that ratios are taken to; the first if not given")
      ->type_name("POLICY");
  add_strategy(command, request.run.strategy);
  add_images(command, request.run.images);
  add_settings(command, options->settings);
  command.add_option("--jobs", request.jobs, "Processes at a time; one a processor if not given")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  add_all_forms(command, options->forms, "compare");
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
