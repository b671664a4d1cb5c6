// SPDX-License-Identifier: Apache-2.0
#include "sim/app/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace pimento::app {
namespace {

constexpr double kRedraw = 0.1;  // seconds between two drawings of the bar
constexpr double kFirstPause = 2.0;
constexpr double kLongestPause = 60.0;
constexpr std::size_t kBarWidth = 30;
constexpr const char* kClearLine = "\r\x1b[K";

double share_of(std::size_t done, std::size_t total) {
  return total == 0 ? 1.0 : double(done) / double(total);
}

// Never "100 %" before the end.
int percent(std::size_t done, std::size_t total) {
  return static_cast<int>(std::floor(100.0 * share_of(done, total)));
}

// "0:07", "2:15:00".
std::string clock_time(double seconds) {
  constexpr double kLongest = 360'000'000.0;
  const auto whole = static_cast<long>(std::ceil(std::min(seconds, kLongest)));
  const long hours = whole / 3600;
  const long minutes = whole / 60 % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
}

}  // namespace

Progress::Surroundings Progress::standard_error() {
  const auto write = [](const std::string& text) {
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
    static_cast<void>(std::fflush(stderr));
  };
  const auto now = [] {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
  };
  return {isatty(STDERR_FILENO) == 1, write, now};
}

Progress::Progress(std::string what, Surroundings surroundings)
    : what_(std::move(what)), around_(std::move(surroundings)), pause_(kFirstPause) {}

Progress::~Progress() {
  if (visible_) around_.write("\n");
}

void Progress::hide() {
  if (visible_) around_.write(kClearLine);
  visible_ = false;
}

void Progress::update(std::size_t done, std::size_t total) {
  const double now = around_.now();
  const bool first = !begun_;
  if (first) {
    begun_ = true;
    begin_ = last_shown_ = now;
    first_done_ = last_done_ = done;
  }
  if (around_.terminal) {
    const bool at_end = done == total && done != last_done_;
    if (first || at_end || !visible_ || now - last_shown_ >= kRedraw) {
      update_bar(done, total, now);
    }
  } else if (!first) {
    update_lines(done, total, now);
  }
}

std::string Progress::time_left(std::size_t done, std::size_t total, double now) const {
  if (done >= total || done <= first_done_ || now <= begin_) return {};
  const double each = (now - begin_) / double(done - first_done_);
  return fmt::format("  {} left", clock_time(each * double(total - done)));
}

void Progress::update_bar(std::size_t done, std::size_t total, double now) {
  const auto full = static_cast<std::size_t>(share_of(done, total) * double(kBarWidth));
  const std::string bar = std::string(std::min(full, kBarWidth), '#') +
                          std::string(kBarWidth - std::min(full, kBarWidth), '.');
  const std::size_t digits = std::to_string(total).size();
  around_.write(fmt::format("{}{} [{}] {:>{}}/{} {:>3} %{}", kClearLine, what_, bar, done, digits,
                            total, percent(done, total), time_left(done, total, now)));
  visible_ = true;
  last_shown_ = now;
  last_done_ = done;
}

// A line at every tenth. Slow work also shows a line after 2 s, and then ever more rarely, so that
// the log of a night stays short.
void Progress::update_lines(std::size_t done, std::size_t total, double now) {
  const auto tenth = [&](std::size_t n) { return std::floor(10.0 * share_of(n, total)); };
  const bool waited = now - last_shown_ >= pause_;
  if (done == last_done_ || (!waited && tenth(done) <= tenth(last_done_))) return;
  if (waited) pause_ = std::min(2.0 * pause_, kLongestPause);
  around_.write(fmt::format("{}: {} of {} ({} %){}\n", what_, done, total, percent(done, total),
                            time_left(done, total, now)));
  last_shown_ = now;
  last_done_ = done;
}

}  // namespace pimento::app
