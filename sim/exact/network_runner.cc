// SPDX-License-Identifier: Apache-2.0
#include "sim/exact/network_runner.h"

#include <map>
#include <tbb/parallel_for.h>
#include <utility>

#include "base/error.h"

namespace pimento::exact {

NetworkRunner::NetworkRunner(const workloads::Network& network,
                             const std::vector<arch::LayerLayout>& layouts,
                             const ArrayOptions& arrays, bool input_is_negative)
    : counts_(layouts.size()), sums_(layouts.size()) {
  ensure(network.graph != nullptr, "a network without values is executed");
  std::map<int, workloads::Executor::Substitute> substitutes;
  layers_.resize(layouts.size());
  tbb::parallel_for(std::size_t{0}, layouts.size(), [&](std::size_t i) {
    layers_[i] = std::make_unique<LayerRunner>(network, layouts[i], arrays, input_is_negative);
  });
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const int node = network.layers[static_cast<std::size_t>(layouts[i].layer)].node;
    const auto make = [this, i](const std::vector<const workloads::Array*>& inputs) {
      if (observes_) layers_[i]->observe(inputs, sums_[i]);
      return layers_[i]->run(inputs, arithmetic_, image_, counts_[i],
                             {counts_inputs_ ? &counters_[i] : nullptr,
                              read_counters_.empty() ? nullptr : read_counters_[i].get()});
    };
    substitutes[node] = {layers_[i]->places(), make};
  }
  executor_ = std::make_unique<workloads::Executor>(*network.graph, std::move(substitutes));
}

std::vector<workloads::Array> NetworkRunner::run(const std::vector<workloads::Array>& inputs,
                                                 Arithmetic arithmetic, std::uint64_t image) {
  arithmetic_ = arithmetic;
  image_ = image;
  return executor_->run(inputs);
}

void NetworkRunner::observe(const std::vector<workloads::Array>& inputs) {
  observes_ = true;
  (void)run(inputs, Arithmetic::kIntegers);
  observes_ = false;
}

void NetworkRunner::count_inputs(bool counts) {
  counts_inputs_ = counts;
  if (!counts || !counters_.empty()) return;
  for (const auto& layer : layers_) counters_.push_back(layer->input_counter());
}

std::vector<InputCounts> NetworkRunner::input_counts() const {
  std::vector<InputCounts> counts;
  counts.reserve(counters_.size());
  for (const InputCounter& counter : counters_) counts.push_back(counter.counts());
  return counts;
}

void NetworkRunner::count_kept_reads(const std::vector<arch::LayerLayout>& layouts,
                                     const arch::MacroSpec& macro, int macros_per_core) {
  read_counters_.clear();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    read_counters_.push_back(layers_[i]->read_counter(layouts[i], macro, macros_per_core));
  }
}

std::vector<LayerReads> NetworkRunner::kept_reads() const {
  std::vector<LayerReads> reads;
  reads.reserve(read_counters_.size());
  for (const auto& counter : read_counters_) reads.push_back(counter->reads());
  return reads;
}

void NetworkRunner::set_ranges(int adc_bits, AdcRange range) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i]->set_ranges(sums_[i], adc_bits, range);
  }
}

ReadCounts NetworkRunner::reads() const {
  ReadCounts total;
  for (const LayerCounts& layer : counts_) total.add(layer.reads);
  return total;
}

}  // namespace pimento::exact
