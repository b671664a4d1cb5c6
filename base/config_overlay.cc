// SPDX-License-Identifier: Apache-2.0
// Values laid over a document: included files and settings of the command line.
#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/config_value.h"
#include "base/text.h"

namespace pimento::detail {
namespace {

// A value on the way down a path, and what of the path is left below it.
struct Reached {
  ConfigValue* value = nullptr;
  std::string_view rest;
};

// What is left of a path once its first `size` characters and the dot behind them are taken off.
std::string_view rest_behind(std::string_view path, std::size_t size) {
  return path.substr(std::min(size + 1, path.size()));
}

// The same for a name; empty if the path does not begin with it.
std::optional<std::string_view> rest_after(std::string_view path, std::string_view name) {
  if (name.empty() || !path.starts_with(name)) return std::nullopt;
  if (path.size() > name.size() && path[name.size()] != '.') return std::nullopt;
  return rest_behind(path, name.size());
}

std::string_view first_element(std::string_view path) {
  return path.substr(0, path.find('.'));
}

const std::string* name_of(const ConfigValue& element) {
  if (!element.mapping) return nullptr;
  const ConfigValue* const name = element.mapping->find("name");
  return name != nullptr && name->kind == ConfigKind::kScalar ? &name->text : nullptr;
}

std::optional<std::size_t> index_of(std::string_view element) {
  std::size_t index = 0;
  const auto result = std::from_chars(element.data(), element.data() + element.size(), index);
  if (result.ec != std::errc() || result.ptr != element.data() + element.size()) {
    return std::nullopt;
  }
  return index;
}

// The values that the front of a path can mean here. Names may hold dots themselves, so several
// fronts are tried: one element first, then the longest.
std::vector<Reached> children_on(const ConfigValue& value, std::string_view path) {
  std::vector<Reached> result;
  if (value.kind == ConfigKind::kMap) {
    const auto try_front = [&](std::string_view front) {
      ConfigValue* const child = value.mapping->find(front);
      if (child != nullptr) result.push_back({child, rest_behind(path, front.size())});
    };
    const std::string_view single = first_element(path);
    try_front(single);
    for (std::size_t size = path.size(); size != std::string_view::npos && size > single.size();
         size = path.rfind('.', size - 1)) {
      try_front(path.substr(0, size));
    }
  }
  if (value.kind == ConfigKind::kList) {
    for (const auto& item : value.items) {
      const std::string* const name = name_of(*item);
      const auto rest = name != nullptr ? rest_after(path, *name) : std::nullopt;
      if (rest) result.push_back({item.get(), *rest});
    }
    const std::string_view single = first_element(path);
    const auto index = index_of(single);
    if (index && *index < value.items.size()) {
      result.push_back({value.items[*index].get(), rest_behind(path, single.size())});
    }
  }
  return result;
}

// Follows a path as far as values exist. `seen` bounds the cost: one value can be reached by its
// index and by its name.
using Seen = std::set<std::pair<const ConfigValue*, std::size_t>>;
Reached deepest(Reached from, Seen& seen) {
  Reached best = from;
  if (from.rest.empty() || !seen.emplace(from.value, from.rest.size()).second) return best;
  for (const Reached& child : children_on(*from.value, from.rest)) {
    const Reached end = deepest(child, seen);
    if (best.value == from.value || end.rest.size() < best.rest.size()) best = end;
    if (best.rest.empty()) break;
  }
  return best;
}

void check_path(const std::string& path, const ConfigMark& mark) {
  const std::vector<std::string> elements = split(path, '.');
  for (const std::string& element : elements) {
    if (!element.empty()) continue;
    throw InputError(fmt::format("{}: the path has an empty element; expected one such as {}",
                                 mark.location().str(), "\"macro.rows\""));
  }
  if (elements.size() > kMaxConfigDepth) {
    throw InputError(fmt::format("{}: the path has more than {} elements", mark.location().str(),
                                 kMaxConfigDepth));
  }
}

[[noreturn]] void no_such_element(const ConfigValue& list, const std::string& path,
                                  std::string_view rest, const ConfigMark& mark) {
  std::vector<std::string> names;
  for (const auto& item : list.items) {
    const std::string* const name = name_of(*item);
    if (name != nullptr) names.push_back(*name);
  }
  const std::string_view here = std::string_view(path).substr(0, path.size() - rest.size() - 1);
  std::string message =
      fmt::format("{}: {} has no element \"{}\"; expected ", mark.location().str(), printable(here),
                  printable(first_element(rest)));
  if (list.items.empty()) {
    message = fmt::format("{}: {} is an empty list", mark.location().str(), printable(here));
  } else {
    message += fmt::format("an index from 0 to {}", list.items.size() - 1);
    if (!names.empty()) message += " or a name";
  }
  // With dots in names any front of the rest may be the slip.
  std::optional<std::string> near = nearest_name(rest, names);
  for (std::size_t dot = rest.rfind('.'); !near && dot != std::string_view::npos && dot > 0;
       dot = rest.rfind('.', dot - 1)) {
    near = nearest_name(rest.substr(0, dot), names);
  }
  if (near) message += fmt::format("; did you mean \"{}\"?", printable(*near));
  throw InputError(message);
}

}  // namespace

void remove_key(ConfigValue& map, std::string_view key) {
  ConfigMapping& mapping = *map.mapping;
  std::vector<ConfigKey> keys = std::move(mapping.keys);
  mapping = {};
  for (ConfigKey& kept : keys) {
    if (kept.text != key) mapping.add(std::move(kept));
  }
}

void overlay(ConfigValue& under, ConfigValue over) {
  if (under.kind != ConfigKind::kMap || over.kind != ConfigKind::kMap) {
    under = std::move(over);
    return;
  }
  under.mark = over.mark;
  for (ConfigKey& key : over.mapping->keys) {
    const auto it = under.mapping->index.find(key.text);
    if (it == under.mapping->index.end()) {
      under.mapping->add(std::move(key));
    } else {
      ConfigKey& old = under.mapping->keys[it->second];
      old.mark = key.mark;
      overlay(*old.value, std::move(*key.value));
    }
  }
}

void set_value(ConfigValue& root, const std::string& path, ConfigValue value) {
  const ConfigMark mark = value.mark;
  check_path(path, mark);
  Seen seen;
  Reached at = deepest({&root, path}, seen);
  while (!at.rest.empty()) {
    if (at.value->kind == ConfigKind::kList) no_such_element(*at.value, path, at.rest, mark);
    if (at.value->kind == ConfigKind::kScalar) {
      const std::string_view here =
          std::string_view(path).substr(0, path.size() - at.rest.size() - 1);
      throw InputError(fmt::format("{}: {} holds \"{}\", which has no fields; set {} itself",
                                   mark.location().str(), printable(here),
                                   printable(at.value->text), printable(here)));
    }
    if (at.value->kind == ConfigKind::kNull) *at.value = ConfigValue(ConfigKind::kMap, mark);
    const std::string_view element = first_element(at.rest);
    auto made = std::make_unique<ConfigValue>(ConfigKind::kNull, mark);
    ConfigValue& child = at.value->mapping->add({std::string(element), mark, std::move(made)});
    at = {&child, rest_behind(at.rest, element.size())};
  }
  *at.value = std::move(value);
}

}  // namespace pimento::detail
