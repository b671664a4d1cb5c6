// SPDX-License-Identifier: Apache-2.0
#include "sim/app/pipeline.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/resources.h"
#include "base/text.h"
#include "mapper/strategy.h"
#include "sim/app/activity_run.h"
#include "sim/app/build_report.h"
#include "sim/app/exact_run.h"
#include "sim/app/output.h"
#include "sim/engine/simulate.h"
#include "sim/report/run_writers.h"
#include "sim/report/trace_json.h"
#include "workloads/archive/graph_file.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"

namespace pimento::app {
namespace {

enum class Target { kChip, kNetwork, kPolicy, kDevice };

// "network.layers.conv1.kernel" belongs to the network, as "layers.conv1.kernel".
std::pair<Target, std::string> target_of(const std::string& path) {
  using namespace std::string_view_literals;
  for (const auto& [prefix, target] :
       {std::pair{"network."sv, Target::kNetwork}, std::pair{"policy."sv, Target::kPolicy},
        std::pair{"device."sv, Target::kDevice}}) {
    if (path.starts_with(prefix)) return {target, path.substr(prefix.size())};
  }
  return {Target::kChip, path};
}

ConfigDocument open_document(const InputFile& file, Target target,
                             const std::vector<Override>& overrides) {
  ConfigDocument document = ConfigDocument::parse(file.content, file.name, resolve_include);
  for (const Override& setting : overrides) {
    const auto [of, path] = target_of(setting.path);
    if (of != target) continue;
    document.set(path, setting.value, setting.path.substr(0, setting.path.size() - path.size()));
  }
  return document;
}

// Sizes an exporter leaves to its caller, beyond which no network here goes.
constexpr IntRange kExtent{1, std::int64_t{1} << 40};

// "inputs.NAME=[1, 128]" of an ONNX file: the shape of an input. It has no other fields.
std::map<std::string, workloads::Shape> input_shapes(const std::string& file_name,
                                                     const std::vector<Override>& overrides) {
  constexpr std::string_view kInputs = "inputs.";
  std::map<std::string, workloads::Shape> shapes;
  for (const Override& setting : overrides) {
    const auto [target, path] = target_of(setting.path);
    if (target != Target::kNetwork) continue;
    if (!path.starts_with(kInputs)) {
      throw InputError(fmt::format(
          "--set {}: \"{}\" is an ONNX file, of which only inputs.NAME, the shape of an "
          "input, can be set; change the model, or describe it in YAML",
          setting.path, file_name));
    }
    ConfigDocument value = ConfigDocument::parse(fmt::format("{{{}: {}}}", "shape", setting.value),
                                                 "--set " + setting.path);
    ConfigMap root = value.root();
    ConfigList list = root.list("shape");
    workloads::Shape shape;
    for (std::size_t i = 0; i < list.size(); ++i) shape.push_back(list.integer(i, kExtent));
    if (shape.size() > 1 && shape[0] != 1) {
      root.problem("shape", fmt::format("found a batch of {}; expected 1, as networks are counted "
                                        "an image at a time",
                                        shape[0]));
    }
    value.finish();
    shapes[path.substr(kInputs.size())] = std::move(shape);
  }
  return shapes;
}

workloads::Policy policy_of(const InputFile& file, const std::vector<Override>& overrides) {
  return workloads::read_policy(open_document(file, Target::kPolicy, overrides), file.name);
}

// Reading a model of this many bytes takes long enough to say so.
constexpr std::size_t kLongRead = std::size_t{100} << 20;

constexpr const char* kDefaultPolicy = "uniform8";

void refuse_overrides_of_policy(const std::vector<Override>& overrides,
                                const workloads::Network& network) {
  for (const Override& setting : overrides) {
    if (target_of(setting.path).first != Target::kPolicy) continue;
    throw InputError(
        fmt::format("--set {}: the bits are those of the quantized network \"{}\"; name "
                    "a policy with --policy",
                    setting.path, network.source));
  }
}

// Whether values are counted that anyone asks for, or a figure depends on.
bool needs_values(const RunRequest& request, const arch::ChipSpec& chip) {
  return !request.is_quiet || depends_on_values(chip) || skips_zeros(chip);
}

// Settings of a device that nobody asked for.
void refuse_device_settings(const RunRequest& request) {
  if (!request.exact.device.empty()) return;
  for (const Override& setting : request.overrides) {
    if (target_of(setting.path).first != Target::kDevice) continue;
    throw InputError(
        fmt::format("--set {}: no device is named; add --exact --device NAME", setting.path));
  }
}

}  // namespace

void refuse_overrides(const std::vector<Override>& overrides, const std::string& command,
                      bool of_chip, bool of_network_and_policy) {
  for (const Override& setting : overrides) {
    const Target target = target_of(setting.path).first;
    const bool chip = target == Target::kChip;
    const bool device = target == Target::kDevice;
    if (!device && (chip ? !of_chip : !of_network_and_policy)) continue;
    throw InputError(fmt::format("--set {}: {} reads no {}; leave it out", setting.path, command,
                                 device ? "device"
                                 : chip ? "chip"
                                        : "network or policy"));
  }
}

workloads::Network load_network(const std::string& name, const std::vector<Override>& overrides) {
  InputFile file = open_input(name, "networks");
  if (file.name.ends_with(".onnx")) {
    if (file.content.size() >= kLongRead) {
      print_message(fmt::format("reading {} ({:.0f} MB)", printable(file.name, 200),
                                static_cast<double>(file.content.size()) * 1e-6));
    }
    workloads::OnnxOptions options;
    options.input_shapes = input_shapes(file.name, overrides);
    if (!file.name.starts_with("embedded:")) {
      options.folder = std::filesystem::absolute(file.name).parent_path();
    }
    return workloads::read_onnx(std::move(file.content), file.name, options);
  }
  ConfigDocument document = open_document(file, Target::kNetwork, overrides);
  if (document.root().text_or("schema", "") == workloads::kGraphSchema) {
    workloads::Network network =
        workloads::network_of(workloads::read_graph_file(std::move(document), file.name));
    network.validate();
    return network;
  }
  return workloads::read_descriptor(std::move(document), file.name);
}

arch::ChipSpec load_chip(const std::string& name, const std::vector<Override>& overrides) {
  const InputFile file = open_input(name, "chips");
  return arch::read_chip(open_document(file, Target::kChip, overrides), file.name);
}

arch::DeviceSpec load_device(const std::string& name, const std::vector<Override>& overrides) {
  const InputFile file = open_input(name, "devices");
  return arch::read_device(open_document(file, Target::kDevice, overrides), file.name);
}

workloads::Policy load_policy(const std::string& name, const std::vector<Override>& overrides) {
  return policy_of(open_input(name, "policies"), overrides);
}

ChosenPolicy choose_policy(const std::string& name, const workloads::Network& network,
                           const std::vector<Override>& overrides) {
  const bool stored = name.empty() ? network.is_quantized() : name == workloads::kStoredPolicy;
  if (!stored) {
    const InputFile file = open_input(name.empty() ? kDefaultPolicy : name, "policies");
    return {policy_of(file, overrides), file.name};
  }
  refuse_overrides_of_policy(overrides, network);
  return {workloads::stored_policy(network), network.source};
}

Inputs load_inputs(const RunRequest& request) {
  workloads::Network network = load_network(request.network, request.overrides);
  if (!request.encodings.empty()) network = encode_network(network, request.encodings);
  ChosenPolicy chosen = choose_policy(request.policy, network, request.overrides);
  if (!request.calibration.file.empty()) {
    network = quantize_network(std::move(network), chosen.policy, request.calibration);
  }
  Inputs inputs{std::move(network),
                load_chip(request.chip, request.overrides),
                std::move(chosen.policy),
                std::move(chosen.file),
                {}};
  inputs.default_layers = workloads::apply_policy(inputs.policy, inputs.network);
  return inputs;
}

Mapped map_inputs(const Inputs& inputs, const std::string& strategy) {
  const mapper::MappingProblem problem{inputs.network, inputs.chip};
  Mapped mapped;
  mapped.mapping = mapper::map_network(problem, strategy);
  mapped.lowered = mapper::lower(problem, mapped.mapping);
  return mapped;
}

bool depends_on_values(const arch::ChipSpec& chip) {
  const arch::ComponentSlot* array = chip.find(arch::Role::kArray);
  return array != nullptr && array->model->depends_on_values();
}

namespace {

void write_trace(const RunRequest& request, const arch::Program& program, const sim::Trace& trace) {
  std::vector<std::string> stages;
  stages.reserve(program.stages.size());
  for (const arch::Stage& stage : program.stages) stages.push_back(stage.name);
  write_file_atomically(request.trace, sim::trace_json(trace, stages));
  if (trace.dropped > 0) {
    print_message(fmt::format("{} holds the first {} spans of {}; --trace-spans takes more",
                              request.trace, trace.spans.size(),
                              std::ssize(trace.spans) + trace.dropped));
  }
}

}  // namespace

sim::RunReport run(const RunRequest& request) {
  refuse_device_settings(request);
  const Inputs inputs = load_inputs(request);
  Mapped mapped = map_inputs(inputs, request.strategy);
  std::optional<sim::ExactReport> exact;  // first, as its inputs may be missing
  std::optional<sim::ActivityReport> activity;
  std::optional<CountedReads> reads;
  if (request.exact.wanted) {
    ExactRun executed = run_exact(request, inputs, mapped.mapping);
    exact = std::move(executed.report);
    activity = std::move(executed.activity);
    reads = std::move(executed.reads);
  } else if (request.activity && needs_values(request, inputs.chip)) {
    ActivityRun counted = run_activity(request, inputs, mapped.mapping);
    activity = std::move(counted.report);
    reads = std::move(counted.reads);
  }
  std::optional<sim::SkippingReport> skipping;
  if (reads) {
    keep_reads(mapped.lowered.program, reads->layers, inputs.chip, reads->report.images);
    skipping = std::move(reads->report);
  }
  const sim::SimulationResult result =
      sim::simulate(inputs.chip, mapped.lowered.program, request.images,
                    request.trace.empty() ? 0 : request.trace_spans);
  if (!request.trace.empty()) write_trace(request, mapped.lowered.program, result.trace);
  sim::RunReport report =
      build_report(request, inputs, mapped, result, {std::move(activity), std::move(skipping)});
  sim::check_finite(report);
  report.exact = std::move(exact);
  return report;
}

}  // namespace pimento::app
