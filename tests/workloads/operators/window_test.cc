// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/window.h"

#include <gtest/gtest.h>

#include "tests/workloads/operators/support.h"

namespace pimento::workloads {
namespace {

using Numbers = std::vector<std::int64_t>;

SlidingWindow window(const Shape& data, const Numbers& kernel, const Attributes& attributes = {}) {
  const Node node{"n", "MaxPool", 13, {0}, {1}, attributes};
  const Form form{ElementType::kFloat32, data};
  return read_sliding_window(Call(node, {&form}, {nullptr}, "here"), kernel);
}

std::string window_error(const Shape& data, const Numbers& kernel,
                         const Attributes& attributes = {}) {
  return input_error([&] { (void)window(data, kernel, attributes); });
}

TEST(SlidingWindow, StepsOverEveryPlaceByDefault) {
  const SlidingWindow found = window({1, 3, 7, 5}, {3, 2});
  EXPECT_EQ(found.extent, (Numbers{7, 5}));
  EXPECT_EQ(found.stride, (Numbers{1, 1}));
  EXPECT_EQ(found.dilation, (Numbers{1, 1}));
  EXPECT_EQ(found.before, (Numbers{0, 0}));
  EXPECT_EQ(found.places, (Numbers{5, 4}));
  EXPECT_EQ(found.place_count(), 20);
  EXPECT_EQ(found.kernel_size(), 6);
}

TEST(SlidingWindow, AnyNumberOfAxes) {
  EXPECT_EQ(window({1, 1, 9}, {3}, {{"strides", Numbers{2}}}).places, Numbers{4});
  EXPECT_EQ(window({1, 1, 4, 4, 4}, {2, 2, 2}).places, (Numbers{3, 3, 3}));
  // (7 + 1 + 2 - (2 * 2 + 1)) / 3 + 1
  EXPECT_EQ(window({1, 1, 7}, {3},
                   {{"strides", Numbers{3}}, {"dilations", Numbers{2}}, {"pads", Numbers{1, 2}}})
                .places,
            Numbers{2});
}

TEST(SlidingWindow, RoundingUpLeavesOutWhatStartsInThePadding) {
  const Attributes up{{"strides", Numbers{2}}, {"ceil_mode", std::int64_t{1}}};
  EXPECT_EQ(window({1, 1, 6}, {3}, up).places, Numbers{3});  // the last one hangs over the edge
  EXPECT_EQ(window({1, 1, 6}, {3}, {{"strides", Numbers{2}}}).places, Numbers{2});
  Attributes padded = up;
  padded["pads"] = Numbers{0, 1};
  // A fourth window would start at 6, behind the data.
  EXPECT_EQ(window({1, 1, 6}, {2}, padded).places, Numbers{3});
}

TEST(SlidingWindow, SamePaddingKeepsTheExtentOverTheStride) {
  const auto same = [](const std::string& mode) {
    return window({1, 1, 5, 6}, {2, 4}, {{"auto_pad", mode}, {"strides", Numbers{2, 1}}});
  };
  EXPECT_EQ(same("SAME_UPPER").places, (Numbers{3, 6}));
  EXPECT_EQ(same("SAME_UPPER").before, (Numbers{0, 1}));
  EXPECT_EQ(same("SAME_UPPER").after, (Numbers{1, 2}));
  EXPECT_EQ(same("SAME_LOWER").before, (Numbers{1, 2}));
  EXPECT_EQ(same("SAME_LOWER").after, (Numbers{0, 1}));
  EXPECT_EQ(same("VALID").places, (Numbers{2, 3}));
  EXPECT_EQ(same("NOTSET").places, (Numbers{2, 3}));
}

TEST(SlidingWindow, RefusesWhatDoesNotFit) {
  EXPECT_EQ(window_error({1, 1}, {}),
            "here: its input has the shape 1x1; expected batch x channels x a map of one dimension "
            "or more");
  EXPECT_EQ(window_error({1, 1, 4, 4}, {2}), "here: its kernel has 1 dimensions and its input 2");
  EXPECT_EQ(window_error({1, 1, 4}, {0}),
            "here: its kernel has an extent of 0; expected 1 to 1048576");
  EXPECT_EQ(window_error({1, 1, 4}, {5}),
            "here: the window reaches over 5 places of axis 0, but the padded input has 4; use a "
            "smaller kernel or more pad");
  EXPECT_EQ(window_error({1, 1, 4}, {2}, {{"strides", Numbers{0}}}),
            "here: attribute \"strides\" holds 0; expected 1 to 1048576");
  EXPECT_EQ(window_error({1, 1, 4}, {2}, {{"pads", Numbers{1}}}),
            "here: attribute \"pads\" has 1 values; expected 2");
  EXPECT_EQ(window_error({1, 1, 4}, {2}, {{"auto_pad", std::string("MIRROR")}}),
            "here: attribute \"auto_pad\" is \"MIRROR\"; expected NOTSET, SAME_UPPER, SAME_LOWER "
            "or VALID");
  EXPECT_EQ(
      window_error({1, 1, 4}, {2}, {{"auto_pad", std::string("VALID")}, {"pads", Numbers{0, 1}}}),
      "here: attribute \"pads\" is given beside auto_pad \"VALID\"; expected one of them");
  EXPECT_EQ(window_error({1, 1, 4}, {2}, {{"ceil_mode", std::int64_t{2}}}),
            "here: attribute \"ceil_mode\" is 2; expected 0 or 1");
}

TEST(WindowOffsets, PointIntoTheMapOrIntoThePadding) {
  const SlidingWindow found =
      window({1, 1, 3, 4}, {2, 2}, {{"pads", Numbers{1, 0, 0, 0}}, {"dilations", Numbers{1, 2}}});
  Numbers offsets;
  window_offsets(found, {0, 0}, offsets);
  EXPECT_EQ(offsets, (Numbers{-1, -1, 0, 2}));
  window_offsets(found, {1, 1}, offsets);
  EXPECT_EQ(offsets, (Numbers{1, 3, 5, 7}));
  window_offsets(found, {2, 0}, offsets);
  EXPECT_EQ(offsets, (Numbers{4, 6, 8, 10}));
}

TEST(ForEachPlace, GoesRowByRow) {
  const SlidingWindow found = window({1, 1, 3, 4}, {2, 3});
  std::vector<Numbers> visited;
  for_each_place(found, [&](std::int64_t place, const Numbers& at) {
    EXPECT_EQ(place, std::ssize(visited));
    visited.push_back(at);
  });
  EXPECT_EQ(visited, (std::vector<Numbers>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
}

}  // namespace
}  // namespace pimento::workloads
