// SPDX-License-Identifier: Apache-2.0
#include "mapper/lower.h"

#include <algorithm>
#include <map>

#include "mapper/buffers.h"
#include "mapper/input_slices.h"
#include "mapper/lanes.h"
#include "mapper/tile_work.h"

namespace pimento::mapper {
namespace {

using workloads::Layer;
using workloads::Shape;

// How the elements of a map are gathered in pixels.
struct PixelForm {
  arch::Grid grid;
  std::int64_t elements = 0;  // of one pixel
  friend bool operator==(const PixelForm&, const PixelForm&) = default;
};

// Images have a pixel a position, lists of vectors one a vector.
PixelForm form_of(const Shape& shape) {
  PixelForm form;
  if (shape.size() == 3) form.grid = {shape[1], shape[2]};
  if (shape.size() == 2) form.grid = {shape[0], 1};
  form.elements = workloads::element_count(shape) / form.grid.pixels();
  return form;
}

// The form in which an operator takes and makes its pixels.
PixelForm form_for(const workloads::Operation& op, const Shape& shape) {
  if (!std::holds_alternative<workloads::Linear>(op)) return form_of(shape);
  return {{workloads::element_count(shape) / shape.back(), 1}, shape.back()};
}

bool moves_nothing(const workloads::Operation& op) {
  return std::holds_alternative<workloads::Flatten>(op) ||
         std::holds_alternative<workloads::Reshape>(op) ||
         std::holds_alternative<workloads::Identity>(op);
}

// Work beside the crossbars that makes each value from the value in its place.
bool is_digital_elementwise(const workloads::Operation& op) {
  const auto* digital = std::get_if<workloads::Digital>(&op);
  return digital != nullptr && digital->work == workloads::DigitalWork::kElementwise;
}

// Digital work whose values may come from anywhere in its inputs.
bool mixes_pixels(const workloads::Operation& op) {
  return std::holds_alternative<workloads::Digital>(op) && !is_digital_elementwise(op);
}

bool is_elementwise(const workloads::Operation& op) {
  return is_digital_elementwise(op) || std::holds_alternative<workloads::Relu>(op) ||
         std::holds_alternative<workloads::Clip>(op) ||
         std::holds_alternative<workloads::BatchNorm>(op) ||
         std::holds_alternative<workloads::Softmax>(op);
}

bool treats_elements_alike(const workloads::Operation& op) {
  return std::holds_alternative<workloads::Add>(op) ||
         (is_elementwise(op) && !std::holds_alternative<workloads::Softmax>(op));
}

arch::ReadWindow read_window(const workloads::Window& w) {
  arch::ReadWindow window;
  window.span_height = (w.kernel[0] - 1) * w.dilation[0] + 1;
  window.span_width = (w.kernel[1] - 1) * w.dilation[1] + 1;
  window.stride_height = w.stride[0];
  window.stride_width = w.stride[1];
  window.pad_top = w.pads[0];
  window.pad_left = w.pads[1];
  return window;
}

arch::ReadWindow whole_map() {
  arch::ReadWindow window;
  window.whole = true;
  return window;
}

arch::ReadWindow read_window(const workloads::Operation& op) {
  if (const auto* conv = std::get_if<workloads::Conv>(&op)) return read_window(conv->window);
  if (const auto* pool = std::get_if<workloads::Pool>(&op)) return read_window(pool->window);
  if (std::holds_alternative<workloads::GlobalPool>(op)) return whole_map();
  return {};
}

// Elements that a pooling operator looks at for one output element.
std::int64_t pool_area(const workloads::Operation& op, const Shape& input) {
  if (const auto* pool = std::get_if<workloads::Pool>(&op)) {
    return pool->window.kernel[0] * pool->window.kernel[1];
  }
  if (std::holds_alternative<workloads::GlobalPool>(op)) return form_of(input).grid.pixels();
  return 0;
}

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
    stage_of_.assign(network_.layers.size(), arch::kChipInput);
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
      stage_of_[at] = stage_of(source);
      return;
    }
    if (is_elementwise(layer.operation) && layer.inputs.size() == 1 && joins(source, layer)) {
      arch::Stage& stage = result.program.stages[static_cast<std::size_t>(stage_of(source))];
      // The first operator shares the pass of the requantization.
      if (fused_[static_cast<std::size_t>(stage_of(source))]++ > 0 || stage.tiles.empty()) {
        stage.vector_ops += stage.outputs;
      }
      stage.pixel_bits = Bits(stage.outputs * element_bits_[at]);
      stage_of_[at] = stage_of(source);
      return;
    }
    result.program.stages.push_back(make_stage(index, result.program));
    set_round(result.program.stages.back(), result.program);
    result.layer_of_stage.push_back(index);
    fused_.push_back(0);
    stage_of_[at] = static_cast<int>(result.program.stages.size()) - 1;
  }

  [[nodiscard]] int stage_of(int layer) const {
    return workloads::is_network_input(layer) ? arch::kChipInput
                                              : stage_of_[static_cast<std::size_t>(layer)];
  }
  // Whether an element-wise layer is the only user of the stage that makes its input.
  [[nodiscard]] bool joins(int source, const Layer& layer) const {
    return stage_of(source) != arch::kChipInput && users_[static_cast<std::size_t>(source)] == 1 &&
           network_.shape_of(source) == layer.shape &&
           !moves_nothing(network_.layers[static_cast<std::size_t>(source)].operation);
  }

  arch::Stage make_stage(int index, const arch::Program& program) {
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    arch::Stage stage;
    stage.name = layer.name;
    const PixelForm form = form_made(index, program);
    stage.grid = form.grid;
    stage.outputs = form.elements;
    stage.pixel_bits = Bits(stage.outputs * element_bits_[static_cast<std::size_t>(index)]);
    for (const int source : layer.inputs)
      stage.inputs.push_back(make_input(index, source, form, program));
    const Shape& input_shape = network_.shape_of(layer.inputs.front());
    stage.pool_ops = stage.outputs * pool_area(layer.operation, input_shape);
    if (layer.has_weights()) {
      add_matrix_work(stage, index);
    } else {
      if (stage.pool_ops == 0) stage.vector_ops = vector_ops(layer, form);
      const int producer = stage.inputs.front().producer;
      if (producer != arch::kChipInput) {
        stage.home_tile = program.stages[static_cast<std::size_t>(producer)].home_tile;
      }
    }
    return stage;
  }

  // Vector work is done in the round that makes the last of its inputs.
  void set_round(arch::Stage& stage, const arch::Program& program) const {
    if (!stage.tiles.empty()) {
      const LayerMapping& mapped = mapping_.layers[next_mapped_ - 1];
      stage.round = mapped.groups.front().round;
      for (const ColumnGroup& group : mapped.groups) {
        ensure(group.round == stage.round, "a layer lies on macros of several rounds");
      }
      return;
    }
    for (const arch::StageInput& input : stage.inputs) {
      if (input.producer == arch::kChipInput) continue;
      stage.round =
          std::max(stage.round, program.stages[static_cast<std::size_t>(input.producer)].round);
    }
  }

  // Operations of the vector unit for one pixel. Digital operators say how many they are; moving
  // values takes a pass as well.
  [[nodiscard]] static std::int64_t vector_ops(const Layer& layer, const PixelForm& form) {
    const auto* digital = std::get_if<workloads::Digital>(&layer.operation);
    if (digital == nullptr) return form.elements;
    const std::int64_t pixels = form.grid.pixels();
    return std::max(form.elements, (digital->operations + pixels - 1) / pixels);
  }

  // The form in which a stage hands on its pixels, or the network its input.
  [[nodiscard]] PixelForm form_from(int source, const arch::Program& program) const {
    const int producer = stage_of(source);
    if (producer == arch::kChipInput) return form_of(input_behind(source));
    const arch::Stage& stage = program.stages[static_cast<std::size_t>(producer)];
    return {stage.grid, stage.outputs};
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

  arch::StageInput make_input(int index, int source, const PixelForm& made,
                              const arch::Program& program) const {
    const Layer& layer = network_.layers[static_cast<std::size_t>(index)];
    arch::StageInput input;
    input.producer = stage_of(source);
    const PixelForm given = form_from(source, program);
    input.grid = given.grid;
    int bits = layer.has_weights() ? layer.precision.activation_bits
                                   : element_bits_[static_cast<std::size_t>(index)];
    // The network's input comes in as it is, whatever the first layer makes of it.
    if (input.producer == arch::kChipInput) bits = network_.input_bits;
    input.pixel_bits = Bits(given.elements * bits);
    // A reshaped map has other pixels than the stage that made it: all of them must be there.
    const PixelForm wanted = treats_elements_alike(layer.operation)
                                 ? made
                                 : form_for(layer.operation, network_.shape_of(source));
    const bool aligned = given == wanted && !mixes_pixels(layer.operation);
    input.window = aligned ? read_window(layer.operation) : whole_map();
    return input;
  }

  void add_matrix_work(arch::Stage& stage, int index) {
    // Weight layers come in the order of the mapping.
    const LayerMapping& mapped = mapping_.layers.at(next_mapped_);
    const int place = static_cast<int>(next_mapped_++);
    ensure(mapped.layer == index, "a weight layer has no mapping");
    const workloads::Precision& precision =
        network_.layers[static_cast<std::size_t>(index)].precision;
    stage.tiles = tile_work(mapped, problem_, [&](int replica, std::int64_t core) {
      return lane_of(lanes_, {place, replica, core});
    });
    stage.index_bits = Bits(mapped.metadata_reads());
    stage.step = {mapped.copies[0], mapped.copies[1]};
    stage.sum_bits = Bits(partial_sum_bits(precision, network_.matrix(index).rows));
    stage.home_tile = mapped.home_tile.value_or(stage.tiles.front().tile);
    stage.input_slices = input_slices(problem_, mapped);
    stage.sums_inputs = mapped.plan.needs_input_sums();
    stage.vector_ops = stage.outputs;
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
  std::vector<int> stage_of_;
  std::vector<int> fused_;
};

}  // namespace

Lowered lower(const MappingProblem& problem, const Mapping& mapping) {
  return Lowering(problem, mapping).run();
}

}  // namespace pimento::mapper
