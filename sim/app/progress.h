// SPDX-License-Identifier: Apache-2.0
// How far long work has come, on standard error: a bar that is redrawn on a terminal, else a line
// now and then.
//
//   sweep [############..................]  26/64  41 %  0:07 left
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace pimento::app {

class Progress {
 public:
  // What it depends on, for tests.
  struct Surroundings {
    bool terminal = false;
    std::function<void(const std::string&)> write;
    std::function<double()> now;  // seconds
  };
  [[nodiscard]] static Surroundings standard_error();

  explicit Progress(std::string what, Surroundings surroundings = standard_error());
  ~Progress();  // ends the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // The time left is reckoned from what was done since the first call, which may begin above zero
  // when earlier work is taken over.
  void update(std::size_t done, std::size_t total);
  // Clears the bar, so that a message can be written. It returns with the next update.
  void hide();

 private:
  void update_bar(std::size_t done, std::size_t total, double now);
  void update_lines(std::size_t done, std::size_t total, double now);
  [[nodiscard]] std::string time_left(std::size_t done, std::size_t total, double now) const;

  std::string what_;
  Surroundings around_;
  bool begun_ = false;
  bool visible_ = false;
  double begin_ = 0.0;
  std::size_t first_done_ = 0;
  double last_shown_ = 0.0;
  std::size_t last_done_ = 0;
  double pause_ = 0.0;  // between two lines without a tenth of progress
};

}  // namespace pimento::app
