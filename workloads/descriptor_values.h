// SPDX-License-Identifier: Apache-2.0
// The values of a descriptor's layers: arrays of an .npz file beside it, and how they are
// quantized.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/config_reader.h"
#include "workloads/archive/npz.h"
#include "workloads/layer.h"
#include "workloads/lowering/stored_weights.h"

namespace pimento::workloads {

class DescriptorValues {
 public:
  // `weights` is the descriptor's field of that name, `descriptor` the file it stands in. Mistakes
  // are noted there.
  void open(ConfigMap& weights, const std::string& descriptor);
  // Whether the descriptor gives values.
  [[nodiscard]] bool are_given() const { return are_given_; }
  [[nodiscard]] const std::string& file_name() const { return name_; }

  // Reads the fields of values of a layer; each mistake is noted at the layer.
  void read_weights(ConfigMap& map, Layer& layer);
  void read_batch_norm(ConfigMap& map, Layer& layer);
  void read_input_quantizer(ConfigMap& map, Layer& layer);

 private:
  [[nodiscard]] std::optional<Constant> array(ConfigMap& map, std::string_view key);
  // A number, or an array: of one, of one a channel, or in any shape that broadcasts to `shape`,
  // which is null where the weights could not be read.
  [[nodiscard]] Array numbers(ConfigMap& map, std::string_view key, RealRange range,
                              const Shape* shape);
  [[nodiscard]] WeightSource source_of(ConfigMap& map, const Shape* shape);
  void read_stored(ConfigMap& map, Layer& layer, const std::optional<Constant>& integers);

  bool are_given_ = false;
  std::string name_;
  std::unique_ptr<NpzFile> file_;  // null where it could not be opened
};

}  // namespace pimento::workloads
