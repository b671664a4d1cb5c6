// SPDX-License-Identifier: Apache-2.0
// What the matrix operators on reals, integers and quantized values share.
#pragma once

#include <vector>

#include "workloads/operators/gemm.h"

namespace pimento::workloads {

// The shape of a product of stacks of matrices after NumPy's matmul: vectors are taken as one row
// (left) or one column (right), and the axis vanishes again.
[[nodiscard]] Shape matmul_shape(const Call& call, const Shape& a, const Shape& b);
// The product of values of these shapes, row-major.
[[nodiscard]] std::vector<double> matmul_values(const Call& call, const Shape& a_shape,
                                                const double* a, const Shape& b_shape,
                                                const double* b);

// The form of a convolution whose weight is input `weight`; its output shape.
[[nodiscard]] ConvolutionForm convolution_form(const Call& call, int weight);
[[nodiscard]] Shape convolution_shape(const ConvolutionForm& form);

}  // namespace pimento::workloads
