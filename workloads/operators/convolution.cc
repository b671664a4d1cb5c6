// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "workloads/limits.h"
#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"
#include "workloads/operators/matrix.h"
#include "workloads/operators/types.h"

namespace pimento::workloads {

ConvolutionForm convolution_form(const Call& call, int weight) {
  const Shape& data = call.shape(0);
  const Shape& filters = call.shape(weight);
  if (data.size() < 3 || filters.size() != data.size()) {
    call.fail(
        fmt::format("convolves data of {} with a weight of {}; expected batch x channels x "
                    "map and out x in x kernel",
                    to_string(data), to_string(filters)));
  }
  const std::vector<std::int64_t> kernel(filters.begin() + 2, filters.end());
  const auto declared = call.integers("kernel_shape");
  if (declared && *declared != kernel) {
    call.fail(fmt::format("attribute \"kernel_shape\" is {}, but the weight has the shape {}",
                          to_string(*declared), to_string(filters)));
  }
  ConvolutionForm form;
  form.batch = data[0];
  form.groups = call.integer("group", 1);
  if (form.groups < 1 || form.groups >= kMaxElements || data[1] % form.groups != 0 ||
      filters[0] % form.groups != 0) {
    call.fail(fmt::format("group is {}; expected a divisor of the {} input and {} output channels",
                          form.groups, data[1], filters[0]));
  }
  form.in_channels = data[1] / form.groups;
  form.out_channels = filters[0] / form.groups;
  if (filters[1] != form.in_channels) {
    call.fail(fmt::format("the weight has the shape {}; expected {} input channels a group",
                          to_string(filters), form.in_channels));
  }
  form.window = read_sliding_window(call, kernel);
  return form;
}

Shape convolution_shape(const ConvolutionForm& form) {
  Shape shape{form.batch, form.groups * form.out_channels};
  shape.insert(shape.end(), form.window.places.begin(), form.window.places.end());
  return shape;
}

namespace {

std::vector<Form> infer_conv(const Call& call) {
  expect_reals(call, {0, 1, 2});
  const ConvolutionForm form = convolution_form(call, 1);
  if (call.has(2) && element_count(call.shape(2)) != form.groups * form.out_channels) {
    call.fail(fmt::format("the bias has the shape {}; expected {} values", to_string(call.shape(2)),
                          form.groups * form.out_channels));
  }
  return {{call.type(0), convolution_shape(form)}};
}

std::vector<Array> conv(const Call& call) {
  const ConvolutionForm form = convolution_form(call, 1);
  Array result = make_array(call.type(0), convolution_shape(form));
  convolve(form, call.array(0).reals.data(), call.array(1).reals.data(), result.reals.data());
  if (call.has(2)) {
    const std::int64_t places = form.window.place_count();
    const std::int64_t channels = form.groups * form.out_channels;
    for (std::int64_t i = 0; i < result.size(); ++i) {
      result.reals[static_cast<std::size_t>(i)] += call.array(2).real(i / places % channels);
    }
  }
  settle(result);
  return {std::move(result)};
}

}  // namespace

void add_convolution_operators(OperatorTable& table) {
  table.add("Conv",
            {.least_inputs = 2,
             .most_inputs = 3,
             .attributes = {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"},
             .work = Work::kMatrix,
             .infer = infer_conv,
             .evaluate = conv});
}

}  // namespace pimento::workloads
