// SPDX-License-Identifier: Apache-2.0
// The chip macro by macro, tiles and cores as they are counted: a tile is a panel of its cores, a
// core a panel of its macros. Where they are in space, a chip's description does not say.
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "base/ceil_div.h"
#include "sim/app/views/mapping_picture.h"
#include "sim/report/format.h"

namespace pimento::app {
namespace {

using sim::format_count;
using sim::format_percent;

constexpr const char* kEmptyStyle =
    "fill=\"#ffffff\" stroke=\"#b6bdc9\" stroke-width=\"0.6\" stroke-dasharray=\"1.6 1.2\"";

// One macro, or some that follow each other.
struct Square {
  std::int64_t index = 0;
  std::map<int, std::int64_t> cells;  // of layers
  std::int64_t macros = 0;            // of it, in use
  std::int64_t writings = 0;
  [[nodiscard]] int largest_layer() const {
    return std::max_element(cells.begin(), cells.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }
};

class Squares {
 public:
  Squares(const PictureSource& source, std::int64_t per_square)
      : source_(source), per_square_(per_square) {
    std::int64_t last_macro = -1;
    for (const MacroContents::Writing& writing : source.contents.writings()) {
      const std::int64_t index = writing.macro / per_square;
      if (squares_.empty() || squares_.back().index != index) squares_.push_back({index, {}, 0, 0});
      Square& square = squares_.back();
      if (writing.macro != last_macro) ++square.macros;
      last_macro = writing.macro;
      ++square.writings;
      for (const PlacedGroup& group : source.contents.groups(writing)) {
        square.cells[group.layer] += group.cells();
      }
    }
  }
  [[nodiscard]] const std::vector<Square>& all() const { return squares_; }

  [[nodiscard]] std::string svg(const Square& square, const svg::Box& box) const {
    const int layer = square.largest_layer();
    const double share = this->share(square);
    const bool is_shared = square.cells.size() > 1;
    const std::string attributes =
        fmt::format("fill=\"{}\"{}", tint_of(layer, share).hex(),
                    is_shared ? " stroke=\"#111827\" stroke-width=\"0.9\"" : "");
    const std::string& name = source_.view.layers[static_cast<std::size_t>(layer)].name;
    const std::string title =
        fmt::format("{}: {}{}, {} of the cells used", place(square), svg::name(name, 48),
                    is_shared ? fmt::format(" and {} more", square.cells.size() - 1) : "",
                    format_percent(share));
    return svg::box(box, attributes, title);
  }

 private:
  // Of the cells of all writings and of macros that hold nothing.
  [[nodiscard]] double share(const Square& square) const {
    std::int64_t used = 0;
    for (const auto& [layer, cells] : square.cells) used += cells;
    const std::int64_t macros = per_square_ - square.macros + square.writings;
    return double(used) / (double(macros) * double(source_.cells_of_macro()));
  }
  [[nodiscard]] std::string place(const Square& square) const {
    const MappingView& view = source_.view;
    const std::int64_t first = square.index * per_square_;
    const std::int64_t tile = first / view.macros_per_tile;
    const std::int64_t core = first % view.macros_per_tile / view.macros_per_core;
    if (per_square_ > view.macros_per_tile) {
      return fmt::format("tiles {} to {}", tile, tile + per_square_ / view.macros_per_tile - 1);
    }
    if (per_square_ == view.macros_per_tile) return fmt::format("tile {}", tile);
    if (per_square_ > 1) return fmt::format("tile {}, core {}", tile, core);
    return fmt::format("tile {}, core {}, macro {}", tile, core, first % view.macros_per_core);
  }

  const PictureSource& source_;
  std::int64_t per_square_;
  std::vector<Square> squares_;
};

// Equal boxes in rows, as nearly a square as the width allows.
class Grid {
 public:
  struct Boxes {
    std::int64_t count = 0;
    svg::Point size;
    double gap = 0.0;
    double most_width = 0.0;
  };
  explicit Grid(const Boxes& boxes) : boxes_(boxes) {
    const auto fit =
        static_cast<std::int64_t>((boxes.most_width + boxes.gap) / (boxes.size.x + boxes.gap));
    const auto side = static_cast<std::int64_t>(std::ceil(std::sqrt(double(boxes.count))));
    columns_ = std::max<std::int64_t>(1, std::min(side, fit));
    // Full rows, if somewhat longer ones are.
    for (std::int64_t longer = columns_; longer <= std::min(2 * side, fit); ++longer) {
      if (boxes.count % longer != 0) continue;
      columns_ = longer;
      break;
    }
  }
  [[nodiscard]] svg::Point at(std::int64_t i) const {
    return svg::in_rows(i, columns_, {boxes_.size.x + boxes_.gap, boxes_.size.y + boxes_.gap});
  }
  [[nodiscard]] svg::Point extent() const {
    const std::int64_t rows = ceil_div(boxes_.count, columns_);
    return {static_cast<double>(columns_) * (boxes_.size.x + boxes_.gap) - boxes_.gap,
            static_cast<double>(rows) * (boxes_.size.y + boxes_.gap) - boxes_.gap};
  }
  [[nodiscard]] const svg::Point& size() const { return boxes_.size; }

 private:
  Boxes boxes_;
  std::int64_t columns_ = 1;
};

constexpr double kCorePad = 2.5;
constexpr double kTilePad = 5.0;
constexpr double kTileLabel = 13.0;

// Panels of tiles, side by side.
class TilePanels {
 public:
  TilePanels(const MappingView& view, std::int64_t tiles)
      : per_core_(view.macros_per_core),
        cores_(view.macros_per_tile / view.macros_per_core),
        side_(side_of(tiles * view.macros_per_tile)),
        macros_({.count = per_core_,
                 .size = {side_, side_},
                 .gap = 1.5,
                 .most_width = kPictureWidth - 2 * kTilePad - 2 * kCorePad}),
        cores_grid_({.count = cores_,
                     .size = grown(macros_.extent(), 2 * kCorePad),
                     .gap = 3.0,
                     .most_width = kPictureWidth - 2 * kTilePad}),
        panel_(panel_size(cores_grid_.extent())),
        columns_(std::max<std::int64_t>(
            1, static_cast<std::int64_t>((kPictureWidth + kGap) / (panel_.x + kGap)))) {}

  [[nodiscard]] svg::Part draw(const Squares& squares, std::int64_t tiles) const {
    svg::Part part;
    auto next = squares.all().begin();
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      std::string used;
      std::string empty;
      const std::int64_t first = tile * cores_ * per_core_;
      for (std::int64_t i = 0; i < cores_ * per_core_; ++i) {
        const svg::Box box = macro_box(i);
        const bool is_used = next != squares.all().end() && next->index == first + i;
        if (is_used) {
          used += squares.svg(*next++, box);
        } else {
          empty += svg::outline(box);
        }
      }
      part.content += svg::moved(position(tile), frame(tile) + empty_macros(empty) + used);
    }
    const std::int64_t rows = ceil_div(tiles, columns_);
    part.height = static_cast<double>(rows) * (panel_.y + kGap) - kGap;
    return part;
  }

 private:
  static constexpr double kGap = 8.0;

  static double side_of(std::int64_t macros) {
    return macros <= 400 ? 14.0 : macros <= 2000 ? 9.0 : 5.0;
  }
  static svg::Point grown(const svg::Point& size, double by) { return {size.x + by, size.y + by}; }
  // Wide enough for its label.
  static svg::Point panel_size(const svg::Point& cores) {
    return {std::max(44.0, cores.x + 2 * kTilePad), cores.y + 2 * kTilePad + kTileLabel};
  }
  [[nodiscard]] svg::Point position(std::int64_t tile) const {
    return svg::in_rows(tile, columns_, {panel_.x + kGap, panel_.y + kGap});
  }
  [[nodiscard]] svg::Point core_position(std::int64_t core) const {
    const svg::Point at = cores_grid_.at(core);
    return {at.x + kTilePad, at.y + kTilePad + kTileLabel};
  }
  [[nodiscard]] svg::Box macro_box(std::int64_t i) const {
    const svg::Point core = core_position(i / per_core_);
    const svg::Point at = macros_.at(i % per_core_);
    return {core.x + kCorePad + at.x, core.y + kCorePad + at.y, side_, side_};
  }
  [[nodiscard]] std::string frame(std::int64_t tile) const {
    std::string cores;
    for (std::int64_t core = 0; core < cores_; ++core) {
      const svg::Point at = core_position(core);
      cores += svg::outline({at.x, at.y, cores_grid_.size().x, cores_grid_.size().y});
    }
    return svg::box({0, 0, panel_.x, panel_.y},
                    "fill=\"#f8fafc\" stroke=\"#94a3b8\" stroke-width=\"0.8\" rx=\"2\"") +
           svg::text({kTilePad, 13}, fmt::format("tile {}", tile),
                     {.size = 9.0, .fill = "#4b5563"}) +
           fmt::format("<path d=\"{}\" fill=\"#e8ecf1\"/>\n", cores);
  }
  static std::string empty_macros(const std::string& outlines) {
    if (outlines.empty()) return {};
    return fmt::format("<path d=\"{}\" {}/>\n", outlines, kEmptyStyle);
  }

  std::int64_t per_core_;
  std::int64_t cores_;
  double side_;
  Grid macros_;
  Grid cores_grid_;
  svg::Point panel_;
  std::int64_t columns_;
};

svg::Part draw_squares(const Squares& squares, std::int64_t count) {
  constexpr double kSide = 7.0;
  constexpr double kGap = 1.5;
  const auto columns = static_cast<std::int64_t>((kPictureWidth + kGap) / (kSide + kGap));
  svg::Part part;
  std::string empty;
  auto next = squares.all().begin();
  for (std::int64_t i = 0; i < count; ++i) {
    const svg::Point at = svg::in_rows(i, columns, {kSide + kGap, kSide + kGap});
    const svg::Box box{at.x, at.y, kSide, kSide};
    if (next != squares.all().end() && next->index == i) {
      part.content += squares.svg(*next++, box);
    } else {
      empty += svg::outline(box);
    }
  }
  if (!empty.empty()) part.content += fmt::format("<path d=\"{}\" {}/>\n", empty, kEmptyStyle);
  part.height = static_cast<double>(ceil_div(count, columns)) * (kSide + kGap) - kGap;
  return part;
}

// Macros that a square stands for: one, those of a core, of a tile, of 2, 4, 8, ... tiles.
std::int64_t macros_a_square(const MappingView& view, std::int64_t tiles, std::int64_t most) {
  const std::int64_t macros = tiles * view.macros_per_tile;
  if (macros <= most) return 1;
  if (macros / view.macros_per_core <= most) return view.macros_per_core;
  std::int64_t tiles_a_square = 1;
  while (ceil_div(tiles, tiles_a_square) > most) tiles_a_square *= 2;
  return tiles_a_square * view.macros_per_tile;
}

std::string square_text(const MappingView& view, std::int64_t per_square) {
  if (per_square == 1) return "a square is a macro";
  const std::string macros = format_count(per_square) + " macros";
  if (per_square == view.macros_per_core) return "a square is a core of " + macros;
  if (per_square == view.macros_per_tile) return "a square is a tile of " + macros;
  return fmt::format("a square is {} tiles of {} in all",
                     format_count(per_square / view.macros_per_tile), macros);
}

std::string left_out_text(const MappingView& view, std::int64_t tiles) {
  if (tiles >= view.tiles) return {};
  return fmt::format("; left out: {} tiles behind these, which hold nothing",
                     format_count(view.tiles - tiles));
}

}  // namespace

svg::Part picture_overview(const PictureSource& source) {
  constexpr double kHeading = 26.0;
  const MappingView& view = source.view;
  const auto& writings = source.contents.writings();
  const std::int64_t tiles =
      writings.empty() ? 1 : writings.back().macro / view.macros_per_tile + 1;
  const std::int64_t per_square = macros_a_square(view, tiles, source.limits.squares);
  const Squares squares(source, per_square);
  const svg::Part chip =
      per_square == 1 ? TilePanels(view, tiles).draw(squares, tiles)
                      : draw_squares(squares, ceil_div(tiles * view.macros_per_tile, per_square));
  const std::string note =
      fmt::format("{}{}", square_text(view, per_square), left_out_text(view, tiles));
  return {svg::text({0, 12}, "The chip", {.size = 13.0, .is_bold = true}) +
              svg::text({70, 12}, note, {.fill = "#4b5563"}) +
              svg::moved({0, kHeading}, chip.content),
          kHeading + chip.height};
}

}  // namespace pimento::app
