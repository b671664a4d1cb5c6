// SPDX-License-Identifier: Apache-2.0
// How a layer's inputs become vectors of its matrix.
#include <algorithm>
#include <cmath>
#include <tbb/parallel_for.h>

#include "base/ceil_div.h"
#include "sim/exact/layer_runner.h"

namespace pimento::exact {
namespace {

// Values of a chunk's inputs, and vectors of one.
constexpr std::int64_t kChunkValues = std::int64_t{1} << 16;
constexpr std::int64_t kFewestVectors = 64;
constexpr std::int64_t kMostVectors = 512;

// What is looked at of one input.
constexpr std::int64_t kSampledBlocks = 16;
constexpr std::int64_t kSampledVectors = 16;

}  // namespace

std::vector<LayerRunner::Chunk> LayerRunner::chunks() const {
  const BlockShape& shape = matrix_.integers().shape();
  const std::int64_t size = std::clamp(kChunkValues / std::max<std::int64_t>(1, shape.rows),
                                       kFewestVectors, kMostVectors);
  std::vector<Chunk> result;
  for (std::int64_t block = 0; block < shape.blocks; ++block) {
    for (std::int64_t first = 0; first < vectors_; first += size) {
      result.push_back({block, first, static_cast<int>(std::min(size, vectors_ - first))});
    }
  }
  return result;
}

// The inputs of a chunk's vectors, one row of values after the other.
void LayerRunner::gather(const IntegerInput& input, const Chunk& chunk,
                         std::vector<std::int32_t>& rows) const {
  const std::int64_t count = matrix_.integers().shape().rows;
  rows.resize(static_cast<std::size_t>(chunk.vectors * count));
  if (!convolves_) {
    std::copy_n(input.integers.begin() + chunk.first * count, chunk.vectors * count, rows.begin());
    return;
  }
  const auto padding = static_cast<std::int32_t>(std::nearbyint(input.zero_point));
  const std::int64_t maps = count / kernel_;
  for (std::int64_t v = 0; v < chunk.vectors; ++v) {
    const std::int32_t* offsets = offsets_.data() + (chunk.first + v) * kernel_;
    std::int32_t* to = rows.data() + v * count;
    const std::int32_t* map = input.integers.data() + chunk.block * maps * area_;
    for (std::int64_t m = 0; m < maps; ++m, map += area_) {
      for (std::int64_t k = 0; k < kernel_; ++k) {
        *to++ = offsets[k] < 0 ? padding : map[offsets[k]];
      }
    }
  }
}

void LayerRunner::observe(const Inputs& inputs, ColumnSums& sums) const {
  const IntegerInput integers = integers_of(inputs);
  const BlockShape& shape = matrix_.integers().shape();
  const auto every = [](std::int64_t count, std::int64_t most) {
    return (count + most - 1) / most;
  };
  std::vector<std::int32_t> rows;
  for (std::int64_t block = 0; block < shape.blocks; block += every(shape.blocks, kSampledBlocks)) {
    for (std::int64_t v = 0; v < vectors_; v += every(vectors_, kSampledVectors)) {
      gather(integers, {block, v, 1}, rows);
      matrix_.observe(block, 1, rows.data(), shape.rows, sums);
    }
  }
}

// Some vectors at a time, of all blocks.
void LayerRunner::count_reads(const IntegerInput& input, ReadCounter& counter) const {
  const BlockShape& shape = matrix_.integers().shape();
  const std::int64_t size = std::clamp<std::int64_t>(
      kChunkValues / std::max<std::int64_t>(1, shape.blocks * shape.rows), 1, kMostVectors);
  const std::int64_t chunks = ceil_div(vectors_, size);
  tbb::parallel_for(std::int64_t{0}, chunks, [&](std::int64_t chunk) {
    const std::int64_t first = chunk * size;
    const std::int64_t count = std::min(size, vectors_ - first);
    std::vector<std::int32_t> rows;
    std::vector<std::int32_t> all;
    all.reserve(static_cast<std::size_t>(count * shape.blocks * shape.rows));
    for (std::int64_t block = 0; block < shape.blocks; ++block) {
      gather(input, {block, first, static_cast<int>(count)}, rows);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    counter.add(first, count, all);
  });
}

std::unique_ptr<ReadCounter> LayerRunner::read_counter(const arch::LayerLayout& layout,
                                                       const arch::MacroSpec& macro,
                                                       int macros_per_core) const {
  return std::make_unique<ReadCounter>(matrix_.integers().shape(), layout, macro, macros_per_core,
                                       matrix_.input());
}

InputCounter LayerRunner::input_counter() const {
  const BlockShape& shape = matrix_.integers().shape();
  return convolves_ ? InputCounter::of_convolution(shape, matrix_.input(), offsets_, kernel_, area_)
                    : InputCounter::of_product(shape, matrix_.input(), vectors_);
}

}  // namespace pimento::exact
