// SPDX-License-Identifier: Apache-2.0
// Running a network on real images: outputs and accuracy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/pipeline.h"
#include "sim/app/progress.h"
#include "workloads/archive/npz.h"
#include "workloads/graph/graph.h"

namespace pimento::app {

// Inputs and labels in an .npz file.
struct LabelledImages {
  std::string file;
  std::vector<std::vector<workloads::Array>> inputs;  // of each image, in the graph's order
  std::vector<std::int64_t> labels;                   // empty when there are none
};

// Reads up to `limit` images (0: all). A graph with one input takes the array named `images`, or as
// the input is; others take an array for each input. Arrays have one image more in front, or extent
// one of the batch is the number of images. Labels are in `labels`. Throws InputError.
[[nodiscard]] LabelledImages read_images(const std::string& file, const workloads::Graph& graph,
                                         std::size_t limit);
// The same from an open archive; `file` is its name in messages.
[[nodiscard]] LabelledImages read_images(workloads::NpzFile archive, const std::string& file,
                                         const workloads::Graph& graph, std::size_t limit);

// Throws InputError unless every label names a class.
void check_labels(const LabelledImages& images, std::int64_t classes);
// The place of the greatest value.
[[nodiscard]] std::size_t predicted_class(const workloads::Array& output);

struct Score {
  std::size_t images = 0;
  std::optional<std::size_t> right;  // of those with labels
  workloads::Array outputs;          // of the graph's first output, one row an image
  [[nodiscard]] std::optional<double> accuracy() const;
};

// The class of an image is the place of the greatest value of the first output.
[[nodiscard]] Score score(const workloads::Graph& graph, const LabelledImages& images,
                          Progress& progress);

}  // namespace pimento::app
