// SPDX-License-Identifier: Apache-2.0
#include "sim/app/activity_cache.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/app/output.h"
#include "sim/app/version.h"
#include "sim/sweep/result_store.h"
#include "workloads/archive/npz.h"

namespace pimento::app {
namespace {

using exact::InputCounts;
using workloads::Array;
using workloads::Constant;

constexpr const char* kSchema = "pimento/activity/1";
constexpr std::size_t kDigits = 32;       // of a digest
constexpr std::size_t kMostEntries = 16;  // of a file

template <class T>
std::string digest_of(std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  return sim::digest({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string describe(const Array& array) {
  return fmt::format("{} {} {} {}", workloads::name_of(array.type), fmt::join(array.shape, "x"),
                     digest_of(std::span(array.reals)), digest_of(std::span(array.integers)));
}

std::string describe(const Constant& constant) {
  return fmt::format("{} {} {}", workloads::name_of(constant.type), fmt::join(constant.shape, "x"),
                     digest_of(constant.bytes));
}

std::string describe(const workloads::Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> std::string {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, Constant>) {
          return describe(value);
        } else {
          return fmt::format("{}", value);
        }
      },
      attribute);
}

// Operators and constants, in the graph's order; names play no part.
std::string describe(const workloads::Graph& graph) {
  std::string text = fmt::format("graph {} -> {}\n", graph.inputs, graph.outputs);
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const workloads::Value& value = graph.values[i];
    text += fmt::format("value {} {} {}", i, workloads::name_of(value.type),
                        fmt::join(value.shape, "x"));
    text += value.constant ? " = " + describe(*value.constant) + "\n" : "\n";
  }
  for (const workloads::Node& node : graph.nodes) {
    text += fmt::format("node {} {} {} -> {}", node.op, node.version, node.inputs, node.outputs);
    for (const auto& [name, attribute] : node.attributes) {
      text += fmt::format(" {}={}", name, describe(attribute));
    }
    text += "\n";
  }
  return text;
}

std::string describe_layers(const workloads::Network& network,
                            const std::vector<CountsShape>& shapes) {
  std::string text;
  std::size_t next = 0;
  for (const int index : network.weight_layers()) {
    const workloads::Layer& layer = network.layers[static_cast<std::size_t>(index)];
    const CountsShape& shape = shapes.at(next++);
    const std::vector<std::int32_t> weights = workloads::integer_weights(network, index);
    const workloads::WeightGrid grid = workloads::weight_grid(network, index);
    text +=
        fmt::format("layer {}: node {}, {} vectors, weights {} bits {} x {} - {}, inputs {}{}",
                    layer.name, layer.node, shape.vectors, layer.precision.weight_bits,
                    digest_of(std::span(weights)), describe(grid.scale), describe(grid.zero_point),
                    shape.input.is_signed ? "s" : "u", shape.input.bits);
    if (shape.copies[0] * shape.copies[1] > 1) {
      text += fmt::format(", windows of {} x {}", shape.copies[0], shape.copies[1]);
    }
    if (layer.input_quantizer) {
      const workloads::InputQuantizer& quantizer = *layer.input_quantizer;
      text += fmt::format(", {} bits {} - {}", quantizer.bits, describe(quantizer.scale),
                          describe(quantizer.zero_point));
    }
    text += "\n";
  }
  return text;
}

// Empty where there is no place.
std::filesystem::path place_of(const std::string& network_file) {
  constexpr std::string_view kEmbedded = "embedded:";
  constexpr const char* kExtension = ".activity.npz";
  if (!network_file.starts_with(kEmbedded)) return network_file + kExtension;
  std::filesystem::path folder;
  const auto set = [](const char* value) { return value != nullptr && *value == '/'; };
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); set(cache)) {
    folder = cache;
  } else if (const char* home = std::getenv("HOME"); set(home)) {
    folder = std::filesystem::path(home) / ".cache";
  } else {
    return {};
  }
  const std::filesystem::path name = std::filesystem::path(network_file).filename();
  return folder / "pimento" / (name.string() + kExtension);
}

// DIGEST.NAME, as save() names entries.
bool is_ours(std::string_view name) {
  return name.size() > kDigits && name[kDigits] == '.' &&
         name.substr(0, kDigits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The entries of a file that are kept beside a new one. Throws InputError where they cannot be
// read.
std::map<std::string, Constant> entries_beside(workloads::NpzFile& file, const std::string& mine) {
  std::map<std::string, Constant> entries;
  std::set<std::string> keys;
  for (const std::string& name : file.names()) {
    if (name.starts_with(mine)) continue;
    keys.insert(name.substr(0, kDigits));
    entries[name] = file.read(name);
  }
  if (keys.size() >= kMostEntries) entries.clear();
  return entries;
}

// Throws InputError "array: message" where an array is not what it should be.
std::vector<std::int64_t> read_integers(workloads::NpzFile& file, const std::string& name,
                                        const workloads::Shape& shape) {
  const Constant constant = file.read(name);
  if (constant.type != workloads::ElementType::kInt64 || constant.shape != shape) {
    throw InputError(fmt::format("{}: found {} of {}; expected int64 of {}", name,
                                 workloads::name_of(constant.type),
                                 fmt::join(constant.shape, " x "), fmt::join(shape, " x ")));
  }
  return workloads::decode(constant).integers;
}

// No bit can be one more often than there are vectors, nor two at once more often than one.
bool is_possible(const InputCounts& counts, std::int64_t vectors) {
  for (std::int64_t block = 0; block < counts.blocks(); ++block) {
    if (counts.vectors(block) != vectors) return false;
    for (std::int64_t row = 0; row < counts.rows(); ++row) {
      for (int a = 0; a < counts.input().bits; ++a) {
        const std::int64_t ones = counts.both(block, row, a, a);
        if (ones < 0 || ones > vectors) return false;
        for (int b = 0; b < a; ++b) {
          const std::int64_t both = counts.both(block, row, a, b);
          const std::int64_t most = std::min(ones, counts.both(block, row, b, b));
          if (both < 0 || both > most) return false;
        }
      }
    }
  }
  return true;
}

}  // namespace

ActivityCache::ActivityCache(const workloads::Network& network,
                             const std::vector<std::vector<Array>>& images,
                             std::vector<CountsShape> shapes, bool is_quiet)
    : path_(place_of(network.source)), shapes_(std::move(shapes)), is_quiet_(is_quiet) {
  ensure(network.graph != nullptr, "activity of a network without values");
  key_ = fmt::format("{} of pimento {}\n{} images\n", kSchema, kVersion, images.size());
  for (const std::vector<Array>& image : images) {
    for (const Array& input : image) key_ += describe(input) + "\n";
  }
  key_ += describe_layers(network, shapes_) + describe(*network.graph);
  name_ = sim::digest(key_);
}

std::optional<std::vector<InputCounts>> ActivityCache::load() const {
  std::error_code missing;
  if (path_.empty() || !std::filesystem::exists(path_, missing)) return std::nullopt;
  try {
    workloads::NpzFile file(path_);
    if (!file.contains(entry("key"))) return std::nullopt;
    const Constant key = file.read(entry("key"));
    const std::string_view text(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    if (text != key_) return std::nullopt;
    std::vector<InputCounts> result;
    result.reserve(shapes_.size());
    for (std::size_t i = 0; i < shapes_.size(); ++i) {
      result.push_back(read_layer(file, i));
    }
    if (!is_quiet_) {
      print_message(fmt::format("activity: read from {}", printable(path_.string(), 200)));
    }
    return result;
  } catch (const InputError& error) {
    print_message(
        fmt::format("activity: {} is not used: {}", printable(path_.string(), 200), error.what()));
    return std::nullopt;
  }
}

InputCounts ActivityCache::read_layer(workloads::NpzFile& file, std::size_t layer) const {
  const CountsShape& shape = shapes_[layer];
  InputCounts counts(shape.blocks, shape.rows, shape.input);
  const auto pairs = InputCounts::pair_count(shape.input.bits);
  const std::vector<std::int64_t> found =
      read_integers(file, entry(fmt::format("{}.pairs", layer)),
                    {shape.blocks, shape.rows, static_cast<std::int64_t>(pairs)});
  auto from = found.begin();
  for (std::int64_t block = 0; block < shape.blocks; ++block) {
    for (std::int64_t row = 0; row < shape.rows; ++row) {
      std::copy_n(from, pairs, counts.pairs(block, row).begin());
      from += static_cast<std::ptrdiff_t>(pairs);
    }
  }
  const std::vector<std::int64_t> vectors =
      read_integers(file, entry(fmt::format("{}.vectors", layer)), {shape.blocks});
  for (std::int64_t block = 0; block < shape.blocks; ++block) {
    counts.set_vectors(block, vectors[static_cast<std::size_t>(block)]);
  }
  if (!is_possible(counts, shape.vectors)) {
    throw InputError(fmt::format("{}: counts that no {} vectors have",
                                 entry(fmt::format("{}.pairs", layer)), shape.vectors));
  }
  return counts;
}

void ActivityCache::save(const std::vector<InputCounts>& counts) const {
  if (path_.empty()) return;
  std::map<std::string, Constant> arrays;
  try {
    std::error_code missing;
    if (std::filesystem::exists(path_, missing)) {
      workloads::NpzFile file(path_);
      const std::vector<std::string> names = file.names();
      if (!std::all_of(names.begin(), names.end(), is_ours)) {
        print_message(fmt::format("activity: not kept: {} holds other arrays",
                                  printable(path_.string(), 200)));
        return;
      }
      arrays = entries_beside(file, name_);
    }
  } catch (const InputError&) {
    arrays.clear();  // damaged: load() said so
  }
  for (std::size_t i = 0; i < counts.size(); ++i) add_layer(arrays, i, counts[i]);
  std::vector<std::byte> key(key_.size());
  std::transform(key_.begin(), key_.end(), key.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  arrays[entry("key")] =
      workloads::make_constant(workloads::ElementType::kUint8, {std::ssize(key_)}, std::move(key));
  try {
    workloads::write_npz(path_, arrays);
    if (!is_quiet_) {
      print_message(fmt::format("activity: kept in {}", printable(path_.string(), 200)));
    }
  } catch (const InputError& error) {
    print_message(fmt::format("activity: not kept: {}", error.what()));
  }
}

void ActivityCache::add_layer(std::map<std::string, Constant>& arrays, std::size_t layer,
                              const InputCounts& counts) const {
  const auto pairs = static_cast<std::int64_t>(InputCounts::pair_count(counts.input().bits));
  std::vector<std::int64_t> vectors;
  vectors.reserve(static_cast<std::size_t>(counts.blocks()));
  for (std::int64_t block = 0; block < counts.blocks(); ++block) {
    vectors.push_back(counts.vectors(block));
  }
  arrays[entry(fmt::format("{}.pairs", layer))] = workloads::encode(
      workloads::integer_array({counts.blocks(), counts.rows(), pairs}, counts.pairs()));
  arrays[entry(fmt::format("{}.vectors", layer))] =
      workloads::encode(workloads::integer_array({counts.blocks()}, std::move(vectors)));
}

}  // namespace pimento::app
