// SPDX-License-Identifier: Apache-2.0
// What the tests of workloads/archive/ share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>
#include <zip.h>

#include <gtest/gtest.h>

#include "base/file.h"
#include "workloads/graph/constant.h"

namespace pimento::workloads {

inline std::filesystem::path fixture_path(const std::string& name) {
  return std::filesystem::path(PIMENTO_SOURCE_DIR) / "tests/data/archive" / name;
}

inline std::string fixture(const std::string& name) {
  return read_file(fixture_path(name), 1 << 20);
}

inline std::span<const std::byte> bytes_of(const std::string& content) {
  return std::as_bytes(std::span(content));
}

// A .npy file of version 1 with any header and data.
inline std::string npy_with(const std::string& header, const std::string& data = "") {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  return file + header + data;
}

// The header NumPy gives, with a shape such as "(2, 3)".
inline std::string npy_of(const std::string& descr, const std::string& shape,
                          const std::string& data = "", const std::string& fortran = "False") {
  return npy_with(
      "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n",
      data);
}

struct ZipMember {
  std::string name;
  std::string content;
  bool deflated = true;
};

// A zip archive in memory.
inline std::string make_zip(const std::vector<ZipMember>& members) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* const archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
  zip_source_keep(source);
  for (const ZipMember& member : members) {
    const zip_int64_t index =
        zip_file_add(archive, member.name.c_str(),
                     zip_source_buffer(archive, member.content.data(), member.content.size(), 0),
                     ZIP_FL_ENC_UTF_8);
    EXPECT_GE(index, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             member.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_stat_t whole;
  zip_source_stat(source, &whole);
  std::string content(whole.size, '\0');
  zip_source_open(source);
  zip_source_read(source, content.data(), content.size());
  zip_source_close(source);
  zip_source_free(source);
  return content;
}

}  // namespace pimento::workloads
