// SPDX-License-Identifier: Apache-2.0
#include "arch/encoding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "arch/encoding_names.h"
#include "base/error.h"

namespace pimento::arch {
namespace {

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  const auto it = std::find_if(names.begin(), names.end(),
                               [value](const auto& name) { return name.second == value; });
  ensure(it != names.end(), "an encoding without a name");
  return it->first;
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  return name_in(kEncodingNames, encoding);
}

std::string_view signed_inputs_name(SignedInputs inputs) {
  return name_in(kSignedInputsNames, inputs);
}

int lines(Encoding encoding) {
  switch (encoding) {
    case Encoding::kSignMagnitude:
    case Encoding::kCenterOffset:
    case Encoding::kCsd:
      return 2;
    default:
      return 1;
  }
}

SumRange sum_range(Encoding encoding, std::int64_t rows, int cell_bits, int dac_bits) {
  const std::int64_t cells = rows * ((std::int64_t{1} << cell_bits) - 1);
  const std::int64_t drive = (std::int64_t{1} << dac_bits) - 1;
  if (lines(encoding) == 2) return {-cells * drive, cells * drive};
  if (encoding == Encoding::kOffsetFlipped) return {0, cells / 2 * drive};
  return {0, cells * drive};
}

}  // namespace pimento::arch
