// SPDX-License-Identifier: Apache-2.0
#include "sim/app/scoring.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/executor.h"

namespace pimento::app {
namespace {

using workloads::Array;
using workloads::Graph;
using workloads::Shape;

// The array for an input: by its name, or "images" where there is only one input.
std::string array_name(const workloads::NpzFile& file, const Graph& graph, int value,
                       const std::string& path) {
  const std::string& name = graph.value(value).name;
  if (file.contains(name)) return name;
  if (graph.inputs.size() == 1 && file.contains("images")) return "images";
  throw InputError(fmt::format("{}: has no array \"{}\"{}; it has: {}", path, printable(name),
                               graph.inputs.size() == 1 ? " and none called \"images\"" : "",
                               join(file.names())));
}

// One image of an array, in the type and shape of an input.
Array image_of(const Array& all, std::size_t index, const workloads::Value& input,
               const std::string& where) {
  Array image = workloads::make_array(input.type, input.shape);
  const std::int64_t size = image.size();
  const auto begin = static_cast<std::int64_t>(index) * size;
  for (std::int64_t i = 0; i < size; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (image.holds_integers()) {
      image.integers[at] = all.integers[static_cast<std::size_t>(begin + i)];
      continue;
    }
    image.reals[at] = workloads::round_to(input.type, all.real(begin + i));
    if (!std::isfinite(image.reals[at])) {
      throw InputError(fmt::format("{}: image {} holds {}; expected finite values", where, index,
                                   image.reals[at]));
    }
  }
  return image;
}

// Images an array holds for an input: a batch in place of the input's batch of one, or one extent
// more in front.
std::size_t count_images(const Array& array, const workloads::Value& input,
                         const std::string& where) {
  if (array.holds_integers() != workloads::is_integer(input.type) && !array.holds_integers()) {
    throw InputError(fmt::format("{}: holds {}; the network's input is {}", where,
                                 workloads::name_of(array.type), workloads::name_of(input.type)));
  }
  const bool batch =
      !input.shape.empty() && input.shape[0] == 1 && array.shape.size() == input.shape.size() &&
      std::equal(array.shape.begin() + 1, array.shape.end(), input.shape.begin() + 1);
  const bool stack = array.shape.size() == input.shape.size() + 1 &&
                     std::equal(array.shape.begin() + 1, array.shape.end(), input.shape.begin());
  if (!batch && !stack) {
    throw InputError(fmt::format("{}: has the shape {}; expected images x {}", where,
                                 workloads::to_string(array.shape),
                                 workloads::to_string(input.shape)));
  }
  return static_cast<std::size_t>(array.shape[0]);
}

}  // namespace

LabelledImages read_images(const std::string& file, const Graph& graph, std::size_t limit) {
  return read_images(workloads::NpzFile{std::filesystem::path(file)}, file, graph, limit);
}

LabelledImages read_images(workloads::NpzFile archive, const std::string& file, const Graph& graph,
                           std::size_t limit) {
  LabelledImages images;
  images.file = file;
  std::size_t count = 0;
  for (const int value : graph.inputs) {
    const std::string name = array_name(archive, graph, value, file);
    const Array array = workloads::decode(archive.read(name));
    const std::string where = fmt::format("{}: array \"{}\"", file, printable(name));
    const std::size_t found = count_images(array, graph.value(value), where);
    if (value != graph.inputs.front() && found != count) {
      throw InputError(fmt::format("{}: has {} images; another input has {}", where, found, count));
    }
    count = found;
    images.inputs.resize(limit == 0 ? found : std::min(limit, found));
    for (std::size_t i = 0; i < images.inputs.size(); ++i) {
      images.inputs[i].push_back(image_of(array, i, graph.value(value), where));
    }
  }
  if (images.inputs.empty()) throw InputError(fmt::format("{}: holds no image", file));
  if (archive.contains("labels")) {
    const Array labels = workloads::decode(archive.read("labels"));
    if (!labels.holds_integers() || std::cmp_not_equal(labels.size(), count)) {
      throw InputError(fmt::format("{}: array \"labels\" holds {} of {}; expected {} integers",
                                   file, workloads::name_of(labels.type),
                                   workloads::to_string(labels.shape), count));
    }
    images.labels.assign(
        labels.integers.begin(),
        labels.integers.begin() + static_cast<std::ptrdiff_t>(images.inputs.size()));
  }
  return images;
}

void Outputs::add(const Array& output) {
  if (next_ == 0) {
    Shape shape = output.shape;
    shape.insert(shape.begin(), static_cast<std::int64_t>(images_));
    all_ = workloads::make_array(output.type, shape);
  }
  const auto at = static_cast<std::ptrdiff_t>(next_++) * output.size();
  std::copy(output.reals.begin(), output.reals.end(),
            all_.reals.begin() + (output.holds_integers() ? 0 : at));
  std::copy(output.integers.begin(), output.integers.end(),
            all_.integers.begin() + (output.holds_integers() ? at : 0));
}

void Guesses::check_labels(std::int64_t classes) const {
  for (std::size_t i = 0; i < images_.labels.size(); ++i) {
    if (images_.labels[i] >= 0 && images_.labels[i] < classes) continue;
    throw InputError(
        fmt::format("{}: label {} is {}; expected 0 to {}, a value of the network's "
                    "first output",
                    images_.file, i, images_.labels[i], classes - 1));
  }
}

void Guesses::add(const Array& output) {
  if (images_.labels.empty()) return;
  if (next_ == 0) check_labels(output.size());
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < output.size(); ++i) {
    if (output.real(i) > output.real(best)) best = i;
  }
  right_ += best == images_.labels[next_++] ? 1 : 0;
}

std::optional<std::size_t> Guesses::right() const {
  if (images_.labels.empty()) return std::nullopt;
  return right_;
}

std::optional<double> Guesses::accuracy() const {
  if (images_.labels.empty() || images_.inputs.empty()) return std::nullopt;
  return static_cast<double>(right_) / static_cast<double>(images_.inputs.size());
}

std::optional<double> Score::accuracy() const {
  if (!right || images == 0) return std::nullopt;
  return static_cast<double>(*right) / static_cast<double>(images);
}

Score score(const Graph& graph, const LabelledImages& images, Progress& progress) {
  const workloads::Executor executor(graph);
  Outputs outputs(images.inputs.size());
  Guesses guesses(images);
  for (std::size_t i = 0; i < images.inputs.size(); ++i) {
    const Array output = executor.run(images.inputs[i]).front();
    guesses.add(output);
    outputs.add(output);
    progress.update(i + 1, images.inputs.size());
  }
  return {images.inputs.size(), guesses.right(), outputs.all()};
}

}  // namespace pimento::app
