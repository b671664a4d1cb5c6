// SPDX-License-Identifier: Apache-2.0
#include "mapper/pixel_form.h"

#include <variant>

namespace pimento::mapper {

using workloads::Shape;

namespace {

// Work beside the crossbars that makes each value from the value in its place.
bool is_digital_elementwise(const workloads::Operation& op) {
  const auto* digital = std::get_if<workloads::Digital>(&op);
  return digital != nullptr && digital->work == workloads::DigitalWork::kElementwise;
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

}  // namespace

PixelForm form_of(const Shape& shape) {
  PixelForm form;
  if (shape.size() == 3) form.grid = {shape[1], shape[2]};
  if (shape.size() == 2) form.grid = {shape[0], 1};
  form.elements = workloads::element_count(shape) / form.grid.pixels();
  return form;
}

PixelForm form_for(const workloads::Operation& op, const Shape& shape) {
  if (!std::holds_alternative<workloads::Linear>(op)) return form_of(shape);
  return {{workloads::element_count(shape) / shape.back(), 1}, shape.back()};
}

bool moves_nothing(const workloads::Operation& op) {
  return std::holds_alternative<workloads::Flatten>(op) ||
         std::holds_alternative<workloads::Reshape>(op) ||
         std::holds_alternative<workloads::Identity>(op);
}

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

std::int64_t pool_area(const workloads::Operation& op, const Shape& input) {
  if (const auto* pool = std::get_if<workloads::Pool>(&op)) {
    return pool->window.kernel[0] * pool->window.kernel[1];
  }
  if (std::holds_alternative<workloads::GlobalPool>(op)) return form_of(input).grid.pixels();
  return 0;
}

}  // namespace pimento::mapper
