// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "workloads/archive/npy.h"
#include "workloads/archive/npz.h"
#include "workloads/archive/zip_handles.h"

namespace pimento::workloads {
namespace {

// 1 January 1980, midnight: the first that zip knows and what NumPy writes.
constexpr zip_uint16_t kDate = (1 << 5) | 1;
constexpr zip_uint16_t kTime = 0;

// A zip archive without entries, which libzip would not write: the end of its directory alone.
constexpr std::string_view kEmptyArchive("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);

[[noreturn]] void cannot_write(const std::filesystem::path& path, std::string_view why) {
  throw InputError(fmt::format("cannot write \"{}\": {}", printable(path.string(), 4096), why));
}

void check_arrays(const std::filesystem::path& path,
                  const std::map<std::string, Constant>& arrays) {
  if (arrays.size() > kMaxNpzEntries) {
    cannot_write(path, fmt::format("{} arrays; expected at most {}; write several files",
                                   arrays.size(), kMaxNpzEntries));
  }
  for (const auto& [name, array] : arrays) {
    if (find_non_text(name) != std::string_view::npos) {
      cannot_write(path, fmt::format("the name \"{}\" of an array is no UTF-8 text, or holds a "
                                     "control character; rename the array",
                                     printable(name)));
    }
  }
}

// Adds an entry whose bytes must stay where they are until the archive is closed.
void add_entry(zip_t* archive, const std::string& name, const std::string& content,
               const std::filesystem::path& path) {
  const ZipSource source(zip_source_buffer(archive, content.data(), content.size(), 0));
  if (source == nullptr) cannot_write(path, zip_strerror(archive));
  const zip_int64_t index =
      zip_file_add(archive, (name + ".npy").c_str(), source.get(), ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    cannot_write(path, fmt::format("the array \"{}\" cannot be added ({})", printable(name),
                                   zip_strerror(archive)));
  }
  zip_source_keep(source.get());  // beside the archive, which owns it now
  const auto entry = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, kTime, kDate, 0) != 0) {
    cannot_write(path, zip_strerror(archive));
  }
}

std::string content_of(zip_source_t* source, const std::filesystem::path& path) {
  zip_stat_t whole;
  std::string content;
  if (zip_source_stat(source, &whole) == 0 && (whole.valid & ZIP_STAT_SIZE) != 0) {
    content.resize(whole.size);
  }
  if (zip_source_open(source) != 0) {
    cannot_write(path, zip_error_strerror(zip_source_error(source)));
  }
  const zip_int64_t count = zip_source_read(source, content.data(), content.size());
  (void)zip_source_close(source);
  ensure(std::cmp_equal(count, content.size()), "an archive in memory cannot be read back");
  return content;
}

std::string make_archive(const std::filesystem::path& path,
                         const std::map<std::string, Constant>& arrays) {
  if (arrays.empty()) return std::string(kEmptyArchive);
  ZipError error;
  const ZipSource source(zip_source_buffer_create(nullptr, 0, 0, error.get()));
  if (source == nullptr) cannot_write(path, error.message());
  ZipArchive archive(zip_open_from_source(source.get(), ZIP_CREATE | ZIP_TRUNCATE, error.get()));
  if (archive == nullptr) cannot_write(path, error.message());
  zip_source_keep(source.get());  // beside the archive, which frees it when closed

  std::map<std::string, std::string> files;
  std::uint64_t total = 0;
  for (const auto& [name, array] : arrays) {
    const std::string& content = files[name] = write_npy(array);
    total += content.size();
    if (content.size() > kMaxNpzEntryBytes || total > kMaxNpzBytes) {
      cannot_write(path,
                   fmt::format("with the array \"{}\" it would exceed 4 GiB an array or 64 GiB "
                               "in all; write several files",
                               printable(name)));
    }
    add_entry(archive.get(), name, content, path);
  }
  zip_t* const closing = archive.release();  // which closing frees when it succeeds
  if (zip_close(closing) != 0) {
    archive.reset(closing);
    cannot_write(path, zip_strerror(closing));
  }
  return content_of(source.get(), path);
}

}  // namespace

void write_npz(const std::filesystem::path& path, const std::map<std::string, Constant>& arrays) {
  check_arrays(path, arrays);
  write_file_atomically(path, make_archive(path, arrays));
}

}  // namespace pimento::workloads
