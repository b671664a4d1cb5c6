// SPDX-License-Identifier: Apache-2.0
// A curve fitted to measurements, as papers on devices give it: pieces side by side, each the sum
// of a logarithm, a power and a polynomial of x, held between two bounds.
//
//   mean:
//     - {below: 0.0945, log: -0.0387, coefficients: [-0.0182], least: 0.072, most: 0.13}
//     - {coefficients: [0.0736, -0.0126, -0.0436]}
#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/config_reader.h"

namespace pimento::arch {

class FittedCurve {
 public:
  // log * ln x + factor * x^exponent + coefficients[0] + coefficients[1] x + ...
  struct Piece {
    std::optional<double> below;  // the piece holds up to here; none: from here on
    double log = 0.0;
    double factor = 0.0;
    double exponent = 0.0;
    std::vector<double> coefficients;
    double least = std::numeric_limits<double>::lowest();
    double most = std::numeric_limits<double>::max();
  };

  FittedCurve() = default;
  explicit FittedCurve(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  // Arguments below 1e-7 count as 1e-7, as a logarithm has no value at 0. Zero without pieces.
  [[nodiscard]] double at(double x) const;

 private:
  std::vector<Piece> pieces_;
};

// Reads the list of pieces at `key`.
[[nodiscard]] FittedCurve read_curve(ConfigMap& map, std::string_view key);

}  // namespace pimento::arch
