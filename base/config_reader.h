// SPDX-License-Identifier: Apache-2.0
// The strict reader of YAML files, and the only part of Pimento that knows yaml-cpp.
//
// A reader asks for every key it knows. Each mistake is noted and reading goes on with a harmless
// value; finish() then throws one InputError that lists all of them in file order:
//
//   chip.yaml:14:7: macro.adc_bit: unknown key; did you mean "adc_bits"?
//   chip.yaml:15:14: macro.read_time: found "100"; expected a time such as "100 ns"; add a unit
//
// So a value read before finish() must not be trusted for anything that could fail.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/units.h"

namespace pimento {

// Bounds of a whole number, both included.
struct IntRange {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

// Bounds of a real number or of a quantity in its SI base unit, both included.
struct RealRange {
  double min = 0.0;
  double max = std::numeric_limits<double>::max();
};

namespace detail {
struct ConfigValue;
struct ConfigProblems;
}  // namespace detail

class ConfigList;

// One mapping of a document. Cheap to copy; all copies speak of the same mapping.
class ConfigMap {
 public:
  // Whether the key is there. Asking does not count as reading it.
  [[nodiscard]] bool has(std::string_view key) const;
  // What kind of value stands at a key; both are false when it is not there.
  [[nodiscard]] bool is_map(std::string_view key) const;
  [[nodiscard]] bool is_list(std::string_view key) const;
  // All keys in file order, for mappings whose keys are free names. Marks nothing as read.
  [[nodiscard]] std::vector<std::string> keys() const;

  // Required values: a missing key is a mistake.
  [[nodiscard]] std::int64_t integer(std::string_view key, IntRange range);
  [[nodiscard]] double number(std::string_view key, RealRange range);
  [[nodiscard]] bool boolean(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key);
  template <class Q>
  [[nodiscard]] Q quantity(std::string_view key, RealRange range = {});
  // One of a list of words.
  template <class E>
  [[nodiscard]] E choice(std::string_view key,
                         std::span<const std::pair<std::string_view, E>> options) {
    std::vector<std::string> words;
    for (const auto& option : options) words.emplace_back(option.first);
    return options[choice_index(key, words)].second;
  }
  [[nodiscard]] ConfigMap map(std::string_view key);
  [[nodiscard]] ConfigList list(std::string_view key);

  // Optional values: a missing key gives `otherwise`.
  [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t otherwise,
                                        IntRange range);
  [[nodiscard]] double number_or(std::string_view key, double otherwise, RealRange range);
  [[nodiscard]] bool boolean_or(std::string_view key, bool otherwise);
  [[nodiscard]] std::string text_or(std::string_view key, std::string otherwise);
  template <class Q>
  [[nodiscard]] Q quantity_or(std::string_view key, Q otherwise, RealRange range = {}) {
    return has(key) ? quantity<Q>(key, range) : otherwise;
  }
  template <class E>
  [[nodiscard]] E choice_or(std::string_view key, E otherwise,
                            std::span<const std::pair<std::string_view, E>> options) {
    return has(key) ? choice<E>(key, options) : otherwise;
  }
  [[nodiscard]] std::optional<ConfigMap> optional_map(std::string_view key);
  [[nodiscard]] std::optional<ConfigList> optional_list(std::string_view key);

  // Where a key's value stands (the mapping itself when the key is not there), and its dotted path
  // from the root: "macro.components.adc".
  [[nodiscard]] SourceLocation where(std::string_view key = {}) const;
  [[nodiscard]] std::string path(std::string_view key = {}) const;

  // Notes a mistake of meaning: "found X; expected Y".
  void problem(std::string_view key, std::string_view message);

 private:
  friend class ConfigDocument;
  friend class ConfigList;
  ConfigMap(detail::ConfigValue* value, detail::ConfigProblems* problems, std::string path)
      : value_(value), problems_(problems), path_(std::move(path)) {}
  [[nodiscard]] std::size_t choice_index(std::string_view key, std::span<const std::string> words);
  // The scalar text of a required key, or nullptr with the mistake noted.
  [[nodiscard]] const std::string* scalar(std::string_view key, std::string_view expected);

  detail::ConfigValue* value_;
  detail::ConfigProblems* problems_;
  std::string path_;
};

// One sequence of a document.
class ConfigList {
 public:
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] ConfigMap map(std::size_t index);
  [[nodiscard]] ConfigList list(std::size_t index);
  [[nodiscard]] std::int64_t integer(std::size_t index, IntRange range);
  [[nodiscard]] double number(std::size_t index, RealRange range);
  template <class Q>
  [[nodiscard]] Q quantity(std::size_t index, RealRange range = {});
  [[nodiscard]] std::string text(std::size_t index);
  // What kind of value stands at an index.
  [[nodiscard]] bool is_map(std::size_t index) const;
  [[nodiscard]] bool is_list(std::size_t index) const;
  [[nodiscard]] SourceLocation where(std::size_t index) const;
  void problem(std::size_t index, std::string_view message);

 private:
  friend class ConfigMap;
  ConfigList(detail::ConfigValue* value, detail::ConfigProblems* problems, std::string path)
      : value_(value), problems_(problems), path_(std::move(path)) {}
  [[nodiscard]] const std::string* scalar(std::size_t index, std::string_view expected);
  [[nodiscard]] std::string path_of(std::size_t index) const;

  detail::ConfigValue* value_;
  detail::ConfigProblems* problems_;
  std::string path_;
};

class ConfigDocument {
 public:
  // Gives the text of an included file, or throws InputError. Arguments: the name as written, and
  // the file that includes it. Returns {name for messages, text}.
  using IncludeResolver =
      std::function<std::pair<std::string, std::string>(const std::string&, const std::string&)>;

  // Parses one YAML text. Throws InputError on a syntax error, a duplicate key, a document that is
  // not a mapping, or one that grows beyond a million values (alias bombs).
  // A root key `include: other.yaml` takes that file first and lays this one over it, mapping by
  // mapping; it needs a resolver.
  static ConfigDocument parse(const std::string& text, const std::string& file_name,
                              const IncludeResolver& resolver = {});
  ConfigDocument(ConfigDocument&&) noexcept;
  ConfigDocument& operator=(ConfigDocument&&) noexcept;
  ~ConfigDocument();

  // Lays a value over the document: path "macro.cell_bits", value "2" (any YAML text). List
  // elements are named by index, or by their `name` field. Missing mappings on the way are made,
  // so that a misspelt path shows as an unknown key. Throws InputError on a malformed path.
  // `prefix` is what the user wrote before the path ("network."), for messages.
  void set(const std::string& path, const std::string& value, const std::string& prefix = {});

  [[nodiscard]] ConfigMap root();
  // Throws one InputError listing every mistake and every key that nobody asked for.
  void finish();

 private:
  ConfigDocument();
  std::unique_ptr<detail::ConfigValue> root_;
  std::unique_ptr<detail::ConfigProblems> problems_;
};

// "macro.cell_bits=2" -> {"macro.cell_bits", "2"}. Throws InputError without a '='.
struct Override {
  std::string path;
  std::string value;
};
[[nodiscard]] Override parse_override(const std::string& text);

}  // namespace pimento
