// SPDX-License-Identifier: Apache-2.0
// Comma-separated values as RFC 4180 has them, with line feeds. Numbers are written with the digits
// that read back as the same number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pimento::sim {

class Csv {
 public:
  explicit Csv(const std::vector<std::string>& header);

  Csv& text(std::string_view value);
  Csv& integer(std::int64_t value);
  Csv& number(double value);
  // Nothing leaves the cell empty.
  Csv& number(std::optional<double> value);
  Csv& skip();  // an empty cell
  // Ends a row. A row with another number of cells than the header is a defect.
  void end_row();
  [[nodiscard]] const std::string& str() const { return content_; }

 private:
  void cell(std::string_view value);

  std::string content_;
  std::size_t columns_ = 0;
  std::size_t cells_ = 0;
};

}  // namespace pimento::sim
