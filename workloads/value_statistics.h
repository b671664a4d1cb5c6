// SPDX-License-Identifier: Apache-2.0
// What the weights and the inputs of layers look like: how far they reach, how many are zero, and
// how full their bit-planes are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "workloads/executor.h"
#include "workloads/network.h"

namespace pimento::workloads {

template <typename T>
struct Range {
  T low{};
  T high{};
  friend bool operator==(const Range&, const Range&) = default;
};

// Counts ones in each bit-plane of integers in two's complement.
class PlaneCounts {
 public:
  explicit PlaneCounts(int bits) : ones_(static_cast<std::size_t>(bits), 0) {}
  // Bits above those of the planes are copies of the sign, and not looked at.
  void add(std::int64_t value) {
    for (std::size_t bit = 0; bit < ones_.size(); ++bit) ones_[bit] += (value >> bit) & 1;
  }
  // Shares of ones among `count` integers, least significant plane first.
  [[nodiscard]] std::vector<double> shares(std::int64_t count) const;

 private:
  std::vector<std::int64_t> ones_;
};

struct WeightStatistics {
  Range<std::int32_t> integers;        // at the layer's bits, see integer_weights()
  std::optional<Range<double>> reals;  // of the file's weights; none where they are synthetic
  double zeros = 0.0;                  // share of the integers
  std::vector<double> ones;            // share in each bit-plane, least significant first
};

// Of the layer at `index`, which has weights. Throws what integer_weights() throws.
[[nodiscard]] WeightStatistics weight_statistics(const Network& network, int index);

struct InputStatistics {
  Range<double> reals;
  double zeros = 0.0;  // share of the values that stand for 0
  // Share of ones in each bit-plane of the integers, least significant first. Empty where the
  // network does not say what the integers are, or finds their scale anew for every tensor.
  std::vector<double> ones;
};

// Looks at what layers with weights read while the network runs.
class InputRecorder {
 public:
  // The network must outlive the recorder, and have a graph.
  explicit InputRecorder(const Network& network);

  // Runs the network once. Throws what Executor::run throws.
  void add(const std::vector<Array>& inputs);
  // Of everything added, by index of the layer.
  [[nodiscard]] std::map<int, InputStatistics> statistics() const;

 private:
  struct Record {
    explicit Record(int bits) : planes(bits) {}
    Range<double> reals;
    std::int64_t count = 0;
    std::int64_t zeros = 0;
    PlaneCounts planes;
  };
  void look_at(const Layer& layer, const Array& array, Record& record) const;

  const Network& network_;
  Executor executor_;
  std::multimap<int, int> layers_of_value_;
  std::map<int, Record> records_;  // by layer
};

}  // namespace pimento::workloads
