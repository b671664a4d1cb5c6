// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/row_groups.h"

#include "base/error.h"

namespace pimento::kernels {
namespace {

int ceil_div(int a, int b) {
  return (a + b - 1) / b;
}

}  // namespace

RowGroups::RowGroups(int rows, int unit_rows) : rows_(rows), unit_rows_(unit_rows) {
  ensure(rows >= 1 && unit_rows >= 1, "an array has at least one row, and reads at least one");
  reads_ = ceil_div(rows, unit_rows);
  groups_of_read_ = ceil_div(unit_rows, kRows);
}

}  // namespace pimento::kernels
