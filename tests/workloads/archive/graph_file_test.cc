// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/graph_file.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/scratch.h"
#include "tests/workloads/graph/graph_builder.h"
#include "tests/workloads/support.h"
#include "workloads/archive/npz.h"
#include "workloads/executor.h"

namespace pimento::workloads {
namespace {

Graph read_back(const std::filesystem::path& path) {
  const std::string text = read_file(path, 1 << 20);
  return read_graph_file(ConfigDocument::parse(text, path.string()), path.string());
}

// The form in which equal graphs are equal: values by name.
std::string summary(const Graph& graph) {
  std::string text = graph.name + "|" + graph.description + "\n";
  const auto name = [&](int value) { return value == kNoValue ? "" : graph.value(value).name; };
  for (const int input : graph.inputs) {
    text += "in " + name(input) + " " + to_string(graph.value(input).shape) + "\n";
  }
  for (const Node& node : graph.nodes) {
    text += node.name + " " + node.op + " " + std::to_string(node.version);
    for (const int input : node.inputs) text += " <" + name(input);
    for (const int output : node.outputs) {
      text += " >" + name(output) + ":" + to_string(graph.value(output).shape);
    }
    for (const auto& [key, attribute] : node.attributes) {
      text += " " + key + "@" + std::to_string(attribute.index());
    }
    text += "\n";
  }
  for (const int output : graph.outputs) text += "out " + name(output) + "\n";
  return text;
}

// Constants of types that NumPy lacks, an input left out, several outputs, and a loop of nodes.
Graph many_forms() {
  GraphBuilder builder(21);
  const int x = builder.input("x", {1, 4});
  const int nibbles = builder.constant(integer_array({4}, {-8, 7, 0, -1}, ElementType::kInt4));
  const int scale = builder.scalar(0.25);
  const int weights = builder.node("DequantizeLinear", {nibbles, scale});
  const int sum = builder.node("Add", {x, weights});
  const int clipped =
      builder.node("Clip", {sum, kNoValue, builder.scalar(1.5)}, {}, "a \"name\"\n");
  const auto halves = builder.nodes("Split", {clipped}, 2,
                                    {{"axis", std::int64_t{1}}, {"num_outputs", std::int64_t{2}}});
  const int short_float = builder.constant(real_array({2}, {1.0, 0.5}, ElementType::kBfloat16));
  const int wide = builder.node("Cast", {short_float}, {{"to", std::string("float32")}});
  builder.output(builder.node("Mul", {halves[0], wide}));
  builder.output(halves[1]);
  builder.graph.description = "many: forms";
  return builder.graph;
}

TEST(GraphFile, WhatIsReadBackIsTheSame) {
  const Scratch scratch;
  const Graph graph = many_forms();
  const Graph read = read_back(write_graph(graph, scratch.path("")));
  EXPECT_EQ(summary(read), summary(graph));
  EXPECT_EQ(read.source, scratch.path("g.yaml"));
  EXPECT_EQ(read.origin, "g.onnx");
  const Array x = real_array({1, 4}, {3.0, -0.5, 0.25, 9.0});
  EXPECT_EQ(Executor(read).run({x}), Executor(graph).run({x}));
}

TEST(GraphFile, WrittenAgainTheBytesAreTheSame) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("a"));
  std::filesystem::create_directory(scratch.path("b"));
  const auto first = write_graph(many_forms(), scratch.path("a"));
  const auto second = write_graph(read_back(first), scratch.path("b"));
  EXPECT_EQ(content_of(first), content_of(second));
  EXPECT_EQ(content_of(scratch.path("a/g.npz")), content_of(scratch.path("b/g.npz")));
}

TEST(GraphFile, NamesOfValuesThatAreTakenGetANumber) {
  const Scratch scratch;
  GraphBuilder builder;
  const int x = builder.input("x", {2});
  const int y = builder.node("Relu", {x});
  builder.graph.values[static_cast<std::size_t>(y)].name = "x";
  builder.output(y);
  const Graph read = read_back(write_graph(builder.graph, scratch.path("")));
  EXPECT_EQ(read.value(read.outputs[0]).name, "x#2");
}

TEST(GraphFile, ANameNeverLeavesTheFolder) {
  const Scratch scratch;
  for (const std::string name : {"../out", "/etc/x", "..", ".", ""}) {
    GraphBuilder builder;
    builder.output(builder.node("Relu", {builder.input("x", {2})}));
    builder.graph.name = name;
    const auto path = write_graph(builder.graph, scratch.path(""));
    EXPECT_EQ(std::filesystem::weakly_canonical(path.parent_path()),
              std::filesystem::weakly_canonical(scratch.path("")))
        << name;
    EXPECT_TRUE(std::filesystem::exists(path));
  }
}

// A file with one node, to be broken.
struct Written {
  Scratch scratch;
  std::string text = R"(schema: pimento/graph/1
name: g
tensors: g.npz
inputs:
  - {name: x, type: float32, shape: [1, 2]}
constants:
  - {name: c, type: float32, array: c}
nodes:
  - {name: n, op: Add, version: 13, inputs: [x, c], outputs: [y]}
outputs: [y]
)";

  Written() {
    write_npz(scratch.path("g.npz"),
              {{"c", encode(real_array({2}, {1.0, 2.0}))},
               {"wide", encode(integer_array({1}, {8}, ElementType::kInt8))}});
  }

  // The error without the folder.
  [[nodiscard]] std::string error(const std::string& found, const std::string& instead) const {
    std::string changed = text;
    changed.replace(changed.find(found), found.size(), instead);
    const std::string file = scratch.path("g.yaml");
    std::string message =
        input_error([&] { (void)read_graph_file(ConfigDocument::parse(changed, file), file); });
    for (auto at = message.find(file); at != std::string::npos; at = message.find(file)) {
      message.replace(at, file.size(), "g.yaml");
    }
    const std::string folder = scratch.path("");
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder)) {
      message.erase(at, folder.size());
    }
    return message;
  }
};

TEST(GraphFile, ReadsWhatIsWrittenByHand) {
  EXPECT_EQ(Written().error("x", "x"), "nothing thrown");
}

TEST(GraphFile, MistakesOfFieldsAreNamed) {
  const Written written;
  EXPECT_EQ(written.error("op: Add", "op: Foo"),
            "g.yaml:9:19: nodes.0.op: \"Foo\" is no known operator");
  EXPECT_EQ(written.error("array: c", "array: d"),
            "g.yaml:7:37: constants.0.array: g.npz: holds no array \"d\"; check the name");
  EXPECT_EQ(written.error("type: float32, array: c", "type: int4, array: wide"),
            "g.yaml:7:34: constants.0.array: array \"wide\" holds 8, which int4 cannot");
  EXPECT_EQ(written.error("type: float32, array: c", "type: int8, array: c"),
            "g.yaml:7:34: constants.0.array: array \"c\" is float32; expected int8");
  EXPECT_EQ(written.error("g.npz", "../g.npz"),
            "g.yaml:3:10: tensors: expected the name of an .npz file beside this one");
  EXPECT_EQ(written.error("name: c", "name: x"),
            "g.yaml:7:12: constants.0.name: found \"x\" a second time");
  EXPECT_EQ(written.error("[1, 2]", "[1048576, 1048576]"),
            "g.yaml:5:37: inputs.0.shape: expected at most 8 extents and fewer than 2^40 values");
}

TEST(GraphFile, MistakesOfNodesAreNamed) {
  const Written written;
  EXPECT_EQ(written.error("[x, c]", "[x, z]"),
            "g.yaml: nodes.0: \"z\" is made by no node above, and is no input or constant");
  EXPECT_EQ(written.error("outputs: [y]}", "outputs: [x]}"),
            "g.yaml:9:5: \"x\" is made a second time");
  EXPECT_EQ(written.error("outputs: [y]}", "outputs: []}"),
            "g.yaml:9:5: the node has no output; expected one");
  EXPECT_EQ(written.error("outputs: [y]\n", "outputs: [q]\n"),
            "g.yaml: outputs: \"q\" is made by no node above, and is no input or constant");
}

}  // namespace
}  // namespace pimento::workloads
