// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
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

// Adds an entry whose parts must stay where they are until the archive is closed.
void add_entry(zip_t* archive, const std::string& name, NpyParts& parts,
               const std::filesystem::path& path) {
  auto* const data = const_cast<std::byte*>(parts.data.bytes.data());  // which libzip only reads
  const std::array<zip_buffer_fragment_t, 2> fragments{
      {{reinterpret_cast<zip_uint8_t*>(parts.header.data()), parts.header.size()},
       {reinterpret_cast<zip_uint8_t*>(data), parts.data.bytes.size()}}};
  const ZipSource source(zip_source_buffer_fragment(
      archive, fragments.data(), parts.data.bytes.empty() ? 1 : fragments.size(), 0));
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

// Closing is what writes; until then the archive is a list of what to write.
void close(ZipArchive archive, const std::filesystem::path& path) {
  zip_t* const closing = archive.release();  // which closing frees when it succeeds
  if (zip_close(closing) == 0) return;
  archive.reset(closing);
  cannot_write(path, zip_strerror(closing));
}

}  // namespace

void write_npz(const std::filesystem::path& path, const std::map<std::string, Constant>& arrays) {
  check_arrays(path, arrays);
  if (arrays.empty()) {
    write_file_atomically(path, kEmptyArchive);
    return;
  }
  PendingFile pending(path);
  int code = 0;
  ZipArchive archive(zip_open(pending.temporary().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (archive == nullptr) {
    ZipError error;
    zip_error_init_with_code(error.get(), code);
    cannot_write(path, error.message());
  }
  std::map<std::string, NpyParts> files;
  std::uint64_t total = 0;
  for (const auto& [name, array] : arrays) {
    NpyParts& parts = files[name] = npy_parts(array);
    const std::uint64_t size = parts.header.size() + parts.data.bytes.size();
    total += size;
    if (size > kMaxNpzEntryBytes || total > kMaxNpzBytes) {
      cannot_write(path,
                   fmt::format("with the array \"{}\" it would exceed 4 GiB an array or 64 GiB "
                               "in all; write several files",
                               printable(name)));
    }
    add_entry(archive.get(), name, parts, path);
  }
  close(std::move(archive), path);
  pending.keep();
}

}  // namespace pimento::workloads
