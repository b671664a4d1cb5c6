// SPDX-License-Identifier: Apache-2.0
// An ONNX file as messages, and the values of its tensors. What arrives here was written by a
// stranger: sizes are checked before memory is taken for them, and names before they are printed.
#pragma once

#include <cstdint>
#include <onnx/onnx.pb.h>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/arena.h>

#include "workloads/tensor.h"

namespace pimento::workloads::onnx_import {

// The text with control characters, bytes that are not UTF-8, quotes and backslashes written as
// escapes.
[[nodiscard]] std::string printable(std::string_view text);
// The same in double quotes and cut to a length that fits a message.
[[nodiscard]] std::string quote(std::string_view text);

// Throws InputError "where: message".
[[noreturn]] void fail(const std::string& where, const std::string& message);

// The operator sets and file format versions this importer knows. Sets below 7 define broadcasting
// otherwise, and set 6 is read as far as that makes no difference.
inline constexpr std::int64_t kMinOpset = 6;
inline constexpr std::int64_t kMaxOpset = 21;
inline constexpr std::int64_t kMinIrVersion = 3;
inline constexpr std::int64_t kMaxIrVersion = 10;

// A parsed file. Throws InputError when the content is no ONNX model, is cut short, or would take
// far more memory parsed than it has bytes.
class ParsedModel {
 public:
  ParsedModel(const std::string& content, const std::string& file_name);
  ParsedModel(const ParsedModel&) = delete;
  ParsedModel& operator=(const ParsedModel&) = delete;
  ~ParsedModel() = default;

  [[nodiscard]] const ::onnx::ModelProto& proto() const { return *proto_; }

 private:
  google::protobuf::Arena arena_;
  ::onnx::ModelProto* proto_;  // owned by the arena
};

// The version of the standard operators the model uses. Throws InputError when that, or the version
// of the file format, is not one this importer knows, and when parts of the model lie beyond it.
[[nodiscard]] std::int64_t check_versions(const ::onnx::ModelProto& model,
                                          const std::string& file_name);

// Whether a domain means the standard operators.
[[nodiscard]] bool is_standard_domain(const std::string& domain);

// The values of a TensorProto: one of the two lists is filled.
struct Constant {
  Shape shape;
  bool is_integer = false;
  std::vector<float> reals;
  std::vector<std::int64_t> integers;
};

// Decodes float, double, float16, bfloat16, bool and the 8-, 32- and 64-bit integers ONNX networks
// keep shapes and limits in. Doubles are rounded to float. `where` names the tensor in messages.
[[nodiscard]] Constant decode_tensor(const ::onnx::TensorProto& tensor, const std::string& where);

}  // namespace pimento::workloads::onnx_import
