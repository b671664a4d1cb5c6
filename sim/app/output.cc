// SPDX-License-Identifier: Apache-2.0
#include "sim/app/output.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.h"

namespace pimento::app {

void print_result(const std::string& text) {
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw ReaderGone();
  throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

// Standard error is the last place to complain to: a failure there has nowhere to go.
void print_message(const std::string& text) {
  const std::string line = "pimento: " + text + "\n";
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

sim::Style result_style() {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool wanted = no_colour == nullptr || *no_colour == '\0';
  return {.colour = wanted && isatty(STDOUT_FILENO) == 1};
}

bool messages_go_to_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

void save_report(const std::string& folder, const std::string& name, const ReportForms& forms) {
  const std::filesystem::path base = std::filesystem::path(folder) / name;
  const auto with = [&](const char* extension) { return base.string() + extension; };
  write_file_atomically(with(".txt"), forms.text);
  write_file_atomically(with(".json"), forms.json);
  write_file_atomically(with(".csv"), forms.csv);
  print_message(fmt::format("wrote {}, {} and {}", with(".txt"), with(".json"), with(".csv")));
}

}  // namespace pimento::app
