// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/input_counter.h"

#include <array>
#include <map>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <utility>

#include "base/error.h"

namespace pimento::exact {

InputCounter::InputCounter(const BlockShape& shape, const InputFormat& input)
    : shape_(shape), input_(input) {}

void InputCounter::clear() {
  const std::size_t pairs = InputCounts::pair_count(input_.bits);
  pairs_.assign(static_cast<std::size_t>(maps_) * classes_.size() * pairs, 0);
  padding_.assign(pairs, 0);
}

InputCounter InputCounter::of_product(const BlockShape& shape, const InputFormat& input,
                                      std::int64_t vectors) {
  ensure(shape.blocks == 1, "a matrix product has one block");
  InputCounter counter(shape, input);
  counter.maps_ = shape.rows;
  counter.vectors_of_image_ = vectors;
  counter.classes_.push_back({{}, {0}});
  for (std::int64_t v = 0; v < vectors; ++v) {
    counter.classes_.front().values.push_back(v * shape.rows);
  }
  counter.padded_.assign(1, 0);
  counter.clear();
  return counter;
}

InputCounter InputCounter::of_convolution(const BlockShape& shape, const InputFormat& input,
                                          std::span<const std::int32_t> offsets,
                                          std::int64_t kernel, std::int64_t area) {
  InputCounter counter(shape, input);
  counter.kernel_ = kernel;
  counter.maps_ = shape.blocks * (shape.rows / kernel);
  counter.step_ = area;
  counter.vectors_of_image_ = std::ssize(offsets) / kernel;
  counter.padded_.assign(static_cast<std::size_t>(kernel), 0);
  // A tap meets a value at one place at most, so its taps tell all that happens to a value.
  std::vector<std::vector<std::int64_t>> taps(static_cast<std::size_t>(area));
  for (std::int64_t tap = 0; tap < kernel; ++tap) {
    for (std::int64_t at = tap; at < std::ssize(offsets); at += kernel) {
      const std::int32_t value = offsets[static_cast<std::size_t>(at)];
      if (value < 0) {
        ++counter.padded_[static_cast<std::size_t>(tap)];
      } else {
        taps[static_cast<std::size_t>(value)].push_back(tap);
      }
    }
  }
  std::map<std::vector<std::int64_t>, std::vector<std::int64_t>> values_of;
  for (std::int64_t value = 0; value < area; ++value) {
    std::vector<std::int64_t>& met = taps[static_cast<std::size_t>(value)];
    if (!met.empty()) values_of[std::move(met)].push_back(value);
  }
  for (auto& [met, values] : values_of) counter.classes_.push_back({std::move(values), met});
  counter.clear();
  return counter;
}

void InputCounter::add(const std::vector<std::int32_t>& integers, std::int32_t padding) {
  const std::size_t pairs = padding_.size();
  tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, maps_, 16), [&](const auto& range) {
    for (std::int64_t map = range.begin(); map < range.end(); ++map) {
      std::int64_t* to = pairs_.data() + static_cast<std::size_t>(map) * classes_.size() * pairs;
      for (const Class& each : classes_) {
        count_bits({to, pairs}, input_.bits, integers.data() + map * step_, each.values);
        to += pairs;
      }
    }
  });
  constexpr std::array<std::int64_t, 1> kOne{0};
  count_bits(padding_, input_.bits, &padding, kOne);
  vectors_ += vectors_of_image_;
}

InputCounts InputCounter::counts() const {
  InputCounts result(shape_.blocks, shape_.rows, input_);
  const std::size_t pairs = padding_.size();
  const auto add = [pairs](std::span<std::int64_t> to, const std::int64_t* from,
                           std::int64_t times) {
    for (std::size_t p = 0; p < pairs; ++p) to[p] += times * from[p];
  };
  const std::int64_t maps_of_block = maps_ / shape_.blocks;
  for (std::int64_t map = 0; map < maps_; ++map) {
    const std::int64_t block = map / maps_of_block;
    const std::int64_t first = map % maps_of_block * kernel_;  // row
    const std::int64_t* from =
        pairs_.data() + static_cast<std::size_t>(map) * classes_.size() * pairs;
    for (const Class& each : classes_) {
      for (const std::int64_t tap : each.taps) add(result.pairs(block, first + tap), from, 1);
      from += pairs;
    }
    for (std::int64_t tap = 0; tap < kernel_; ++tap) {
      add(result.pairs(block, first + tap), padding_.data(),
          padded_[static_cast<std::size_t>(tap)]);
    }
  }
  for (std::int64_t block = 0; block < shape_.blocks; ++block) result.set_vectors(block, vectors_);
  return result;
}

}  // namespace pimento::exact
