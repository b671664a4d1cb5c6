// SPDX-License-Identifier: Apache-2.0
// The one file that includes yaml-cpp. Its parser is used through events, never through its nodes:
// so limits hold while the text is read, and duplicate keys and places are not lost.
#include "base/config_value.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"

namespace pimento::detail {

SourceLocation ConfigMark::location() const {
  return {file ? file->name : "", line, column};
}

ConfigValue::ConfigValue(ConfigKind a_kind, ConfigMark a_mark)
    : kind(a_kind), mark(std::move(a_mark)) {
  if (kind == ConfigKind::kMap) mapping = std::make_unique<ConfigMapping>();
}
ConfigValue::ConfigValue(ConfigValue&&) noexcept = default;
ConfigValue& ConfigValue::operator=(ConfigValue&&) noexcept = default;
ConfigValue::~ConfigValue() = default;

ConfigValue* ConfigMapping::find(std::string_view key) const {
  const auto it = index.find(key);
  return it == index.end() ? nullptr : keys[it->second].value.get();
}

ConfigValue& ConfigMapping::add(ConfigKey key) {
  ensure(index.emplace(key.text, keys.size()).second, "a key is added twice");
  return *keys.emplace_back(std::move(key)).value;
}

std::string child_path(std::string_view path, std::string_view key) {
  const std::string shown = printable(key);
  return path.empty() ? shown : fmt::format("{}.{}", path, shown);
}

void ConfigProblems::add(const ConfigMark& mark, std::string_view path, std::string_view message) {
  if (kept.size() >= kMostKept) {
    ++uncounted;
    return;
  }
  kept.push_back(
      {mark, path.empty() ? std::string(message) : fmt::format("{}: {}", path, message)});
}

void ConfigProblems::throw_if_any() {
  if (kept.empty()) return;
  const auto place = [](const ConfigProblem& p) {
    return std::make_tuple(p.mark.file ? p.mark.file->order : 0, p.mark.line, p.mark.column);
  };
  std::stable_sort(kept.begin(), kept.end(), [&](const ConfigProblem& a, const ConfigProblem& b) {
    return place(a) < place(b);
  });
  std::vector<std::string> lines;
  for (const ConfigProblem& problem : kept) {
    std::string line = fmt::format("{}: {}", problem.mark.location().str(), problem.text);
    if (lines.empty() || lines.back() != line) lines.push_back(std::move(line));
  }
  if (lines.size() > kMostShown) {
    const std::size_t more = lines.size() - kMostShown + uncounted;
    lines.resize(kMostShown);
    lines.push_back(fmt::format("... and {} more", more));
  }
  throw InputError(join(lines, "\n"));
}

ConfigValue* ConfigProblems::make_harmless(ConfigKind kind, const ConfigMark& mark) {
  ConfigValue& value = harmless.emplace_back(kind, mark);
  value.harmless = true;
  return &value;
}

namespace {

[[noreturn]] void fail(const ConfigMark& mark, std::string_view message) {
  throw InputError(fmt::format("{}: {}", mark.location().str(), message));
}

// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const ConfigFile> file, bool has_lines, ConfigBudget& budget)
      : file_(std::move(file)), has_lines_(has_lines), budget_(budget) {}

  std::unique_ptr<ConfigValue> take() {
    duplicates_.throw_if_any();
    return std::move(root_);
  }
  [[nodiscard]] ConfigMark mark(const YAML::Mark& at) const {
    if (!has_lines_ || at.is_null()) return {file_};
    return {file_, at.line + 1, at.column + 1};
  }

  void OnDocumentStart(const YAML::Mark& at) override {
    if (root_) fail(mark(at), "a second document begins here; keep one document per file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    if (at_key()) fail(mark(at), "a key is missing before the \":\"");
    // The parser places an absent value at whatever comes next; its key is the better place.
    const bool keyed = !frames_.empty() && frames_.back().has_key;
    put(std::make_unique<ConfigValue>(ConfigKind::kNull,
                                      keyed ? frames_.back().key_mark : mark(at)),
        anchor);
  }
  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    check_tag(at, tag);
    // Escapes such as "\0" bring in what the text of the file itself may not hold.
    if (const std::size_t bad = find_non_text(text); bad != std::string::npos) {
      fail(mark(at), fmt::format("found \"{}\"; control characters are not allowed; remove them",
                                 printable(text)));
    }
    if (text.size() > budget_.bytes) fail(mark(at), "the texts of this document exceed 64 MiB");
    budget_.bytes -= text.size();
    if (at_key()) {
      take_key(text, mark(at));
      return;
    }
    auto value = std::make_unique<ConfigValue>(ConfigKind::kScalar, mark(at));
    value->text = text;
    put(std::move(value), anchor);
  }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    if (at_key()) fail(mark(at), "an alias cannot be a key; write the key out");
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) fail(mark(at), "an alias stands inside the value it names");
    put(copy(*it->second, static_cast<int>(frames_.size()), mark(at)), YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(ConfigKind::kList, at, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(ConfigKind::kMap, at, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    std::unique_ptr<ConfigValue> value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    bool has_key = false;
    std::string key;
    ConfigMark key_mark;
  };

  [[nodiscard]] bool at_key() const {
    return !frames_.empty() && frames_.back().value->kind == ConfigKind::kMap &&
           !frames_.back().has_key;
  }

  void check_tag(const YAML::Mark& at, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    fail(mark(at),
         fmt::format("found the tag \"{}\"; tags are not supported; remove it", printable(tag)));
  }

  void charge_value(const ConfigMark& at) {
    if (budget_.values == 0) fail(at, "the document has more than 1000000 values; make it smaller");
    --budget_.values;
  }

  [[nodiscard]] std::string path() const {
    std::string result;
    for (const Frame& frame : frames_) {
      const bool is_map = frame.value->kind == ConfigKind::kMap;
      result = child_path(result, is_map ? frame.key : std::to_string(frame.value->items.size()));
    }
    return result;
  }

  void take_key(const std::string& text, ConfigMark at) {
    if (text.empty()) fail(at, "found an empty key; give it a name");
    if (text == "<<") fail(at, "merge keys (\"<<\") are not supported; write the fields out");
    Frame& frame = frames_.back();
    frame.has_key = true;
    frame.key = text;
    frame.key_mark = std::move(at);
  }

  void open(ConfigKind kind, const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) {
    if (at_key()) {
      fail(mark(at),
           "found a mapping or a list in place of a key; a key must be text (is a bracket left "
           "open?)");
    }
    check_tag(at, tag);
    check_depth(static_cast<int>(frames_.size()), mark(at));
    Frame& frame = frames_.emplace_back();
    frame.value = std::make_unique<ConfigValue>(kind, mark(at));
    frame.anchor = anchor;
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    put(std::move(frame.value), frame.anchor);
  }

  static void check_depth(int depth, const ConfigMark& at) {
    if (depth >= kMaxConfigDepth) {
      fail(at,
           fmt::format("values are nested more than {} deep; make it flatter", kMaxConfigDepth));
    }
  }

  void put(std::unique_ptr<ConfigValue> value, YAML::anchor_t anchor) {
    charge_value(value->mark);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = value.get();
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value->kind == ConfigKind::kList) {
      frame.value->items.push_back(std::move(value));
      return;
    }
    put_under_key(frame, std::move(value));
    frame.has_key = false;
  }

  void put_under_key(Frame& frame, std::unique_ptr<ConfigValue> value) {
    ConfigMapping& mapping = *frame.value->mapping;
    const auto first = mapping.index.find(frame.key);
    if (first == mapping.index.end()) {
      mapping.add({std::move(frame.key), frame.key_mark, std::move(value)});
      return;
    }
    const int line = mapping.keys[first->second].mark.line;
    duplicates_.add(frame.key_mark, path(),
                    line > 0 ? fmt::format("duplicate key; first on line {}; keep one", line)
                             : "duplicate key; keep one");
    dropped_.push_back(std::move(value));  // an alias may still name it
  }

  std::unique_ptr<ConfigValue> copy(const ConfigValue& from, int depth, const ConfigMark& at) {
    if (from.kind == ConfigKind::kMap || from.kind == ConfigKind::kList) check_depth(depth, at);
    if (from.text.size() > budget_.bytes) fail(at, "the texts of this document exceed 64 MiB");
    budget_.bytes -= from.text.size();
    auto result = std::make_unique<ConfigValue>(from.kind, from.mark);
    result->text = from.text;
    for (const auto& item : from.items) {
      charge_value(at);
      result->items.push_back(copy(*item, depth + 1, at));
    }
    if (!from.mapping) return result;
    for (const ConfigKey& key : from.mapping->keys) {
      charge_value(at);
      if (key.text.size() > budget_.bytes) fail(at, "the texts of this document exceed 64 MiB");
      budget_.bytes -= key.text.size();
      result->mapping->add({key.text, key.mark, copy(*key.value, depth + 1, at)});
    }
    return result;
  }

  std::shared_ptr<const ConfigFile> file_;
  bool has_lines_;
  ConfigBudget& budget_;
  std::unique_ptr<ConfigValue> root_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, const ConfigValue*> anchors_;
  std::vector<std::unique_ptr<ConfigValue>> dropped_;
  ConfigProblems duplicates_;
};

void check_is_text(const std::string& text, const TreeBuilder& builder) {
  const std::size_t bad = find_non_text(text);
  if (bad == std::string::npos) return;
  const std::string_view before = std::string_view(text).substr(0, bad);
  YAML::Mark at;
  at.line = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  at.column = static_cast<int>(bad - (before.rfind('\n') + 1));
  fail(builder.mark(at), fmt::format("found the byte 0x{:02X}; expected UTF-8 text",
                                     static_cast<unsigned char>(text[bad])));
}

// The parser of yaml-cpp 0.7 holds every token back while an open bracket could still turn out to
// be a key, at some 80 bytes a token and three tokens a bracket. So the characters that begin a
// token are counted before it sees them; a document within the limit of values stays below.
void check_is_parseable(const std::string& text, const TreeBuilder& builder) {
  constexpr std::size_t kMostMarks = 4'000'000;
  const auto count = [&text](std::string_view marks) {
    std::array<bool, 256> wanted{};
    for (const char mark : marks) wanted[static_cast<unsigned char>(mark)] = true;
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [&](char c) { return wanted[static_cast<unsigned char>(c)]; }));
  };
  if (4 * count("[{") + count("]},:?&*!'\"-|>") <= kMostMarks) return;
  fail(builder.mark(YAML::Mark::null_mark()),
       "the document has too many brackets, commas and other marks; make it smaller");
}

bool is_indented_by_tab(const std::string& text, int line) {
  std::istringstream in(text);
  std::string content;
  for (int i = 0; i <= line && std::getline(in, content); ++i) {
  }
  return content.substr(0, content.find_first_not_of(" \t")).find('\t') != std::string::npos;
}

}  // namespace

std::unique_ptr<ConfigValue> parse_config(const std::string& text,
                                          std::shared_ptr<const ConfigFile> file, bool has_lines,
                                          ConfigBudget& budget) {
  TreeBuilder builder(std::move(file), has_lines, budget);
  check_is_text(text, builder);
  check_is_parseable(text, builder);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const bool tab = !error.mark.is_null() && is_indented_by_tab(text, error.mark.line);
    fail(builder.mark(error.mark), fmt::format("not valid YAML: {}{}", printable(error.msg, 200),
                                               tab ? "; indent with spaces, not tabs" : ""));
  }
  return builder.take();
}

}  // namespace pimento::detail
