// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/json_fields.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace pimento::workloads {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 16;

[[noreturn]] void fail_with(const std::string& where, const std::string& message) {
  throw InputError(fmt::format("{}: {}", where, message));
}

SourceLocation location_of(const std::string& content, std::size_t byte,
                           const std::string& file_name) {
  const std::string_view before(content.data(), std::min(byte, content.size()));
  const auto line_breaks = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 when there is none
  return {file_name, static_cast<int>(line_breaks) + 1,
          static_cast<int>(before.size() - line_start) + 1};
}

// Follows the parser and stops it where a library for trusted text would go on.
class Watcher {
 public:
  explicit Watcher(const std::string& file_name) : file_name_(file_name) {}

  bool operator()(Json::parse_event_t event, const Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (names_.size() == kMaxDepth) {
          fail_with(file_name_, fmt::format("nests deeper than {} levels; expected fewer; export "
                                            "the file again",
                                            kMaxDepth));
        }
        names_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        names_.pop_back();
        break;
      case Json::parse_event_t::key: {
        const std::string& name = parsed.get_ref<const std::string&>();
        if (!names_.back().insert(name).second) {
          fail_with(file_name_, fmt::format("names \"{}\" twice in one object; expected each name "
                                            "once; export the file again",
                                            printable(name)));
        }
        break;
      }
      case Json::parse_event_t::value:
        break;
    }
    return true;
  }

 private:
  const std::string& file_name_;
  std::vector<std::set<std::string>> names_;  // of the objects around, outermost first
};

}  // namespace

Json parse_json(const std::string& content, const std::string& file_name, std::string_view remedy) {
  Watcher watcher(file_name);
  try {
    return Json::parse(content, [&](int /*depth*/, Json::parse_event_t event, const Json& parsed) {
      return watcher(event, parsed);
    });
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    fail_with(location_of(content, byte, file_name).str(), fmt::format("is no JSON; {}", remedy));
  } catch (const Json::out_of_range&) {
    fail_with(file_name, "holds a number beyond the range of a double; expected smaller numbers");
  }
}

std::string describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return value.empty() ? "an empty list" : "a list";
    case Json::value_t::string:
      return fmt::format("\"{}\"", printable(value.get_ref<const std::string&>()));
    default:
      return value.dump();
  }
}

double as_real(const Json& value, const std::string& where) {
  if (!value.is_number()) {
    fail_with(where, fmt::format("found {}; expected a number", describe(value)));
  }
  return value.get<double>();  // JSON has no infinity, and the parser refuses what would become one
}

double as_positive(const Json& value, const std::string& where) {
  const double real = as_real(value, where);
  if (!(real > 0.0)) fail_with(where, fmt::format("found {}; expected more than 0", real));
  return real;
}

void check_list(const Json& value, const std::string& where) {
  if (!value.is_array() || value.empty()) {
    fail_with(where,
              fmt::format("found {}; expected a list with at least one element", describe(value)));
  }
}

std::int64_t as_integer(const Json& value, const std::string& where, std::int64_t lowest,
                        std::int64_t highest) {
  const auto refuse = [&] {
    fail_with(where, fmt::format("found {}; expected a whole number from {} to {}", describe(value),
                                 lowest, highest));
  };
  constexpr double kExact = 0x1p53;  // whole numbers up to here are doubles
  std::int64_t integer = 0;
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (!std::in_range<std::int64_t>(number)) refuse();
    integer = static_cast<std::int64_t>(number);
  } else if (value.is_number_integer()) {
    integer = value.get<std::int64_t>();
  } else if (value.is_number_float() && std::abs(value.get<double>()) <= kExact &&
             std::trunc(value.get<double>()) == value.get<double>()) {
    integer = static_cast<std::int64_t>(value.get<double>());
  } else {
    refuse();
  }
  if (integer < lowest || integer > highest) refuse();
  return integer;
}

JsonFields::JsonFields(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail(fmt::format("found {}; expected an object", describe(object)));
}

void JsonFields::fail(const std::string& message) const {
  fail_with(where_, message);
}

void JsonFields::fail_at(const char* field, const std::string& message) const {
  fail_with(path(field), message);
}

std::string JsonFields::path(const char* field) const {
  return fmt::format("{}.{}", where_, field);
}

void JsonFields::allow_only(std::initializer_list<std::string_view> known) const {
  for (const auto& item : object_.items()) {
    if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    fail(
        fmt::format("has the field \"{}\"; expected none but {}; export the file with a version of "
                    "AIMET that is supported",
                    printable(item.key()), join(names)));
  }
}

const Json* JsonFields::find(const char* field) const {
  const auto it = object_.find(field);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

const Json& JsonFields::get(const char* field) const {
  const Json* const value = find(field);
  if (value == nullptr) fail(fmt::format("has no field \"{}\"; expected one", field));
  return *value;
}

const std::string& JsonFields::text(const char* field) const {
  const Json& value = get(field);
  if (!value.is_string()) {
    fail_at(field, fmt::format("found {}; expected a string", describe(value)));
  }
  return value.get_ref<const std::string&>();
}

bool JsonFields::boolean(const char* field) const {
  const Json& value = get(field);
  if (!value.is_boolean()) {
    fail_at(field, fmt::format("found {}; expected true or false", describe(value)));
  }
  return value.get<bool>();
}

double JsonFields::real(const char* field) const {
  return as_real(get(field), path(field));
}

std::int64_t JsonFields::integer(const char* field, std::int64_t lowest,
                                 std::int64_t highest) const {
  return as_integer(get(field), path(field), lowest, highest);
}

}  // namespace pimento::workloads
