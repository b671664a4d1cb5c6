// SPDX-License-Identifier: Apache-2.0
#include "sim/app/views/chip_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/app/pipeline.h"

namespace pimento::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(ChipView, PrintsIsaacsTableInThePapersRounding) {
  const std::string text = chip_text(view_chip(load_chip("isaac_ce", {})), {});
  EXPECT_THAT(text, HasSubstr("  core 24.08 mW 0.0131 mm2\n"));
  EXPECT_THAT(text, HasSubstr("  tile 330 mW 0.372 mm2\n"));
  EXPECT_THAT(text, HasSubstr("  chip 65.8 W 85.4 mm2\n"));
  EXPECT_THAT(text, HasSubstr("tiles    168\n"));
}

TEST(ChipView, TellsEverySource) {
  const std::string text = chip_text(view_chip(load_chip("isaac_ce", {})), {});
  EXPECT_THAT(text, HasSubstr("[1] Table I: 8 arrays 2.4 mW"));
  EXPECT_THAT(text, HasSubstr("HyperTransport"));
}

TEST(ChipView, AChipSizedToItsNetworkIsShownWithOneTile) {
  const ChipView view = view_chip(load_chip("ad_pim", {}));
  EXPECT_TRUE(view.sized_to_network);
  const std::string text = chip_text(view, {});
  EXPECT_THAT(text, HasSubstr("as many as the network needs; shown with one\n"));
  EXPECT_THAT(text, HasSubstr("area not given\n"));
  EXPECT_THAT(text, HasSubstr("66.71 fJ  mac of 8 bits"));
}

TEST(ChipView, JsonAddsUp) {
  const json read = json::parse(chip_json(view_chip(load_chip("isaac_ce", {}))));
  double area = 0.0;
  double power = 0.0;
  for (const json& level : read["levels"]) {
    area *= level["children"].get<double>();
    power *= level["children"].get<double>();
    for (const json& component : level["components"]) {
      area += component["total_area_mm2"].get<double>();
      power += component["total_power_w"].get<double>();
    }
    EXPECT_NEAR(level["area_mm2"].get<double>(), area, 1e-12 * area);
    EXPECT_NEAR(level["power_w"].get<double>(), power, 1e-12 * power);
  }
}

TEST(ChipView, DoubleBufferingShows) {
  const ChipView view = view_chip(load_chip("isaac_ce", {{"chip.double_buffering", "true"}}));
  EXPECT_THAT(
      chip_text(view, {}),
      HasSubstr("half of the cores while the other half works, where a network takes several "
                "rounds\n"));
  EXPECT_EQ(json::parse(chip_json(view))["double_buffering"], true);
  EXPECT_THAT(chip_text(view_chip(load_chip("isaac_ce", {})), {}), Not(HasSubstr("writing")));
}

TEST(ChipView, SettingsShow) {
  const std::string text = chip_text(view_chip(load_chip("isaac_ce", {{"chip.tiles", "2"}})), {});
  EXPECT_THAT(text, HasSubstr("tiles    2\n"));
  EXPECT_THAT(text, Not(HasSubstr("65.8 W")));
}

}  // namespace
}  // namespace pimento::app
