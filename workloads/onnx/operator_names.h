// SPDX-License-Identifier: Apache-2.0
// Which operators of which domains this program knows.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pimento::workloads::onnx_import {

// The name in the operator table of an operator of a domain; empty when it is not known.
[[nodiscard]] std::optional<std::string> known_operator(const std::string& domain,
                                                        const std::string& op);

// "Add, AveragePool, ..." of the standard domain, for messages.
[[nodiscard]] std::vector<std::string> standard_operators();

}  // namespace pimento::workloads::onnx_import
