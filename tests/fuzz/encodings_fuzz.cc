// SPDX-License-Identifier: Apache-2.0
// Any bytes as a side file of encodings. What is read must be what encodings.h promises.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "tests/fuzz/number_mutator.h"
#include "workloads/archive/encodings.h"

namespace {

using pimento::ensure;
using pimento::workloads::TensorEncoding;

void check(const TensorEncoding& encoding) {
  ensure(encoding.bits >= 2 && encoding.bits <= 32, "bits out of range");
  ensure(encoding.scales.size() == encoding.zero_points.size(), "scales without zero points");
  ensure(encoding.is_float == encoding.scales.empty(), "no scale");
  ensure(encoding.is_float || encoding.axis >= 0 || encoding.scales.size() == 1, "no axis");
  ensure(encoding.is_signed || !encoding.is_narrow, "narrow and unsigned");
  const std::int64_t values = std::int64_t{1} << encoding.bits;
  const std::int64_t lowest = encoding.is_signed ? -values / 2 : 0;
  for (const std::int64_t point : encoding.zero_points) {
    ensure(point >= lowest && point < lowest + values, "a zero point out of range");
  }
  for (const double scale : encoding.scales) {
    ensure(std::isfinite(scale) && scale > 0.0, "a scale out of range");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string content(data, data + size);
    for (const auto& encoding : pimento::workloads::read_encodings(content, "fuzz.encodings")) {
      check(encoding);
    }
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
  return 0;
}
