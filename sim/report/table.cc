// SPDX-License-Identifier: Apache-2.0
#include "sim/report/table.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace pimento::sim {
namespace {

constexpr std::string_view kGap = "  ";

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return align == Align::kRight ? blanks + text : text + blanks;
}

void end_line(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
  line += '\n';
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<Column>& columns,
                    const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) line += kGap;
    line += padded(cells[c], widths[c], columns[c].align);
  }
  end_line(line);
  line.pop_back();
  return line;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void Table::add_row(std::vector<std::string> cells) {
  ensure(cells.size() <= columns_.size(), "a row has more cells than its table has columns");
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::add_rule() {
  rows_.emplace_back();
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> result;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].header);
    for (const std::vector<std::string>& row : rows_) {
      if (!row.empty()) width = std::max(width, display_width(row[c]));
    }
    result.push_back(width);
  }
  return result;
}

std::string Table::str(const Style& style, int indent) const {
  const std::vector<std::size_t> widths = this->widths();
  std::vector<std::string> headers;
  std::vector<std::string> rules;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    headers.push_back(columns_[c].header);
    rules.emplace_back(widths[c], '-');
  }
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  const std::string rule = margin + style.dim(line_of(rules, columns_, widths)) + '\n';
  std::string text = margin + style.bold(line_of(headers, columns_, widths)) + '\n' + rule;
  for (const std::vector<std::string>& row : rows_) {
    if (row.empty()) {
      text += rule;
    } else {
      text.append(margin).append(line_of(row, columns_, widths)).append("\n");
    }
  }
  return text;
}

void Listing::add(std::string name, std::string value) {
  lines_.emplace_back(std::move(name), std::move(value));
}

std::string Listing::str(const Style& style, int indent) const {
  std::size_t width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, display_width(name));
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string text;
  for (const auto& [name, value] : lines_) {
    std::string line = margin;
    line.append(style.dim(padded(name, width, Align::kLeft))).append(kGap).append(value);
    end_line(line);
    text += line;
  }
  return text;
}

}  // namespace pimento::sim
