// SPDX-License-Identifier: Apache-2.0
// What the tests of sim/devices share.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "arch/device_spec.h"
#include "base/resources.h"
#include "sim/devices/cell_model.h"

namespace pimento::devices {

// Cells from 0 to 25 uS, one bit or more, and `lines` on what is wrong with them.
inline arch::DeviceSpec device_of(const std::string& lines, bool reference_column = true,
                                  const std::string& lowest = "0 S") {
  const std::string text =
      "schema: pimento/device/1\nname: test\nsource: test\nconductance: {lowest: " + lowest +
      ", highest: 25 uS, source: test}\nreference_column: " +
      (reference_column ? "true\n" : "false\n") + lines;
  return arch::read_device(ConfigDocument::parse(text, "d.yaml"), "d.yaml");
}

inline arch::DeviceSpec shipped_device(const std::string& name) {
  const InputFile file = open_input(name, "devices");
  return arch::read_device(ConfigDocument::parse(file.content, file.name), file.name);
}

struct Programmed {
  std::vector<float> levels;
  std::vector<float> read_variances;
};

// `count` cells of one level, in columns of 1000 cells.
inline Programmed many_cells(const CellModel& model, std::uint8_t level, std::size_t count) {
  constexpr std::size_t kColumn = 1000;
  const std::vector<std::uint8_t> wanted(kColumn, level);
  Programmed result{std::vector<float>(count), std::vector<float>(count)};
  for (std::size_t at = 0; at < count; at += kColumn) {
    model.program(3, 0, static_cast<std::int64_t>(at / kColumn), wanted,
                  std::span(result.levels).subspan(at, kColumn),
                  std::span(result.read_variances).subspan(at, kColumn));
  }
  return result;
}

struct Moments {
  double mean = 0.0;
  double deviation = 0.0;
};

inline Moments moments_of(const std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0.0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size() - 1))};
}

}  // namespace pimento::devices
