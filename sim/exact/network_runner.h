// SPDX-License-Identifier: Apache-2.0
// A mapped network, executed value by value: its layers with weights on arrays, the rest as its
// file means it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/layout.h"
#include "sim/exact/layer_runner.h"
#include "workloads/executor.h"
#include "workloads/network.h"

namespace pimento::exact {

class NetworkRunner {
 public:
  // A layout for each layer with weights. The network must outlive the runner, and have a graph.
  // `input_is_negative`: whether inputs of the network may be below zero. Throws InputError where a
  // layer cannot be executed on integers.
  NetworkRunner(const workloads::Network& network, const std::vector<arch::LayerLayout>& layouts,
                const ArrayOptions& arrays, bool input_is_negative);

  // The network's outputs, with the read noise of the `image`. Counts go to counts()[i] for the
  // i-th layout.
  [[nodiscard]] std::vector<workloads::Array> run(const std::vector<workloads::Array>& inputs,
                                                  Arithmetic arithmetic, std::uint64_t image = 0);
  // Looks at the sums of columns while the network runs on integers.
  void observe(const std::vector<workloads::Array>& inputs);
  // Of everything observed, for the i-th layout.
  [[nodiscard]] const std::vector<ColumnSums>& sums() const { return sums_; }
  // From here on, or no longer, counts what rows are driven with in every run.
  void count_inputs(bool counts);
  // Of all that was counted, for the i-th layout; empty where nothing ever was.
  [[nodiscard]] std::vector<InputCounts> input_counts() const;
  // From here on counts the reads that are left on macros that pass over inputs of zero.
  void count_kept_reads(const std::vector<arch::LayerLayout>& layouts, const arch::MacroSpec& macro,
                        int macros_per_core);
  // Of all that was counted, for the i-th layout; empty where nothing ever was.
  [[nodiscard]] std::vector<LayerReads> kept_reads() const;
  // Gives every ADC the range that suits the sums observed there.
  void set_ranges(int adc_bits, AdcRange range);
  [[nodiscard]] const std::vector<LayerCounts>& counts() const { return counts_; }
  [[nodiscard]] ReadCounts reads() const;

 private:
  std::vector<std::unique_ptr<LayerRunner>> layers_;
  std::vector<LayerCounts> counts_;
  std::vector<ColumnSums> sums_;
  std::vector<InputCounter> counters_;
  std::vector<std::unique_ptr<ReadCounter>> read_counters_;
  bool observes_ = false;
  bool counts_inputs_ = false;
  Arithmetic arithmetic_ = Arithmetic::kIntegers;
  std::uint64_t image_ = 0;
  std::unique_ptr<workloads::Executor> executor_;
};

}  // namespace pimento::exact
