// SPDX-License-Identifier: Apache-2.0
// An ONNX file as messages. What arrives here was written by a stranger: sizes are checked before
// memory is taken for them, and names before they are printed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <onnx/onnx.pb.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/arena.h>

namespace pimento::workloads::onnx_import {

// The text with control characters, bytes that are not UTF-8, quotes and backslashes written as
// escapes.
[[nodiscard]] std::string printable(std::string_view text);
// The same in double quotes and cut to a length that fits a message.
[[nodiscard]] std::string quote(std::string_view text);

// Throws InputError "where: message".
[[noreturn]] void fail(const std::string& where, const std::string& message);

// The operator sets and file format versions this importer knows. Sets below 7 define broadcasting
// otherwise, and are read with their own rules as far as their operators have not changed since.
inline constexpr std::int64_t kMinOpset = 1;
inline constexpr std::int64_t kMaxOpset = 21;
inline constexpr std::int64_t kMinIrVersion = 3;
inline constexpr std::int64_t kMaxIrVersion = 10;

// A parsed file. Throws InputError when the content is no ONNX model, is cut short, or would take
// far more memory parsed than it has bytes.
class ParsedModel {
 public:
  ParsedModel(std::string content, const std::string& file_name);
  ParsedModel(const ParsedModel&) = delete;
  ParsedModel& operator=(const ParsedModel&) = delete;
  ~ParsedModel() = default;

  [[nodiscard]] const ::onnx::ModelProto& proto() const { return *proto_; }
  // The raw data of an initializer that was left in the file's bytes.
  [[nodiscard]] std::optional<std::string_view> raw_data(int initializer) const;
  // Keeps those bytes alive.
  [[nodiscard]] std::shared_ptr<const std::string> content() const { return content_; }

 private:
  std::shared_ptr<const std::string> content_;
  std::vector<std::optional<std::string_view>> raw_data_;
  google::protobuf::Arena arena_;
  ::onnx::ModelProto* proto_;  // owned by the arena
};

// The version of each operator set, by domain ("" for the standard operators). Throws InputError
// when the standard set's version, or that of the file format, is not one this importer knows, and
// when parts of the model lie beyond it.
[[nodiscard]] std::map<std::string, std::int64_t> check_versions(const ::onnx::ModelProto& model,
                                                                 const std::string& file_name);

// Whether a domain means the standard operators.
[[nodiscard]] bool is_standard_domain(const std::string& domain);

}  // namespace pimento::workloads::onnx_import
