// SPDX-License-Identifier: Apache-2.0
// Macros cell by cell: each group's rectangle where it lies, in cells, scaled to a square of equal
// size. A macro that is written in several rounds is drawn once a round.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/app/views/mapping_picture.h"
#include "sim/report/format.h"

namespace pimento::app {
namespace {

using sim::format_count;
using sim::format_percent;
using Writing = MacroContents::Writing;

constexpr double kSide = 120.0;  // of the longer edge of an array
constexpr double kSlotWidth = 138.0;
constexpr double kSlotMore = 34.0;  // of a slot's height, for labels
constexpr double kLabel = 14.0;
constexpr double kPad = 7.0;
constexpr double kCoreLabel = 16.0;
constexpr double kGap = 8.0;
constexpr std::int64_t kSlotsARow = 8;
constexpr double kEmptyWidth = 48.0;  // of what stands for a core's empty macros
const svg::Font kSmall{.size = 9.0, .fill = "#374151"};

// Which writings are drawn.
struct Choice {
  std::vector<Writing> drawn;  // in the chip's order
  std::int64_t left_out = 0;
};

Choice choose(const PictureSource& source) {
  const PictureLimits& limits = source.limits;
  Choice choice;
  std::int64_t first = 0;
  std::int64_t shared = 0;
  std::int64_t rectangles = 0;
  for (const Writing& writing : source.contents.writings()) {
    const auto groups = static_cast<std::int64_t>(writing.end - writing.begin);
    const bool is_first = first < limits.first_macros;
    const bool is_shared = !is_first && shared < limits.shared_macros && groups > 1 &&
                           source.contents.layers(writing).size() > 1;
    if ((!is_first && !is_shared) || rectangles + groups > limits.rectangles) {
      ++choice.left_out;
      continue;
    }
    ++(is_first ? first : shared);
    rectangles += groups;
    choice.drawn.push_back(writing);
  }
  return choice;
}

class MacroDrawing {
 public:
  explicit MacroDrawing(const PictureSource& source) : source_(source) {
    const arch::MacroSpec& macro = source.chip.macro;
    const double longest = std::max(macro.rows, macro.columns);
    // Arrays that are very long are drawn wider than they are.
    constexpr double kShortest = kSide / 5.0;
    width_ = std::max(kShortest, kSide * macro.columns / longest);
    height_ = std::max(kShortest, kSide * macro.rows / longest);
  }

  [[nodiscard]] double slot_height() const { return height_ + kSlotMore; }

  [[nodiscard]] std::string used(const Writing& writing) const {
    const std::vector<PlacedGroup> groups = source_.contents.groups(writing);
    const std::vector<int> layers = source_.contents.layers(writing);
    const std::int64_t cells = source_.contents.used_cells(writing);
    const double share = double(cells) / double(source_.cells_of_macro());
    const std::string content = layers.size() == 1 ? svg::name(layer_name(layers.front()), 20)
                                                   : fmt::format("{} layers", layers.size());
    return fmt::format("<g><title>{}</title>\n", title(writing, groups, share)) +
           svg::text({0, 10}, label(writing), kSmall) +
           svg::text({kSide, 10}, format_percent(share),
                     {.size = 9.0, .anchor = svg::Anchor::kEnd, .fill = "#374151"}) +
           svg::box({0, kLabel, width_, height_}, "fill=\"#e5e8ec\"") + rectangles(groups) +
           svg::box({0, kLabel, width_, height_},
                    "fill=\"none\" stroke=\"#374151\" stroke-width=\"0.8\"") +
           svg::text({0, kLabel + height_ + 11}, content,
                     {.size = 9.0, .is_mono = true, .fill = "#374151"}) +
           "</g>\n";
  }

 private:
  [[nodiscard]] const std::string& layer_name(int layer) const {
    return source_.view.layers[static_cast<std::size_t>(layer)].name;
  }
  [[nodiscard]] std::string label(const Writing& writing) const {
    const std::int64_t macro = writing.macro % source_.view.macros_per_core;
    return source_.view.writings == source_.view.macros
               ? fmt::format("macro {}", macro)
               : fmt::format("macro {}, round {}", macro, writing.round);
  }
  [[nodiscard]] std::string title(const Writing& writing, const std::vector<PlacedGroup>& groups,
                                  double share) const {
    constexpr std::size_t kMostNamed = 8;
    std::map<int, std::pair<std::int64_t, std::int64_t>> of_layers;  // cells, groups
    for (const PlacedGroup& group : groups) {
      of_layers[group.layer].first += group.cells();
      ++of_layers[group.layer].second;
    }
    std::string text = fmt::format("number {} of the chip's macros, {} of its cells used",
                                   format_count(writing.macro), format_percent(share));
    std::size_t named = 0;
    for (const auto& [layer, counts] : of_layers) {
      if (named++ == kMostNamed) {
        return text + fmt::format("\nand {} layers more", of_layers.size() - kMostNamed);
      }
      text += fmt::format("\n{}: {} cells in {} {}", svg::name(layer_name(layer), 60),
                          format_count(counts.first), format_count(counts.second),
                          counts.second == 1 ? "column group" : "column groups");
    }
    return text;
  }

  // One path a layer and shade, in cells.
  [[nodiscard]] std::string rectangles(const std::vector<PlacedGroup>& groups) const {
    constexpr std::size_t kMostParted = 600;
    constexpr double kBetween = 0.6;  // on paper
    std::map<std::pair<int, int>, std::string> paths;
    for (const PlacedGroup& group : groups) {
      const std::int64_t slices =
          source_.view.layers[static_cast<std::size_t>(group.layer)].slices();
      paths[{group.layer, slice_of(*group.group, slices)}] +=
          fmt::format("M{} {}h{}v{}h-{}z", group.columns.begin, group.rows.begin,
                      group.columns.size(), group.rows.size(), group.columns.size());
    }
    const double x = width_ / source_.chip.macro.columns;
    const double y = height_ / source_.chip.macro.rows;
    std::string text = fmt::format(
        "<g transform=\"translate(0 {}) scale({:.5f} {:.5f})\"{}>\n", svg::number(kLabel), x, y,
        groups.size() > kMostParted ? ""
                                    : fmt::format(" stroke=\"#ffffff\" stroke-width=\"{:.3f}\"",
                                                  kBetween / std::max(x, y)));
    for (const auto& [key, data] : paths) {
      const auto& [layer, slice] = key;
      const std::int64_t slices = source_.view.layers[static_cast<std::size_t>(layer)].slices();
      text +=
          fmt::format("<path d=\"{}\" fill=\"{}\"/>\n", data, shade_of(layer, slice, slices).hex());
    }
    return text + "</g>\n";
  }

  const PictureSource& source_;
  double width_ = kSide;
  double height_ = kSide;
};

// The macros of one core that are drawn.
struct CoreBox {
  std::int64_t core = 0;           // counted over the chip
  std::vector<std::string> slots;  // as drawn
  std::int64_t empty = 0;          // macros of the core that hold nothing
  double slot_height = 0.0;
  [[nodiscard]] double slots_width() const {
    const auto columns = std::min<std::int64_t>(std::ssize(slots), kSlotsARow);
    return static_cast<double>(columns) * kSlotWidth - (kSlotWidth - kSide);
  }
  [[nodiscard]] double width() const {
    return slots_width() + 2.0 * kPad + (empty == 0 ? 0.0 : kEmptyWidth);
  }
  [[nodiscard]] double height() const {
    const std::int64_t rows = (std::ssize(slots) + kSlotsARow - 1) / kSlotsARow;
    return static_cast<double>(rows) * slot_height + kCoreLabel + kPad;
  }
};

// Small frames, as nothing is to be seen in them; their number is told where they are many.
std::string empty_macros_of(std::int64_t count, double slot_height) {
  constexpr double kStep = 17.0;
  const auto rows = static_cast<std::int64_t>((slot_height - kSlotMore) / kStep);
  std::string frames;
  for (std::int64_t i = 0; i < std::min(count, 2 * rows); ++i) {
    const svg::Point at = svg::in_rows(i, 2, {kStep, kStep});
    frames += svg::outline({at.x, kLabel + at.y, 13, 13});
  }
  return svg::text({0, 10}, count < 1000 ? fmt::format("{} empty", count) : format_count(count),
                   {.size = 9.0, .fill = "#6b7280"}) +
         fmt::format(
             "<path d=\"{}\" fill=\"#ffffff\" stroke=\"#9ca3af\" stroke-width=\"0.8\" "
             "stroke-dasharray=\"2.5 2\"/>\n",
             frames);
}

class Cores {
 public:
  Cores(const PictureSource& source, const Choice& choice) : source_(source), drawing_(source) {
    const std::int64_t per_core = source.view.macros_per_core;
    for (auto first = choice.drawn.begin(); first != choice.drawn.end();) {
      const std::int64_t core = first->macro / per_core;
      const auto last = std::find_if(first, choice.drawn.end(), [&](const Writing& writing) {
        return writing.macro / per_core != core;
      });
      add_core(core, {first, last});
      first = last;
    }
  }

  // Side by side while they fit, then below.
  [[nodiscard]] svg::Part draw() const {
    svg::Part part;
    svg::Point at;
    double row_height = 0.0;
    for (const CoreBox& box : boxes_) {
      if (at.x > 0.0 && at.x + box.width() > kPictureWidth) {
        at = {0.0, at.y + row_height + kGap};
        row_height = 0.0;
      }
      part.content += svg::moved(at, draw(box));
      at.x += box.width() + kGap;
      row_height = std::max(row_height, box.height());
    }
    part.height = at.y + row_height;
    return part;
  }

 private:
  void add_core(std::int64_t core, const std::vector<Writing>& drawn) {
    CoreBox box{
        core, {}, source_.view.macros_per_core - macros_in_use(core), drawing_.slot_height()};
    for (const Writing& writing : drawn) box.slots.push_back(drawing_.used(writing));
    boxes_.push_back(std::move(box));
  }
  [[nodiscard]] std::int64_t macros_in_use(std::int64_t core) const {
    const std::int64_t per_core = source_.view.macros_per_core;
    const auto& writings = source_.contents.writings();
    auto at = std::lower_bound(
        writings.begin(), writings.end(), core * per_core,
        [](const Writing& writing, std::int64_t macro) { return writing.macro < macro; });
    std::int64_t macros = 0;
    for (int last = -1; at != writings.end() && at->macro / per_core == core; ++at) {
      if (at->macro != last) ++macros;
      last = at->macro;
    }
    return macros;
  }
  [[nodiscard]] std::string draw(const CoreBox& box) const {
    const MappingView& view = source_.view;
    const std::int64_t first = box.core * view.macros_per_core;
    std::string text =
        svg::box({0, 0, box.width(), box.height()},
                 "fill=\"#f8fafc\" stroke=\"#94a3b8\" stroke-width=\"0.8\" rx=\"2\"") +
        svg::text({kPad, 12},
                  fmt::format("tile {}, core {}", first / view.macros_per_tile,
                              first % view.macros_per_tile / view.macros_per_core),
                  {.size = 10.0, .is_bold = true, .fill = "#374151"});
    for (std::int64_t i = 0; i < std::ssize(box.slots); ++i) {
      const svg::Point at = svg::in_rows(i, kSlotsARow, {kSlotWidth, box.slot_height});
      text += svg::moved({kPad + at.x, kCoreLabel + at.y}, box.slots[static_cast<std::size_t>(i)]);
    }
    if (box.empty > 0) {
      text += svg::moved({kPad + box.slots_width() + 14.0, kCoreLabel},
                         empty_macros_of(box.empty, box.slot_height));
    }
    return text;
  }

  const PictureSource& source_;
  MacroDrawing drawing_;
  std::vector<CoreBox> boxes_;
};

std::string note_of(const PictureSource& source, const Choice& choice) {
  const bool has_rounds = source.view.writings != source.view.macros;
  std::string note =
      fmt::format("{} of the {} that hold weights{}", format_count(std::ssize(choice.drawn)),
                  format_count(source.view.writings), has_rounds ? ", counted once a round" : "");
  if (choice.left_out == 0) return note;
  return note + fmt::format(
                    "; left out: {} (drawn are the first {}, up to {} more that layers "
                    "share, and up to {} column groups)",
                    format_count(choice.left_out), format_count(source.limits.first_macros),
                    format_count(source.limits.shared_macros),
                    format_count(source.limits.rectangles));
}

}  // namespace

svg::Part picture_detail(const PictureSource& source) {
  constexpr double kHeading = 22.0;
  const Choice choice = choose(source);
  const svg::Part cores = Cores(source, choice).draw();
  return {svg::text({0, 12}, "Macros", {.size = 13.0, .is_bold = true}) +
              svg::text({62, 12}, note_of(source, choice), {.fill = "#4b5563"}) +
              svg::moved({0, kHeading}, cores.content),
          kHeading + cores.height};
}

}  // namespace pimento::app
