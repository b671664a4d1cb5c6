// SPDX-License-Identifier: Apache-2.0
// What a layer of a descriptor does: the field `op` and the fields of each operation.
#pragma once

#include <string_view>

#include "base/config_reader.h"
#include "workloads/layer.h"
#include "workloads/limits.h"

namespace pimento::workloads {

inline constexpr IntRange kExtent{1, kMaxElements};

// A list of 1 to 8 numbers. Mistakes are noted, as all here.
[[nodiscard]] Shape read_shape(ConfigMap& map, std::string_view key, IntRange range);

// The operation of a layer; one that nobody knows becomes the identity. How many inputs a digital
// one takes is left to the caller.
[[nodiscard]] Operation read_operation(ConfigMap& map);

}  // namespace pimento::workloads
