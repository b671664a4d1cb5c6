// SPDX-License-Identifier: Apache-2.0
// Where results and messages go: results to standard output, everything else to standard error.
#pragma once

#include <stdexcept>
#include <string>

#include "sim/report/style.h"

namespace pimento::app {

// Standard output cannot be written, for example because a disk is full.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Whoever read standard output has gone (`pimento list | head -1`). Nobody is left to tell.
class ReaderGone : public std::exception {};

// Writes and flushes. Throws OutputError or ReaderGone.
void print_result(const std::string& text);
// "pimento: text" on standard error.
void print_message(const std::string& text);

// Colours when standard output is a terminal and NO_COLOR is unset or empty.
[[nodiscard]] sim::Style result_style();
[[nodiscard]] bool messages_go_to_terminal();

// The three forms of one report, each made by the caller.
struct ReportForms {
  std::string text;
  std::string json;
  std::string csv;
};
// Writes FOLDER/NAME.txt, .json and .csv, each under a temporary name first, and says so.
void save_report(const std::string& folder, const std::string& name, const ReportForms& forms);

}  // namespace pimento::app
