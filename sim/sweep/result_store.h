// SPDX-License-Identifier: Apache-2.0
// The finished points of sweeps, one file each, found again by what went into the run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "sim/sweep/point_result.h"

namespace pimento::sim {

// 32 hexadecimal digits that stand for a text of any size (SHA-1, cut to a UUID).
[[nodiscard]] std::string digest(std::string_view text);

class ResultStore {
 public:
  explicit ResultStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `inputs` is a text that tells everything the figures depend on. Nothing comes back when the
  // run is not there, when its file is damaged, or when the file is of other inputs.
  [[nodiscard]] std::optional<PointFigures> load(const std::string& inputs) const;
  // Throws InputError when the place cannot be written.
  void save(const std::string& inputs, const PointFigures& figures) const;

  [[nodiscard]] std::filesystem::path file_of(const std::string& inputs) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace pimento::sim
