// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace pimento::sim {
namespace {

constexpr std::array<std::string_view, 5> kWords = {"network", "chip", "policy", "strategy",
                                                    "images"};
constexpr int kMostImages = 1'000'000;

bool is_word(std::string_view path) {
  return std::find(kWords.begin(), kWords.end(), path) != kWords.end();
}

// The text of a scalar as YAML reads it back: as it is where that is plain, else in quotes.
std::string yaml_scalar(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_./+- ").find(c) != std::string_view::npos;
  };
  const bool negative = text.size() > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9';
  const bool safe = !text.empty() && std::all_of(text.begin(), text.end(), plain) &&
                    text.front() != ' ' && text.back() != ' ' &&
                    (text.front() != '-' || negative) && text != "null" && text != "Null" &&
                    text != "NULL" && text != "...";
  if (safe) return text;
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A value of a list of the file, lists within written as "[4, 8]".
std::string value_at(ConfigList& list, std::size_t index) {
  if (!list.is_list(index)) return yaml_scalar(list.text(index));
  ConfigList inner = list.list(index);
  std::vector<std::string> items;
  items.reserve(inner.size());
  for (std::size_t i = 0; i < inner.size(); ++i) items.push_back(value_at(inner, i));
  return fmt::format("[{}]", join(items));
}

std::optional<int> parse_images(const std::string& text) {
  int images = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), images);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (images < 1 || images > kMostImages) return std::nullopt;
  return images;
}

class Reader {
 public:
  Reader(ConfigDocument& document, SweepSpec& spec) : root_(document.root()), spec_(spec) {}

  void read() {
    constexpr std::array<std::pair<std::string_view, int>, 1> kSchemas{{{"pimento/sweep/1", 1}}};
    static_cast<void>(root_.choice<int>("schema", kSchemas));
    read_name();
    spec_.description = root_.text_or("description", "");
    read_fixed();
    spec_.activity = root_.boolean_or("activity", false);
    read_set();
    ConfigMap axes = root_.map("axes");
    for (const std::string& key : axes.keys()) read_axis(axes, key);
    if (root_.is_map("axes") && axes.keys().empty()) {
      root_.problem("axes",
                    "found no axis; expected at least one such as \"macro.rows: [64, 128]\"");
    }
    check_points(axes);
    check_given();
  }

 private:
  // The name becomes a folder's.
  void read_name() {
    spec_.name = root_.text("name");
    const auto allowed = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             c == '_' || c == '-' || c == '.';
    };
    constexpr std::size_t kLongest = 100;
    if (std::all_of(spec_.name.begin(), spec_.name.end(), allowed) &&
        spec_.name.size() <= kLongest && !spec_.name.empty() && spec_.name[0] != '.') {
      return;
    }
    if (!root_.has("name")) return;  // noted
    root_.problem("name",
                  fmt::format("found \"{}\"; expected at most {} letters, digits, \"_\", \"-\" and "
                              "\".\", not beginning with \".\", as it names the output folder",
                              printable(spec_.name), kLongest));
  }

  void read_fixed() {
    for (const std::string_view word : kWords) {
      if (!root_.has(word)) continue;
      const bool images = word == "images";
      spec_.fixed.push_back(
          {std::string(word),
           images ? std::to_string(root_.integer(word, {1, kMostImages})) : root_.text(word)});
      taken_.emplace(word);
    }
  }

  void read_set() {
    std::optional<ConfigMap> set = root_.optional_map("set");
    if (!set) return;
    for (const std::string& path : set->keys()) {
      if (is_word(path)) {
        set->problem(path, "stands outside of set; move it one level up");
        continue;
      }
      if (set->is_list(path)) {
        ConfigList list = set->list(path);
        std::vector<std::string> items;
        items.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) items.push_back(value_at(list, i));
        spec_.set.push_back({path, fmt::format("[{}]", join(items))});
      } else {
        spec_.set.push_back({path, yaml_scalar(set->text(path))});
      }
      taken_.insert(path);
    }
  }

  void read_axis(ConfigMap& axes, const std::string& key) {
    SweepAxis axis;
    for (const std::string& part : split(key, ',')) {
      const std::size_t begin = part.find_first_not_of(' ');
      const std::size_t end = part.find_last_not_of(' ');
      axis.paths.push_back(begin == std::string::npos ? "" : part.substr(begin, end - begin + 1));
      const std::string& path = axis.paths.back();
      if (path.empty()) axes.problem(key, "found an empty path; expected one such as macro.rows");
      if (!path.empty() && !taken_.insert(path).second) {
        axes.problem(key,
                     fmt::format("\"{}\" is given twice; keep one of the two", printable(path)));
      }
    }
    ConfigList list = axes.list(key);
    if (axes.is_list(key) && list.size() == 0) {
      axes.problem(key, "found an empty list; expected at least one value");
    }
    std::set<std::vector<std::string>> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::vector<std::string> step = read_step(list, i, axis.paths);
      if (step.empty()) continue;
      if (!seen.insert(step).second) {
        list.problem(
            i, fmt::format("found {} twice; expected different values", printable(join(step))));
      }
      axis.values.push_back(std::move(step));
    }
    spec_.axes.push_back(std::move(axis));
  }

  // Empty when it was wrong.
  std::vector<std::string> read_step(ConfigList& list, std::size_t i,
                                     const std::vector<std::string>& paths) {
    if (paths.size() == 1) return read_value(list, i, paths[0]);
    if (!list.is_list(i)) {
      list.problem(i, fmt::format("expected a list of {} values, one for each of {}", paths.size(),
                                  printable(join(paths), 200)));
      return {};
    }
    ConfigList inner = list.list(i);
    if (inner.size() != paths.size()) {
      list.problem(i, fmt::format("found {} values; expected {}, one for each of {}", inner.size(),
                                  paths.size(), printable(join(paths), 200)));
      return {};
    }
    std::vector<std::string> step;
    for (std::size_t p = 0; p < paths.size(); ++p) {
      const std::vector<std::string> value = read_value(inner, p, paths[p]);
      if (value.empty()) return {};
      step.push_back(value[0]);
    }
    return step;
  }

  std::vector<std::string> read_value(ConfigList& list, std::size_t i, const std::string& path) {
    if (!is_word(path)) return {value_at(list, i)};
    const std::string text =
        path == "images" ? std::to_string(list.integer(i, {1, kMostImages})) : list.text(i);
    return {text};
  }

  void check_points(ConfigMap& axes) {
    std::size_t points = 1;
    for (const SweepAxis& axis : spec_.axes) {
      points *= std::max<std::size_t>(axis.values.size(), 1);
      if (points <= SweepSpec::kMostPoints) continue;
      axes.problem("", fmt::format("the axes make more than {} points; shorten them, or split the "
                                   "sweep into several",
                                   SweepSpec::kMostPoints));
      return;
    }
  }

  void check_given() {
    for (const char* word : {"network", "chip", "policy"}) {
      if (taken_.count(word) > 0) continue;
      root_.problem("", fmt::format("\"{}\" is missing; give it at the top or as an axis", word));
    }
  }

  ConfigMap root_;
  SweepSpec& spec_;
  std::set<std::string, std::less<>> taken_;
};

void apply(SweepPoint& point, const std::string& path, const std::string& value) {
  if (path == "network") {
    point.network = value;
  } else if (path == "chip") {
    point.chip = value;
  } else if (path == "policy") {
    point.policy = value;
  } else if (path == "strategy") {
    point.strategy = value;
  } else if (path == "images") {
    point.images = parse_images(value).value_or(1);
  } else {
    point.overrides.push_back({path, value});
  }
}

}  // namespace

std::size_t SweepSpec::points() const {
  std::size_t points = 1;
  for (const SweepAxis& axis : axes) points *= axis.values.size();
  return points;
}

SweepPoint SweepSpec::point(std::size_t index) const {
  std::vector<const std::vector<std::string>*> steps(axes.size());
  for (std::size_t a = axes.size(); a-- > 0;) {
    steps[a] = &axes[a].values[index % axes[a].values.size()];
    index /= axes[a].values.size();
  }
  SweepPoint point;
  point.activity = activity;
  for (const Override& setting : fixed) apply(point, setting.path, setting.value);
  for (const Override& setting : set) apply(point, setting.path, setting.value);
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t p = 0; p < axes[a].paths.size(); ++p) {
      apply(point, axes[a].paths[p], (*steps[a])[p]);
      point.axis_values.push_back((*steps[a])[p]);
    }
  }
  return point;
}

std::vector<std::string> SweepSpec::columns() const {
  std::vector<std::string> result;
  for (const SweepAxis& axis : axes) {
    result.insert(result.end(), axis.paths.begin(), axis.paths.end());
  }
  return result;
}

std::vector<std::string> SweepSpec::values_of(const std::string& word) const {
  std::vector<std::string> result;
  const auto add = [&](const std::string& value) {
    if (std::find(result.begin(), result.end(), value) == result.end()) result.push_back(value);
  };
  for (const Override& setting : fixed) {
    if (setting.path == word) add(setting.value);
  }
  for (const SweepAxis& axis : axes) {
    for (std::size_t p = 0; p < axis.paths.size(); ++p) {
      if (axis.paths[p] != word) continue;
      for (const std::vector<std::string>& step : axis.values) add(step[p]);
    }
  }
  return result;
}

SweepSpec read_sweep(ConfigDocument document, const std::string& file) {
  SweepSpec spec;
  spec.file = file;
  Reader(document, spec).read();
  document.finish();
  return spec;
}

void set_for_all(SweepSpec& spec, const std::vector<Override>& overrides) {
  const std::vector<std::string> columns = spec.columns();
  for (const Override& setting : overrides) {
    if (std::find(columns.begin(), columns.end(), setting.path) != columns.end()) {
      throw InputError(fmt::format("--set {}={}: {} is an axis of {}; change the axis there",
                                   setting.path, setting.value, setting.path, spec.file));
    }
    std::erase_if(spec.set, [&](const Override& old) { return old.path == setting.path; });
    spec.set.push_back(setting);
  }
}

}  // namespace pimento::sim
