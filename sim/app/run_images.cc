// SPDX-License-Identifier: Apache-2.0
#include "sim/app/run_images.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/resources.h"
#include "base/text.h"
#include "workloads/synthetic_values.h"

namespace pimento::app {
namespace {

constexpr std::uint64_t kImageSeed = 1;

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
  images.is_synthetic = true;
  for (std::size_t i = 0; i < count; ++i) {
    images.inputs.push_back(workloads::synthetic_image(*network.graph, kImageSeed, i));
  }
  return images;
}

}  // namespace

LabelledImages find_images(const std::string& file, const workloads::Network& network,
                           std::size_t count) {
  LabelledImages images;
  if (!file.empty()) {
    images = read_images(file, *network.graph, count);
  } else if (auto embedded = embedded_images(network, count)) {
    images = std::move(*embedded);
  } else {
    images = drawn_images(network, count);
  }
  if (images.inputs.size() < count) {
    throw InputError(fmt::format("{}: has {} images; --images asks for {}",
                                 printable(images.file, 200), images.inputs.size(), count));
  }
  return images;
}

bool has_negative(const LabelledImages& images) {
  return std::any_of(images.inputs.begin(), images.inputs.end(), [](const auto& inputs) {
    return std::any_of(inputs.begin(), inputs.end(), [](const workloads::Array& array) {
      return std::any_of(array.reals.begin(), array.reals.end(),
                         [](double value) { return value < 0.0; });
    });
  });
}

std::string describe_values(const LabelledImages& images, const workloads::WeightOrigin& weights) {
  const std::size_t count = images.inputs.size();
  const bool drawn_weights = weights.origin == workloads::ValueOrigin::kSynthetic;
  std::string kind = "real";
  if (images.is_synthetic)
    kind = drawn_weights ? "synthetic inputs and weights" : "synthetic inputs";
  if (!images.is_synthetic && drawn_weights) kind = "synthetic weights";
  return fmt::format("values of {} {}, {}", count, count == 1 ? "image" : "images", kind);
}

}  // namespace pimento::app
