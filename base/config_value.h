// SPDX-License-Identifier: Apache-2.0
// The tree behind the config reader: YAML values with their places, and the mistakes found in them.
// Private to base; yaml-cpp itself is included in config_value.cc and nowhere else.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pimento::detail {

// `order` says which file's mistakes are listed first.
struct ConfigFile {
  std::string name;
  int order = 0;
};

struct ConfigMark {
  std::shared_ptr<const ConfigFile> file;
  int line = 0;
  int column = 0;
  [[nodiscard]] SourceLocation location() const;
};

enum class ConfigKind { kNull, kScalar, kMap, kList };

struct ConfigMapping;

struct ConfigValue {
  ConfigValue() = default;
  ConfigValue(ConfigKind a_kind, ConfigMark a_mark);
  ConfigValue(ConfigValue&&) noexcept;
  ConfigValue& operator=(ConfigValue&&) noexcept;
  ~ConfigValue();

  ConfigKind kind = ConfigKind::kNull;
  ConfigMark mark;
  std::string text;                                 // kScalar
  std::unique_ptr<ConfigMapping> mapping;           // kMap
  std::vector<std::unique_ptr<ConfigValue>> items;  // kList

  bool read = false;      // somebody asked for it
  bool visited = false;   // somebody walks through it, so what is left unread in it is a mistake
  bool harmless = false;  // stands in for a missing value: mistakes in it are consequences
};

struct ConfigKey {
  std::string text;
  ConfigMark mark;
  std::unique_ptr<ConfigValue> value;
};

// Keys in file order. Values stay where they are in memory while keys are added.
struct ConfigMapping {
  std::vector<ConfigKey> keys;
  std::map<std::string, std::size_t, std::less<>> index;
  std::set<std::string, std::less<>> asked;  // every key the reader knows of

  [[nodiscard]] ConfigValue* find(std::string_view key) const;
  // The key must be new.
  ConfigValue& add(ConfigKey key);
};

// What all texts of one document may still take. Aliases are charged for what they expand to.
struct ConfigBudget {
  std::size_t values = 1'000'000;
  std::size_t bytes = std::size_t{64} << 20;
};
inline constexpr int kMaxConfigDepth = 64;

struct ConfigProblem {
  ConfigMark mark;
  std::string text;  // "macro.rows: found ..."
};

struct ConfigProblems {
  // Beyond this many they are only counted: nobody reads a thousand lines.
  static constexpr std::size_t kMostShown = 100;
  static constexpr std::size_t kMostKept = 1000;

  std::vector<ConfigProblem> kept;
  std::size_t uncounted = 0;
  std::deque<ConfigValue> harmless;
  ConfigBudget budget;
  int settings = 0;  // laid over the document so far

  void add(const ConfigMark& mark, std::string_view path, std::string_view message);
  // Throws one InputError with a line for each problem, in file order.
  void throw_if_any();
  // A value in place of one that is missing or of the wrong kind.
  ConfigValue* make_harmless(ConfigKind kind, const ConfigMark& mark);
};

// "macro" and "rows" -> "macro.rows".
[[nodiscard]] std::string child_path(std::string_view path, std::string_view key);

// Parses one text; null when it holds no document. Throws InputError on what is not YAML, on
// duplicate keys (all of them), and on what exceeds the budget or the depth. Places have no line
// when `has_lines` is false, as for a value given on the command line.
[[nodiscard]] std::unique_ptr<ConfigValue> parse_config(const std::string& text,
                                                        std::shared_ptr<const ConfigFile> file,
                                                        bool has_lines, ConfigBudget& budget);

// The key must be there.
void remove_key(ConfigValue& map, std::string_view key);

// Lays `over` on `under`: mappings key by key, everything else as a whole.
void overlay(ConfigValue& under, ConfigValue over);

// Puts `value` at a dotted path below `root`, as ConfigDocument::set says.
void set_value(ConfigValue& root, const std::string& path, ConfigValue value);

}  // namespace pimento::detail
