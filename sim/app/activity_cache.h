// SPDX-License-Identifier: Apache-2.0
// Counts of what rows were driven with, kept on disk, so that chips and mappings that differ pay
// for the run of the network once: NETWORK.activity.npz beside a network's file, and in
// $XDG_CACHE_HOME/pimento (~/.cache/pimento) for networks that travel with the program.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/exact/input_counts.h"
#include "workloads/archive/npz.h"
#include "workloads/network.h"

namespace pimento::app {

// What the counts of a layer must look like to be those of a network.
struct CountsShape {
  std::int64_t blocks = 1;
  std::int64_t rows = 0;
  std::int64_t vectors = 0;  // of all images
  exact::InputFormat input;
  std::array<std::int64_t, 2> copies{1, 1};  // of the kernel: rows are those of a window of them
};

// One file holds counts of several runs (other policies, other images), each with the text of its
// key: everything that decides about them, large values by their digest. The file is replaced as a
// whole; two programs that write it at once lose one of the two entries, never the file.
class ActivityCache {
 public:
  // `network` has values and its precisions. One that is quiet tells only of files it cannot use.
  ActivityCache(const workloads::Network& network,
                const std::vector<std::vector<workloads::Array>>& images,
                std::vector<CountsShape> shapes, bool is_quiet);

  // None where there are none for this key. A file that cannot be read, or does not hold what its
  // names say, gives a message and none.
  [[nodiscard]] std::optional<std::vector<exact::InputCounts>> load() const;
  // A place that cannot be written gives a message.
  void save(const std::vector<exact::InputCounts>& counts) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::string& key() const { return key_; }

 private:
  [[nodiscard]] std::string entry(const std::string& name) const { return name_ + "." + name; }
  [[nodiscard]] exact::InputCounts read_layer(workloads::NpzFile& file, std::size_t layer) const;
  void add_layer(std::map<std::string, workloads::Constant>& arrays, std::size_t layer,
                 const exact::InputCounts& counts) const;

  std::filesystem::path path_;
  std::string key_;
  std::string name_;  // digest of the key
  std::vector<CountsShape> shapes_;
  bool is_quiet_;
};

}  // namespace pimento::app
