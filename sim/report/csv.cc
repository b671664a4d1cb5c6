// SPDX-License-Identifier: Apache-2.0
#include "sim/report/csv.h"

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::sim {

Csv::Csv(const std::vector<std::string>& header) : columns_(header.size()) {
  for (const std::string& name : header) text(name);
  end_row();
}

Csv& Csv::text(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
    cell(value);
    return *this;
  }
  std::string quoted("\"");
  for (const char c : value) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  quoted += '"';
  cell(quoted);
  return *this;
}

Csv& Csv::integer(std::int64_t value) {
  cell(fmt::format("{}", value));
  return *this;
}

Csv& Csv::number(double value) {
  cell(fmt::format("{}", value));
  return *this;
}

Csv& Csv::number(std::optional<double> value) {
  return value ? number(*value) : skip();
}

Csv& Csv::skip() {
  cell("");
  return *this;
}

void Csv::end_row() {
  ensure(cells_ == columns_, "a row of CSV has another number of cells than its header");
  content_ += '\n';
  cells_ = 0;
}

void Csv::cell(std::string_view value) {
  if (cells_++ > 0) content_ += ',';
  content_ += value;
}

}  // namespace pimento::sim
