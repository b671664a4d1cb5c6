// SPDX-License-Identifier: Apache-2.0
#include "arch/router_mesh.h"

#include <gtest/gtest.h>

#include "tests/arch/support.h"

namespace pimento::arch {
namespace {

TEST(RouterMesh, ARouterATile) {
  const RouterMesh mesh(chip_of(kTinyChip), 5);  // 3 x 2
  EXPECT_EQ(mesh.width(), 3);
  EXPECT_EQ(mesh.routers_between(4, 4), 0);
  EXPECT_EQ(mesh.routers_between(0, 1), 2);
  EXPECT_EQ(mesh.routers_between(2, 3), 4);
  EXPECT_EQ(mesh.routers_between(3, 2), 4);
}

TEST(RouterMesh, SharedRouters) {
  const std::string router =
      "  cores: 3\n"
      "  components:\n"
      "    router: {kind: fixed, energy: 1 pJ, count: 0.25, source: test}\n";
  const RouterMesh mesh(chip_of(replaced(kTinyChip, "  cores: 3\n", router)), 168);  // 42 routers
  EXPECT_EQ(mesh.tiles_per_router(), 4);
  EXPECT_EQ(mesh.width(), 7);
  EXPECT_EQ(mesh.routers_between(0, 3), 1);
  EXPECT_EQ(mesh.routers_between(0, 4), 2);
  EXPECT_EQ(mesh.routers_between(0, 167), 6 + 5 + 1);
}

}  // namespace
}  // namespace pimento::arch
