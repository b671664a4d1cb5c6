// SPDX-License-Identifier: Apache-2.0
// The weights of a layer as they lie on macros, and products with integer inputs as the macros make
// them: slice by slice, column by column, through ADCs.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/layout.h"
#include "sim/exact/adc.h"
#include "sim/exact/adc_range.h"
#include "sim/exact/row_tile.h"
#include "sim/kernels/drives.h"

namespace pimento::exact {

// Integers that a layer reads: [0, 2^bits - 1], or [-2^(bits-1), 2^(bits-1) - 1].
struct InputFormat {
  int bits = 8;
  bool is_signed = false;
  friend bool operator==(const InputFormat&, const InputFormat&) = default;
};

// What happened to the sums of columns.
struct ReadCounts {
  std::int64_t conversions = 0;
  std::int64_t saturated = 0;
  void add(const ReadCounts& other) {
    conversions += other.conversions;
    saturated += other.saturated;
  }
};

// A layer's integers, without any array.
class IntegerMatrix {
 public:
  // `weights`: blocks x channels x rows. `largest_input` is the largest magnitude of an input.
  IntegerMatrix(const BlockShape& shape, std::span<const std::int32_t> weights,
                std::int64_t largest_input);

  // sums[channel x vectors + vector] += sum over rows [first, last) of weight x input, exactly.
  // Inputs are `vectors` rows of values, `stride` apart.
  void add_product(std::int64_t block, std::int64_t first, std::int64_t last, int vectors,
                   const std::int32_t* inputs, std::int64_t stride, double* sums) const;
  [[nodiscard]] const BlockShape& shape() const { return shape_; }

 private:
  template <class Real>
  void add_chunks(const std::vector<Real>& weights, std::int64_t chunk, std::int64_t block,
                  std::int64_t first, std::int64_t last, int vectors, const std::int32_t* inputs,
                  std::int64_t stride, double* sums) const;

  BlockShape shape_;
  std::int64_t chunk_;  // rows whose sums single precision holds exactly
  std::vector<float> narrow_;
  std::vector<double> wide_;  // where single precision does not do
};

// Sums that columns were seen to have: for each row tile of a block, for each slice of the weights.
// Blocks share them.
using ColumnSums = std::vector<std::vector<SumHistogram>>;

class MappedMatrix {
 public:
  // `weights` as for IntegerMatrix. Throws InputError where the arrays are beyond what the kernels
  // read: cells or DACs of more than eight bits.
  MappedMatrix(const BlockShape& shape, std::span<const std::int32_t> weights,
               const arch::LayerLayout& layout, const arch::MacroSpec& macro,
               const ColumnReading& reading, const InputFormat& input,
               const ArrayDevices* devices = nullptr);

  struct Reading {
    bool shortcut = true;         // sums that no ADC can change are those of the integers
    std::uint64_t noise_key = 0;  // reads with the same key meet the same noise
  };
  // sums[channel x vectors + vector] = what the macros of a block make of the inputs. Real devices
  // have no shortcut. `counts` learns of every conversion either way.
  void multiply(std::int64_t block, int vectors, const std::int32_t* inputs, std::int64_t stride,
                const Reading& reading, double* sums, ReadCounts& counts) const;

  // Adds the sums of columns for these inputs: of all reads, and of at most 32 channels of a tile.
  void observe(std::int64_t block, int vectors, const std::int32_t* inputs, std::int64_t stride,
               ColumnSums& sums) const;
  // Gives the ADCs of every row tile and slice the range that suits the sums seen there.
  void set_ranges(const ColumnSums& sums, int adc_bits, AdcRange range);

  [[nodiscard]] const IntegerMatrix& integers() const { return integers_; }
  // Whether neither a device nor an ADC can change a sum.
  [[nodiscard]] bool is_exact() const { return is_exact_; }
  // Of each channel of each block: the sum of its weights.
  [[nodiscard]] const std::vector<std::int64_t>& weight_sums() const { return weight_sums_; }
  [[nodiscard]] const InputFormat& input() const { return input_; }

 private:
  static void observe_tile(const RowTile& tile, const kernels::Drives& drives,
                           std::vector<SumHistogram>& sums);
  void make_tiles(const LayerWeights& weights, const arch::LayerLayout& layout,
                  const ArrayContext& context);
  void find_exact();
  void find_exact_channels();
  // Inputs as they are driven, once or in two phases. `storage` keeps what is not the inputs
  // themselves.
  struct Phase {
    const std::int32_t* inputs = nullptr;
    std::int64_t stride = 0;
    double sign = 1.0;
    std::vector<std::int32_t> storage;
  };
  [[nodiscard]] std::vector<Phase> phases(int vectors, const std::int32_t* inputs,
                                          std::int64_t stride) const;
  // What a slice of the inputs is worth; that of the sign subtracts.
  [[nodiscard]] double worth_of_slice(int slice) const;
  void read_tile(const RowTile& tile, std::span<const int> channels, int vectors,
                 const Phase& phase, std::uint64_t noise_key, double* sums,
                 ReadCounts& counts) const;
  [[nodiscard]] std::pair<const std::int32_t*, std::int64_t> driven_inputs(
      const RowTile& tile, int vectors, const Phase& phase,
      std::vector<std::int32_t>& storage) const;
  // Sums over rows of a block, of the channels that are wanted.
  void add_shortcut(std::int64_t block, const arch::Range& rows, const std::vector<bool>& wanted,
                    int vectors, const Phase& whole, double* sums) const;
  void correct(std::int64_t block, int vectors, const std::int32_t* inputs, std::int64_t stride,
               double* sums) const;

  IntegerMatrix integers_;
  InputFormat input_;
  kernels::InputSlicing slicing_;
  std::size_t slices_;  // of a weight
  bool two_phases_;
  std::int64_t input_offset_ = 0;            // added to inputs before they are driven
  std::vector<std::vector<RowTile>> tiles_;  // of each block
  std::vector<std::int64_t> weight_sums_;
  bool is_analog_ = false;
  std::vector<std::int64_t> excesses_;  // of each channel: how much codes are above the weights
  bool is_exact_ = true;
  bool is_dense_ = true;  // every bit is stored, and tiles hold runs of rows
  std::vector<std::vector<bool>> exact_channels_;  // of each block, where that is not so
};

}  // namespace pimento::exact
