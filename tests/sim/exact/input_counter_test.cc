// SPDX-License-Identifier: Apache-2.0
// What is counted by classes of values is what the gathered rows say.
#include "sim/exact/input_counter.h"

#include <array>
#include <oneapi/tbb/global_control.h>
#include <random>

#include <gtest/gtest.h>

namespace pimento::exact {
namespace {

std::vector<std::int32_t> drawn(std::int64_t count, const InputFormat& input, std::uint32_t seed) {
  std::mt19937 random(seed);
  const std::int32_t half = 1 << (input.bits - 1);
  const std::int32_t low = input.is_signed ? -half : 0;
  std::uniform_int_distribution<std::int32_t> any(low, low + 2 * half - 1);
  std::vector<std::int32_t> values(static_cast<std::size_t>(count));
  for (std::int32_t& value : values) value = any(random);
  return values;
}

struct Form {
  std::int64_t extent;
  std::int64_t kernel;  // square
  std::int64_t stride;
  std::int64_t pad;
  std::int64_t dilation;
  std::int64_t groups;
  std::int64_t maps;  // of a group
};

std::vector<std::int32_t> offsets_of(const Form& form) {
  const std::int64_t places =
      (form.extent + 2 * form.pad - form.dilation * (form.kernel - 1) - 1) / form.stride + 1;
  std::vector<std::int32_t> offsets;
  const auto at = [&](std::int64_t place, std::int64_t tap) {
    return place * form.stride + tap * form.dilation - form.pad;
  };
  const auto outside = [&](std::int64_t place) { return place < 0 || place >= form.extent; };
  for (std::int64_t y = 0; y < places; ++y) {
    for (std::int64_t x = 0; x < places; ++x) {
      for (std::int64_t i = 0; i < form.kernel; ++i) {
        for (std::int64_t j = 0; j < form.kernel; ++j) {
          const bool padding = outside(at(y, i)) || outside(at(x, j));
          offsets.push_back(padding ? -1
                                    : static_cast<std::int32_t>(at(y, i) * form.extent + at(x, j)));
        }
      }
    }
  }
  return offsets;
}

// Rows gathered place by place, as a convolution multiplies them.
InputCounts gathered(const Form& form, const InputFormat& input,
                     const std::vector<std::int32_t>& offsets,
                     const std::vector<std::int32_t>& values, std::int32_t padding) {
  const std::int64_t taps = form.kernel * form.kernel;
  const std::int64_t rows = form.maps * taps;
  const std::int64_t area = form.extent * form.extent;
  InputCounts counts(form.groups, rows, input);
  for (std::int64_t block = 0; block < form.groups; ++block) {
    for (std::size_t first = 0; first < offsets.size(); first += static_cast<std::size_t>(taps)) {
      std::vector<std::int32_t> row;
      for (std::int64_t map = block * form.maps; map < (block + 1) * form.maps; ++map) {
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          const std::int32_t at = offsets[first + static_cast<std::size_t>(tap)];
          row.push_back(at < 0 ? padding : values[static_cast<std::size_t>(map * area + at)]);
        }
      }
      counts.add(block, 1, row.data(), rows);
    }
  }
  return counts;
}

constexpr std::array<Form, 8> kForms{{{6, 3, 1, 1, 1, 1, 3},
                                      {7, 3, 2, 1, 1, 2, 2},
                                      {9, 3, 1, 2, 2, 1, 2},
                                      {8, 1, 2, 0, 1, 1, 4},
                                      {12, 7, 2, 3, 1, 1, 2},
                                      {8, 4, 4, 0, 1, 1, 2},
                                      {5, 5, 1, 0, 1, 3, 1},
                                      {3, 3, 1, 4, 1, 1, 1}}};

TEST(InputCounter, ConvolutionsCountWhatTheirGatheredRowsHold) {
  std::uint32_t seed = 0;
  for (const Form& form : kForms) {
    for (const InputFormat input : {InputFormat{8, false}, InputFormat{5, true}}) {
      const std::vector<std::int32_t> offsets = offsets_of(form);
      const BlockShape shape{form.groups, form.maps * form.kernel * form.kernel, 4};
      const std::int64_t area = form.extent * form.extent;
      InputCounter counter =
          InputCounter::of_convolution(shape, input, offsets, form.kernel * form.kernel, area);
      InputCounts expected(shape.blocks, shape.rows, input);
      for (const std::int32_t padding : {0, 3}) {
        const auto values = drawn(area * form.groups * form.maps, input, ++seed);
        counter.add(values, padding);
        expected.merge(gathered(form, input, offsets, values, padding));
      }
      EXPECT_TRUE(counter.counts() == expected)
          << "kernel " << form.kernel << ", stride " << form.stride;
    }
  }
}

TEST(InputCounter, ProductsCountARowForEveryValueOfAVector) {
  const InputFormat input{8, true};
  for (const int vectors : {1, 5, 70}) {
    InputCounter counter = InputCounter::of_product({1, 19, 4}, input, vectors);
    InputCounts expected(1, 19, input);
    for (std::uint32_t image = 0; image < 3; ++image) {
      const auto values = drawn(std::int64_t{19} * vectors, input, image);
      counter.add(values, 0);
      expected.add(0, vectors, values.data(), 19);
    }
    EXPECT_TRUE(counter.counts() == expected);
  }
}

TEST(InputCounter, AnyNumberOfThreadsCountsTheSame) {
  const Form form{20, 3, 1, 1, 1, 1, 64};
  const InputFormat input{8, false};
  const auto offsets = offsets_of(form);
  const auto values = drawn(form.extent * form.extent * form.maps, input, 1);
  std::vector<InputCounts> found;
  for (const std::size_t threads : {1U, 2U, 4U}) {
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                            threads);
    InputCounter counter = InputCounter::of_convolution({1, form.maps * 9, 4}, input, offsets, 9,
                                                        form.extent * form.extent);
    counter.add(values, 0);
    found.push_back(counter.counts());
  }
  EXPECT_TRUE(found[0] == found[1] && found[1] == found[2]);
}

}  // namespace
}  // namespace pimento::exact
