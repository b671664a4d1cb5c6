// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/groups.h"

namespace pimento::workloads {

const OperatorTable& operator_table() {
  static const OperatorTable kTable = [] {
    OperatorTable table;
    add_unary_operators(table);
    add_binary_operators(table);
    add_shaping_operators(table);
    add_layout_operators(table);
    add_repetition_operators(table);
    add_selection_operators(table);
    add_reduction_operators(table);
    add_normalization_operators(table);
    add_matrix_operators(table);
    add_convolution_operators(table);
    add_pooling_operators(table);
    add_quantization_operators(table);
    add_integer_matrix_operators(table);
    add_bit_width_operators(table);
    return table;
  }();
  return kTable;
}

}  // namespace pimento::workloads
