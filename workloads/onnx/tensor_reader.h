// SPDX-License-Identifier: Apache-2.0
// The values of TensorProtos: from typed fields, raw data, the file's own bytes, or another file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <onnx/onnx.pb.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/graph/constant.h"

namespace pimento::workloads::onnx_import {

// The element type of ONNX's number for it; empty for text, complex numbers and other types that
// are not read.
[[nodiscard]] std::optional<ElementType> element_type_of(int data_type);
// "STRING", "COMPLEX64" or "number 99", for messages.
[[nodiscard]] std::string data_type_name(int data_type);

// The bytes of an initializer's raw data and who keeps them alive.
struct RawBytes {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

class TensorReader {
 public:
  // `folder` is where files of external data may stand: the model's own folder. Empty when there is
  // none, for models that travel inside the program.
  explicit TensorReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `where` names the tensor in messages; `raw` are its raw data if they were left in the file.
  // Throws InputError on types that are not read and sizes that do not fit.
  [[nodiscard]] Constant read(const ::onnx::TensorProto& tensor, const std::string& where,
                              const std::optional<RawBytes>& raw = std::nullopt);

 private:
  struct External {
    std::string_view bytes;
    std::shared_ptr<const void> owner;
    std::map<std::uint64_t, std::uint64_t> taken;  // begin -> end of the ranges in use
  };
  [[nodiscard]] External& open(const std::string& location, const std::string& where);
  [[nodiscard]] Constant read_external(const ::onnx::TensorProto& tensor, ElementType type,
                                       Shape shape, const std::string& where);

  std::filesystem::path folder_;
  std::map<std::string, External> files_;
};

}  // namespace pimento::workloads::onnx_import
