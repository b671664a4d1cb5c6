// SPDX-License-Identifier: Apache-2.0
// Encodings files as the tests of workloads/archive/ write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/workloads/support.h"
#include "workloads/archive/encodings.h"

namespace pimento::workloads {

using Scales = std::vector<double>;
using Points = std::vector<std::int64_t>;

inline std::vector<TensorEncoding> read(const std::string& json) {
  return read_encodings(json, "m.encodings");
}

inline std::string error_of(const std::string& json) {
  return input_error([&] { (void)read(json); });
}

// A file of version 0.6.1 with one parameter "w".
inline std::string with_channels(const std::string& channels) {
  return R"({"version": "0.6.1", "activation_encodings": {}, "param_encodings": {"w": [)" +
         channels + "]}}";
}

inline std::string channel(int bits, const std::string& symmetric, const std::string& min,
                           const std::string& max, const std::string& offset,
                           const std::string& scale) {
  return fmt::format(R"({{"bitwidth": {}, "dtype": "int", "is_symmetric": "{}", "min": {}, )"
                     R"("max": {}, "offset": {}, "scale": {}}})",
                     bits, symmetric, min, max, offset, scale);
}

inline TensorEncoding one_channel(int bits, const std::string& symmetric, const std::string& min,
                                  const std::string& max, const std::string& offset,
                                  const std::string& scale) {
  return read(with_channels(channel(bits, symmetric, min, max, offset, scale))).at(0);
}

inline std::string channel_error(const std::string& channels) {
  return error_of(with_channels(channels));
}

inline std::string with_entries(const std::string& version, const std::string& entries) {
  return fmt::format(R"({{"version": "{}", "{}": [{}]}})", version,
                     version == "1.0.0" ? "param_encodings" : "encodings", entries);
}

inline TensorEncoding entry(const std::string& version, const std::string& fields) {
  return read(with_entries(version, R"({"name": "w", )" + fields + "}")).at(0);
}

inline std::string entry_error(const std::string& version, const std::string& fields) {
  return error_of(with_entries(version, R"({"name": "w", )" + fields + "}"));
}

}  // namespace pimento::workloads
