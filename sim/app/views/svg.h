// SPDX-License-Identifier: Apache-2.0
// The little of SVG 1.1 that pictures of mappings are made of. Debian packages no library that only
// writes SVG from C++; those there are (cairo, Qt) bring a renderer, fonts and their versions'
// bytes. Elements are text here, so that the same input gives the same file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pimento::app::svg {

// For text and attributes. What XML 1.0 has no character for becomes U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);
// A stranger's name on one line: unprintable characters as escapes, at most `limit` characters, and
// as XML.
[[nodiscard]] std::string name(std::string_view text, std::size_t limit);
// With up to two decimals: "12", "0.5".
[[nodiscard]] std::string number(double value);

struct Colour {
  int red = 0;
  int green = 0;
  int blue = 0;
  [[nodiscard]] std::string hex() const;
  // `share` of the other one in it.
  [[nodiscard]] Colour mixed(const Colour& other, double share) const;
};
inline constexpr Colour kWhite{255, 255, 255};
inline constexpr Colour kBlack{0, 0, 0};
// Colours that follow each other are far apart: their hues differ by the golden angle.
[[nodiscard]] Colour colour_of(int index);

struct Point {
  double x = 0.0;
  double y = 0.0;
};
struct Box {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
};
enum class Anchor { kStart, kMiddle, kEnd };
struct Font {
  double size = 11.0;
  Anchor anchor = Anchor::kStart;
  bool is_bold = false;
  bool is_mono = false;
  std::string fill = "#1f2937";
};

// `content` is XML already. Each ends with a line feed.
[[nodiscard]] std::string text(const Point& at, std::string_view content, const Font& font = {});
// `attributes` as they stand in the element; a title is what viewers show on hover.
[[nodiscard]] std::string box(const Box& box, std::string_view attributes,
                              std::string_view title = {});
// A closed rectangle of a path's data.
[[nodiscard]] std::string outline(const Box& box);
// Where the i-th of things lies that stand in rows of `columns`.
[[nodiscard]] Point in_rows(std::int64_t i, std::int64_t columns, const Point& step);
[[nodiscard]] std::string moved(const Point& by, std::string_view content);

// A piece of a picture, drawn from (0, 0) downwards.
struct Part {
  std::string content;
  double height = 0.0;
};

}  // namespace pimento::app::svg
