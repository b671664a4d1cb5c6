// SPDX-License-Identifier: Apache-2.0
#include "workloads/bit_sparse.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/random.h"

namespace pimento::workloads {
namespace {

// Positions of random numbers that one block or one row of a block has to itself.
constexpr std::uint64_t kPlanesOfBlock = 32;
constexpr double kWordRange = 0x1p32;

int magnitude_bits(int bits) {
  return std::max(bits - 1, 1);
}

double share_significant(const BitSparse& distribution, int magnitude) {
  return std::min(distribution.significant_bits / magnitude, 1.0);
}

class BlockDrawer {
 public:
  BlockDrawer(const BitSparse& distribution, const DrawnLayer& layer)
      : distribution_(distribution),
        layer_(layer),
        magnitude_bits_(magnitude_bits(layer.bits)),
        row_blocks_((layer.rows + distribution.block_rows - 1) / distribution.block_rows),
        column_blocks_((layer.columns + distribution.block_columns - 1) /
                       distribution.block_columns),
        weights_(layer.seed, stream_of(layer.name.c_str())),
        // No layer's own name ends so: control characters stand in names as escapes.
        blocks_(layer.seed, stream_of((layer.name + "\nblocks").c_str())),
        rows_(layer.seed, stream_of((layer.name + "\nrows").c_str())) {}

  std::vector<std::int32_t> draw() {
    values_.resize(static_cast<std::size_t>(layer_.groups * layer_.columns * layer_.rows));
    const std::int64_t blocks = layer_.groups * column_blocks_ * row_blocks_;
    for (std::int64_t block = 0; block < blocks; ++block) draw_block(block);
    return std::move(values_);
  }

 private:
  static bool happens(std::uint32_t word, double probability) {
    return word < probability * kWordRange;
  }

  // The planes of a block that may hold ones.
  [[nodiscard]] std::uint32_t planes_of(std::int64_t block) const {
    const double share = share_significant(distribution_, magnitude_bits_);
    int significant = 0;
    std::uint32_t present = 0;
    for (int plane = 0; plane < magnitude_bits_; ++plane) {
      const auto words = blocks_.words(static_cast<std::uint64_t>(block) * kPlanesOfBlock +
                                       static_cast<std::uint64_t>(plane));
      significant += happens(words[0], share) ? 1 : 0;
      if (happens(words[1], distribution_.plane_presence)) present |= std::uint32_t{1} << plane;
    }
    return present & ((std::uint32_t{1} << significant) - 1);
  }

  void draw_block(std::int64_t block) {
    const std::uint32_t planes = planes_of(block);
    if (planes == 0) return;
    const std::int64_t first_row = block % row_blocks_ * distribution_.block_rows;
    const std::int64_t stripe = block / row_blocks_;
    const std::int64_t group = stripe / column_blocks_;
    const std::int64_t first_column = stripe % column_blocks_ * distribution_.block_columns;
    const std::int64_t end_row = std::min(first_row + distribution_.block_rows, layer_.rows);
    const std::int64_t end_column =
        std::min(first_column + distribution_.block_columns, layer_.columns);
    for (std::int64_t row = first_row; row < end_row; ++row) {
      const auto of_row = static_cast<std::uint64_t>(stripe * layer_.rows + row);
      if (!happens(rows_.words(of_row)[0], distribution_.row_density)) continue;
      for (std::int64_t column = first_column; column < end_column; ++column) {
        draw_weight((group * layer_.columns + column) * layer_.rows + row, planes);
      }
    }
  }

  void draw_weight(std::int64_t position, std::uint32_t planes) {
    const auto words = weights_.words(static_cast<std::uint64_t>(position));
    const auto magnitude = static_cast<std::int32_t>(words[0] & planes);
    const bool is_negative = layer_.bits == 1 || (words[1] & 1U) != 0;
    values_[static_cast<std::size_t>(position)] = is_negative ? -magnitude : magnitude;
  }

  const BitSparse& distribution_;
  const DrawnLayer& layer_;
  int magnitude_bits_;
  std::int64_t row_blocks_;
  std::int64_t column_blocks_;
  CounterRandom weights_;
  CounterRandom blocks_;
  CounterRandom rows_;
  std::vector<std::int32_t> values_;
};

// Of a magnitude in n planes, each of them one with the probability `one`, apart from the others.
double mean_square(int planes, double one) {
  double mean = 0.0;
  double variance = 0.0;
  for (int plane = 0; plane < planes; ++plane) {
    mean += std::ldexp(one, plane);
    variance += std::ldexp(one * (1.0 - one), 2 * plane);
  }
  return mean * mean + variance;
}

// The probability of `hits` in `trials`.
double binomial(int trials, int hits, double share) {
  double result = 1.0;
  for (int i = 1; i <= hits; ++i) result *= static_cast<double>(trials - hits + i) / i;
  return result * std::pow(share, hits) * std::pow(1.0 - share, trials - hits);
}

}  // namespace

std::string BitSparse::str() const {
  return fmt::format("{}x{} blocks, {:g} significant bits, plane presence {:g}, row density {:g}",
                     block_rows, block_columns, significant_bits, plane_presence, row_density);
}

std::vector<std::int32_t> draw_bit_sparse(const BitSparse& distribution, const DrawnLayer& layer) {
  return BlockDrawer(distribution, layer).draw();
}

double bit_sparse_rms(const BitSparse& distribution, int bits) {
  const int magnitude = magnitude_bits(bits);
  const double share = share_significant(distribution, magnitude);
  double sum = 0.0;
  for (int planes = 0; planes <= magnitude; ++planes) {
    sum +=
        binomial(magnitude, planes, share) * mean_square(planes, 0.5 * distribution.plane_presence);
  }
  return std::sqrt(distribution.row_density * sum);
}

}  // namespace pimento::workloads
