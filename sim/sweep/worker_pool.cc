// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/worker_pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::sim {
namespace {

using Task = std::function<std::string(std::size_t)>;
using OnDone = std::function<void(std::size_t, const TaskResult&)>;

// What travels through a child's pipe: this, then `size` bytes of output or message.
struct Header {
  TaskResult::Outcome outcome = TaskResult::Outcome::kFailed;
  std::uint64_t size = 0;
};

struct Child {
  std::size_t index = 0;
  pid_t pid = -1;
  int pipe = -1;
  std::string received;
};

// Holds back all signals, so that a child never runs a handler of its parent.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

TaskResult perform(const Task& task, std::size_t index) {
  using Outcome = TaskResult::Outcome;
  try {
    return {Outcome::kOk, task(index), {}};
  } catch (const InputError& error) {
    return {Outcome::kInputError, {}, error.what()};
  } catch (const std::bad_alloc&) {
    return {Outcome::kFailed, {}, "out of memory"};
  } catch (const std::exception& error) {
    return {Outcome::kFailed, {}, error.what()};
  } catch (...) {
    return {Outcome::kFailed, {}, "unknown exception"};
  }
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// A terminal's Ctrl-C reaches the whole process group: the parent alone decides what it means.
void set_child_signals(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  static_cast<void>(std::signal(SIGTERM, SIG_DFL));
  static_cast<void>(std::signal(SIGINT, SIG_IGN));
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// _exit: what the parent had buffered is the parent's to write, its destructors the parent's to
// run.
[[noreturn]] void live_as_child(const Task& task, std::size_t index, int fd) {
  const TaskResult result = perform(task, index);
  const bool ok = result.outcome == TaskResult::Outcome::kOk;
  const std::string& text = ok ? result.output : result.error;
  const Header header{result.outcome, text.size()};
  std::array<char, sizeof header> bytes{};
  std::memcpy(bytes.data(), &header, sizeof header);
  const bool sent =
      write_all(fd, bytes.data(), bytes.size()) && write_all(fd, text.data(), text.size());
  _exit(sent ? 0 : 1);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* name = sigabbrev_np(signal);
    const std::string_view hint =
        signal == SIGKILL ? "; the system may have run out of memory: try fewer jobs" : "";
    return fmt::format("process ended by signal {} (SIG{}){}", signal, name ? name : "?", hint);
  }
  return fmt::format("process ended with code {} before its result was complete",
                     WEXITSTATUS(status));
}

bool decode(const std::string& received, TaskResult& result) {
  Header header;
  if (received.size() < sizeof header) return false;
  std::memcpy(&header, received.data(), sizeof header);
  if (received.size() - sizeof header != header.size) return false;
  result.outcome = header.outcome;
  const bool ok = header.outcome == TaskResult::Outcome::kOk;
  (ok ? result.output : result.error) = received.substr(sizeof header);
  return true;
}

class Pool {
 public:
  Pool(const Task& task, const OnDone& on_done, const StopFlag& stop)
      : task_(task), on_done_(on_done), stop_(stop) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(std::size_t count, std::size_t workers);

 private:
  [[nodiscard]] bool start(std::size_t index);
  void receive();
  // Whether there may be more to come.
  [[nodiscard]] static bool read_some(Child& child);
  void finish(std::size_t position);

  const Task& task_;
  const OnDone& on_done_;
  const StopFlag& stop_;
  bool terminated_ = false;
  std::vector<Child> children_;
};

Pool::~Pool() {
  for (const Child& child : children_) {
    kill(child.pid, SIGTERM);
    close(child.pipe);
    while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

bool Pool::start(std::size_t index) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  children_.push_back({index, -1, ends[0], {}});
  std::fflush(nullptr);
  const pid_t parent = getpid();
  pid_t pid = -1;
  {
    const SignalsBlocked blocked;
    pid = fork();
    if (pid == 0) {
      for (const Child& sibling : children_) close(sibling.pipe);
      set_child_signals(parent);
      live_as_child(task_, index, ends[1]);
    }
  }
  const int fork_error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    children_.pop_back();
    errno = fork_error;
    return false;
  }
  children_.back().pid = pid;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return true;
}

bool Pool::read_some(Child& child) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  std::array<char, kChunk> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t got = read(child.pipe, buffer.data(), buffer.size());
  if (got > 0) child.received.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void Pool::finish(std::size_t position) {
  const Child child = std::move(children_[position]);
  children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(position));
  close(child.pipe);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  TaskResult result;
  const bool complete = decode(child.received, result);
  if (!complete && terminated_) return;  // it was told to end
  if (!complete) result.error = describe_end(status);
  on_done_(child.index, result);
}

// Waits for news of the children. The time limit is for a stop that comes just before the wait.
void Pool::receive() {
  constexpr int kWaitMs = 100;
  std::vector<pollfd> polled;
  polled.reserve(children_.size());
  for (const Child& child : children_) polled.push_back({child.pipe, POLLIN, 0});
  if (poll(polled.data(), polled.size(), kWaitMs) <= 0) return;
  for (std::size_t i = polled.size(); i-- > 0;) {  // backwards: finish() removes
    if (polled[i].revents != 0 && !read_some(children_[i])) finish(i);
  }
}

void Pool::run(std::size_t count, std::size_t workers) {
  std::size_t next = 0;
  while (next < count || !children_.empty()) {
    if (stop_ && !terminated_) {
      terminated_ = true;
      next = count;
      for (const Child& child : children_) kill(child.pid, SIGTERM);
    }
    while (!stop_ && next < count && children_.size() < workers) {
      if (!start(next)) {
        if (!children_.empty()) break;  // the next free slot may do
        throw InputError(
            fmt::format("cannot start a process for a task: {}; close other programs "
                        "or raise the limit of processes (ulimit -u)",
                        std::strerror(errno)));
      }
      ++next;
    }
    if (!children_.empty()) receive();
  }
}

}  // namespace

void run_in_processes(std::size_t count, int workers, const Task& task, const OnDone& on_done,
                      const StopFlag& stop) {
  Pool pool(task, on_done, stop);
  pool.run(count, static_cast<std::size_t>(std::max(workers, 1)));
}

}  // namespace pimento::sim
