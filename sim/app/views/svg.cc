// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/svg.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace pimento::app::svg {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// U+FFFE and U+FFFF: the only ones of a line of text that XML forbids.
bool is_forbidden(std::string_view three) {
  return three == "\xef\xbf\xbe" || three == "\xef\xbf\xbf";
}

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
}

std::string clipped(const std::string& text, std::size_t limit) {
  std::size_t count = 0;
  std::size_t last = 0;  // where the character before the limit begins
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins_character(text[at])) continue;
    if (++count == limit) last = at;
    if (count > limit) return text.substr(0, last) + "\xe2\x80\xa6";
  }
  return text;
}

int channel(double value) {
  return static_cast<int>(std::lround(255.0 * value));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_forbidden(text.substr(at, 3))) {
      result += kReplacement;
      at += 2;
    } else if (static_cast<unsigned char>(c) < 0x20U && c != '\n' && c != '\t') {
      result += kReplacement;
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string name(std::string_view text, std::size_t limit) {
  return escaped(clipped(printable(text, limit + 1), limit));
}

std::string number(double value) {
  const long long hundredths = std::llround(value * 100.0);
  const long long size = hundredths < 0 ? -hundredths : hundredths;
  std::string text = fmt::format("{}{}", hundredths < 0 ? "-" : "", size / 100);
  const long long rest = size % 100;
  if (rest == 0) return text;
  return text + (rest % 10 == 0 ? fmt::format(".{}", rest / 10) : fmt::format(".{:02}", rest));
}

std::string Colour::hex() const {
  return fmt::format("#{:02x}{:02x}{:02x}", red, green, blue);
}

Colour Colour::mixed(const Colour& other, double share) const {
  const auto mix = [&](int a, int b) {
    return static_cast<int>(std::lround(a * (1.0 - share) + b * share));
  };
  return {mix(red, other.red), mix(green, other.green), mix(blue, other.blue)};
}

// Hue, saturation and lightness as CSS Color 3, section 4.2.4, turns them into red, green and blue.
Colour colour_of(int index) {
  constexpr double kGoldenAngle = 137.50776405;
  constexpr double kLightness[] = {0.46, 0.58, 0.36};
  const double hue = std::fmod(212.0 + kGoldenAngle * index, 360.0) / 30.0;
  const double lightness = kLightness[index % 3];
  const double reach = 0.62 * std::min(lightness, 1.0 - lightness);
  const auto of = [&](double n) {
    const double k = std::fmod(n + hue, 12.0);
    return channel(lightness - reach * std::max(-1.0, std::min({k - 3.0, 9.0 - k, 1.0})));
  };
  return {of(0.0), of(8.0), of(4.0)};
}

std::string text(const Point& at, std::string_view content, const Font& font) {
  const char* anchor = font.anchor == Anchor::kStart    ? ""
                       : font.anchor == Anchor::kMiddle ? " text-anchor=\"middle\""
                                                        : " text-anchor=\"end\"";
  return fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{}{}{}>{}</text>\n",
                     number(at.x), number(at.y), number(font.size), font.fill, anchor,
                     font.is_bold ? " font-weight=\"bold\"" : "",
                     font.is_mono ? " font-family=\"DejaVu Sans Mono, Menlo, monospace\"" : "",
                     content);
}

std::string box(const Box& box, std::string_view attributes, std::string_view title) {
  const std::string start =
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}", number(box.x),
                  number(box.y), number(box.width), number(box.height), attributes);
  return title.empty() ? start + "/>\n"
                       : fmt::format("{}><title>{}</title></rect>\n", start, title);
}

std::string outline(const Box& box) {
  return fmt::format("M{} {}h{}v{}h-{}z", number(box.x), number(box.y), number(box.width),
                     number(box.height), number(box.width));
}

Point in_rows(std::int64_t i, std::int64_t columns, const Point& step) {
  const std::int64_t row = i / columns;
  return {static_cast<double>(i - row * columns) * step.x, static_cast<double>(row) * step.y};
}

std::string moved(const Point& by, std::string_view content) {
  return fmt::format("<g transform=\"translate({} {})\">\n{}</g>\n", number(by.x), number(by.y),
                     content);
}

}  // namespace pimento::app::svg
