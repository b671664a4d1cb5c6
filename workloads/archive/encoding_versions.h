// SPDX-License-Identifier: Apache-2.0
// One tensor of an encodings file, in each of its versions; names and parts are read elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "workloads/archive/encodings.h"
#include "workloads/archive/json_fields.h"
#include "workloads/limits.h"

namespace pimento::workloads {

inline constexpr std::int64_t kMinEncodingBits = 2;
inline constexpr std::int64_t kMaxEncodingBlock = std::int64_t{1} << 31;

// Versions 0.x: the list of a tensor's channels.
[[nodiscard]] TensorEncoding read_tensor_v0(const nlohmann::json& value, const std::string& where);
// Versions 1.0.0 and 2.x: the object of a tensor.
[[nodiscard]] TensorEncoding read_entry_v1(const JsonFields& fields);
[[nodiscard]] TensorEncoding read_entry_v2(const JsonFields& fields);

[[noreturn]] void refuse_quantized_scales(const JsonFields& fields);

}  // namespace pimento::workloads
