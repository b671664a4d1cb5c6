// SPDX-License-Identifier: Apache-2.0
// A sweep as its YAML describes it: what all runs share, and the axes along which they differ.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/config_reader.h"

namespace pimento::sim {

// What all points have in common is written like one value of an axis: a path, or one of the words
// network, chip, policy, strategy and images, and the value's YAML text.
struct SweepAxis {
  std::vector<std::string> paths;                // several move together
  std::vector<std::vector<std::string>> values;  // one row a step, one value a path
};

// One run. The fields are those of the program's run command.
struct SweepPoint {
  std::string network;
  std::string chip;
  std::string policy;
  std::string strategy = "dense";
  int images = 1;
  bool activity = false;  // energies of arrays by the values of these images
  std::vector<Override> overrides;
  std::vector<std::string> axis_values;  // one for each of SweepSpec::columns()
};

struct SweepSpec {
  std::string name;
  std::string description;
  std::string file;
  std::vector<Override> fixed;  // network, chip, policy, strategy, images as far as given
  std::vector<Override> set;    // fields of the chip; "network." and "policy." reach the other two
  bool activity = false;        // of all points
  std::vector<SweepAxis> axes;  // the last one varies fastest

  static constexpr std::size_t kMostPoints = 1'000'000;

  [[nodiscard]] std::size_t points() const;
  [[nodiscard]] SweepPoint point(std::size_t index) const;
  // The paths of all axes in order.
  [[nodiscard]] std::vector<std::string> columns() const;
  // All different values that the points have for one of the words.
  [[nodiscard]] std::vector<std::string> values_of(const std::string& word) const;
};

// Throws InputError listing all mistakes.
[[nodiscard]] SweepSpec read_sweep(ConfigDocument document, const std::string& file);

// Lays settings of the command line over all points. Throws InputError for a path that is an axis.
void set_for_all(SweepSpec& spec, const std::vector<Override>& overrides);

}  // namespace pimento::sim
