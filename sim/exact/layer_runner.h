// SPDX-License-Identifier: Apache-2.0
// One layer with weights, executed on integers: with the arrays it lies on, or without any.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/exact/input_counter.h"
#include "sim/exact/integer_input.h"
#include "sim/exact/mapped_matrix.h"
#include "sim/exact/read_counter.h"
#include "workloads/network.h"
#include "workloads/operators/matrix.h"
#include "workloads/window_matrix.h"

namespace pimento::exact {

enum class Arithmetic {
  kIntegers,   // the reference: products of integers
  kArrays,     // what the arrays make; sums that no ADC can change are computed as integers
  kEveryRead,  // the same, every column of every read
};

// What a layer's reads came to.
struct LayerCounts {
  ReadCounts reads;
  double signal = 0.0;  // squares of the exact products, and
  double error = 0.0;   // of what the arrays made of them less that
  void add(const LayerCounts& other);
};

// The arrays that layers lie on.
struct ArrayOptions {
  const arch::MacroSpec& macro;
  ColumnReading reading;
  const ArrayDevices* devices = nullptr;  // null: ideal cells
};

// Who learns of a layer's inputs; null: nobody.
struct LayerCounters {
  InputCounter* inputs = nullptr;
  ReadCounter* reads = nullptr;
};

class LayerRunner {
 public:
  // The network must outlive the runner, and have a graph. Throws InputError where the layer cannot
  // be executed on integers.
  LayerRunner(const workloads::Network& network, const arch::LayerLayout& layout,
              const ArrayOptions& arrays, bool input_is_negative);

  // Which inputs of its operator the layer reads: the first, and the zero point of one that is
  // quantized anew for every tensor.
  [[nodiscard]] std::vector<std::size_t> places() const;
  using Inputs = std::vector<const workloads::Array*>;

  // The layer's output. Work is shared out to threads; the result does not depend on how many.
  // Read noise is that of the `image`. Counters learn what its rows are driven with.
  [[nodiscard]] workloads::Array run(const Inputs& inputs, Arithmetic arithmetic,
                                     std::uint64_t image, LayerCounts& counts,
                                     const LayerCounters& counters = {}) const;
  // Adds the sums of its columns for this input, of some positions and blocks, evenly spaced.
  void observe(const Inputs& inputs, ColumnSums& sums) const;
  // For run(): counts nothing yet.
  [[nodiscard]] InputCounter input_counter() const;
  // The same for the reads that are left on these macros, of which a core has so many.
  [[nodiscard]] std::unique_ptr<ReadCounter> read_counter(const arch::LayerLayout& layout,
                                                          const arch::MacroSpec& macro,
                                                          int macros_per_core) const;
  void set_ranges(const ColumnSums& sums, int adc_bits, AdcRange range) {
    matrix_.set_ranges(sums, adc_bits, range);
  }

 private:
  // Some vectors of one block.
  struct Chunk {
    std::int64_t block = 0;
    std::int64_t first = 0;
    int vectors = 0;
  };
  // What the operator's output counts in: real units, steps of a quantizer, or the sum itself.
  enum class Output { kReal, kQuantized, kSum };
  void read_form();
  void read_scales();
  void read_bias();
  [[nodiscard]] IntegerInput integers_of(const Inputs& inputs) const;
  [[nodiscard]] std::vector<Chunk> chunks() const;
  [[nodiscard]] std::uint64_t noise_key(std::uint64_t image, const Chunk& chunk) const;
  void gather(const IntegerInput& input, const Chunk& chunk, std::vector<std::int32_t>& rows) const;
  void count_reads(const IntegerInput& input, ReadCounter& counter) const;
  void run_chunk(const IntegerInput& input, const Chunk& chunk, Arithmetic arithmetic,
                 std::uint64_t image, LayerCounts& counts, std::vector<double>& output) const;
  void count_errors(const Chunk& chunk, const std::vector<double>& exact,
                    const std::vector<double>& sums, LayerCounts& counts) const;
  [[nodiscard]] double real(const IntegerInput& input, std::size_t channel, double sum,
                            double inputs_sum) const;
  [[nodiscard]] double sum_of_inputs(const std::int32_t* inputs, std::int64_t copy) const;
  void put(const IntegerInput& input, const Chunk& chunk, const std::vector<std::int32_t>& rows,
           const std::vector<double>& sums, std::vector<double>& output) const;
  [[nodiscard]] workloads::Array finish(std::vector<double> sums) const;

  const workloads::Network& network_;
  std::uint64_t noise_seed_;
  int layer_;
  const workloads::Node& node_;
  InputGrid grid_;
  workloads::WindowMatrix windows_;
  MappedMatrix matrix_;
  Output output_ = Output::kReal;
  bool convolves_ = false;
  bool needs_input_sums_ = false;      // some weight has a zero point
  std::int64_t kernel_rows_ = 0;       // of one copy of the kernel
  std::int64_t vectors_ = 1;           // of a block: windows
  std::int64_t places_ = 1;            // of the output
  std::int64_t area_ = 1;              // values of one map
  std::vector<std::int32_t> offsets_;  // of a convolution: vectors x window, -1 for padding
  std::int64_t kernel_ = 1;            // values of a map in one window
  std::vector<double> scale_;          // of the weights, for each channel
  std::vector<double> zero_point_;
  std::vector<double> bias_;  // empty: none, or not the operator's own
};

}  // namespace pimento::exact
