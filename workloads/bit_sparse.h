// SPDX-License-Identifier: Apache-2.0
// A declared synthetic distribution of weights with empty bit planes, for networks without values.
// It stands for what training with bit-level sparsity leaves, block by block, as in BWQ (arXiv
// 2310.12182); the gaussian and uniform distributions have hardly any empty plane.
//
// The matrix of a layer (rows: kernel area x input channels; columns: output channels; each group
// of a grouped convolution for itself) is cut into blocks from its first row and column on. Of a
// layer whose weights have B = bits - 1 magnitude bits (1, if it is a one-bit layer):
//   - a block has n significant bits, drawn from the binomial distribution of B trials with the
//     mean `significant_bits`, at most B; so blocks without any one occur;
//   - each of its n low planes is there with the probability `plane_presence`, for the whole block;
//   - each of its rows is there with the probability `row_density`, else all its weights are 0;
//   - a magnitude is uniform over the planes that are there, a sign even. One-bit weights are -1 or
//     0.
// Left out: correlation between blocks, and between a plane's density and its place value; trained
// magnitudes fall off within their range, these do not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pimento::workloads {

struct BitSparse {
  std::int64_t block_rows = 9;
  std::int64_t block_columns = 8;
  double significant_bits = 2.0;
  double plane_presence = 1.0;
  double row_density = 1.0;
  // "9x8 blocks, 2 significant bits, plane presence 1, row density 1"
  [[nodiscard]] std::string str() const;
};

// What the weights of a layer depend on beside the distribution.
struct DrawnLayer {
  std::string name;
  std::uint64_t seed = 1;
  int bits = 8;
  std::int64_t groups = 1;
  std::int64_t rows = 0;  // of a group's matrix
  std::int64_t columns = 0;
};

// Row-major over {out, in...}. A value depends on the seed, the layer's name and the place of the
// weight alone.
[[nodiscard]] std::vector<std::int32_t> draw_bit_sparse(const BitSparse& distribution,
                                                        const DrawnLayer& layer);

// The root mean square that the definition gives weights of so many bits.
[[nodiscard]] double bit_sparse_rms(const BitSparse& distribution, int bits);

}  // namespace pimento::workloads
