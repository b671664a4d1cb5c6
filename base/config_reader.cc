// SPDX-License-Identifier: Apache-2.0
#include "base/config_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/config_value.h"
#include "base/text.h"

namespace pimento {

using detail::ConfigKind;
using detail::ConfigMark;
using detail::ConfigValue;

namespace {

constexpr std::string_view kMapWord = "a mapping of keys to values";
constexpr std::string_view kListWord = "a list";

// "-" and decimal digits alone: 010 and 0x10 mean different numbers to different readers.
std::optional<std::int64_t> parse_integer(std::string_view text, IntRange range) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < range.min || value > range.max) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text, RealRange range) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value < range.min || value > range.max) return std::nullopt;
  return value + 0.0;
}

template <class T>
std::string bounds(T min, T max) {
  const bool from = min > std::numeric_limits<T>::lowest();
  const bool to = max < std::numeric_limits<T>::max();
  if (from && to) return fmt::format(" from {} to {}", min, max);
  if (from) return fmt::format(" of at least {}", min);
  if (to) return fmt::format(" of at most {}", max);
  return {};
}

std::string expected_integer(IntRange range) {
  return "a whole number" + bounds(range.min, range.max);
}
std::string expected_real(RealRange range) {
  return "a number" + bounds(range.min, range.max);
}

// What reading goes on with after a mistake: 1, or the bound nearest to it.
std::int64_t harmless_integer(IntRange range) {
  return range.min > 1 ? range.min : std::min<std::int64_t>(1, range.max);
}
double harmless_real(RealRange range) {
  return range.min > 1 ? range.min : std::min(1.0, range.max);
}

template <class Q>
Q quantity_of(double value) {
  return from_si<Q>(value);
}
template <>
Bits quantity_of<Bits>(double value) {
  return Bits(static_cast<std::int64_t>(std::clamp(std::ceil(value), -0x1p62, 0x1p62)));
}

double number_of(Bits bits) {
  return static_cast<double>(bits.value());
}
template <class Q>
double number_of(const Q& quantity) {
  return quantity.value();
}

template <class Q>
std::string expected_in(RealRange range) {
  const std::string_view example = example_of<Q>();
  const std::string_view noun = example.substr(0, example.find(" such as"));
  const bool from = range.min > std::numeric_limits<double>::lowest();
  const bool to = range.max < std::numeric_limits<double>::max();
  const std::string min = format_quantity(quantity_of<Q>(range.min));
  const std::string max = format_quantity(quantity_of<Q>(range.max));
  if (from && to) return fmt::format("{} from {} to {}", noun, min, max);
  return from ? fmt::format("{} of at least {}", noun, min)
              : fmt::format("{} of at most {}", noun, max);
}

std::string instead(std::string_view text, std::string_view expected) {
  return fmt::format("found \"{}\"; expected {}", printable(text), expected);
}

// The quantity a text stands for, or a harmless one and what is wrong with the text.
template <class Q>
std::pair<Q, std::string> quantity_in(const std::string& text, RealRange range) {
  const Q harmless = quantity_of<Q>(harmless_real(range));
  QuantityFault fault = QuantityFault::kNotANumber;
  const auto value = parse_quantity<Q>(text, &fault);
  if (!value) {
    std::string message = instead(text, example_of<Q>());
    if (fault == QuantityFault::kNoUnit) message += "; add a unit";
    if (fault == QuantityFault::kWrongUnit) message += fmt::format("; use {}", units_of<Q>());
    return {harmless, std::move(message)};
  }
  const double number = number_of(*value);
  if (number >= range.min && number <= range.max) return {*value, {}};
  return {harmless, instead(text, expected_in<Q>(range))};
}

std::string found(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigKind::kNull:
      return "found nothing";
    case ConfigKind::kScalar:
      return fmt::format("found \"{}\"", printable(value.text));
    case ConfigKind::kMap:
      return "found a mapping";
    case ConfigKind::kList:
      return "found a list";
  }
  return {};
}

// Why `value` (null: absent) is not what was asked for.
std::string wrong_kind(const ConfigValue* value, std::string_view expected) {
  if (value == nullptr) return fmt::format("missing; expected {}", expected);
  return fmt::format("{}; expected {}", found(*value), expected);
}

void note(detail::ConfigProblems& problems, const ConfigValue& parent, const ConfigValue* child,
          const std::string& path, std::string_view message) {
  if (parent.harmless) return;
  problems.add(child != nullptr ? child->mark : parent.mark, path, message);
}

// A mapping or a list below `parent`, or an empty one with the mistake noted.
ConfigValue* enter(detail::ConfigProblems& problems, const ConfigValue& parent, ConfigValue* child,
                   ConfigKind kind, const std::string& path) {
  if (child != nullptr) child->read = true;
  if (child == nullptr || child->kind != kind) {
    const std::string_view expected = kind == ConfigKind::kMap ? kMapWord : kListWord;
    note(problems, parent, child, path, wrong_kind(child, expected));
    return problems.make_harmless(kind, parent.mark);
  }
  child->visited = true;
  child->harmless = parent.harmless;
  return child;
}

const std::string* scalar_text(detail::ConfigProblems& problems, const ConfigValue& parent,
                               ConfigValue* child, const std::string& path,
                               std::string_view expected) {
  if (child != nullptr) child->read = true;
  if (child != nullptr && child->kind == ConfigKind::kScalar) return &child->text;
  note(problems, parent, child, path, wrong_kind(child, expected));
  return nullptr;
}

constexpr std::string_view kTextWord = "text (\"\" for an empty one)";

ConfigValue* item_at(const ConfigValue& list, std::size_t index) {
  return index < list.items.size() ? list.items[index].get() : nullptr;
}

}  // namespace

bool ConfigMap::has(std::string_view key) const {
  value_->mapping->asked.emplace(key);
  return value_->mapping->find(key) != nullptr;
}

std::vector<std::string> ConfigMap::keys() const {
  std::vector<std::string> result;
  for (const detail::ConfigKey& key : value_->mapping->keys) result.push_back(key.text);
  return result;
}

bool ConfigMap::is_map(std::string_view key) const {
  const ConfigValue* const child = value_->mapping->find(key);
  return child != nullptr && child->kind == ConfigKind::kMap;
}

bool ConfigMap::is_list(std::string_view key) const {
  const ConfigValue* const child = value_->mapping->find(key);
  return child != nullptr && child->kind == ConfigKind::kList;
}

const std::string* ConfigMap::scalar(std::string_view key, std::string_view expected) {
  value_->mapping->asked.emplace(key);
  return scalar_text(*problems_, *value_, value_->mapping->find(key), path(key), expected);
}

std::int64_t ConfigMap::integer(std::string_view key, IntRange range) {
  const std::string expected = expected_integer(range);
  const std::string* const text = scalar(key, expected);
  if (text == nullptr) return harmless_integer(range);
  if (const auto value = parse_integer(*text, range)) return *value;
  problem(key, instead(*text, expected));
  return harmless_integer(range);
}

double ConfigMap::number(std::string_view key, RealRange range) {
  const std::string expected = expected_real(range);
  const std::string* const text = scalar(key, expected);
  if (text == nullptr) return harmless_real(range);
  if (const auto value = parse_real(*text, range)) return *value;
  problem(key, instead(*text, expected));
  return harmless_real(range);
}

bool ConfigMap::boolean(std::string_view key) {
  const std::string* const text = scalar(key, "true or false");
  if (text == nullptr) return false;
  if (*text != "true" && *text != "false") problem(key, instead(*text, "true or false"));
  return *text == "true";
}

std::string ConfigMap::text(std::string_view key) {
  const std::string* const text = scalar(key, kTextWord);
  return text == nullptr ? std::string() : *text;
}

template <class Q>
Q ConfigMap::quantity(std::string_view key, RealRange range) {
  const std::string* const text = scalar(key, example_of<Q>());
  if (text == nullptr) return quantity_of<Q>(harmless_real(range));
  const auto [value, message] = quantity_in<Q>(*text, range);
  if (!message.empty()) problem(key, message);
  return value;
}

template Energy ConfigMap::quantity<Energy>(std::string_view, RealRange);
template Time ConfigMap::quantity<Time>(std::string_view, RealRange);
template Power ConfigMap::quantity<Power>(std::string_view, RealRange);
template Area ConfigMap::quantity<Area>(std::string_view, RealRange);
template Frequency ConfigMap::quantity<Frequency>(std::string_view, RealRange);
template Length ConfigMap::quantity<Length>(std::string_view, RealRange);
template Voltage ConfigMap::quantity<Voltage>(std::string_view, RealRange);
template Resistance ConfigMap::quantity<Resistance>(std::string_view, RealRange);
template Conductance ConfigMap::quantity<Conductance>(std::string_view, RealRange);
template Bits ConfigMap::quantity<Bits>(std::string_view, RealRange);

std::size_t ConfigMap::choice_index(std::string_view key, std::span<const std::string> words) {
  ensure(!words.empty(), "a choice without options");
  const std::string expected =
      words.size() == 1 ? fmt::format("\"{}\"", words[0]) : "one of " + join(words);
  const std::string* const text = scalar(key, expected);
  if (text == nullptr) return 0;
  const auto it = std::find(words.begin(), words.end(), *text);
  if (it != words.end()) return static_cast<std::size_t>(it - words.begin());
  const auto near = nearest_name(*text, words);
  problem(key, instead(*text, expected) +
                   (near ? fmt::format("; did you mean \"{}\"?", *near) : std::string()));
  return 0;
}

ConfigMap ConfigMap::map(std::string_view key) {
  value_->mapping->asked.emplace(key);
  ConfigValue* const child = value_->mapping->find(key);
  return {enter(*problems_, *value_, child, ConfigKind::kMap, path(key)), problems_, path(key)};
}

ConfigList ConfigMap::list(std::string_view key) {
  value_->mapping->asked.emplace(key);
  ConfigValue* const child = value_->mapping->find(key);
  return {enter(*problems_, *value_, child, ConfigKind::kList, path(key)), problems_, path(key)};
}

std::int64_t ConfigMap::integer_or(std::string_view key, std::int64_t otherwise, IntRange range) {
  return has(key) ? integer(key, range) : otherwise;
}
double ConfigMap::number_or(std::string_view key, double otherwise, RealRange range) {
  return has(key) ? number(key, range) : otherwise;
}
bool ConfigMap::boolean_or(std::string_view key, bool otherwise) {
  return has(key) ? boolean(key) : otherwise;
}
std::string ConfigMap::text_or(std::string_view key, std::string otherwise) {
  return has(key) ? text(key) : std::move(otherwise);
}
std::optional<ConfigMap> ConfigMap::optional_map(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return map(key);
}
std::optional<ConfigList> ConfigMap::optional_list(std::string_view key) {
  if (!has(key)) return std::nullopt;
  return list(key);
}

SourceLocation ConfigMap::where(std::string_view key) const {
  const ConfigValue* const child = key.empty() ? nullptr : value_->mapping->find(key);
  return (child != nullptr ? *child : *value_).mark.location();
}

std::string ConfigMap::path(std::string_view key) const {
  return key.empty() ? path_ : detail::child_path(path_, key);
}

void ConfigMap::problem(std::string_view key, std::string_view message) {
  ConfigValue* const child = key.empty() ? nullptr : value_->mapping->find(key);
  if (child != nullptr) child->read = true;
  note(*problems_, *value_, child, path(key), message);
}

std::size_t ConfigList::size() const {
  return value_->items.size();
}

std::string ConfigList::path_of(std::size_t index) const {
  return detail::child_path(path_, std::to_string(index));
}

const std::string* ConfigList::scalar(std::size_t index, std::string_view expected) {
  return scalar_text(*problems_, *value_, item_at(*value_, index), path_of(index), expected);
}

ConfigMap ConfigList::map(std::size_t index) {
  const std::string path = path_of(index);
  return {enter(*problems_, *value_, item_at(*value_, index), ConfigKind::kMap, path), problems_,
          path};
}

ConfigList ConfigList::list(std::size_t index) {
  const std::string path = path_of(index);
  return {enter(*problems_, *value_, item_at(*value_, index), ConfigKind::kList, path), problems_,
          path};
}

std::int64_t ConfigList::integer(std::size_t index, IntRange range) {
  const std::string expected = expected_integer(range);
  const std::string* const text = scalar(index, expected);
  if (text == nullptr) return harmless_integer(range);
  if (const auto value = parse_integer(*text, range)) return *value;
  problem(index, instead(*text, expected));
  return harmless_integer(range);
}

double ConfigList::number(std::size_t index, RealRange range) {
  const std::string expected = expected_real(range);
  const std::string* const text = scalar(index, expected);
  if (text == nullptr) return harmless_real(range);
  if (const auto value = parse_real(*text, range)) return *value;
  problem(index, instead(*text, expected));
  return harmless_real(range);
}

template <class Q>
Q ConfigList::quantity(std::size_t index, RealRange range) {
  const std::string* const text = scalar(index, example_of<Q>());
  if (text == nullptr) return quantity_of<Q>(harmless_real(range));
  const auto [value, message] = quantity_in<Q>(*text, range);
  if (!message.empty()) problem(index, message);
  return value;
}

template Conductance ConfigList::quantity<Conductance>(std::size_t, RealRange);

std::string ConfigList::text(std::size_t index) {
  const std::string* const text = scalar(index, kTextWord);
  return text == nullptr ? std::string() : *text;
}

bool ConfigList::is_map(std::size_t index) const {
  const ConfigValue* const item = item_at(*value_, index);
  return item != nullptr && item->kind == ConfigKind::kMap;
}

bool ConfigList::is_list(std::size_t index) const {
  const ConfigValue* const item = item_at(*value_, index);
  return item != nullptr && item->kind == ConfigKind::kList;
}

SourceLocation ConfigList::where(std::size_t index) const {
  const ConfigValue* const item = item_at(*value_, index);
  return (item != nullptr ? *item : *value_).mark.location();
}

void ConfigList::problem(std::size_t index, std::string_view message) {
  ConfigValue* const item = item_at(*value_, index);
  if (item != nullptr) item->read = true;
  note(*problems_, *value_, item, path_of(index), message);
}

}  // namespace pimento
