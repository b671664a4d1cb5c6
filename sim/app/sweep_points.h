// SPDX-License-Identifier: Apache-2.0
// What a point of a sweep means to the program: the request it stands for, and the text that tells
// two requests with different results apart.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "sim/app/pipeline.h"
#include "sim/sweep/sweep_spec.h"

namespace pimento::app {

class SweepPoints {
 public:
  // Files are looked for beside the sweep's own file, which may be an embedded one.
  explicit SweepPoints(const std::string& sweep_file);

  [[nodiscard]] RunRequest request(const sim::SweepPoint& point) const;
  // Contents of all files (those they include as well), settings, strategy, images and the
  // program's version. Throws InputError for a file that is not there.
  [[nodiscard]] std::string inputs(const sim::SweepPoint& point);
  // Looks every file of the sweep up, and checks the first point as a whole. Throws InputError.
  void check(const sim::SweepSpec& spec);

 private:
  [[nodiscard]] std::string beside(const std::string& name) const;
  // Of a file and all it includes; read once.
  [[nodiscard]] const std::string& digest_of(const std::string& name, const char* kind);

  std::filesystem::path folder_;
  std::map<std::pair<std::string, std::string>, std::string> digests_;
};

}  // namespace pimento::app
