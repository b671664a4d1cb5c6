// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/run_command.h"

#include <memory>

#include "base/error.h"
#include "sim/app/commands/options.h"
#include "sim/exact/adc_range.h"
#include "sim/report/run_writers.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento run resnet18_imagenet
  pimento run resnet20_cifar --chip reram_128x128_1b --policy hawq_resnet20
  pimento run vgg8 --policy uniform4 --set macro.cell_bits=1 --json
  pimento run model.onnx --policy uniform4 --calibrate inputs.npz --observer mse
  pimento run model.onnx --chip ./mychip.yaml --images 8 --out out/mymodel
  pimento run digits_cnn --chip reram_128x128_1b --exact --images 100 --labels
  pimento run digits_cnn --chip reram_128x128_1b --exact --device rram_wan2022_1day --seeds 5
  pimento run digits_cnn --chip ./mychip.yaml --activity --images 8
  pimento run resnet20_cifar --images 4 --pace --trace timeline.json
  pimento run model.onnx --exact --inputs test.npz --images 50 --outputs outputs.npz)";

struct Options {
  InputOptions inputs;
  FormOptions forms;
  bool pace = false;
};

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  if (!request.exact.inputs.empty() && !request.exact.wanted && !request.activity) {
    throw InputError("--inputs: is for --exact or --activity; give one of them");
  }
  const sim::RunReport report = run(request);
  deliver(
      options.forms, "run",
      [&](const sim::Style& style) {
        return sim::run_text(report, style) + (options.pace ? sim::pace_text(report, style) : "");
      },
      sim::run_json(report), sim::run_csv(report));
}

// --exact and what belongs to it.
void add_exact(CLI::App& command, ExactRequest& exact) {
  CLI::Option* wanted = command.add_flag(
      "--exact", exact.wanted,
      "Executes the images on the arrays, value by value: outputs, accuracy, saturated ADCs");
  command
      .add_option("--inputs", exact.inputs,
                  "With --exact or --activity: its images, as .npz (array \"images\", or one "
                  "named as each input) and \"labels\"; else those that come with the network, or "
                  "drawn ones")
      ->type_name("FILE.npz");
  command.add_flag("--labels", exact.labels, "With --exact: the inputs must have labels")
      ->needs(wanted);
  command
      .add_option("--adc-range", exact.adc_range,
                  "With --exact: what the ADCs' range is chosen by, of each row tile and slice")
      ->needs(wanted)
      ->capture_default_str()
      ->check(CLI::IsMember(exact::adc_range_names()));
  command
      .add_option("--adc-images", exact.adc_images, "With --adc-range: the first N images decide")
      ->needs(wanted)
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command
      .add_flag("--every-read", exact.every_read,
                "With --exact: reads every column, even where no ADC can change its sum")
      ->needs(wanted);
  CLI::Option* device =
      command
          .add_option("--device", exact.device,
                      "With --exact: what cells are made of, by name or path; else ideal ones")
          ->needs(wanted)
          ->type_name("DEVICE")
          ->check(not_empty());
  command
      .add_option("--seeds", exact.seeds,
                  "With --device: programs the cells N times; accuracy is mean and deviation")
      ->needs(device)
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  command.add_option("--outputs", exact.outputs, "With --exact: writes the outputs as .npz")
      ->needs(wanted)
      ->type_name("FILE.npz")
      ->check(not_empty());
}

}  // namespace

void add_run_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "run", "Simulates a network on a chip: energy, latency, area, utilization");
  const auto options = std::make_shared<Options>();
  RunRequest& request = options->inputs.request;
  add_network(command, request.network);
  add_chip(command, request.chip);
  add_policy(command, request.policy);
  add_strategy(command, request.strategy);
  add_images(command, request.images);
  add_encodings(command, request.encodings);
  add_calibration(command, request.calibration);
  add_exact(command, request.exact);
  command
      .add_flag("--activity", request.activity,
                "Counts what the arrays are read with, by running the images on integers; kept on "
                "disk for the next run")
      ->excludes("--exact");
  CLI::Option* trace =
      command
          .add_option("--trace", request.trace,
                      "Writes when each unit was busy with what, for chrome://tracing or Perfetto")
          ->type_name("FILE.json")
          ->check(not_empty());
  command.add_option("--trace-spans", request.trace_spans, "With --trace: the first N spans")
      ->needs(trace)
      ->type_name("N")
      ->default_val(200'000)
      ->check(CLI::Range(1, 10'000'000));
  command.add_flag("--pace", options->pace,
                   "Also tells what set the pace of each layer, and how busy units were; always in "
                   "--json");
  add_settings(command, options->inputs.settings);
  add_all_forms(command, options->forms, "run");
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
