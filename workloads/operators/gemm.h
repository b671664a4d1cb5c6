// SPDX-License-Identifier: Apache-2.0
// Products of matrices in double: exact for integers whose sums stay below 2^53, and for 32-bit
// floats rounded far below their own precision.
#pragma once

#include <cstdint>

#include "workloads/operators/window.h"

namespace pimento::workloads {

// c (m x n) = a (m x k) * b (k x n), row-major.
void multiply_matrices(const double* a, const double* b, double* c, std::int64_t m, std::int64_t k,
                       std::int64_t n);

// c = a (m x k) * b^T, b being n x k; row-major with rows `lda` and `ldb` apart, c without gaps.
// Exact for integers whose sums stay below 2^24 in single precision, 2^53 in double.
void multiply_transposed(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                         float* c, std::int64_t m, std::int64_t k, std::int64_t n);
void multiply_transposed(const double* a, std::int64_t lda, const double* b, std::int64_t ldb,
                         double* c, std::int64_t m, std::int64_t k, std::int64_t n);

// A convolution without bias: batch x (groups * in) maps to batch x (groups * out) maps.
struct ConvolutionForm {
  std::int64_t batch = 1;
  std::int64_t groups = 1;
  std::int64_t in_channels = 1;   // of a group
  std::int64_t out_channels = 1;  // of a group
  SlidingWindow window;
};

// `weight` is (groups * out) x in x kernel, row-major; padding counts as zero. `output` has room
// for batch x (groups * out) x places.
void convolve(const ConvolutionForm& form, const double* input, const double* weight,
              double* output);

}  // namespace pimento::workloads
