// SPDX-License-Identifier: Apache-2.0
// The operators, group by group. Each function adds those of the file of its name.
#pragma once

#include "workloads/graph/operator.h"

namespace pimento::workloads {

void add_unary_operators(OperatorTable& table);          // one value in, one value out
void add_binary_operators(OperatorTable& table);         // arithmetic and comparison of tensors
void add_shaping_operators(OperatorTable& table);        // shapes and types
void add_layout_operators(OperatorTable& table);         // the order of values
void add_repetition_operators(OperatorTable& table);     // expand, tile, range
void add_selection_operators(OperatorTable& table);      // gather, where, pad, arg max
void add_reduction_operators(OperatorTable& table);      // sums, means, extremes along axes
void add_normalization_operators(OperatorTable& table);  // batch and layer norm, softmax
void add_matrix_operators(OperatorTable& table);         // matmul, gemm
void add_convolution_operators(OperatorTable& table);
void add_pooling_operators(OperatorTable& table);
void add_quantization_operators(OperatorTable& table);    // QuantizeLinear and its kin
void add_integer_matrix_operators(OperatorTable& table);  // QLinearConv, MatMulInteger, ...
void add_bit_width_operators(OperatorTable& table);  // Quant, BipolarQuant, Trunc, FakeQuantize

}  // namespace pimento::workloads
