// SPDX-License-Identifier: Apache-2.0
// Random networks on chips that are too small for them: the verifier accepts every mapping, the
// programs finish, and whatever the rounds, the arrays do the same work as on one large chip.
#include <random>

#include <gtest/gtest.h>

#include "arch/program/static_counts.h"
#include "mapper/buffers.h"
#include "mapper/lower.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

class SmallChipCase {
 public:
  explicit SmallChipCase(std::uint32_t seed) : random_(seed) {}

  workloads::Network network() {
    NetworkBuilder b({from(1, 6), from(3, 7), from(3, 7)});
    const std::int64_t length = from(1, 4);
    for (int i = 0; i < length; ++i) add_image_layer(b, i);
    if (from(0, 1) == 0) b.add("average", workloads::GlobalPool{});
    b.add("flatten", workloads::Flatten{});
    b.add("fc", workloads::Linear{from(1, 40)});
    if (from(0, 1) == 0) b.add("softmax", workloads::Softmax{});
    for (const int layer : b.network.weight_layers()) {
      b.precision(layer, static_cast<int>(from(2, 6)), static_cast<int>(from(1, 6)));
    }
    return b.network;
  }
  ChipShape shape() {
    return {.rows = static_cast<int>(from(3, 24)),
            .columns = static_cast<int>(from(6, 24)),
            .cell_bits = static_cast<int>(from(1, 2)),
            .macros_per_core = static_cast<int>(from(1, 3)),
            .cores_per_tile = static_cast<int>(from(1, 4)),
            .tiles = std::to_string(from(2, 4))};
  }
  bool flip() { return from(0, 1) == 0; }

 private:
  std::int64_t from(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  void add_image_layer(NetworkBuilder& b, int i) {
    const workloads::Shape shape = b.network.shape_of(b.last());
    const std::string name = fmt::format("l{}", i);
    const std::int64_t kind = from(0, 6);
    if (kind == 0) {
      b.add(name, workloads::Relu{});
    } else if (kind == 1) {
      b.conv(name + "a", shape[0], 1);
      b.add(name, workloads::Add{}, {b.last(), b.last() - 1});
    } else if (kind == 2) {
      workloads::Pool pool;
      pool.window.kernel = {2, 2};
      b.add(name, pool);
    } else {
      const bool depthwise = kind == 3;
      b.conv(name, depthwise ? shape[0] : from(1, 20), 3, 1, 1, depthwise ? shape[0] : 1);
    }
  }
  std::mt19937 random_;
};

// What does not depend on where weights lie, for one image.
struct Work {
  std::int64_t cells = 0;
  std::int64_t pool_ops = 0;
  std::int64_t vector_ops = 0;
};

Work work_of(const arch::Program& program, const arch::ChipSpec& chip) {
  Work work;
  for (int stage = 0; stage < std::ssize(program.stages); ++stage) {
    const arch::Counts counts = arch::static_counts(program, stage, chip);
    work.cells += counts.total(arch::Action::kCellRead);
    work.pool_ops += counts.total(arch::Action::kPoolOp);
    work.vector_ops += counts.total(arch::Action::kVectorOp);
  }
  return work;
}

// Additions of partial sums beyond the first, which only the vector unit can make, and a softmax
// that finds no single stage to join.
struct ExtraWork {
  std::int64_t additions = 0;
  std::int64_t passes = 0;
};

ExtraWork extra_work_of(const arch::Program& program) {
  ExtraWork extra;
  for (const arch::Stage& stage : program.stages) {
    const std::int64_t outputs = stage.grid.pixels() * stage.outputs;
    if (stage.name == "softmax") extra.passes += outputs;
    if (stage.name.find(", sum ") == std::string::npos) continue;
    extra.additions += outputs * (std::ssize(stage.inputs) - 1);
  }
  return extra;
}

TEST(ReloadAtRandom, DoesTheWorkOfALargeChip) {
  int cut = 0;
  int summed = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    SmallChipCase random(seed);
    const workloads::Network network = random.network();
    ChipShape shape = random.shape();
    arch::ChipSpec chip = make_chip(shape);
    chip.double_buffering = random.flip();
    const MappingProblem problem{network, chip};
    Mapping mapping;
    try {
      mapping = map_network(problem, "reload");
    } catch (const InputError&) {
      continue;  // too many rounds, or a weight wider than one
    }
    const arch::Program program = lower(problem, mapping).program;
    check_buffers(program);
    EXPECT_TRUE(completes(program));
    EXPECT_EQ(arch::read_program(ConfigDocument::parse(to_text(program), "p.yaml")), program);
    shape.tiles = "auto";
    const arch::ChipSpec large = make_chip(shape);
    const MappingProblem whole{network, large};
    Work expected = work_of(lower(whole, map_network(whole, "dense")).program, large);
    const ExtraWork extra = extra_work_of(program);
    expected.vector_ops += extra.additions + extra.passes;
    const Work found = work_of(program, chip);
    EXPECT_EQ(found.cells, expected.cells);
    EXPECT_EQ(found.pool_ops, expected.pool_ops);
    EXPECT_EQ(found.vector_ops, expected.vector_ops);
    cut += mapping.reason.starts_with("tile") ? 1 : 0;
    summed += extra.additions > 0 ? 1 : 0;
  }
  EXPECT_GT(cut, 100);
  EXPECT_GT(summed, 20);
}

}  // namespace
}  // namespace pimento::mapper
