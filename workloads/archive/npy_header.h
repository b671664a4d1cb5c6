// SPDX-License-Identifier: Apache-2.0
// The header of a .npy file: the literal of a Python dictionary with three keys.
#pragma once

#include <string>
#include <string_view>

#include "workloads/graph/element_type.h"
#include "workloads/shape.h"

namespace pimento::workloads {

struct NpyHeader {
  ElementType type = ElementType::kFloat32;
  bool fortran_order = false;
  Shape shape;
};

// Reads the text of a header. Nothing of it is evaluated: it is held against the one form that
// NumPy writes, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, in any order of keys
// and with any spacing. At most kMaxRank extents, at most kMaxElements elements.
// Throws InputError "where: message".
[[nodiscard]] NpyHeader parse_npy_header(std::string_view text, const std::string& where);

// "(2, 3)", "(2,)", "()".
[[nodiscard]] std::string python_tuple(const Shape& shape);

// The text for a header, without the padding behind it. The type must be one that NumPy has.
[[nodiscard]] std::string format_npy_header(ElementType type, const Shape& shape);

}  // namespace pimento::workloads
