// SPDX-License-Identifier: Apache-2.0
// The .npz format of NumPy: a zip archive in which each entry NAME.npy is an array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workloads/graph/constant.h"

namespace pimento::workloads {

// What an archive may hold. Sizes are of unpacked entries.
inline constexpr std::uint64_t kMaxNpzEntries = 100'000;
inline constexpr std::uint64_t kMaxNpzEntryBytes = std::uint64_t{4} << 30;
inline constexpr std::uint64_t kMaxNpzBytes = std::uint64_t{64} << 30;
inline constexpr std::uint64_t kMaxNpzRatio = 1100;  // deflate reaches 1032 to 1

// An open archive. Opening reads its directory, and each array is unpacked when it is asked for.
// An entry's memory grows with the bytes that really come out of it, never on the word of the
// directory. Names are keys and nothing else: no file is ever made or opened by them.
class NpzFile {
 public:
  // Maps a file, which must stay as it is while this object lives. Throws InputError when it
  // cannot be read, is no zip archive, exceeds the limits above, or holds an entry that is
  // encrypted, named twice, not named *.npy, or packed otherwise than savez() and
  // savez_compressed() do.
  explicit NpzFile(const std::filesystem::path& path);
  // The same with an archive in memory, which `owner` keeps alive; messages call it `file_name`.
  NpzFile(std::span<const std::byte> content, std::shared_ptr<const void> owner,
          std::string file_name);
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) noexcept;
  NpzFile(const NpzFile&) = delete;
  NpzFile& operator=(const NpzFile&) = delete;
  ~NpzFile();

  // Without ".npy", sorted.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool contains(const std::string& name) const;
  // Unpacks one array. Throws InputError when there is none of that name, when it is damaged, or
  // when it is no array that read_npy() takes. Not to be called from two threads at once.
  [[nodiscard]] Constant read(const std::string& name);

 private:
  class Archive;
  std::unique_ptr<Archive> archive_;
};

// Writes an archive that numpy.load() reads: entries sorted by name, unpacked, all of the same
// date, so that equal arrays give equal bytes. Arrays are written from where they lie, and the file
// appears under its name when it is complete. Throws InputError when it cannot be
// written, or a name is not UTF-8 or has a zero byte in it, or the limits above are exceeded.
void write_npz(const std::filesystem::path& path, const std::map<std::string, Constant>& arrays);

}  // namespace pimento::workloads
