// SPDX-License-Identifier: Apache-2.0
// A document from its texts (includes, settings) to the list of what was wrong with it.
#include <fmt/format.h>

#include "base/config_reader.h"
#include "base/config_value.h"
#include "base/text.h"

namespace pimento {

using detail::ConfigFile;
using detail::ConfigKind;
using detail::ConfigMark;
using detail::ConfigProblems;
using detail::ConfigValue;

namespace {

constexpr std::size_t kMostIncludes = 8;
constexpr std::size_t kMostKeysListed = 20;
constexpr std::size_t kLongestSettingShown = 120;
// Settings are listed after all files.
constexpr int kSettingOrder = 1000;

class Loader {
 public:
  Loader(const ConfigDocument::IncludeResolver& resolver, ConfigProblems& problems)
      : resolver_(resolver), problems_(problems) {}

  ConfigValue load(const std::string& text, const std::string& name) {
    const auto file = std::make_shared<const ConfigFile>(
        ConfigFile{printable(name, 4096), static_cast<int>(chain_.size())});
    chain_.push_back(name);
    std::unique_ptr<ConfigValue> root = parse_config(text, file, true, problems_.budget);
    if (root == nullptr || root->kind == ConfigKind::kNull) {
      throw InputError(
          fmt::format("{}: the file is empty; expected a mapping of keys to values", file->name));
    }
    if (root->kind != ConfigKind::kMap) {
      throw InputError(fmt::format("{}: found {}; expected a mapping of keys to values",
                                   root->mark.location().str(),
                                   root->kind == ConfigKind::kList ? "a list" : "a single value"));
    }
    const ConfigValue* const include = root->mapping->find("include");
    if (include == nullptr) return std::move(*root);
    ConfigValue below = load_included(*include, name);
    detail::remove_key(*root, "include");
    detail::overlay(below, std::move(*root));
    return below;
  }

 private:
  ConfigValue load_included(const ConfigValue& include, const std::string& from) {
    const std::string place = include.mark.location().str();
    if (include.kind != ConfigKind::kScalar || include.text.empty()) {
      throw InputError(place + ": include: expected the name of one file");
    }
    if (!resolver_) throw InputError(place + ": include: this text cannot include files");
    if (chain_.size() > kMostIncludes) {
      throw InputError(fmt::format("{}: include: files include each other more than {} deep", place,
                                   kMostIncludes));
    }
    const auto [name, text] = resolve(include.text, from, place);
    for (const std::string& open : chain_) {
      if (open != name) continue;
      throw InputError(fmt::format("{}: include: \"{}\" includes itself: {}", place,
                                   printable(name), join(chain_, " -> ")));
    }
    return load(text, name);
  }

  [[nodiscard]] std::pair<std::string, std::string> resolve(const std::string& name,
                                                            const std::string& from,
                                                            const std::string& place) const {
    try {
      return resolver_(name, from);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: include: {}", place, error.what()));
    }
  }

  const ConfigDocument::IncludeResolver& resolver_;
  ConfigProblems& problems_;
  std::vector<std::string> chain_;  // the files being read, the first one first
};

std::string unknown_key(const std::string& key, const std::vector<std::string>& known) {
  if (const auto near = nearest_name(key, known)) {
    return fmt::format("unknown key; did you mean \"{}\"?", printable(*near));
  }
  if (known.empty()) return "unknown key; no keys are expected here; remove it";
  if (known.size() <= kMostKeysListed) return "unknown key; known keys: " + join(known);
  return fmt::format("unknown key; known keys: {}, ...",
                     join(std::span(known).first(kMostKeysListed)));
}

// Notes every key and element that nobody asked for, in what somebody walked through.
void note_unread(const ConfigValue& value, const std::string& path, ConfigProblems& problems) {
  if (!value.visited) return;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const std::string item_path = detail::child_path(path, std::to_string(i));
    note_unread(*value.items[i], item_path, problems);
  }
  if (!value.mapping) return;
  const std::vector<std::string> known(value.mapping->asked.begin(), value.mapping->asked.end());
  for (const detail::ConfigKey& key : value.mapping->keys) {
    const std::string key_path = detail::child_path(path, key.text);
    if (key.value->read) {
      note_unread(*key.value, key_path, problems);
    } else if (problems.kept.size() < ConfigProblems::kMostKept) {
      problems.add(key.mark, key_path, unknown_key(key.text, known));
    } else {
      ++problems.uncounted;
    }
  }
}

}  // namespace

ConfigDocument::ConfigDocument() : problems_(std::make_unique<ConfigProblems>()) {}
ConfigDocument::ConfigDocument(ConfigDocument&&) noexcept = default;
ConfigDocument& ConfigDocument::operator=(ConfigDocument&&) noexcept = default;
ConfigDocument::~ConfigDocument() = default;

ConfigDocument ConfigDocument::parse(const std::string& text, const std::string& file_name,
                                     const IncludeResolver& resolver) {
  ConfigDocument document;
  Loader loader(resolver, *document.problems_);
  document.root_ = std::make_unique<ConfigValue>(loader.load(text, file_name));
  document.root_->visited = true;
  return document;
}

void ConfigDocument::set(const std::string& path, const std::string& value,
                         const std::string& prefix) {
  const std::string shown = fmt::format(
      "--set {}", printable(fmt::format("{}{}={}", prefix, path, value), kLongestSettingShown));
  const int order = kSettingOrder + problems_->settings++;
  const auto file = std::make_shared<const ConfigFile>(ConfigFile{shown, order});
  std::unique_ptr<ConfigValue> parsed = parse_config(value, file, false, problems_->budget);
  if (parsed == nullptr) {
    parsed = std::make_unique<ConfigValue>(ConfigKind::kNull, ConfigMark{file});
  }
  detail::set_value(*root_, path, std::move(*parsed));
}

ConfigMap ConfigDocument::root() {
  return {root_.get(), problems_.get(), ""};
}

void ConfigDocument::finish() {
  note_unread(*root_, "", *problems_);
  problems_->throw_if_any();
}

Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(fmt::format("--set {}: expected PATH=VALUE, for example \"macro.rows=128\"",
                                 printable(text)));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace pimento
