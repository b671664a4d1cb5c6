// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/import_command.h"

#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/app/commands/options.h"
#include "sim/app/quantize.h"
#include "sim/report/json.h"
#include "sim/report/table.h"
#include "workloads/archive/graph_file.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento import model.onnx --to out/model
  pimento import model.onnx --encodings model.encodings --to out/model
  pimento import model.onnx --policy uniform4 --calibrate inputs.npz --to out/model4
  pimento run out/model/model.yaml)";

struct Options {
  InputOptions inputs;
  std::string folder;
  FormOptions forms;
};

void execute(const Options& options) {
  const RunRequest request = options.inputs.complete();
  refuse_overrides(request.overrides, "import", true, false);
  workloads::Network network = load_network(request.network, request.overrides);
  if (network.graph == nullptr) {
    throw InputError(
        fmt::format("network \"{}\" is a description without values; there is nothing "
                    "to import",
                    request.network));
  }
  if (!request.encodings.empty()) network = encode_network(network, request.encodings);
  if (!request.calibration.file.empty()) {
    const ChosenPolicy chosen = choose_policy(request.policy, network, request.overrides);
    network = quantize_network(std::move(network), chosen.policy, request.calibration);
  } else if (!request.policy.empty()) {
    throw InputError(
        "--policy: bits are given to a float model on calibration inputs; give some "
        "with --calibrate FILE.npz");
  }
  const std::filesystem::path path = workloads::write_graph(*network.graph, options.folder);
  const std::string tensors = std::filesystem::path(path).replace_extension(".npz").string();
  if (options.forms.json) {
    print_result(sim::dump({{"descriptor", path.string()}, {"tensors", tensors}}));
    return;
  }
  sim::Listing listing;
  listing.add("descriptor", path.string());
  listing.add("tensors", tensors);
  print_result(listing.str(result_style(), 0));
}

}  // namespace

void add_import_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "import",
      "Writes a model as a descriptor (YAML) and its values (.npz), quantized on the way "
      "if asked for");
  const auto options = std::make_shared<Options>();
  RunRequest& request = options->inputs.request;
  add_network(command, request.network);
  command.add_option("--to", options->folder, "The folder to write into")
      ->required()
      ->type_name("FOLDER");
  add_encodings(command, request.encodings);
  add_policy(command, request.policy);
  add_calibration(command, request.calibration);
  add_settings(command, options->inputs.settings);
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
