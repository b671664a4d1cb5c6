// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/npy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

struct DescribedType {
  std::string_view descr;
  ElementType type;
};

// The first of a type is the one NumPy writes. The order of bytes means nothing to a single one.
constexpr std::array kDescribedTypes{
    DescribedType{"<f2", ElementType::kFloat16}, DescribedType{"<f4", ElementType::kFloat32},
    DescribedType{"<f8", ElementType::kFloat64}, DescribedType{"|b1", ElementType::kBool},
    DescribedType{"|i1", ElementType::kInt8},    DescribedType{"|u1", ElementType::kUint8},
    DescribedType{"<i2", ElementType::kInt16},   DescribedType{"<u2", ElementType::kUint16},
    DescribedType{"<i4", ElementType::kInt32},   DescribedType{"<u4", ElementType::kUint32},
    DescribedType{"<i8", ElementType::kInt64},   DescribedType{"<u8", ElementType::kUint64},
    DescribedType{"<b1", ElementType::kBool},    DescribedType{"<i1", ElementType::kInt8},
    DescribedType{"<u1", ElementType::kUint8},
};

constexpr std::string_view kExpectedTypes =
    "expected float16, float32, float64, bool or an integer of 8 to 64 bits";

// What NumPy's letters for types stand for, of the types that are no numbers for a network.
std::string_view kind_name(char kind) {
  switch (kind) {
    case 'c':
      return "complex numbers";
    case 'S':
    case 'a':
    case 'U':
      return "strings";
    case 'M':
    case 'm':
      return "dates or times";
    case 'V':
      return "raw bytes, as structured arrays and types unknown to NumPy are stored";
    default:
      return "a type that is not supported";
  }
}

// The one reader of the header's text; `at_` is what is left to read.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where)
      : text_(text), left_(text), where_(where) {}

  NpyHeader parse();

 private:
  [[noreturn]] void fail(std::string_view message) const {
    throw InputError(fmt::format("{}: {}", where_, message));
  }
  [[noreturn]] void malformed(std::string_view expected) const;

  void skip_spaces();
  // Whether the next thing is `token`, which is then read.
  [[nodiscard]] bool accept(std::string_view token);
  void expect(std::string_view token, std::string_view expected);

  [[nodiscard]] std::string_view parse_string(std::string_view expected);
  void parse_entry(std::string_view key);
  [[nodiscard]] ElementType parse_type();
  [[nodiscard]] bool parse_bool();
  [[nodiscard]] Shape parse_shape();
  [[nodiscard]] std::int64_t parse_extent();

  std::string_view text_;
  std::string_view left_;
  const std::string& where_;
  std::optional<ElementType> type_;
  std::optional<bool> fortran_order_;
  std::optional<Shape> shape_;
};

void HeaderParser::malformed(std::string_view expected) const {
  const std::string found = left_.empty() ? "its end" : fmt::format("\"{}\"", printable(left_, 20));
  fail(
      fmt::format("the header of the array has {} at byte {}; expected {}; save it again with "
                  "NumPy",
                  found, text_.size() - left_.size(), expected));
}

void HeaderParser::skip_spaces() {
  left_.remove_prefix(std::min(left_.find_first_not_of(" \t\n"), left_.size()));
}

bool HeaderParser::accept(std::string_view token) {
  skip_spaces();
  if (!left_.starts_with(token)) return false;
  left_.remove_prefix(token.size());
  return true;
}

void HeaderParser::expect(std::string_view token, std::string_view expected) {
  if (!accept(token)) malformed(expected);
}

std::string_view HeaderParser::parse_string(std::string_view expected) {
  skip_spaces();
  const char quote = left_.empty() ? '\0' : left_.front();
  if (quote != '\'' && quote != '"') malformed(expected);
  const std::string_view body = left_.substr(1);
  const std::size_t end = body.find_first_of("'\"\\\n");
  if (end == std::string_view::npos || body[end] != quote) malformed(expected);
  left_ = body.substr(end + 1);
  return body.substr(0, end);
}

ElementType HeaderParser::parse_type() {
  skip_spaces();
  if (left_.starts_with('[') || left_.starts_with('(')) {
    fail(
        fmt::format("the array is structured, with several fields an element; {}; save each field "
                    "as an array of its own",
                    kExpectedTypes));
  }
  const std::string_view descr = parse_string("a string such as '<f4'");
  const auto* const known =
      std::find_if(kDescribedTypes.begin(), kDescribedTypes.end(),
                   [&](const DescribedType& candidate) { return candidate.descr == descr; });
  if (known != kDescribedTypes.end()) return known->type;

  const std::string shown = printable(descr, 20);
  const char kind = descr.size() > 1 ? descr[1] : '\0';
  if (kind == 'O') {
    fail(
        fmt::format("the array holds Python objects ('{}'), and reading those can run code of the "
                    "file; {}; convert the array with .astype() before saving it",
                    shown, kExpectedTypes));
  }
  if (descr.starts_with('>')) {
    fail(
        fmt::format("the array is big-endian ('{}'); expected little-endian; save "
                    "array.astype(array.dtype.newbyteorder('<'))",
                    shown));
  }
  fail(
      fmt::format("the array holds {} ('{}'); {}; convert the array with .astype() before saving "
                  "it",
                  kind_name(kind), shown, kExpectedTypes));
}

bool HeaderParser::parse_bool() {
  if (accept("True")) return true;
  expect("False", "True or False");
  return false;
}

std::int64_t HeaderParser::parse_extent() {
  std::int64_t extent = 0;
  const char* const begin = left_.data();
  const auto [stop, error] = std::from_chars(begin, begin + left_.size(), extent);
  const std::string_view digits = left_.substr(0, static_cast<std::size_t>(stop - begin));
  if (digits.starts_with('-')) {
    fail(fmt::format("the array has the extent {}; expected 0 or more", digits.substr(0, 40)));
  }
  if (error == std::errc::result_out_of_range || extent > kMaxElements) {
    fail(fmt::format("the array has the extent {}; expected at most 2^40", digits.substr(0, 40)));
  }
  if (error != std::errc{}) malformed("a whole number or ')'");
  left_.remove_prefix(digits.size());
  return extent;
}

Shape HeaderParser::parse_shape() {
  Shape shape;
  expect("(", "'(' and the extents of the shape");
  while (!accept(")")) {
    if (shape.size() == static_cast<std::size_t>(kMaxRank)) {
      fail(fmt::format("the array has more than {0} dimensions; expected at most {0}", kMaxRank));
    }
    shape.push_back(parse_extent());
    if (accept(",")) continue;
    // (3) is no tuple in Python, (3,) is.
    if (shape.size() == 1) malformed("','");
    expect(")", "',' or ')'");
    break;
  }
  const auto elements = checked_product(shape);
  if (!elements || *elements > kMaxElements) {
    fail(fmt::format("the array has the shape {}; expected at most 2^40 elements",
                     python_tuple(shape)));
  }
  return shape;
}

void HeaderParser::parse_entry(std::string_view key) {
  const bool repeated = (key == "descr" && type_) || (key == "fortran_order" && fortran_order_) ||
                        (key == "shape" && shape_);
  if (repeated) {
    fail(
        fmt::format("the header of the array has '{}' twice; expected it once; save the array "
                    "again with NumPy",
                    key));
  }
  if (key == "descr") {
    type_ = parse_type();
  } else if (key == "fortran_order") {
    fortran_order_ = parse_bool();
  } else if (key == "shape") {
    shape_ = parse_shape();
  } else {
    fail(
        fmt::format("the header of the array has the key '{}'; expected 'descr', 'fortran_order' "
                    "and 'shape' only; save the array again with NumPy",
                    printable(key, 40)));
  }
}

NpyHeader HeaderParser::parse() {
  expect("{", "'{'");
  while (!accept("}")) {
    const std::string_view key = parse_string("a key in quotes or '}'");
    expect(":", "':'");
    parse_entry(key);
    if (accept(",")) continue;
    expect("}", "',' or '}'");
    break;
  }
  skip_spaces();
  if (!left_.empty()) malformed("nothing but spaces after '}'");
  if (!type_ || !fortran_order_ || !shape_) {
    fail(
        fmt::format("the header of the array has no '{}'; expected 'descr', 'fortran_order' and "
                    "'shape'; save the array again with NumPy",
                    !type_ ? "descr" : (!fortran_order_ ? "fortran_order" : "shape")));
  }
  return {*type_, *fortran_order_, *std::move(shape_)};
}

}  // namespace

std::string python_tuple(const Shape& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

NpyHeader parse_npy_header(std::string_view text, const std::string& where) {
  return HeaderParser(text, where).parse();
}

std::string format_npy_header(ElementType type, const Shape& shape) {
  const auto* const known =
      std::find_if(kDescribedTypes.begin(), kDescribedTypes.end(),
                   [&](const DescribedType& candidate) { return candidate.type == type; });
  ensure(known != kDescribedTypes.end(), "NumPy has no such element type");
  return fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", known->descr,
                     python_tuple(shape));
}

}  // namespace pimento::workloads
