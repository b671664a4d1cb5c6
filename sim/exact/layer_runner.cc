// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/layer_runner.h"

#include <algorithm>
#include <cmath>
#include <tbb/parallel_for.h>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "workloads/input_sign.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/quantization.h"
#include "workloads/policy.h"

namespace pimento::exact {
namespace {

using workloads::Array;
using workloads::Layer;

const Layer& layer_at(const workloads::Network& network, int index) {
  return network.layers[static_cast<std::size_t>(index)];
}

BlockShape block_shape(const workloads::WindowMatrix& windows) {
  return {windows.shape().groups, windows.shape().rows, windows.shape().columns};
}

bool is_one_of(const std::string& op, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

[[noreturn]] void refuse(const Layer& layer, const std::string& what) {
  throw InputError(fmt::format("layer \"{}\": {}", printable(layer.name), what));
}

// The scale and zero point of each output channel, of values that broadcast to {channels, ...}.
std::vector<double> of_channels(const Layer& layer, const Array& values, std::int64_t channels,
                                std::size_t rank) {
  if (values.size() == 1) {
    return std::vector<double>(static_cast<std::size_t>(channels), values.real(0));
  }
  const bool along_channels =
      values.size() == channels && values.shape.size() == rank && values.shape.front() == channels;
  if (!along_channels) {
    refuse(layer,
           "its weights have a scale for every block of inputs; executed are those with one "
           "for the layer or for each output channel");
  }
  return values.reals;
}

// The weights of the layer's matrix, all of which the cells can hold.
std::vector<std::int32_t> weights_for(const workloads::Network& network,
                                      const arch::LayerLayout& layout,
                                      const workloads::WindowMatrix& windows) {
  std::vector<std::int32_t> weights = workloads::integer_weights(network, layout.layer);
  const std::int64_t lowest = arch::lowest_weight(layout.plan);
  const std::int64_t highest = arch::highest_weight(layout.plan);
  for (const std::int32_t weight : weights) {
    if (weight >= lowest && weight <= highest) continue;
    refuse(layer_at(network, layout.layer),
           fmt::format("its weight {} has no place in {} of {} bits, which reaches from {} to {}; "
                       "choose another macro.encoding",
                       weight, arch::encoding_name(layout.plan.encoding), layout.plan.weight_bits,
                       lowest, highest));
  }
  return windows.unrolled(weights);
}

}  // namespace

void LayerCounts::add(const LayerCounts& other) {
  reads.add(other.reads);
  signal += other.signal;
  error += other.error;
}

LayerRunner::LayerRunner(const workloads::Network& network, const arch::LayerLayout& layout,
                         const ArrayOptions& arrays, bool input_is_negative)
    : network_(network),
      noise_seed_(arrays.devices == nullptr ? 0 : arrays.devices->seed),
      layer_(layout.layer),
      node_(network.graph->nodes[static_cast<std::size_t>(layer_at(network, layer_).node)]),
      grid_(layer_at(network, layer_),
            workloads::reads_negative(network, layer_, input_is_negative)),
      windows_(network, layer_, layout.copies),
      matrix_(block_shape(windows_), weights_for(network, layout, windows_), layout, arrays.macro,
              arrays.reading, grid_.format(), arrays.devices) {
  read_form();
  read_scales();
}

void LayerRunner::read_form() {
  const Layer& layer = layer_at(network_, layer_);
  kernel_rows_ = network_.matrix(layer_).rows;
  if (!is_one_of(node_.op, {"Conv", "Gemm", "MatMul", "QLinearConv", "QLinearMatMul", "ConvInteger",
                            "MatMulInteger"})) {
    refuse(layer, fmt::format("it is the operator {}, which is not executed on arrays",
                              printable(node_.op)));
  }
  const bool takes_integers = !is_one_of(node_.op, {"Conv", "Gemm", "MatMul"});
  if (takes_integers) {
    output_ =
        is_one_of(node_.op, {"QLinearConv", "QLinearMatMul"}) ? Output::kQuantized : Output::kSum;
  }
  const bool as_stored = layer.stored && layer.stored->bits == layer.precision.weight_bits &&
                         layer.input_quantizer &&
                         layer.input_quantizer->bits == layer.precision.activation_bits;
  if (takes_integers && !as_stored) {
    refuse(layer, fmt::format("it is the operator {}, whose integers have the bits of its file; "
                              "use the policy {}",
                              node_.op, workloads::kStoredPolicy));
  }
  const workloads::Graph& graph = *network_.graph;
  convolves_ = node_.op.find("Conv") != std::string::npos;
  if (!convolves_) {
    vectors_ = workloads::element_count(graph.value(node_.inputs[0]).shape) /
               std::max<std::int64_t>(1, matrix_.integers().shape().rows);
    places_ = vectors_;
    return;
  }
  const auto inputs = workloads::CallInputs::forms_of(graph, node_);
  workloads::ConvolutionForm form =
      workloads::convolution_form(inputs.call(node_, workloads::place_of(graph.source, node_)),
                                  node_.op == "QLinearConv" ? 3 : 1);
  places_ = form.window.place_count();
  if (!windows_.is_single()) {
    // A convolution of one dimension has a width alone.
    const std::size_t rank = form.window.rank();
    for (std::size_t axis = 0; axis < rank; ++axis) {
      const std::size_t of = axis + 2 - rank;
      form.window.kernel[axis] = windows_.extent()[of];
      form.window.stride[axis] *= windows_.copies()[of];
      form.window.places[axis] = windows_.windows()[of];
    }
  }
  vectors_ = form.window.place_count();
  kernel_ = form.window.kernel_size();
  area_ = workloads::element_count(form.window.extent);
  offsets_.reserve(static_cast<std::size_t>(vectors_ * kernel_));
  std::vector<std::int64_t> offsets;
  workloads::for_each_place(form.window, [&](std::int64_t, const std::vector<std::int64_t>& at) {
    workloads::window_offsets(form.window, at, offsets);
    offsets_.insert(offsets_.end(), offsets.begin(), offsets.end());
    offsets.clear();
  });
}

void LayerRunner::read_scales() {
  const Layer& layer = layer_at(network_, layer_);
  const BlockShape& shape = matrix_.integers().shape();
  const std::int64_t channels = shape.blocks * shape.channels / windows_.copy_count();
  const workloads::WeightGrid grid = workloads::weight_grid(network_, layer_);
  const std::size_t rank = convolves_ ? 4 : 2;
  scale_ = of_channels(layer, grid.scale, channels, rank);
  zero_point_ = of_channels(layer, grid.zero_point, channels, rank);
  needs_input_sums_ =
      std::any_of(zero_point_.begin(), zero_point_.end(), [](double zero) { return zero != 0.0; });
  read_bias();
}

// The operator's own; a sum that follows is an operator of its own.
void LayerRunner::read_bias() {
  const Layer& layer = layer_at(network_, layer_);
  const std::size_t place = output_ == Output::kQuantized ? 8 : 2;
  if (output_ == Output::kSum || node_.op == "MatMul" || node_.inputs.size() <= place ||
      node_.inputs[place] == workloads::kNoValue) {
    return;
  }
  if (output_ == Output::kReal) {
    if (!layer.bias) refuse(layer, "its bias is computed; executed are constant ones");
    bias_ = workloads::decode(*layer.bias).reals;
    return;
  }
  const workloads::Constant* bias = network_.graph->constant(node_.inputs[place]);
  if (bias == nullptr) refuse(layer, "its bias is computed; executed are constant ones");
  const Array integers = workloads::decode(*bias);
  bias_.assign(integers.integers.begin(), integers.integers.end());
}

std::vector<std::size_t> LayerRunner::places() const {
  const bool has_zero_point =
      output_ == Output::kSum && node_.inputs.size() > 2 && node_.inputs[2] != workloads::kNoValue;
  return has_zero_point ? std::vector<std::size_t>{0, 2} : std::vector<std::size_t>{0};
}

IntegerInput LayerRunner::integers_of(const Inputs& inputs) const {
  std::optional<double> zero_point;
  if (inputs.size() > 1) {
    if (inputs[1]->size() != 1) {
      refuse(layer_at(network_, layer_),
             "its input has a zero point for every row; executed are "
             "those with one a tensor");
    }
    zero_point = inputs[1]->real(0);
  }
  return grid_.integers(*inputs[0], zero_point);
}

// Of the sum of integer products: without the zero points, and in real units unless the operator
// counts in integers itself.
double LayerRunner::real(const IntegerInput& input, std::size_t channel, double sum,
                         double inputs_sum) const {
  const std::size_t source = channel / static_cast<std::size_t>(windows_.copy_count());
  const double zero = zero_point_[source];
  const auto rows = static_cast<double>(kernel_rows_);
  const auto weights = static_cast<double>(matrix_.weight_sums()[channel]);
  const double steps = sum - zero * inputs_sum - input.zero_point * (weights - rows * zero);
  if (output_ == Output::kSum) return steps;
  const double unit = output_ == Output::kQuantized ? 1.0 : input.scale * scale_[source];
  return steps * unit + (bias_.empty() ? 0.0 : bias_[source]);
}

// Of the inputs that a copy of the kernel sees.
double LayerRunner::sum_of_inputs(const std::int32_t* inputs, std::int64_t copy) const {
  double sum = 0.0;
  for (std::int64_t w = 0; w < kernel_rows_; ++w) sum += inputs[windows_.row_of(w, copy)];
  return sum;
}

// Puts the sums of a chunk where the operator's output has them.
void LayerRunner::put(const IntegerInput& input, const Chunk& chunk,
                      const std::vector<std::int32_t>& rows, const std::vector<double>& sums,
                      std::vector<double>& output) const {
  const BlockShape& shape = matrix_.integers().shape();
  const std::int64_t copies = windows_.copy_count();
  const std::int64_t channels = shape.channels / copies;
  for (std::int64_t v = 0; v < chunk.vectors; ++v) {
    for (std::int64_t copy = 0; copy < copies; ++copy) {
      const std::int64_t place = windows_.position_of(chunk.first + v, copy);
      if (place < 0) continue;
      const double inputs_sum =
          needs_input_sums_ ? sum_of_inputs(rows.data() + v * shape.rows, copy) : 0.0;
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t column = c * copies + copy;
        const std::int64_t channel = chunk.block * channels + c;
        const std::int64_t at =
            convolves_ ? channel * places_ + place : place * (shape.blocks * channels) + channel;
        output[static_cast<std::size_t>(at)] =
            real(input, static_cast<std::size_t>(chunk.block * shape.channels + column),
                 sums[static_cast<std::size_t>(column * chunk.vectors + v)], inputs_sum);
      }
    }
  }
}

// What the arrays made of the sums that the output has; those beyond the map are not asked for.
void LayerRunner::count_errors(const Chunk& chunk, const std::vector<double>& exact,
                               const std::vector<double>& sums, LayerCounts& counts) const {
  const std::int64_t copies = windows_.copy_count();
  const std::int64_t channels = matrix_.integers().shape().channels;
  for (std::int64_t column = 0; column < channels; ++column) {
    for (std::int64_t v = 0; v < chunk.vectors; ++v) {
      if (windows_.position_of(chunk.first + v, column % copies) < 0) continue;
      const auto at = static_cast<std::size_t>(column * chunk.vectors + v);
      counts.signal += exact[at] * exact[at];
      counts.error += (sums[at] - exact[at]) * (sums[at] - exact[at]);
    }
  }
}

void LayerRunner::run_chunk(const IntegerInput& input, const Chunk& chunk, Arithmetic arithmetic,
                            std::uint64_t image, LayerCounts& counts,
                            std::vector<double>& output) const {
  const BlockShape& shape = matrix_.integers().shape();
  std::vector<std::int32_t> rows;
  gather(input, chunk, rows);
  const auto size = static_cast<std::size_t>(shape.channels * chunk.vectors);
  std::vector<double> sums(size, 0.0);
  const bool on_arrays = arithmetic != Arithmetic::kIntegers;
  std::vector<double> exact;
  if (!on_arrays || !matrix_.is_exact()) {
    exact.assign(size, 0.0);
    matrix_.integers().add_product(chunk.block, 0, shape.rows, chunk.vectors, rows.data(),
                                   shape.rows, exact.data());
  }
  if (on_arrays) {
    matrix_.multiply(chunk.block, chunk.vectors, rows.data(), shape.rows,
                     {arithmetic == Arithmetic::kArrays, noise_key(image, chunk)}, sums.data(),
                     counts.reads);
    if (!exact.empty()) count_errors(chunk, exact, sums, counts);
  } else {
    sums = std::move(exact);
  }
  put(input, chunk, rows, sums, output);
}

// The operator's output of these values.
Array LayerRunner::finish(std::vector<double> values) const {
  const workloads::Value& output = network_.graph->value(node_.outputs[0]);
  Array result = workloads::make_array(output.type, output.shape);
  ensure(std::cmp_equal(values.size(), result.size()), "a layer's output has another size");
  if (!result.holds_integers()) {
    std::transform(values.begin(), values.end(), result.reals.begin(),
                   [&](double value) { return workloads::round_to(output.type, value); });
    return result;
  }
  if (output_ == Output::kSum) {
    std::transform(values.begin(), values.end(), result.integers.begin(),
                   [](double value) { return static_cast<std::int64_t>(std::nearbyint(value)); });
    return result;
  }
  // QLinearConv, QLinearMatMul: x, its scale and zero point, w, its own, those of the output.
  const auto number = [&](std::size_t place) {
    const workloads::Constant* constant = network_.graph->constant(node_.inputs[place]);
    if (constant == nullptr) {
      refuse(layer_at(network_, layer_),
             "a scale or zero point of it is computed; expected "
             "constants");
    }
    return workloads::decode(*constant).real(0);
  };
  const double input_scale = number(1);
  const double to = number(6);
  const auto zero_point = static_cast<std::int64_t>(number(7));
  const auto channels = static_cast<std::int64_t>(scale_.size());
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const auto channel =
        static_cast<std::size_t>(convolves_ ? i / places_ % channels : i % channels);
    const double scale =
        workloads::round_to(workloads::ElementType::kFloat32, input_scale * scale_[channel]);
    result.integers[static_cast<std::size_t>(i)] = workloads::requantized_value(
        values[static_cast<std::size_t>(i)], scale, to, zero_point, output.type);
  }
  return result;
}

std::uint64_t LayerRunner::noise_key(std::uint64_t image, const Chunk& chunk) const {
  const std::uint64_t of_layer =
      CounterRandom(noise_seed_, static_cast<std::uint64_t>(layer_)).bits(image);
  return CounterRandom(of_layer, static_cast<std::uint64_t>(chunk.block))
      .bits(static_cast<std::uint64_t>(chunk.first));
}

Array LayerRunner::run(const Inputs& inputs, Arithmetic arithmetic, std::uint64_t image,
                       LayerCounts& counts, const LayerCounters& counters) const {
  const IntegerInput integers = integers_of(inputs);
  if (counters.inputs != nullptr) {
    counters.inputs->add(integers.integers,
                         static_cast<std::int32_t>(std::nearbyint(integers.zero_point)));
  }
  if (counters.reads != nullptr) count_reads(integers, *counters.reads);
  const BlockShape& shape = matrix_.integers().shape();
  std::vector<double> values(
      static_cast<std::size_t>(shape.blocks * (shape.channels / windows_.copy_count()) * places_));
  const std::vector<Chunk> work = chunks();
  std::vector<LayerCounts> counted(work.size());
  tbb::parallel_for(std::size_t{0}, work.size(), [&](std::size_t i) {
    run_chunk(integers, work[i], arithmetic, image, counted[i], values);
  });
  // In order, as sums of reals depend on it.
  for (const LayerCounts& each : counted) counts.add(each);
  return finish(std::move(values));
}

}  // namespace pimento::exact
