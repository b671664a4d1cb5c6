// SPDX-License-Identifier: Apache-2.0
// What executing a mapped network value by value has to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pimento::sim {

struct ExactLayer {
  std::string name;
  std::int64_t conversions = 0;
  std::int64_t saturated = 0;
  // Signal to error of the layer's products, in dB; none where nothing is lost.
  std::optional<double> sqnr_db;
  // Sums that columns were seen to have before their ADC, by value from `lowest_sum` on.
  std::int64_t lowest_sum = 0;
  std::vector<std::int64_t> sum_counts;
};

struct ExactReport {
  std::string inputs;  // "file test.npz", "synthetic uniform, seed 1"
  std::string adc;     // "6 bits, full range: 0 to 128 in steps of 2.032"
  std::int64_t images = 0;
  std::int64_t conversions = 0;
  std::int64_t saturated = 0;
  bool equals_reference = false;             // every output, bit for bit
  std::string device;                        // what cells are made of; empty: ideal ones
  std::vector<double> accuracies;            // of each seed, where the inputs have labels
  std::optional<double> reference_accuracy;  // of the same network without arrays
  double cpu_s_per_image = 0.0;
  std::vector<ExactLayer> layers;
  // Mean and standard deviation over the seeds; none without labels, or of a single seed.
  [[nodiscard]] std::optional<double> accuracy() const;
  [[nodiscard]] std::optional<double> accuracy_deviation() const;
  [[nodiscard]] double saturation_rate() const {
    return conversions == 0 ? 0.0 : double(saturated) / double(conversions);
  }
};

}  // namespace pimento::sim
