// SPDX-License-Identifier: Apache-2.0
// The one writer of tables: a bold header, a rule, and columns as wide as their widest cell.
//
//   layer   MACs  energy
//   ------  ----  --------
//   conv1     12  1.500 pJ
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/report/style.h"

namespace pimento::sim {

enum class Align { kLeft, kRight };

struct Column {
  std::string header;
  Align align = Align::kRight;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column; fewer leave the rest empty. More are a defect.
  void add_row(std::vector<std::string> cells);
  // A rule across the table, before a row of totals.
  void add_rule();
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Every line ends with a line feed and none with a blank.
  [[nodiscard]] std::string str(const Style& style, int indent = 2) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

// Names and values under each other, without a header.
class Listing {
 public:
  void add(std::string name, std::string value);
  [[nodiscard]] std::string str(const Style& style, int indent = 2) const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

// Columns a text takes on a terminal: its characters, taking every one as one column wide.
[[nodiscard]] std::size_t display_width(std::string_view text);

}  // namespace pimento::sim
