// SPDX-License-Identifier: Apache-2.0
// Which rows of an array are read together, and how the kernels group them.
#pragma once

namespace pimento::kernels {

// Rows are read in units (operation units; a whole array is one unit of all its rows), and each
// unit is one conversion a column. Within a unit the kernels take rows in groups of four: the four
// input bits of a group are an index, and what its cells add to a column is a table of sixteen.
class RowGroups {
 public:
  static constexpr int kRows = 4;  // of a group

  RowGroups(int rows, int unit_rows);

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int unit_rows() const { return unit_rows_; }
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] int groups_of_read() const { return groups_of_read_; }
  [[nodiscard]] int groups() const { return reads_ * groups_of_read_; }
  [[nodiscard]] int read_of(int row) const { return row / unit_rows_; }
  // The group of a row, and its place in it.
  [[nodiscard]] int group_of(int row) const {
    return read_of(row) * groups_of_read_ + row % unit_rows_ / kRows;
  }
  [[nodiscard]] int place_of(int row) const { return row % unit_rows_ % kRows; }

 private:
  int rows_;
  int unit_rows_;
  int reads_ = 0;
  int groups_of_read_ = 0;
};

}  // namespace pimento::kernels
