// SPDX-License-Identifier: Apache-2.0
#include "mapper/lower.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "mapper/buffers.h"
#include "mapper/input_slices.h"
#include "mapper/lanes.h"
#include "mapper/part_stages.h"
#include "mapper/pixel_form.h"
#include "mapper/tile_work.h"

namespace pimento::mapper {
namespace {

using workloads::Layer;
using workloads::Shape;

class Lowering {
 public:
  Lowering(const MappingProblem& problem, const Mapping& mapping)
      : network_(problem.network),
        problem_(problem),
        mapping_(mapping),
        lanes_(lanes_of(mapping, problem.chip)) {}

  Lowered run() {
    Lowered result;
    arch::Program& program = result.program;
    program.network = network_.name;
    program.chip = problem_.chip.name;
    program.tiles = problem_.chip.tiles.value_or(tiles_needed(mapping_, problem_.chip));
    program.writes = mapping_.rewriting.writes;
    find_element_bits();
    count_users();
    program.writes_ahead = mapping_.rewriting.ahead;
    makers_.assign(network_.layers.size(), {});
    for (std::size_t i = 0; i < network_.layers.size(); ++i) add_layer(static_cast<int>(i), result);
    size_buffers(program);
    program.validate();
    return result;
  }

 private:
  // A map is kept at the widest precision any of its readers asks for.
  void find_element_bits() {
    element_bits_.assign(network_.layers.size(), 0);
    for (std::size_t i = network_.layers.size(); i-- > 0;) {
      const Layer& layer = network_.layers[i];
      if (element_bits_[i] == 0) element_bits_[i] = output_bits();
      const int wanted = layer.has_weights() ? layer.precision.activation_bits : element_bits_[i];
      for (const int input : layer.inputs) {
        if (workloads::is_network_input(input)) continue;
        int& bits = element_bits_[static_cast<std::size_t>(input)];
        bits = std::max(bits, wanted);
      }
    }
  }
  // Results of the network leave at the precision of its last weight layer.
  [[nodiscard]] int output_bits() const {
    const int last = network_.weight_layers().back();
    return network_.layers[static_cast<std::size_t>(last)].precision.activation_bits;
  }
  void count_users() {
    users_.assign(network_.layers.size(), 0);
    for (const Layer& layer : network_.layers) {
      for (const int input : layer.inputs) {
        if (!workloads::is_network_input(input)) ++users_[static_cast<std::size_t>(input)];
      }
    }
  }

  void add_layer(int index, Lowered& result) {
    const auto at = static_cast<std::size_t>(index);
    const Layer& layer = network_.layers[at];
    const int source = layer.inputs.front();
    if (moves_nothing(layer.operation)) {
      makers_[at] = makers_of(source);
      return;
    }
    if (is_elementwise(layer.operation) && layer.inputs.size() == 1 && joins(source, layer)) {
      for (const int maker : makers_of(source)) {
        join(result.program.stages[static_cast<std::size_t>(maker)], maker, index);
      }
      makers_[at] = makers_of(source);
      return;
    }
    if (layer.has_weights()) {
      add_weight_layer(index, result);
    } else {
      add_vector_layer(index, result);
    }
  }

  void join(arch::Stage& stage, int place, int index) {
    // The first operator shares the pass of the requantization.
    if (!has_free_pass_[static_cast<std::size_t>(place)]) stage.vector_ops += stage.outputs;
    has_free_pass_[static_cast<std::size_t>(place)] = false;
    stage.pixel_bits = Bits(stage.outputs * element_bits_[static_cast<std::size_t>(index)]);
  }

  // Returns its place in the program.
  int push(arch::Stage stage, int index, Lowered& result) {
    result.program.stages.push_back(std::move(stage));
    result.layer_of_stage.push_back(index);
    has_free_pass_.push_back(network_.layers[static_cast<std::size_t>(index)].has_weights());
    return static_cast<int>(result.program.stages.size()) - 1;
  }

  // The stages that make the map of a layer, each some of its channels; none: it comes from
  // outside.
  [[nodiscard]] const std::vector<int>& makers_of(int layer) const {
    static const std::vector<int> kOutside;
    return workloads::is_network_input(layer) ? kOutside : makers_[static_cast<std::size_t>(layer)];
  }
  // Whether an element-wise layer is the only user of the stage that makes its input.
  [[nodiscard]] bool joins(int source, const Layer& layer) const {
    const std::size_t makers = makers_of(source).size();
    if (makers == 0 || (makers > 1 && !treats_elements_alike(layer.operation))) return false;
    return users_[static_cast<std::size_t>(source)] == 1 &&
           network_.shape_of(source) == layer.shape &&
           !moves_nothing(network_.layers[static_cast<std::size_t>(source)].operation);
  }

  // The layer's pixels and what they are made of, without the work.
  arch::Stage make_stage(int index, const arch::Program& program) const {
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    arch::Stage stage;
    stage.name = layer.name;
    const PixelForm form = form_made(index, program);
    stage.grid = form.grid;
    stage.outputs = form.elements;
    stage.pixel_bits = Bits(stage.outputs * element_bits_[static_cast<std::size_t>(index)]);
    for (const int source : layer.inputs) add_inputs(stage, index, source, program);
    return stage;
  }

  void add_vector_layer(int index, Lowered& result) {
    const arch::Program& program = result.program;
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    arch::Stage stage = make_stage(index, program);
    stage.pool_ops =
        stage.outputs * pool_area(layer.operation, network_.shape_of(layer.inputs.front()));
    if (stage.pool_ops == 0) {
      stage.vector_ops = vector_ops(layer, {stage.grid, stage.outputs});
    }
    const std::vector<int>& makers = makers_of(layer.inputs.front());
    if (!makers.empty()) {
      stage.home_tile = program.stages[static_cast<std::size_t>(makers.back())].home_tile;
    }
    // Vector work is done in the round that makes the last of its inputs.
    for (const arch::StageInput& input : stage.inputs) {
      if (input.producer == arch::kChipInput) continue;
      stage.round =
          std::max(stage.round, program.stages[static_cast<std::size_t>(input.producer)].round);
    }
    makers_[static_cast<std::size_t>(index)] = {push(std::move(stage), index, result)};
  }

  void add_weight_layer(int index, Lowered& result) {
    // Weight layers come in the order of the mapping.
    const LayerMapping& mapped = mapping_.layers.at(next_mapped_++);
    ensure(mapped.layer == index, "a weight layer has no mapping");
    const LayerParts all = parts_of(mapped, matrix_of(mapped, network_));
    const arch::Stage common = make_stage(index, result.program);
    if (!all.parts.empty()) {
      add_parts(all, common, index, result);
      return;
    }
    arch::Stage stage = common;
    add_matrix_work(stage, index, mapped);
    stage.round = mapped.groups.front().round;
    stage.vector_ops = stage.outputs;
    makers_[static_cast<std::size_t>(index)] = {push(std::move(stage), index, result)};
  }

  // Pixels of partial sums have a sum for each of their channels.
  void add_parts(const LayerParts& all, const arch::Stage& common, int index, Lowered& result) {
    std::vector<int>& makers = makers_[static_cast<std::size_t>(index)];
    std::vector<std::vector<int>> addends(all.sums.size());
    std::int64_t weights = 0;
    for (std::size_t p = 0; p < all.parts.size(); ++p) {
      const PartStage& part = all.parts[p];
      arch::Stage stage = common;
      stage.name += fmt::format(", part {} of {}", p + 1, all.parts.size());
      set_channels(stage, part.channels, part.round, index);
      add_matrix_work(stage, index, part.share, part.channels);
      stage.macs = macs_of(stage.macs, index, {weights, weights + part.weights});
      weights += part.weights;
      if (p > 0) stage.index_bits = Bits(0);
      if (part.sum < 0) {
        stage.vector_ops = stage.outputs;
        makers.push_back(push(std::move(stage), index, result));
      } else {
        stage.pixel_bits = stage.sum_bits * stage.outputs;
        addends[static_cast<std::size_t>(part.sum)].push_back(
            push(std::move(stage), index, result));
      }
    }
    for (std::size_t s = 0; s < all.sums.size(); ++s) {
      arch::Stage stage = sum_of(addends[s], all.sums[s].channels, index, result.program);
      stage.name = fmt::format("{}, sum {} of {}", common.name, s + 1, all.sums.size());
      makers.push_back(push(std::move(stage), index, result));
    }
  }

  void set_channels(arch::Stage& stage, std::int64_t channels, int round, int index) const {
    stage.round = round;
    stage.outputs = channels;
    stage.pixel_bits = Bits(channels * element_bits_[static_cast<std::size_t>(index)]);
  }

  // Adds partial sums of the same outputs, and requantizes.
  arch::Stage sum_of(const std::vector<int>& addends, std::int64_t channels, int index,
                     const arch::Program& program) const {
    const arch::Stage& last = program.stages[static_cast<std::size_t>(addends.back())];
    arch::Stage stage;
    stage.grid = last.grid;
    stage.home_tile = last.home_tile;
    set_channels(stage, channels, last.round, index);
    for (const int addend : addends) {
      const Bits bits = program.stages[static_cast<std::size_t>(addend)].pixel_bits;
      stage.inputs.push_back({addend, stage.grid, {}, bits});
    }
    stage.vector_ops = channels * std::ssize(addends);
    return stage;
  }

  // Of all MACs of the layer those of some of its weights, so that those of all parts add up.
  [[nodiscard]] std::int64_t macs_of(std::int64_t macs, int index, const Range& weights) const {
    const auto all = double(network_.matrix(index).weights());
    const auto until = [&](std::int64_t end) {
      return static_cast<std::int64_t>(double(macs) * (double(end) / all));
    };
    return until(weights.end) - until(weights.begin);
  }

  // Operations of the vector unit for one pixel. Digital operators say how many they are; moving
  // values takes a pass as well.
  [[nodiscard]] static std::int64_t vector_ops(const Layer& layer, const PixelForm& form) {
    const auto* digital = std::get_if<workloads::Digital>(&layer.operation);
    if (digital == nullptr) return form.elements;
    const std::int64_t pixels = form.grid.pixels();
    return std::max(form.elements, (digital->operations + pixels - 1) / pixels);
  }

  // The form in which the pixels of a map are handed on, of all parts of it together.
  [[nodiscard]] PixelForm form_from(int source, const arch::Program& program) const {
    const std::vector<int>& makers = makers_of(source);
    if (makers.empty()) return form_of(input_behind(source));
    PixelForm form;
    for (const int maker : makers) {
      const arch::Stage& stage = program.stages[static_cast<std::size_t>(maker)];
      form.grid = stage.grid;
      form.elements += stage.outputs;
    }
    return form;
  }
  // The network's input that a layer outside every stage passes on.
  [[nodiscard]] const Shape& input_behind(int source) const {
    while (!workloads::is_network_input(source)) {
      source = network_.layers[static_cast<std::size_t>(source)].inputs.front();
    }
    return network_.shape_of(source);
  }
  // What treats every element alike takes pixels in whatever form they come.
  [[nodiscard]] PixelForm form_made(int index, const arch::Program& program) const {
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    if (treats_elements_alike(layer.operation)) {
      // A smaller input is repeated over the pixels of the one that has the output's size.
      for (const int input : layer.inputs) {
        const PixelForm form = form_from(input, program);
        if (form.grid.pixels() * form.elements == workloads::element_count(layer.shape))
          return form;
      }
    }
    return form_for(layer.operation, layer.shape);
  }

  // One input for each stage that makes some of the map.
  void add_inputs(arch::Stage& stage, int index, int source, const arch::Program& program) const {
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    const PixelForm made{stage.grid, stage.outputs};
    const PixelForm given = form_from(source, program);
    // A reshaped map has other pixels than the stage that made it: all of them must be there.
    const PixelForm wanted = treats_elements_alike(layer.operation)
                                 ? made
                                 : form_for(layer.operation, network_.shape_of(source));
    const bool aligned = given == wanted && !mixes_pixels(layer.operation);
    arch::StageInput input;
    input.grid = given.grid;
    input.window = aligned ? read_window(layer.operation) : whole_map();
    const std::vector<int>& makers = makers_of(source);
    if (makers.empty()) {
      // The network's input comes in as it is, whatever the first layer makes of it.
      input.pixel_bits = Bits(given.elements * network_.input_bits);
      stage.inputs.push_back(input);
    }
    const int bits = layer.has_weights() ? layer.precision.activation_bits
                                         : element_bits_[static_cast<std::size_t>(index)];
    for (const int maker : makers) {
      input.producer = maker;
      input.pixel_bits =
          Bits(program.stages[static_cast<std::size_t>(maker)].outputs * std::int64_t{bits});
      stage.inputs.push_back(input);
    }
  }

  // `channels`: of the share of the layer; none: all of them.
  void add_matrix_work(arch::Stage& stage, int index, const LayerMapping& mapped,
                       std::optional<std::int64_t> channels = std::nullopt) {
    const int place = static_cast<int>(next_mapped_) - 1;
    const workloads::Precision& precision =
        network_.layers[static_cast<std::size_t>(index)].precision;
    stage.tiles = tile_work(
        mapped, problem_,
        [&](int replica, std::int64_t core) { return lane_of(lanes_, {place, replica, core}); },
        channels);
    stage.index_bits = Bits(mapping_.layers[next_mapped_ - 1].metadata_reads());
    stage.step = {mapped.copies[0], mapped.copies[1]};
    stage.sum_bits = Bits(partial_sum_bits(precision, network_.matrix(index).rows));
    stage.home_tile =
        mapping_.layers[next_mapped_ - 1].home_tile.value_or(stage.tiles.front().tile);
    stage.input_slices = input_slices(problem_, mapped);
    stage.sums_inputs = mapped.plan.needs_input_sums();
    if (problem_.chip.find(arch::Role::kMacUnit) != nullptr) {
      stage.macs = network_.macs(index);
      stage.mac_bits = problem_.chip.supported_precision(
          std::max(precision.weight_bits, precision.activation_bits));
    }
  }

  const workloads::Network& network_;
  const MappingProblem& problem_;
  const Mapping& mapping_;
  std::map<CoreShare, int> lanes_;
  std::size_t next_mapped_ = 0;
  std::vector<int> element_bits_;
  std::vector<int> users_;
  std::vector<std::vector<int>> makers_;  // of each layer
  std::vector<bool> has_free_pass_;       // of each stage
};

}  // namespace

Lowered lower(const MappingProblem& problem, const Mapping& mapping) {
  return Lowering(problem, mapping).run();
}

}  // namespace pimento::mapper
