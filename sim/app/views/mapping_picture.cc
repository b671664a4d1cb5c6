// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/mapping_picture.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "sim/report/format.h"

namespace pimento::app {
namespace {

using sim::format_count;
using sim::format_percent;

constexpr double kMargin = 24.0;
constexpr double kLine = 17.0;
const svg::Font kNote{.size = 11.0, .fill = "#4b5563"};

class Page {
 public:
  void add(const svg::Part& part, double gap) {
    content_ += svg::moved({kMargin, y_}, part.content);
    y_ += part.height + gap;
  }
  [[nodiscard]] std::string str(const std::string& title) const {
    const std::string width = svg::number(kPictureWidth + 2.0 * kMargin);
    const std::string height = svg::number(y_);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n<title>{2}</title>\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{3}</svg>\n",
        width, height, title, content_);
  }

 private:
  std::string content_;
  double y_ = kMargin;
};

std::string title_of(const MappingView& view) {
  return fmt::format("{} on {}", svg::name(view.network, 48), svg::name(view.chip, 48));
}

svg::Part heading(const MappingView& view) {
  const mapper::Utilization& use = view.utilization;
  const std::string how = fmt::format(
      "strategy {}, policy {}; macros of {} x {} cells of {} {}, {}", svg::name(view.strategy, 32),
      svg::name(view.policy, 40), view.macro_rows, view.macro_columns, view.cell_bits,
      view.cell_bits == 1 ? "bit" : "bits", svg::escaped(view.encoding));
  const std::string much = fmt::format(
      "{} of {} macros hold weights{}; {} of their cells are used", format_count(view.macros),
      format_count(view.chip_macros),
      view.shared_macros == 0
          ? ""
          : fmt::format(", {} of them of several layers", format_count(view.shared_macros)),
      format_percent(use.cell_share()));
  return {svg::text({0, 16}, title_of(view), {.size = 18.0, .is_bold = true}) +
              svg::text({0, 38}, how, kNote) + svg::text({0, 38 + kLine}, much, kNote),
          60.0};
}

bool is_plane_wise(const mapper::LayerMapping& layer) {
  const std::int64_t slices = std::ssize(layer.plan.slices);
  return slices > 1 && std::any_of(layer.groups.begin(), layer.groups.end(),
                                   [&](const auto& group) { return slice_of(group, slices) >= 0; });
}

svg::Part how_to_read(const PictureSource& source) {
  std::vector<std::string> lines{
      "In the overview a square has the colour of the layer with the most cells on it, the paler "
      "the fewer of its cells are used; a dark frame: several layers share it.",
      "In detail a coloured area is cells that hold weight bits of that layer, pale lines part "
      "its column groups; a light grey area is cells of a macro in use that hold nothing.",
      "A dashed frame is a macro that holds nothing. On hover, viewers show a square's figures."};
  const auto& layers = source.mapping.layers;
  if (std::any_of(layers.begin(), layers.end(), is_plane_wise)) {
    lines.emplace_back(
        "Groups that hold a single slice of the weights are shaded: dark the most significant "
        "bits, light the least.");
  }
  svg::Part part;
  for (const std::string& line : lines) {
    part.height += kLine;
    part.content += svg::text({0, part.height - 5.0}, line, kNote);
  }
  return part;
}

svg::Part legend(const PictureSource& source) {
  constexpr std::int64_t kColumns = 3;
  constexpr double kColumnWidth = kPictureWidth / kColumns;
  const std::vector<LayerPlacement>& layers = source.view.layers;
  const std::int64_t shown = std::min<std::int64_t>(std::ssize(layers), source.limits.layers);
  const std::int64_t rows = (shown + kColumns - 1) / kColumns;
  svg::Part part{svg::text({0, 12}, "Layers", {.size = 13.0, .is_bold = true}), 20.0};
  for (std::int64_t i = 0; i < shown; ++i) {
    const LayerPlacement& layer = layers[static_cast<std::size_t>(i)];
    const svg::Point down = svg::in_rows(i, rows, {kLine, kColumnWidth});  // column by column
    const double x = down.y;
    const double y = part.height + down.x;
    const std::string figures =
        fmt::format("{} {}, {} {}", layer.weight_bits, layer.weight_bits == 1 ? "bit" : "bits",
                    format_count(layer.macros), layer.macros == 1 ? "macro" : "macros");
    const svg::Colour colour = svg::colour_of(static_cast<int>(i));
    part.content += svg::box({x, y + 2, 12, 12}, fmt::format("fill=\"{}\"", colour.hex()));
    part.content += svg::text({x + 18, y + 12}, svg::name(layer.name, 28), {.is_mono = true});
    part.content += svg::text({x + kColumnWidth - 24, y + 12}, figures,
                              {.anchor = svg::Anchor::kEnd, .fill = "#4b5563"});
  }
  part.height += static_cast<double>(rows) * kLine;
  if (shown < std::ssize(layers)) {
    part.height += kLine;
    part.content += svg::text(
        {0, part.height - 5.0},
        fmt::format("Left out of this list: the last {} of {} layers.",
                    format_count(std::ssize(layers) - shown), format_count(std::ssize(layers))),
        kNote);
  }
  return part;
}

}  // namespace

int slice_of(const arch::ColumnGroup& group, std::int64_t slices) {
  const std::int64_t first = group.columns.front() % slices;
  for (std::int64_t i = 1; i < group.columns.size(); ++i) {
    if (group.columns[i] % slices != first) return -1;
  }
  return static_cast<int>(first);
}

svg::Colour shade_of(int layer, int slice, std::int64_t slices) {
  const svg::Colour colour = svg::colour_of(layer);
  if (slice < 0 || slices < 2) return colour;
  const double significance = static_cast<double>(slice) / static_cast<double>(slices - 1);
  return colour.mixed(svg::kBlack, 0.3).mixed(svg::kWhite, 0.6 * (1.0 - significance));
}

svg::Colour tint_of(int layer, double share) {
  return svg::colour_of(layer).mixed(svg::kWhite, 0.75 * (1.0 - std::clamp(share, 0.0, 1.0)));
}

std::string mapping_picture(const MappingView& view, const mapper::Mapping& mapping,
                            const arch::ChipSpec& chip, const PictureLimits& limits) {
  const MacroContents contents(mapping);
  const PictureSource source{view, mapping, chip, contents, limits};
  Page page;
  page.add(heading(view), 12.0);
  page.add(how_to_read(source), 14.0);
  page.add(legend(source), 22.0);
  page.add(picture_overview(source), 26.0);
  page.add(picture_detail(source), kMargin);
  return page.str(title_of(view));
}

}  // namespace pimento::app
