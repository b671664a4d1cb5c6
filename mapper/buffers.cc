// SPDX-License-Identifier: Apache-2.0
#include "mapper/buffers.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "arch/program/steps.h"

namespace pimento::mapper {
namespace {

// What one run without time may take: some seconds.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;

struct Edge {
  int user = 0;
  std::size_t input = 0;
};

// Runs the program without time: each stage takes a step only when a later one needs a pixel of it.
// Copies of a layer take their turns in the order of steps, so without time they are one.
class DemandRun {
 public:
  explicit DemandRun(const arch::Program& program)
      : program_(program), done_(program.stages.size(), 0), edges_(program.stages.size()) {
    for (std::size_t s = 0; s < program.stages.size(); ++s) {
      const arch::Stage& stage = program.stages[s];
      steps_.emplace_back(stage);
      peak_.emplace_back(stage.inputs.size(), 1);
      released_.emplace_back(stage.inputs.size(), 0);
      for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
        if (!program.comes_onto_chip(stage, stage.inputs[i])) {
          edges_[static_cast<std::size_t>(stage.inputs[i].producer)].push_back(
              {static_cast<int>(s), i});
        }
      }
    }
  }

  std::vector<std::vector<std::int64_t>> run() {
    // Stages nobody reads are the network's outputs; the last of them demands first. Afterwards
    // every stage makes what is left, such as rows that a stride passes over.
    for (std::size_t s = program_.stages.size(); s-- > 0;) demand_all(s);
    return peak_;
  }

 private:
  struct Demand {
    std::size_t stage;
    std::int64_t pixels;
  };

  // Pixels of a stage that are complete in raster order.
  [[nodiscard]] std::int64_t made(std::size_t stage) const {
    return steps_[stage].complete(done_[stage]);
  }

  void demand_all(std::size_t sink) {
    const std::int64_t all = program_.stages[sink].grid.pixels();
    while (made(sink) < all) {
      stack_.push_back({sink, made(sink) + 1});
      while (!stack_.empty()) serve();
    }
  }

  // Serves the top demand: takes one step, or first demands what that step needs.
  void serve() {
    const Demand top = stack_.back();
    if (made(top.stage) >= top.pixels) {
      stack_.pop_back();
      return;
    }
    const arch::Stage& stage = program_.stages[top.stage];
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      const arch::StageInput& input = stage.inputs[i];
      const std::int64_t needed = steps_[top.stage].needed(input, done_[top.stage]);
      if (program_.comes_onto_chip(stage, input)) {
        peak_[top.stage][i] = std::max(peak_[top.stage][i], needed - released_[top.stage][i]);
      } else if (made(static_cast<std::size_t>(input.producer)) < needed) {
        stack_.push_back({static_cast<std::size_t>(input.producer), needed});
        return;
      }
    }
    take_step(top.stage);
  }

  // Readers keep places for all pixels of a step, also for those that wait for rows above them.
  void take_step(std::size_t s) {
    const arch::Stage& stage = program_.stages[s];
    const std::int64_t reach = steps_[s].reach(done_[s]);
    for (const Edge& edge : edges_[s]) {
      std::int64_t& peak = peak_[static_cast<std::size_t>(edge.user)][edge.input];
      peak = std::max(peak, reach - released_[static_cast<std::size_t>(edge.user)][edge.input]);
    }
    ++done_[s];
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      released_[s][i] = std::max(released_[s][i], steps_[s].released(stage.inputs[i], done_[s]));
    }
  }

  const arch::Program& program_;
  std::vector<arch::Steps> steps_;
  std::vector<std::int64_t> done_;  // steps of each stage
  std::vector<std::vector<Edge>> edges_;
  std::vector<std::vector<std::int64_t>> peak_;
  std::vector<std::vector<std::int64_t>> released_;
  std::vector<Demand> stack_;
};

}  // namespace

std::vector<std::vector<std::int64_t>> least_capacities(const arch::Program& program) {
  std::int64_t pixels = 0;
  for (const arch::Stage& stage : program.stages) {
    pixels += stage.grid.pixels();
    if (pixels > kMostPixels) {
      throw InputError(fmt::format(
          "stage \"{}\": the program up to here makes more than {} pixels an image; use a smaller "
          "image",
          stage.name, kMostPixels));
    }
  }
  return DemandRun(program).run();
}

namespace {

// What a stage begins next, and what its producer does at once. Whole maps are held anyway.
std::int64_t rows_ahead(const arch::Program& program, std::size_t stage,
                        const arch::StageInput& input) {
  const std::int64_t read =
      input.window.stride_height * arch::Steps(program.stages[stage]).rows_at_once();
  if (program.comes_onto_chip(program.stages[stage], input)) return read;
  const arch::Stage& producer = program.stages[static_cast<std::size_t>(input.producer)];
  return std::max(read, arch::Steps(producer).rows_at_once());
}

// How far a stage's inputs run behind the network's, in images, because the copies of the stages
// before them have steps under way: each copy one that it reads and one that it has loaded. What
// single copies have under way is small beside the row that every buffer holds ahead.
class Delays {
 public:
  explicit Delays(const arch::Program& program) : program_(program) {
    for (const arch::Stage& stage : program.stages) {
      double longest = 0.0;
      for (const arch::StageInput& input : stage.inputs) {
        longest = std::max(longest, before(stage, input));
      }
      inputs_.push_back(longest);
      const arch::Steps steps(stage);
      const double under_way = steps.replicas() == 1 ? 0.0 : 2.0 * double(steps.replicas());
      outputs_.push_back(longest + under_way / double(steps.count()));
    }
  }
  // Pixels of an input that wait at their stage for those that come a longer way.
  [[nodiscard]] std::int64_t waiting(std::size_t stage, const arch::StageInput& input) const {
    const double images = inputs_[stage] - before(program_.stages[stage], input);
    const double pixels = std::ceil(images * double(input.grid.pixels()));
    return pixels < double(input.grid.pixels()) ? std::int64_t(pixels) : input.grid.pixels();
  }

 private:
  [[nodiscard]] double before(const arch::Stage& stage, const arch::StageInput& input) const {
    if (program_.comes_onto_chip(stage, input)) return 0.0;
    return outputs_[static_cast<std::size_t>(input.producer)];
  }

  const arch::Program& program_;
  std::vector<double> inputs_;
  std::vector<double> outputs_;
};

}  // namespace

void size_buffers(arch::Program& program) {
  const std::vector<std::vector<std::int64_t>> least = least_capacities(program);
  const Delays delays(program);
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    for (std::size_t i = 0; i < program.stages[s].inputs.size(); ++i) {
      arch::StageInput& input = program.stages[s].inputs[i];
      const std::int64_t ahead = rows_ahead(program, s, input) * input.grid.width;
      input.capacity =
          std::min(input.grid.pixels(), least[s][i] + ahead + delays.waiting(s, input));
    }
  }
}

void check_buffers(const arch::Program& program) {
  const std::vector<std::vector<std::int64_t>> least = least_capacities(program);
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    const arch::Stage& stage = program.stages[s];
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      if (stage.inputs[i].capacity >= least[s][i]) continue;
      throw InputError(fmt::format(
          "stage \"{}\": input {} has a buffer of {} pixels; it needs at least {} to finish",
          stage.name, i, stage.inputs[i].capacity, least[s][i]));
    }
  }
}

}  // namespace pimento::mapper
