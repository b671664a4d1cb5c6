// SPDX-License-Identifier: Apache-2.0
// Reading JSON written by strangers: depth and repeated names are checked while it is parsed, and
// the fields of an object are taken one by one, each mistake with the path to it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace pimento::workloads {

// Parses a whole file. Throws InputError with line and column when it is no JSON, nests deeper than
// 16 levels, or names a field twice in one object. `remedy` ends the message.
[[nodiscard]] nlohmann::json parse_json(const std::string& content, const std::string& file_name,
                                        std::string_view remedy);

// A value in few words for a message: "a list", "-3", "\"int8\"".
[[nodiscard]] std::string describe(const nlohmann::json& value);

// Throw InputError "where: found ...; expected ..." when the value is of another kind. Integers may
// be written as 3.0; reals are finite.
[[nodiscard]] double as_real(const nlohmann::json& value, const std::string& where);
[[nodiscard]] double as_positive(const nlohmann::json& value, const std::string& where);
[[nodiscard]] std::int64_t as_integer(const nlohmann::json& value, const std::string& where,
                                      std::int64_t lowest, std::int64_t highest);
// Throws so when the value is no list with at least one element.
void check_list(const nlohmann::json& value, const std::string& where);

// The fields of one object; both must outlive this view.
class JsonFields {
 public:
  // Throws when `object` is none. `where` leads to it: "m.encodings: param_encodings[3]".
  JsonFields(const nlohmann::json& object, std::string where);

  // Throws InputError "where: message" or "where.field: message".
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_at(const char* field, const std::string& message) const;
  [[nodiscard]] std::string path(const char* field) const;

  // Throws when there is a field that is not in the list.
  void allow_only(std::initializer_list<std::string_view> known) const;
  // nullptr where the field is absent or null.
  [[nodiscard]] const nlohmann::json* find(const char* field) const;
  [[nodiscard]] const nlohmann::json& get(const char* field) const;
  [[nodiscard]] const std::string& text(const char* field) const;
  [[nodiscard]] bool boolean(const char* field) const;
  [[nodiscard]] double real(const char* field) const;
  [[nodiscard]] std::int64_t integer(const char* field, std::int64_t lowest,
                                     std::int64_t highest) const;

 private:
  const nlohmann::json& object_;
  std::string where_;
};

}  // namespace pimento::workloads
