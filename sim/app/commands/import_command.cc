// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/import_command.h"

#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
#include "base/text.h"
#include "sim/app/commands/options.h"
#include "sim/app/quantize.h"
#include "sim/report/json.h"
#include "sim/report/table.h"
#include "workloads/archive/graph_file.h"
#include "workloads/archive/npz.h"

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

// A descriptor of layers is what import writes already: it is copied, with its values.
std::pair<std::filesystem::path, std::filesystem::path> copy_descriptor(
    const InputFile& descriptor, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  ConfigDocument document = ConfigDocument::parse(descriptor.content, descriptor.name);
  const fs::path values = document.root().map("weights").text("file");
  const fs::path from = fs::path(descriptor.name).parent_path() / values;
  const FileView content = map_file(from, workloads::kMaxNpzBytes);
  const fs::path path = folder / fs::path(descriptor.name).filename();
  const PendingFile place(path);  // nothing is written where the other file cannot be
  write_file_atomically(folder / values, content.text);
  write_file_atomically(path, descriptor.content);
  return {path, folder / values};
}

std::pair<std::filesystem::path, std::filesystem::path> write_network(
    const workloads::Network& network, const RunRequest& request,
    const std::filesystem::path& folder) {
  const bool as_it_is = request.encodings.empty() && request.calibration.file.empty();
  if (as_it_is && network.is_described && request.overrides.empty()) {
    return copy_descriptor(open_input(request.network, "networks"), folder);
  }
  const std::filesystem::path path = workloads::write_graph(*network.graph, folder);
  return {path, std::filesystem::path(path).replace_extension(".npz")};
}

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
  const auto [path, tensors] = write_network(network, request, options.folder);
  if (options.forms.json) {
    print_result(sim::dump({{"descriptor", path.string()}, {"tensors", tensors.string()}}));
    return;
  }
  sim::Listing listing;
  listing.add("descriptor", path.string());
  listing.add("tensors", tensors.string());
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
      ->type_name("FOLDER")
      ->check(not_empty());
  add_encodings(command, request.encodings);
  add_policy(command, request.policy);
  add_calibration(command, request.calibration);
  add_settings(command, options->inputs.settings);
  add_json(command, options->forms);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
