// SPDX-License-Identifier: Apache-2.0
// Normalizations over the batch's statistics (as constants), instances, layers and channels, and
// softmax. Definitions: ONNX operator reference.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {
namespace {

// Data seen as batch x channels x places.
struct Channels {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  std::int64_t places = 1;
};

Channels channels_of(const Call& call) {
  const Shape& shape = call.shape(0);
  if (shape.size() < 2) call.fail("expected data of batch x channels x ...");
  return {shape[0], shape[1], element_count({shape.begin() + 2, shape.end()})};
}

void check_vectors(const Call& call, int first, int last) {
  const std::int64_t channels = call.shape(0).size() < 2 ? 1 : call.shape(0)[1];
  for (int i = first; i <= last; ++i) {
    if (element_count(call.shape(i)) != channels) {
      call.fail(fmt::format("input {} has the shape {}; expected {} values, one a channel", i,
                            to_string(call.shape(i)), channels));
    }
  }
}

// BatchNormalization ----------------------------------------------------------------------------

std::vector<Form> infer_batch_norm(const Call& call) {
  if (call.version() < 7 && !call.flag("is_test", false)) {
    call.fail("is_test is 0: the model is exported for training; export it for inference");
  }
  if (call.version() < 9 && !call.flag("spatial", true)) call.fail("spatial is 0; expected 1");
  if (call.flag("training_mode", false)) {
    call.fail("training_mode is 1; export the model for inference");
  }
  expect_reals(call, {0});
  check_vectors(call, 1, 4);
  return {call.form(0)};
}

std::vector<Array> batch_norm(const Call& call) {
  Array result = call.array(0);
  const Shape& shape = result.shape;
  const std::int64_t channels = shape.size() < 2 ? 1 : shape[1];
  const std::int64_t places =
      shape.size() < 2 ? 1 : element_count({shape.begin() + 2, shape.end()});
  const double epsilon = call.real("epsilon", 1e-5F);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t c = i / places % channels;
    double& value = result.reals[static_cast<std::size_t>(i)];
    const double deviation = std::sqrt(call.array(4).real(c) + epsilon);
    value =
        (value - call.array(3).real(c)) / deviation * call.array(1).real(c) + call.array(2).real(c);
  }
  settle(result);
  return {std::move(result)};
}

// InstanceNormalization, LRN --------------------------------------------------------------------

std::vector<Form> infer_instance_norm(const Call& call) {
  expect_reals(call, {0});
  (void)channels_of(call);
  check_vectors(call, 1, 2);
  return {call.form(0)};
}

// Turns values into distances from their mean in units of their deviation; gives both.
struct Moments {
  double mean = 0.0;
  double inverse_deviation = 0.0;
};

Moments standardize(double* values, std::int64_t count, double epsilon) {
  double mean = 0.0;
  for (std::int64_t i = 0; i < count; ++i) mean += values[i];
  mean /= static_cast<double>(count);
  double variance = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    variance += (values[i] - mean) * (values[i] - mean);
  }
  variance /= static_cast<double>(count);
  const double inverse = 1.0 / std::sqrt(variance + epsilon);
  for (std::int64_t i = 0; i < count; ++i) values[i] = (values[i] - mean) * inverse;
  return {mean, inverse};
}

std::vector<Array> instance_norm(const Call& call) {
  Array result = call.array(0);
  const Channels form = channels_of(call);
  const double epsilon = call.real("epsilon", 1e-5F);
  for (std::int64_t map = 0; map < form.batch * form.channels && form.places > 0; ++map) {
    double* values = result.reals.data() + map * form.places;
    (void)standardize(values, form.places, epsilon);
    const std::int64_t channel = map % form.channels;
    for (std::int64_t i = 0; i < form.places; ++i) {
      values[i] = values[i] * call.array(1).real(channel) + call.array(2).real(channel);
    }
  }
  settle(result);
  return {std::move(result)};
}

std::vector<Form> infer_local_response_norm(const Call& call) {
  expect_reals(call, {0});
  (void)channels_of(call);
  return {call.form(0)};
}

// Each value over a power of the squares of its neighbours in channels.
std::vector<Array> local_response_norm(const Call& call) {
  const Array& input = call.array(0);
  const Channels form = channels_of(call);
  const std::int64_t size = call.integer("size", 0);
  if (size < 1) call.fail("attribute \"size\" is missing or below 1");
  const double alpha = call.real("alpha", 1e-4F) / static_cast<double>(size);
  const double beta = call.real("beta", 0.75);
  const double bias = call.real("bias", 1.0);
  Array result = input;
  for (std::int64_t i = 0; i < input.size(); ++i) {
    const std::int64_t channel = i / form.places % form.channels;
    const std::int64_t first = std::max<std::int64_t>(0, channel - (size - 1) / 2);
    const std::int64_t last = std::min(form.channels - 1, channel + size / 2);
    double squares = 0.0;
    for (std::int64_t c = first; c <= last; ++c) {
      const double value = input.real(i + (c - channel) * form.places);
      squares += value * value;
    }
    result.reals[static_cast<std::size_t>(i)] /= std::pow(bias + alpha * squares, beta);
  }
  settle(result);
  return {std::move(result)};
}

// LayerNormalization ----------------------------------------------------------------------------

std::vector<Form> infer_layer_norm(const Call& call) {
  expect_reals(call, {0, 1, 2});
  const Shape& shape = call.shape(0);
  const std::int64_t axis = call.axis(call.integer("axis", -1), shape.size());
  Shape kept = shape;
  std::fill(kept.begin() + axis, kept.end(), 1);
  for (int i = 1; i < call.input_count(); ++i) {
    if (!call.has(i)) continue;
    const Shape tail(shape.begin() + axis, shape.end());
    if (broadcast_shape(tail, call.shape(i)) != tail) {
      call.fail(fmt::format("input {} has the shape {}; expected {}", i, to_string(call.shape(i)),
                            to_string(tail)));
    }
  }
  return {call.form(0), {ElementType::kFloat32, kept}, {ElementType::kFloat32, kept}};
}

std::vector<Array> layer_norm(const Call& call) {
  const std::vector<Form> forms = infer_layer_norm(call);
  Array result = call.array(0);
  const std::int64_t axis = call.axis(call.integer("axis", -1), result.shape.size());
  const Shape tail(result.shape.begin() + axis, result.shape.end());
  const Array scale = broadcast_to(call.array(1), tail);
  const Array shift =
      call.has(2) ? broadcast_to(call.array(2), tail) : make_array(result.type, tail);
  const double epsilon = call.real("epsilon", 1e-5F);
  Array mean = make_array(forms[1].type, forms[1].shape);
  Array inverse = make_array(forms[2].type, forms[2].shape);
  const std::int64_t count = element_count(tail);
  for (std::int64_t row = 0; row < mean.size() && count > 0; ++row) {
    double* values = result.reals.data() + row * count;
    const Moments moments = standardize(values, count, epsilon);
    mean.reals[static_cast<std::size_t>(row)] = moments.mean;
    inverse.reals[static_cast<std::size_t>(row)] = moments.inverse_deviation;
    for (std::int64_t i = 0; i < count; ++i) values[i] = values[i] * scale.real(i) + shift.real(i);
  }
  for (Array* array : {&result, &mean, &inverse}) settle(*array);
  return {std::move(result), std::move(mean), std::move(inverse)};
}

// Softmax ---------------------------------------------------------------------------------------

// Before opset 13 the axes from `axis` on counted as one.
struct SoftmaxView {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};

SoftmaxView softmax_view(const Call& call) {
  const Shape& shape = call.shape(0);
  const bool joins = call.version() < 13;
  const std::int64_t axis = call.axis(call.integer("axis", joins ? 1 : -1), shape.size(), joins);
  SoftmaxView view;
  view.outer = element_count({shape.begin(), shape.begin() + axis});
  if (joins) {
    view.extent = element_count({shape.begin() + axis, shape.end()});
  } else {
    view.extent = shape[static_cast<std::size_t>(axis)];
    view.inner = element_count({shape.begin() + axis + 1, shape.end()});
  }
  return view;
}

std::vector<Form> infer_softmax(const Call& call) {
  expect_reals(call, {0});
  (void)softmax_view(call);
  return {call.form(0)};
}

template <bool Logarithm>
std::vector<Array> softmax(const Call& call) {
  Array result = call.array(0);
  const SoftmaxView view = softmax_view(call);
  for (std::int64_t line = 0; line < view.outer * view.inner; ++line) {
    double* first =
        result.reals.data() + line / view.inner * view.extent * view.inner + line % view.inner;
    const auto value = [&](std::int64_t i) -> double& { return first[i * view.inner]; };
    double most = -std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < view.extent; ++i) most = std::max(most, value(i));
    double sum = 0.0;
    for (std::int64_t i = 0; i < view.extent; ++i) sum += std::exp(value(i) - most);
    for (std::int64_t i = 0; i < view.extent; ++i) {
      value(i) = Logarithm ? value(i) - most - std::log(sum) : std::exp(value(i) - most) / sum;
    }
  }
  settle(result);
  return {std::move(result)};
}

template <bool Logarithm>
Operator softmax_operator() {
  return {.attributes = {"axis"}, .infer = infer_softmax, .evaluate = softmax<Logarithm>};
}

}  // namespace

void add_normalization_operators(OperatorTable& table) {
  table.add("BatchNormalization", {.least_inputs = 5,
                                   .most_inputs = 5,
                                   .most_outputs = 5,
                                   .attributes = {"epsilon", "momentum", "spatial", "is_test",
                                                  "training_mode", "consumed_inputs"},
                                   .infer = infer_batch_norm,
                                   .evaluate = batch_norm});
  table.add("InstanceNormalization", {.least_inputs = 3,
                                      .most_inputs = 3,
                                      .attributes = {"epsilon"},
                                      .infer = infer_instance_norm,
                                      .evaluate = instance_norm});
  table.add("LRN", {.attributes = {"alpha", "beta", "bias", "size"},
                    .infer = infer_local_response_norm,
                    .evaluate = local_response_norm});
  table.add("LayerNormalization", {.least_inputs = 2,
                                   .most_inputs = 3,
                                   .most_outputs = 3,
                                   .attributes = {"axis", "epsilon", "stash_type"},
                                   .infer = infer_layer_norm,
                                   .evaluate = layer_norm});
  table.add("Softmax", softmax_operator<false>());
  table.add("LogSoftmax", softmax_operator<true>());
}

}  // namespace pimento::workloads
