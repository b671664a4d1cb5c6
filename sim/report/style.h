// SPDX-License-Identifier: Apache-2.0
// How text is dressed for a terminal. The default is plain text, for files and pipes.
#pragma once

#include <string>
#include <string_view>

namespace pimento::sim {

struct Style {
  bool colour = false;

  [[nodiscard]] std::string bold(std::string_view text) const { return dressed("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return dressed("2", text); }

 private:
  [[nodiscard]] std::string dressed(std::string_view code, std::string_view text) const {
    if (!colour || text.empty()) return std::string(text);
    std::string result("\x1b[");
    result.append(code).append("m").append(text).append("\x1b[0m");
    return result;
  }
};

}  // namespace pimento::sim
