// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/normal_table.h"

#include <cmath>
#include <numbers>

#include <boost/math/special_functions/erf.hpp>

namespace pimento::devices {

const NormalTable& NormalTable::shared() {
  static const NormalTable kTable;
  return kTable;
}

NormalTable::NormalTable() : nodes_{} {
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const int octave = static_cast<int>(node) / kPieces;
    const double fraction = static_cast<double>(node % kPieces) / kPieces;
    // Half a step more, so that the 2^31 tails lie evenly between 0 and 1/2.
    const double tail = (std::ldexp(1.0 + fraction, octave) + 0.5) * 0x1p-32;
    nodes_[node] = std::numbers::sqrt2 * boost::math::erfc_inv(std::fmin(2.0 * tail, 1.0));
  }
}

}  // namespace pimento::devices
