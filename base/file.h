// SPDX-License-Identifier: Apache-2.0
// Whole files, read with a size limit and written so that nothing half-written is ever seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pimento {

// Reads a regular file. Throws InputError when it is absent, not a regular file, unreadable or
// larger than `limit_bytes`.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::uint64_t limit_bytes);

// A file's bytes as they lie in the page cache, and who keeps them there.
struct FileView {
  std::string_view text;
  std::shared_ptr<const void> owner;
};

// Maps a regular file for reading: nothing is copied, and only what is looked at takes memory. For
// files larger than read_file should hold. Throws InputError as read_file does. Whoever cuts the
// file short meanwhile ends this process.
[[nodiscard]] FileView map_file(const std::filesystem::path& path, std::uint64_t limit_bytes);

// A temporary name beside `path` for whoever writes the file. Nothing is seen under `path` until
// keep() renames it; without that, what was written is removed.
class PendingFile {
 public:
  // Makes missing folders. Throws InputError when `path` cannot be a file.
  explicit PendingFile(std::filesystem::path path);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  // Throws InputError when it cannot be renamed.
  void keep();

 private:
  std::filesystem::path path_;
  std::filesystem::path target_;  // behind a link
  std::filesystem::path temporary_;
};

// Writes a whole file in that way. Throws InputError when the place cannot be written.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace pimento
