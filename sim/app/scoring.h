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
  bool is_synthetic = false;                          // drawn, for want of a file
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

// Outputs of images one after the other, as rows of one array.
class Outputs {
 public:
  explicit Outputs(std::size_t images) : images_(images) {}
  void add(const workloads::Array& output);
  [[nodiscard]] const workloads::Array& all() const { return all_; }

 private:
  std::size_t images_;
  std::size_t next_ = 0;
  workloads::Array all_;
};

// How many images get the class of their label: the place of the greatest value of their output.
class Guesses {
 public:
  // The images must outlive this object.
  explicit Guesses(const LabelledImages& images) : images_(images) {}
  // Of one image after the other. Throws InputError when a label names no class.
  void add(const workloads::Array& output);
  // None where there are no labels.
  [[nodiscard]] std::optional<std::size_t> right() const;
  [[nodiscard]] std::optional<double> accuracy() const;

 private:
  void check_labels(std::int64_t classes) const;

  const LabelledImages& images_;
  std::size_t next_ = 0;
  std::size_t right_ = 0;
};

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
