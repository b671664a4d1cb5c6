// SPDX-License-Identifier: Apache-2.0
#include "sim/app/exact_run.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
#include "base/text.h"
#include "sim/app/progress.h"
#include "sim/app/scoring.h"
#include "sim/exact/network_runner.h"
#include "workloads/synthetic_values.h"

namespace pimento::app {
namespace {

using workloads::Array;

constexpr std::uint64_t kImageSeed = 1;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

// "embedded:configs/networks/digits_cnn.npz" for the network of that name.
std::optional<LabelledImages> embedded_images(const workloads::Network& network,
                                              std::size_t limit) {
  constexpr std::string_view kEmbedded = "embedded:";
  if (!network.source.starts_with(kEmbedded)) return std::nullopt;
  const std::filesystem::path path =
      std::filesystem::path(network.source.substr(kEmbedded.size())).replace_extension(".npz");
  for (const Resource& resource : embedded_resources()) {
    if (resource.path != path.string()) continue;
    const auto bytes = std::as_bytes(std::span(resource.content));
    const std::string name = fmt::format("{}{}", kEmbedded, resource.path);
    return read_images(workloads::NpzFile(bytes, nullptr, name), name, *network.graph, limit);
  }
  return std::nullopt;
}

LabelledImages drawn_images(const workloads::Network& network, std::size_t count) {
  LabelledImages images;
  images.file = fmt::format("synthetic uniform, seed {}", kImageSeed);
  for (std::size_t i = 0; i < count; ++i) {
    images.inputs.push_back(workloads::synthetic_image(*network.graph, kImageSeed, i));
  }
  return images;
}

LabelledImages find_images(const ExactRequest& request, const workloads::Network& network,
                           std::size_t count) {
  LabelledImages images;
  if (!request.inputs.empty()) {
    images = read_images(request.inputs, *network.graph, count);
  } else if (auto embedded = embedded_images(network, count)) {
    images = std::move(*embedded);
  } else {
    images = drawn_images(network, count);
  }
  if (images.inputs.size() < count) {
    throw InputError(fmt::format("{}: has {} images; --images asks for {}",
                                 printable(images.file, 200), images.inputs.size(), count));
  }
  if (request.labels && images.labels.empty()) {
    throw InputError(fmt::format("--labels: {} has none; give labelled inputs with --inputs",
                                 printable(images.file, 200)));
  }
  return images;
}

bool has_negative(const LabelledImages& images) {
  return std::any_of(images.inputs.begin(), images.inputs.end(), [](const auto& inputs) {
    return std::any_of(inputs.begin(), inputs.end(), [](const Array& array) {
      return std::any_of(array.reals.begin(), array.reals.end(),
                         [](double value) { return value < 0.0; });
    });
  });
}

// Outputs of all images, one row an image, as they come.
class Outputs {
 public:
  void add(const Array& output, std::size_t images) {
    if (all_.shape.empty()) {
      workloads::Shape shape = output.shape;
      shape.insert(shape.begin(), static_cast<std::int64_t>(images));
      all_ = workloads::make_array(output.type, shape);
    }
    const std::int64_t at = next_++ * output.size();
    std::copy(output.reals.begin(), output.reals.end(),
              all_.reals.begin() + (output.holds_integers() ? 0 : at));
    std::copy(output.integers.begin(), output.integers.end(),
              all_.integers.begin() + (output.holds_integers() ? at : 0));
  }
  [[nodiscard]] const Array& all() const { return all_; }

 private:
  Array all_;
  std::int64_t next_ = 0;
};

std::optional<double> sqnr_of(const exact::LayerCounts& counts) {
  if (counts.error == 0.0) return std::nullopt;
  return 10.0 * std::log10(counts.signal / counts.error);
}

void fill_counts(sim::ExactReport& report, const workloads::Network& network,
                 const std::vector<arch::LayerLayout>& layouts,
                 const std::vector<exact::LayerCounts>& counts) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const exact::ReadCounts& reads = counts[i].reads;
    report.layers.push_back({network.layers[static_cast<std::size_t>(layouts[i].layer)].name,
                             reads.conversions, reads.saturated, sqnr_of(counts[i])});
    report.conversions += reads.conversions;
    report.saturated += reads.saturated;
  }
}

}  // namespace

sim::ExactReport run_exact(const ExactRequest& request, const Inputs& inputs,
                           const mapper::Mapping& mapping, int images) {
  std::optional<PendingFile> place;  // notices an impossible one before the work
  if (!request.outputs.empty()) place.emplace(request.outputs);
  const workloads::Network network = workloads::with_synthetic_values(inputs.network);
  const LabelledImages given = find_images(request, network, static_cast<std::size_t>(images));
  const exact::ColumnReading reading = exact::column_reading(inputs.chip);
  const std::vector<arch::LayerLayout> layouts(mapping.layers.begin(), mapping.layers.end());
  exact::NetworkRunner runner(network, layouts, inputs.chip.macro, reading, has_negative(given));

  sim::ExactReport report;
  report.inputs = given.file;
  report.adc = exact::describe(inputs.chip.macro, reading);
  report.images = images;
  report.equals_reference = true;
  const auto arithmetic =
      request.every_read ? exact::Arithmetic::kEveryRead : exact::Arithmetic::kArrays;
  std::size_t right = 0;
  std::size_t reference_right = 0;
  double seconds = 0.0;
  Outputs outputs;
  Progress progress("exact");
  for (std::size_t i = 0; i < given.inputs.size(); ++i) {
    const double start = cpu_seconds();
    const std::vector<Array> found = runner.run(given.inputs[i], arithmetic);
    seconds += cpu_seconds() - start;
    const std::vector<Array> reference = runner.run(given.inputs[i], exact::Arithmetic::kIntegers);
    report.equals_reference = report.equals_reference && found == reference;
    if (!given.labels.empty()) {
      if (i == 0) check_labels(given, found.front().size());
      const std::int64_t label = given.labels[i];
      right += std::cmp_equal(predicted_class(found.front()), label) ? 1 : 0;
      reference_right += std::cmp_equal(predicted_class(reference.front()), label) ? 1 : 0;
    }
    outputs.add(found.front(), given.inputs.size());
    progress.update(i + 1, given.inputs.size());
  }
  progress.hide();
  const auto count = static_cast<double>(given.inputs.size());
  report.cpu_s_per_image = seconds / count;
  if (!given.labels.empty()) {
    report.accuracy = static_cast<double>(right) / count;
    report.reference_accuracy = static_cast<double>(reference_right) / count;
  }
  fill_counts(report, network, layouts, runner.counts());
  if (!request.outputs.empty()) {
    workloads::write_npz(request.outputs, {{"outputs", workloads::encode(outputs.all())}});
  }
  return report;
}

}  // namespace pimento::app
