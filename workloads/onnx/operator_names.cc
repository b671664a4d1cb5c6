// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/operator_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "workloads/graph/operator.h"
#include "workloads/onnx/model.h"

namespace pimento::workloads::onnx_import {
namespace {

// Operators that no standard set has, and the domains they come in.
struct Foreign {
  std::string_view op;
  std::string_view known_as;
  std::array<std::string_view, 3> domains;
};

// "onnx.brevitas" is what Brevitas writes; "finn.custom_op.general" is older.
constexpr std::array<std::string_view, 3> kQonnx{"qonnx.custom_op.general", "onnx.brevitas",
                                                 "finn.custom_op.general"};
constexpr std::array<std::string_view, 3> kRuntime{"com.microsoft", "", ""};

constexpr std::array kForeign{
    Foreign{"Quant", "Quant", kQonnx},
    Foreign{"IntQuant", "Quant", kQonnx},
    Foreign{"BipolarQuant", "BipolarQuant", kQonnx},
    Foreign{"Trunc", "Trunc", kQonnx},
    Foreign{"FakeQuantize", "FakeQuantize", {"org.openvinotoolkit", "", ""}},
    Foreign{"QLinearAdd", "QLinearAdd", kRuntime},
    Foreign{"QLinearMul", "QLinearMul", kRuntime},
    Foreign{"QLinearGlobalAveragePool", "QLinearGlobalAveragePool", kRuntime},
    Foreign{"QuantizeLinear", "QuantizeLinear", kRuntime},
    Foreign{"DequantizeLinear", "DequantizeLinear", kRuntime},
    Foreign{"Gelu", "Gelu", kRuntime},
};

// Known in the standard domain only by names that a standard set has.
bool is_foreign_only(std::string_view op) {
  constexpr std::array<std::string_view, 3> kStandardToo{"QuantizeLinear", "DequantizeLinear",
                                                         "Gelu"};
  return std::find(kStandardToo.begin(), kStandardToo.end(), op) == kStandardToo.end() &&
         std::any_of(kForeign.begin(), kForeign.end(),
                     [&](const Foreign& foreign) { return foreign.known_as == op; });
}

}  // namespace

std::optional<std::string> known_operator(const std::string& domain, const std::string& op) {
  if (is_standard_domain(domain)) {
    if (op == "Constant") return op;
    const bool known = operator_table().find(op) != nullptr && !is_foreign_only(op);
    return known ? std::optional(op) : std::nullopt;
  }
  for (const Foreign& foreign : kForeign) {
    const auto& domains = foreign.domains;
    if (foreign.op == op && std::find(domains.begin(), domains.end(), domain) != domains.end()) {
      return std::string(foreign.known_as);
    }
  }
  return std::nullopt;
}

std::vector<std::string> standard_operators() {
  std::vector<std::string> names = operator_table().names();
  names.emplace_back("Constant");
  std::erase_if(names, [](const std::string& name) { return is_foreign_only(name); });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pimento::workloads::onnx_import
