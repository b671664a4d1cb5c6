// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "base/units.h"

namespace pimento {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestPathShown = 4096;

std::string shown(const fs::path& path) {
  return printable(path.string(), kLongestPathShown);
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void cannot_read(const fs::path& path, std::string_view why) {
  throw InputError(fmt::format("cannot read \"{}\": {}", shown(path), why));
}

[[noreturn]] void cannot_write(const fs::path& path, std::string_view why) {
  throw InputError(fmt::format("cannot write \"{}\": {}", shown(path), why));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }
  // Some file systems report a failed write only here.
  [[nodiscard]] int close() {
    const int result = ::close(number_);
    number_ = -1;
    return result == 0 ? 0 : errno;
  }

 private:
  int number_;
};

[[noreturn]] void too_large(const fs::path& path, std::uint64_t limit) {
  const Bits bits(static_cast<std::int64_t>(std::min(limit, std::uint64_t{1} << 59) * 8));
  cannot_read(path, fmt::format("larger than {}; give a smaller file", format_quantity(bits)));
}

int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Where the bytes must go: behind a link, as renaming over a link would replace the link itself.
// Devices and pipes are refused for the same reason.
fs::path checked_target(const fs::path& path) {
  std::error_code error;
  if (path.filename().empty()) cannot_write(path, "it names a folder; give a file name");
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) cannot_write(path, "it is a folder; give a file name");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    cannot_write(path, "not a regular file; give a file name");
  }
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  const fs::path target = fs::weakly_canonical(path, error);
  if (error) cannot_write(path, error.message());
  return target;
}

// Without blocking, as opening a pipe would wait for a writer.
int open_to_read(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) cannot_read(path, "no such file; check the path");
  if (file < 0) cannot_read(path, reason(errno));
  return file;
}

std::uint64_t checked_size(const Descriptor& file, const fs::path& path,
                           std::uint64_t limit_bytes) {
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) cannot_read(path, reason(errno));
  if (S_ISDIR(info.st_mode)) cannot_read(path, "it is a folder; give a file");
  if (!S_ISREG(info.st_mode)) cannot_read(path, "not a regular file; give a file");
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(info.st_size, 0));
  if (size > limit_bytes) too_large(path, limit_bytes);
  return size;
}

}  // namespace

std::string read_file(const fs::path& path, std::uint64_t limit_bytes) {
  const Descriptor file(open_to_read(path));
  const std::uint64_t size = checked_size(file, path, limit_bytes);

  // The size is a hint: the file may grow while it is read.
  constexpr std::size_t kStep = 65536;
  std::string content;
  content.reserve(size + kStep + 1);  // growing would hold the file twice
  for (std::size_t used = 0;;) {
    content.resize(std::max<std::size_t>(used + kStep, size + 1));
    const ssize_t count = ::read(file.get(), content.data() + used, content.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_read(path, reason(errno));
    used += static_cast<std::size_t>(count);
    if (used > limit_bytes) too_large(path, limit_bytes);
    if (count == 0) {
      content.resize(used);
      return content;
    }
  }
}

FileView map_file(const fs::path& path, std::uint64_t limit_bytes) {
  const Descriptor file(open_to_read(path));
  const auto size = static_cast<std::size_t>(checked_size(file, path, limit_bytes));
  if (size == 0) return {};
  void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (begin == MAP_FAILED) cannot_read(path, reason(errno));
  std::shared_ptr<const void> owner(begin, [size](void* mapped) { ::munmap(mapped, size); });
  return {{static_cast<const char*>(begin), size}, std::move(owner)};
}

PendingFile::PendingFile(fs::path path) : path_(std::move(path)), target_(checked_target(path_)) {
  std::error_code error;
  if (target_.has_parent_path()) fs::create_directories(target_.parent_path(), error);
  if (error) cannot_write(path_, fmt::format("its folder cannot be made: {}", error.message()));
  static std::atomic<unsigned> counter{0};
  temporary_ = target_.parent_path() / fmt::format(".pimento-{}-{}.tmp", ::getpid(), counter++);
}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void PendingFile::keep() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) cannot_write(path_, reason(errno));
  temporary_.clear();
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  PendingFile pending(path);
  Descriptor file(
      ::open(pending.temporary().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) cannot_write(path, reason(errno));
  int failure = write_all(file.get(), content);
  const int closing = file.close();
  if (failure == 0) failure = closing;
  if (failure != 0) cannot_write(path, reason(failure));
  pending.keep();
}

}  // namespace pimento
