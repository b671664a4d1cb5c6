// SPDX-License-Identifier: Apache-2.0
// libzip's handles, closed when they are done with, and its errors as messages.
#pragma once

#include <memory>
#include <string>
#include <zip.h>

namespace pimento::workloads {

struct ZipDiscard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct ZipEntryClose {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
struct ZipSourceFree {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

using ZipArchive = std::unique_ptr<zip_t, ZipDiscard>;
using ZipEntry = std::unique_ptr<zip_file_t, ZipEntryClose>;
using ZipSource = std::unique_ptr<zip_source_t, ZipSourceFree>;

// What a function of libzip reports on failure.
class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  ~ZipError() { zip_error_fini(&error_); }

  [[nodiscard]] zip_error_t* get() { return &error_; }
  [[nodiscard]] std::string message() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

}  // namespace pimento::workloads
