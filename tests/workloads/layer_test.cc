// SPDX-License-Identifier: Apache-2.0
#include "workloads/layer.h"

#include <limits>

#include <gmock/gmock.h>

#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

const Shape kImage{3, 32, 32};

Conv conv(std::int64_t out_channels, std::int64_t kernel, std::int64_t stride = 1,
          std::int64_t pad = 0) {
  return {.out_channels = out_channels,
          .groups = 1,
          .window = {.kernel = {kernel, kernel},
                     .stride = {stride, stride},
                     .dilation = {1, 1},
                     .pads = {pad, pad, pad, pad}}};
}

Pool pool(std::int64_t kernel, std::int64_t stride, std::int64_t pad, bool ceil_mode) {
  return {.kind = PoolKind::kMax,
          .window = {.kernel = {kernel, kernel},
                     .stride = {stride, stride},
                     .dilation = {1, 1},
                     .pads = {pad, pad, pad, pad},
                     .ceil_mode = ceil_mode}};
}

std::string shape_error(const Operation& operation, const std::vector<Shape>& inputs) {
  return input_error([&] { (void)infer_shape(operation, inputs); });
}

TEST(OperationName, IsTheWordOfDescriptors) {
  EXPECT_EQ(operation_name(Conv{}), "conv");
  EXPECT_EQ(operation_name(Linear{}), "linear");
  EXPECT_EQ(operation_name(Pool{.kind = PoolKind::kMax, .window = {}}), "max_pool");
  EXPECT_EQ(operation_name(Pool{.kind = PoolKind::kAverage, .window = {}}), "average_pool");
  EXPECT_EQ(operation_name(GlobalPool{.kind = PoolKind::kMax}), "global_max_pool");
  EXPECT_EQ(operation_name(GlobalPool{.kind = PoolKind::kAverage}), "global_average_pool");
  EXPECT_EQ(operation_name(Add{}), "add");
  EXPECT_EQ(operation_name(BatchNorm{}), "batch_norm");
  EXPECT_EQ(operation_name(Relu{}), "relu");
  EXPECT_EQ(operation_name(Clip{}), "clip");
  EXPECT_EQ(operation_name(Softmax{}), "softmax");
  EXPECT_EQ(operation_name(Flatten{}), "flatten");
  EXPECT_EQ(operation_name(Reshape{}), "reshape");
  EXPECT_EQ(operation_name(Identity{}), "identity");
}

TEST(ShapeText, JoinsExtentsWithX) {
  EXPECT_EQ(to_string(Shape{3, 224, 224}), "3x224x224");
  EXPECT_EQ(to_string(Shape{10}), "10");
}

TEST(InferShape, ConvolutionCountsPlacesOfTheWindow) {
  EXPECT_EQ(infer_shape(conv(64, 3, 1, 1), {kImage}), (Shape{64, 32, 32}));
  EXPECT_EQ(infer_shape(conv(64, 7, 2, 3), {{3, 224, 224}}), (Shape{64, 112, 112}));
  EXPECT_EQ(infer_shape(conv(8, 1, 2), {{4, 7, 8}}), (Shape{8, 4, 4}));
  EXPECT_EQ(infer_shape(conv(8, 5), {{4, 5, 6}}), (Shape{8, 1, 2}));
}

TEST(InferShape, DilationWidensTheWindow) {
  Conv dilated = conv(8, 3);
  dilated.window.dilation = {2, 3};
  EXPECT_EQ(infer_shape(dilated, {{1, 7, 7}}), (Shape{8, 3, 1}));
}

TEST(InferShape, PadsAreTopLeftBottomRight) {
  Conv padded = conv(8, 3);
  padded.window.pads = {1, 0, 2, 4};
  EXPECT_EQ(infer_shape(padded, {{1, 5, 5}}), (Shape{8, 6, 7}));
}

TEST(InferShape, KernelsNeedNotBeSquare) {
  Conv wide = conv(8, 1);
  wide.window.kernel = {1, 5};
  wide.window.stride = {2, 1};
  EXPECT_EQ(infer_shape(wide, {{1, 9, 9}}), (Shape{8, 5, 5}));
}

TEST(InferShape, CeilModeKeepsAWindowThatReachesBeyondTheEnd) {
  EXPECT_EQ(infer_shape(pool(2, 2, 0, false), {{3, 5, 5}}), (Shape{3, 2, 2}));
  EXPECT_EQ(infer_shape(pool(2, 2, 0, true), {{3, 5, 5}}), (Shape{3, 3, 3}));
  EXPECT_EQ(infer_shape(pool(3, 2, 1, false), {{64, 112, 112}}), (Shape{64, 56, 56}));
  EXPECT_EQ(infer_shape(pool(3, 2, 1, true), {{64, 112, 112}}), (Shape{64, 57, 57}));
}

// PyTorch's MaxPool2d(2, stride=3, padding=1, ceil_mode=True) on 4x4 gives 2x2: a third window
// would start in the trailing padding.
TEST(InferShape, CeilModeDropsAWindowThatStartsBeyondTheImage) {
  EXPECT_EQ(infer_shape(pool(2, 3, 1, true), {{1, 4, 4}}), (Shape{1, 2, 2}));
  EXPECT_EQ(infer_shape(pool(2, 3, 1, true), {{1, 5, 5}}), (Shape{1, 2, 2}));  // just beyond
}

TEST(InferShape, LinearActsOnTheLastAxis) {
  EXPECT_EQ(infer_shape(Linear{.out_features = 10}, {{512}}), (Shape{10}));
  EXPECT_EQ(infer_shape(Linear{.out_features = 10}, {{7, 512}}), (Shape{7, 10}));
}

TEST(InferShape, OtherOperations) {
  EXPECT_EQ(infer_shape(GlobalPool{}, {kImage}), (Shape{3, 1, 1}));
  EXPECT_EQ(infer_shape(Add{}, {kImage, kImage}), kImage);
  EXPECT_EQ(infer_shape(BatchNorm{}, {kImage}), kImage);
  EXPECT_EQ(infer_shape(Relu{}, {kImage}), kImage);
  EXPECT_EQ(infer_shape(Clip{}, {kImage}), kImage);
  EXPECT_EQ(infer_shape(Softmax{}, {{10}}), (Shape{10}));
  EXPECT_EQ(infer_shape(Identity{}, {kImage}), kImage);
  EXPECT_EQ(infer_shape(Flatten{}, {kImage}), (Shape{3072}));
  EXPECT_EQ(infer_shape(Reshape{.shape = {3, 1024}}, {kImage}), (Shape{3, 1024}));
  EXPECT_EQ(infer_shape(Reshape{.shape = {6, -1}}, {kImage}), (Shape{6, 512}));
}

TEST(InferShapeError, NumberOfInputs) {
  EXPECT_EQ(shape_error(Add{}, {kImage}), "add takes 2 inputs; found 1");
  EXPECT_EQ(shape_error(Relu{}, {kImage, kImage}), "relu takes 1 input; found 2");
  EXPECT_EQ(shape_error(Relu{}, {}), "relu takes 1 input; found 0");
}

TEST(InferShapeError, ImagesOnly) {
  EXPECT_EQ(shape_error(conv(8, 3), {{512}}),
            "conv takes an image of channels x height x width; found the input shape 512; put a "
            "reshape before it");
  EXPECT_EQ(shape_error(GlobalPool{}, {{2, 2}}),
            "global_average_pool takes an image of channels x height x width; found the input "
            "shape 2x2; put a reshape before it");
}

TEST(InferShapeError, WindowLargerThanItsInput) {
  EXPECT_EQ(shape_error(conv(8, 5), {{3, 3, 9}}),
            "the window reaches over 5 rows (kernel 5, dilation 1), but the input has 3 (extent 3, "
            "pad 0 and 0); use a smaller kernel or more pad");
  Conv dilated = conv(8, 3, 1, 1);
  dilated.window.dilation = {1, 4};
  EXPECT_EQ(shape_error(dilated, {{3, 6, 6}}),
            "the window reaches over 9 columns (kernel 3, dilation 4), but the input has 8 (extent "
            "6, pad 1 and 1); use a smaller kernel or more pad");
}

TEST(InferShapeError, WindowNumbersOutOfRange) {
  EXPECT_EQ(shape_error(conv(8, 0), {kImage}), "kernel is 0; expected 1 to 1048576");
  EXPECT_EQ(shape_error(conv(8, 3, 0), {kImage}), "stride is 0; expected 1 to 1048576");
  EXPECT_EQ(shape_error(conv(8, 3, 1, -1), {kImage}), "pad is -1; expected 0 to 1048576");
  Conv still = conv(8, 3);
  still.window.dilation = {0, 1};
  EXPECT_EQ(shape_error(still, {kImage}), "dilation is 0; expected 1 to 1048576");
  EXPECT_EQ(shape_error(conv(0, 3), {kImage}), "out_channels is 0; expected 1 to 1099511627776");
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(shape_error(conv(8, huge), {kImage}),
            "kernel is 9223372036854775807; expected 1 to 1048576");
}

TEST(InferShapeError, GroupsDivideBothChannels) {
  Conv grouped = conv(8, 3);
  grouped.groups = 4;
  EXPECT_EQ(shape_error(grouped, {{6, 9, 9}}),
            "groups is 4, which does not divide the 6 input channels; use a divisor");
  grouped.groups = 3;
  EXPECT_EQ(shape_error(grouped, {{6, 9, 9}}),
            "groups is 3, which does not divide the 8 output channels; use a divisor");
  grouped.groups = 0;
  EXPECT_EQ(shape_error(grouped, {{6, 9, 9}}), "groups is 0; expected 1 to 1099511627776");
}

TEST(InferShapeError, PoolingWindowsInsideThePadding) {
  EXPECT_EQ(shape_error(pool(2, 2, 2, false), {kImage}),
            "pad 2 lets a window of reach 2 lie wholly in the padding; use a pad below 2");
  Pool dilated = pool(2, 1, 1, false);
  dilated.window.dilation = {2, 2};
  EXPECT_EQ(shape_error(dilated, {{1, 1, 1}}),
            "dilation 2 steps over the whole input, whose extent is 1; use no pad or a dilation of "
            "at most 1");
}

TEST(InferShapeError, ShapesOfAddAndReshape) {
  EXPECT_EQ(shape_error(Add{}, {{64, 32, 32}, {128, 16, 16}}),
            "add takes two inputs of one shape; found 64x32x32 and 128x16x16");
  EXPECT_EQ(shape_error(Reshape{.shape = {10, 10}}, {kImage}),
            "a reshape to 10x10 does not keep the 3072 values of its input 3x32x32");
  EXPECT_EQ(shape_error(Reshape{.shape = {5, -1}}, {kImage}),
            "a reshape to 5x-1 does not keep the 3072 values of its input 3x32x32");
  EXPECT_EQ(shape_error(Reshape{.shape = {-1, -1}}, {kImage}),
            "a reshape to -1x-1 leaves 2 extents open; leave at most one");
  EXPECT_EQ(shape_error(Reshape{.shape = {}}, {kImage}),
            "the reshaped shape has 0 extents; expected 1 to 8");
}

TEST(InferShapeError, Constants) {
  EXPECT_EQ(shape_error(Clip{.min = 6, .max = 0}, {kImage}), "min 6 lies above max 0; swap them");
  EXPECT_EQ(shape_error(Clip{.min = std::numeric_limits<double>::quiet_NaN()}, {kImage}),
            "min nan lies above max 6; swap them");
  EXPECT_EQ(shape_error(BatchNorm{.epsilon = -1}, {kImage}), "epsilon is -1; expected 0 or more");
}

TEST(InferShapeError, SizesBeyondTheLimits) {
  const std::int64_t million = 1'000'000;
  EXPECT_EQ(shape_error(Relu{}, {{million, million, 2}}),
            "the input shape 1000000x1000000x2 has 2^40 values or more; expected fewer");
  EXPECT_EQ(shape_error(Relu{}, {{million, million, million, million}}),
            "the input shape 1000000x1000000x1000000x1000000 has 2^40 values or more; expected "
            "fewer");
  EXPECT_EQ(shape_error(Linear{.out_features = million}, {{2 * million}}),
            "weights of 1000000x2000000 are 2^40 values or more; expected fewer");
  EXPECT_EQ(shape_error(Relu{}, {{0}}), "the input shape 0 has an extent of 0; expected 1 or more");
  EXPECT_EQ(infer_shape(Relu{}, {{(std::int64_t{1} << 40) - 1}}).front(), 1099511627775);
  EXPECT_EQ(shape_error(Relu{}, {{std::int64_t{1} << 40}}),
            "the input shape 1099511627776 has 2^40 values or more; expected fewer");
}

}  // namespace
}  // namespace pimento::workloads
