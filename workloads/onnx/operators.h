// SPDX-License-Identifier: Apache-2.0
// The operators of ONNX this program knows, each with the function that reads it.
#pragma once

#include "base/registry.h"
#include "workloads/onnx/node_reader.h"

namespace pimento::workloads::onnx_import {

using ReadOperator = void (*)(NodeReader& node);

[[nodiscard]] const Registry<ReadOperator>& operators();

}  // namespace pimento::workloads::onnx_import
