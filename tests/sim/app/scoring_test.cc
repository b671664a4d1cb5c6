// SPDX-License-Identifier: Apache-2.0
#include "sim/app/scoring.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/sim/app/support.h"
#include "workloads/graph/graph.h"

namespace pimento::app {
namespace {

using workloads::Array;
using workloads::encode;
using workloads::Graph;
using workloads::integer_array;
using workloads::real_array;

// Gives back its input of three classes.
Graph echo() {
  Graph graph;
  graph.source = "echo.onnx";
  graph.inputs = {graph.add_value({"x", workloads::ElementType::kFloat32, {1, 3}, std::nullopt})};
  const int y = graph.add_value({"y", workloads::ElementType::kFloat32, {1, 3}, std::nullopt});
  graph.nodes.push_back({"copy", "Identity", 13, {0}, {y}, {}});
  graph.outputs = {y};
  return graph;
}

const Array kImages = real_array({4, 3}, {0, 1, 2, 5, 5, 1, 0, 3, 3, 9, 8, 7});

class Images {
 public:
  explicit Images(const std::map<std::string, workloads::Constant>& arrays) {
    workloads::write_npz(scratch_.path("i.npz"), arrays);
  }
  [[nodiscard]] LabelledImages read(std::size_t limit = 0, const Graph& graph = echo()) const {
    return read_images(scratch_.path("i.npz"), graph, limit);
  }
  // Without the folder.
  [[nodiscard]] std::string error(const Graph& graph = echo()) const {
    try {
      (void)read(0, graph);
    } catch (const InputError& error) {
      return std::string(error.what()).substr(scratch_.path("").size());
    }
    return "nothing thrown";
  }

 private:
  Scratch scratch_;
};

TEST(ReadImages, TakesABatchOrAStackOfImages) {
  for (const workloads::Shape& shape : {workloads::Shape{4, 3}, workloads::Shape{4, 1, 3}}) {
    Array array = kImages;
    array.shape = shape;
    const LabelledImages images = Images({{"images", encode(array)}}).read();
    ASSERT_EQ(images.inputs.size(), 4U);
    EXPECT_EQ(images.inputs[1][0], real_array({1, 3}, {5, 5, 1}));
    EXPECT_TRUE(images.labels.empty());
  }
}

TEST(ReadImages, TakesTheFirstOnes) {
  const Images images(
      {{"x", encode(kImages)}, {"labels", encode(integer_array({4}, {2, 1, 1, 0}))}});
  EXPECT_EQ(images.read(3).inputs.size(), 3U);
  EXPECT_EQ(images.read(3).labels, (std::vector<std::int64_t>{2, 1, 1}));
  EXPECT_EQ(images.read(9).inputs.size(), 4U);
}

TEST(ReadImages, RefusesWhatDoesNotFit) {
  EXPECT_EQ(Images({{"pictures", encode(kImages)}}).error(),
            "i.npz: has no array \"x\" and none called \"images\"; it has: pictures");
  EXPECT_EQ(Images({{"x", encode(real_array({3, 2}, {1, 2, 3, 4, 5, 6}))}}).error(),
            "i.npz: array \"x\": has the shape 3x2; expected images x 1x3");
  EXPECT_EQ(
      Images({{"x", encode(kImages)}, {"labels", encode(integer_array({3}, {1, 2, 3}))}}).error(),
      "i.npz: array \"labels\" holds int64 of 3; expected 4 integers");
  EXPECT_EQ(
      Images({{"x", encode(kImages)}, {"labels", encode(real_array({4}, {1, 2, 3, 4}))}}).error(),
      "i.npz: array \"labels\" holds float32 of 4; expected 4 integers");
  EXPECT_EQ(Images({{"x", encode(real_array({0, 3}, {}))}}).error(), "i.npz: holds no image");
}

TEST(ReadImages, RefusesWhatIsNotFinite) {
  Array images = kImages;
  images.reals[4] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Images({{"x", encode(images)}}).error(),
            "i.npz: array \"x\": image 1 holds nan; expected finite values");
}

TEST(ReadImages, SeveralInputsHaveAsManyImages) {
  Graph graph = echo();
  graph.inputs.push_back(
      graph.add_value({"mask", workloads::ElementType::kFloat32, {1, 1}, std::nullopt}));
  EXPECT_EQ(
      Images({{"x", encode(kImages)}, {"mask", encode(real_array({2, 1}, {0, 1}))}}).error(graph),
      "i.npz: array \"mask\": has 2 images; another input has 4");
  EXPECT_EQ(Images({{"x", encode(kImages)}}).error(graph),
            "i.npz: has no array \"mask\"; it has: x");
}

TEST(Score, CountsTheFirstOfTheGreatest) {
  const Images images(
      {{"x", encode(kImages)}, {"labels", encode(integer_array({4}, {2, 0, 2, 0}))}});
  Progress progress("score");
  const Score result = score(echo(), images.read(), progress);
  EXPECT_EQ(result.right, 3U);  // of the third image class 1 comes before 2
  EXPECT_EQ(result.accuracy(), 0.75);
  EXPECT_EQ(result.outputs.shape, (workloads::Shape{4, 1, 3}));
  EXPECT_EQ(result.outputs.reals, kImages.reals);
}

TEST(Score, LabelsAreClasses) {
  for (const std::int64_t label : {-1, 3}) {
    const Images images(
        {{"x", encode(kImages)}, {"labels", encode(integer_array({4}, {2, label, 2, 0}))}});
    Progress progress("score");
    try {
      (void)score(echo(), images.read(), progress);
      ADD_FAILURE() << label;
    } catch (const InputError& error) {
      const std::string end = ": label 1 is " + std::to_string(label) +
                              "; expected 0 to 2, a value of the network's first output";
      EXPECT_TRUE(std::string(error.what()).ends_with(end)) << error.what();
    }
  }
}

TEST(Score, HasNoAccuracyWithoutLabels) {
  Progress progress("score");
  const Score result = score(echo(), Images({{"x", encode(kImages)}}).read(), progress);
  EXPECT_EQ(result.accuracy(), std::nullopt);
  EXPECT_EQ(result.images, 4U);
}

}  // namespace
}  // namespace pimento::app
