// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "sim/exact/mapped_matrix.h"
#include "workloads/operators/gemm.h"

namespace pimento::exact {
namespace {

// Sums of integers below these are exact in single and in double precision.
constexpr std::int64_t kLargestNarrow = std::int64_t{1} << 24;
constexpr std::int64_t kLargestWide = std::int64_t{1} << 53;
// Smaller products are not worth a call of the library.
constexpr std::int64_t kSmallProduct = 64;
// Shorter chunks of rows are slower in single precision than in double.
constexpr std::int64_t kShortestChunk = 64;

std::int64_t largest_magnitude(std::span<const std::int32_t> values) {
  std::int64_t largest = 1;
  for (const std::int32_t value : values) {
    largest = std::max(largest, std::abs(std::int64_t{value}));
  }
  return largest;
}

}  // namespace

IntegerMatrix::IntegerMatrix(const BlockShape& shape, std::span<const std::int32_t> weights,
                             std::int64_t largest_input)
    : shape_(shape) {
  const std::int64_t largest =
      largest_magnitude(weights) * std::max<std::int64_t>(1, largest_input);
  chunk_ = kLargestNarrow / largest;
  if (chunk_ >= kShortestChunk) {
    narrow_.assign(weights.begin(), weights.end());
  } else {
    chunk_ = std::max<std::int64_t>(1, kLargestWide / largest);
    wide_.assign(weights.begin(), weights.end());
  }
}

template <class Real>
void IntegerMatrix::add_chunks(const std::vector<Real>& weights, std::int64_t chunk,
                               std::int64_t block, std::int64_t first, std::int64_t last,
                               int vectors, const std::int32_t* inputs, std::int64_t stride,
                               double* sums) const {
  const std::int64_t channels = shape_.channels;
  if (channels * (last - first) < kSmallProduct) {
    const Real* weight = weights.data() + block * channels * shape_.rows;
    for (std::int64_t c = 0; c < channels; ++c, weight += shape_.rows) {
      for (std::int64_t v = 0; v < vectors; ++v) {
        double sum = 0.0;
        for (std::int64_t row = first; row < last; ++row) {
          sum += static_cast<double>(weight[row]) * inputs[v * stride + row];
        }
        sums[c * vectors + v] += sum;
      }
    }
    return;
  }
  std::vector<Real> columns(static_cast<std::size_t>(vectors * std::min(chunk, last - first)));
  std::vector<Real> products(static_cast<std::size_t>(channels * vectors));
  for (std::int64_t row = first; row < last; row += chunk) {
    const std::int64_t rows = std::min(chunk, last - row);
    for (std::int64_t v = 0; v < vectors; ++v) {
      std::copy_n(inputs + v * stride + row, rows, columns.begin() + v * rows);
    }
    workloads::multiply_transposed(weights.data() + block * channels * shape_.rows + row,
                                   shape_.rows, columns.data(), rows, products.data(), channels,
                                   rows, vectors);
    std::transform(products.begin(), products.end(), sums, sums,
                   [](Real product, double sum) { return sum + static_cast<double>(product); });
  }
}

void IntegerMatrix::add_product(std::int64_t block, std::int64_t first, std::int64_t last,
                                int vectors, const std::int32_t* inputs, std::int64_t stride,
                                double* sums) const {
  if (wide_.empty()) {
    add_chunks(narrow_, chunk_, block, first, last, vectors, inputs, stride, sums);
  } else {
    add_chunks(wide_, chunk_, block, first, last, vectors, inputs, stride, sums);
  }
}

}  // namespace pimento::exact
