// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/npz.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "workloads/archive/npy.h"
#include "workloads/archive/zip_handles.h"

namespace pimento::workloads {
namespace {

constexpr std::string_view kSuffix = ".npy";
constexpr std::size_t kFirstStep = std::size_t{1} << 20;
constexpr std::size_t kLongestShown = 120;

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  throw InputError(fmt::format("{}: {}", where, message));
}

[[noreturn]] void damaged(const std::string& where, const char* reason) {
  fail(where,
       fmt::format("cannot be unpacked ({}); the archive is damaged, so get it again", reason));
}

std::string in_quotes(std::string_view name) {
  return fmt::format("\"{}\"", printable(name, kLongestShown));
}

// What the directory of an archive says of an entry, held against the limits.
void check_entry(const zip_stat_t& entry, const std::string& where) {
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((entry.valid & kNeeded) != kNeeded) {
    fail(where,
         "its size or method is not given in the archive's directory; expected an archive "
         "as numpy.savez() writes it; write it again");
  }
  if (entry.encryption_method != ZIP_EM_NONE) {
    fail(where,
         "is encrypted; expected an archive without a password; write it with numpy.savez()");
  }
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
    fail(where, fmt::format("is packed with method {} of the zip format; expected 0 (stored) or 8 "
                            "(deflated); write it with numpy.savez() or numpy.savez_compressed()",
                            entry.comp_method));
  }
  if (entry.comp_method == ZIP_CM_STORE && entry.size != entry.comp_size) {
    fail(where, fmt::format("is stored in {} bytes, but said to have {}; expected the same number; "
                            "the archive is damaged, so get it again",
                            entry.comp_size, entry.size));
  }
  if (entry.size > kMaxNpzEntryBytes) {
    fail(where,
         fmt::format("has {} bytes unpacked; expected at most 4 GiB; split the array", entry.size));
  }
  if (entry.size / kMaxNpzRatio > entry.comp_size) {
    fail(where,
         fmt::format("should unpack from {} bytes to {}, which is more than {} to 1; expected "
                     "what deflate can do; the archive is forged or damaged, so get it again",
                     entry.comp_size, entry.size, kMaxNpzRatio));
  }
}

}  // namespace

// The zip archive and the index of its entries by key.
class NpzFile::Archive {
 public:
  Archive(std::span<const std::byte> content, std::shared_ptr<const void> owner,
          std::string file_name);

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool contains(const std::string& name) const { return entries_.contains(name); }
  [[nodiscard]] Constant read(const std::string& name);

 private:
  void list_entries(std::uint64_t archive_bytes);
  [[nodiscard]] std::vector<std::byte> unpack(zip_uint64_t index, const std::string& where);
  [[nodiscard]] std::string where(std::string_view name) const {
    return fmt::format("{}: entry {}", file_name_, in_quotes(name));
  }

  std::string file_name_;
  std::shared_ptr<const void> owner_;
  ZipArchive zip_;  // after the owner of the bytes it reads
  std::map<std::string, zip_uint64_t> entries_;
};

NpzFile::Archive::Archive(std::span<const std::byte> content, std::shared_ptr<const void> owner,
                          std::string file_name)
    : file_name_(std::move(file_name)), owner_(std::move(owner)) {
  ZipError error;
  const ZipSource source(zip_source_buffer_create(content.data(), content.size(), 0, error.get()));
  if (content.empty()) {
    zip_error_set(error.get(), ZIP_ER_NOZIP, 0);  // libzip would take it for an empty archive
  } else if (source != nullptr) {
    zip_.reset(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
  }
  if (zip_ == nullptr) {
    if (zip_error_code_zip(error.get()) == ZIP_ER_EXISTS) {
      fail(file_name_, "names an entry twice; expected each name once; write the archive again");
    }
    fail(file_name_,
         fmt::format("cannot be read as a zip archive ({}); expected a .npz file as numpy.savez() "
                     "writes it; write it again or get it again",
                     error.message()));
  }
  zip_source_keep(source.get());  // beside the archive, which owns it now
  list_entries(content.size());
}

void NpzFile::Archive::list_entries(std::uint64_t archive_bytes) {
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(zip_.get(), 0));
  if (count > kMaxNpzEntries) {
    fail(file_name_, fmt::format("holds {} entries; expected at most {}; split the archive", count,
                                 kMaxNpzEntries));
  }
  std::uint64_t unpacked = 0;
  std::uint64_t packed = 0;
  for (zip_uint64_t index = 0; index < count; ++index) {
    const char* const found = zip_get_name(zip_.get(), index, ZIP_FL_ENC_STRICT);
    zip_stat_t entry;
    if (found == nullptr || zip_stat_index(zip_.get(), index, 0, &entry) != 0) {
      fail(file_name_, fmt::format("entry {} of the archive cannot be read ({}); write the archive "
                                   "again",
                                   index, zip_strerror(zip_.get())));
    }
    const std::string_view name(found);
    if (!name.ends_with(kSuffix)) {
      fail(where(name),
           "is no array, as its name does not end in .npy; expected arrays only; write "
           "the archive with numpy.savez()");
    }
    check_entry(entry, where(name));
    const std::string_view key = name.substr(0, name.size() - kSuffix.size());
    if (!entries_.emplace(key, index).second) {
      fail(where(name), "is there twice; expected each name once; write the archive again");
    }
    unpacked += entry.size;  // at most kMaxNpzEntries times kMaxNpzEntryBytes
    packed += std::min(entry.comp_size, archive_bytes + 1);
  }
  if (unpacked > kMaxNpzBytes) {
    fail(file_name_,
         fmt::format("holds arrays of {} bytes unpacked; expected at most 64 GiB; split "
                     "the archive",
                     unpacked));
  }
  if (packed > archive_bytes) {
    fail(file_name_, fmt::format("has {} bytes, but its entries should take {}; expected entries "
                                 "that share no bytes; the archive is forged or damaged, so get it "
                                 "again",
                                 archive_bytes, packed));
  }
}

std::vector<std::byte> NpzFile::Archive::unpack(zip_uint64_t index, const std::string& where) {
  zip_stat_t entry;
  if (zip_stat_index(zip_.get(), index, 0, &entry) != 0) damaged(where, zip_strerror(zip_.get()));
  const auto declared = static_cast<std::size_t>(entry.size);
  const ZipEntry file(zip_fopen_index(zip_.get(), index, 0));
  if (file == nullptr) damaged(where, zip_strerror(zip_.get()));

  // The byte too many tells an entry that has more than it says; libzip would go on. Reaching the
  // end makes libzip check the checksum.
  std::vector<std::byte> buffer(std::min(declared + 1, kFirstStep));
  std::size_t used = 0;
  for (;;) {
    const zip_int64_t count = zip_fread(file.get(), buffer.data() + used,
                                        static_cast<zip_uint64_t>(buffer.size() - used));
    if (count < 0) damaged(where, zip_file_strerror(file.get()));
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
    if (used > declared) {
      fail(where, fmt::format("unpacks to more than the {} bytes it should have; expected no more; "
                              "the archive is forged or damaged, so get it again",
                              declared));
    }
    if (used == buffer.size()) buffer.resize(std::min(declared + 1, 2 * buffer.size()));
  }
  if (used < declared) {
    fail(where,
         fmt::format("unpacks to {} bytes; expected {}; the archive is forged or damaged, so "
                     "get it again",
                     used, declared));
  }
  buffer.resize(declared);
  return buffer;
}

std::vector<std::string> NpzFile::Archive::names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const auto& [key, index] : entries_) names.push_back(key);
  return names;
}

Constant NpzFile::Archive::read(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    const auto nearest = nearest_name(name, names());
    fail(file_name_, fmt::format("holds no array {}; {}", in_quotes(name),
                                 nearest ? fmt::format("did you mean {}?", in_quotes(*nearest))
                                         : "check the name"));
  }
  const std::string place = fmt::format("{}: array {}", file_name_, in_quotes(name));
  const auto buffer = std::make_shared<const std::vector<std::byte>>(unpack(found->second, place));
  return read_npy(*buffer, buffer, place);
}

NpzFile::NpzFile(const std::filesystem::path& path) {
  FileView file = map_file(path, kMaxNpzBytes);
  const std::string_view content = file.text;
  archive_ = std::make_unique<Archive>(std::as_bytes(std::span(content)), std::move(file.owner),
                                       printable(path.string(), 4096));
}

NpzFile::NpzFile(std::span<const std::byte> content, std::shared_ptr<const void> owner,
                 std::string file_name)
    : archive_(std::make_unique<Archive>(content, std::move(owner), std::move(file_name))) {}

NpzFile::NpzFile(NpzFile&&) noexcept = default;
NpzFile& NpzFile::operator=(NpzFile&&) noexcept = default;
NpzFile::~NpzFile() = default;

std::vector<std::string> NpzFile::names() const {
  return archive_->names();
}

bool NpzFile::contains(const std::string& name) const {
  return archive_->contains(name);
}

Constant NpzFile::read(const std::string& name) {
  return archive_->read(name);
}

}  // namespace pimento::workloads
