// SPDX-License-Identifier: Apache-2.0
#include "workloads/descriptor_operations.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace pimento::workloads {
namespace {

constexpr IntRange kWindowStep{1, kMaxWindow};
constexpr IntRange kPad{0, kMaxWindow};
constexpr RealRange kAnyNumber{std::numeric_limits<double>::lowest(),
                               std::numeric_limits<double>::max()};

// One number for both axes, or [height, width].
std::array<std::int64_t, 2> read_pair(ConfigMap& map, std::string_view key, IntRange range) {
  if (!map.is_list(key)) {
    const std::int64_t both = map.integer(key, range);
    return {both, both};
  }
  ConfigList list = map.list(key);
  if (list.size() != 2) {
    map.problem(
        key, fmt::format("found {} numbers; expected one number or [height, width]", list.size()));
    return {range.min, range.min};
  }
  return {list.integer(0, range), list.integer(1, range)};
}

std::array<std::int64_t, 2> read_pair_or(ConfigMap& map, std::string_view key,
                                         std::array<std::int64_t, 2> otherwise, IntRange range) {
  return map.has(key) ? read_pair(map, key, range) : otherwise;
}

std::array<std::int64_t, 4> read_pads(ConfigMap& map) {
  if (!map.has("pad")) return {0, 0, 0, 0};
  if (!map.is_list("pad")) {
    const std::int64_t all = map.integer("pad", kPad);
    return {all, all, all, all};
  }
  ConfigList list = map.list("pad");
  if (list.size() == 2) {
    const std::int64_t rows = list.integer(0, kPad);
    const std::int64_t columns = list.integer(1, kPad);
    return {rows, columns, rows, columns};
  }
  if (list.size() == 4) {
    return {list.integer(0, kPad), list.integer(1, kPad), list.integer(2, kPad),
            list.integer(3, kPad)};
  }
  map.problem("pad", fmt::format("found {} numbers; expected one number, [height, width] or "
                                 "[top, left, bottom, right]",
                                 list.size()));
  return {0, 0, 0, 0};
}

Operation read_conv(ConfigMap& map) {
  Conv conv;
  conv.out_channels = map.integer("out_channels", kExtent);
  conv.groups = map.integer_or("groups", 1, kExtent);
  conv.window.kernel = read_pair(map, "kernel", kWindowStep);
  conv.window.stride = read_pair_or(map, "stride", {1, 1}, kWindowStep);
  conv.window.dilation = read_pair_or(map, "dilation", {1, 1}, kWindowStep);
  conv.window.pads = read_pads(map);
  return conv;
}

Operation read_linear(ConfigMap& map) {
  return Linear{.out_features = map.integer("out_features", kExtent)};
}

// As in PyTorch, windows that do not overlap unless a stride says so.
template <PoolKind Kind>
Operation read_pool(ConfigMap& map) {
  Pool pool;
  pool.kind = Kind;
  pool.window.kernel = read_pair(map, "kernel", kWindowStep);
  pool.window.stride = read_pair_or(map, "stride", pool.window.kernel, kWindowStep);
  pool.window.pads = read_pads(map);
  pool.window.ceil_mode = map.boolean_or("ceil_mode", false);
  if (Kind == PoolKind::kMax) {
    pool.window.dilation = read_pair_or(map, "dilation", {1, 1}, kWindowStep);
  } else {
    pool.count_padding = map.boolean_or("count_padding", false);
  }
  return pool;
}

template <PoolKind Kind>
Operation read_global_pool(ConfigMap&) {
  return GlobalPool{.kind = Kind};
}

Operation read_batch_norm(ConfigMap& map) {
  return BatchNorm{.epsilon = map.number_or("epsilon", 1e-5, {0.0, 1.0})};
}

Operation read_clip(ConfigMap& map) {
  return Clip{.min = map.number("min", kAnyNumber), .max = map.number("max", kAnyNumber)};
}

Operation read_reshape(ConfigMap& map) {
  return Reshape{.shape = read_shape(map, "shape", {-1, kMaxElements})};
}

template <class Plain>
Operation read_plain(ConfigMap&) {
  return Plain{};
}

constexpr std::array<std::pair<std::string_view, DigitalWork>, 4> kWorks{
    {{"moves", DigitalWork::kMove},
     {"elementwise", DigitalWork::kElementwise},
     {"reduces", DigitalWork::kReduce},
     {"multiplies", DigitalWork::kMatrix}}};

// Counted as an operator of a model would be (see digital_operation()); its inputs are not known
// here. A product of two computed matrices says how many products each of its values sums.
Operation read_digital(ConfigMap& map) {
  Digital digital;
  digital.op = map.text("operator");
  if (map.has("operator") && (digital.op.empty() || digital.op.size() > kMaxNameLength)) {
    map.problem("operator", "expected the operator's name, of 1 to 512 characters");
  }
  digital.work = map.choice<DigitalWork>("work", kWorks);
  digital.shape = read_shape(map, "shape", kExtent);
  const auto made = checked_product(digital.shape);
  if (!made || *made >= kMaxElements) return digital;  // refused with the layer
  digital.operations = *made;
  if (digital.work != DigitalWork::kMatrix) return digital;
  const auto macs = checked_product(std::array{*made, map.integer("inner", kExtent)});
  if (!macs || *macs >= kMaxMacs) {
    map.problem("inner", "its multiply-accumulates are 2^60 or more; expected fewer");
    return digital;
  }
  digital.macs = *macs;
  digital.operations = *macs;
  return digital;
}

struct OperationReader {
  const char* word;
  Operation (*read)(ConfigMap&);
};

constexpr std::array kOperations{
    OperationReader{"conv", read_conv},
    OperationReader{"linear", read_linear},
    OperationReader{"max_pool", read_pool<PoolKind::kMax>},
    OperationReader{"average_pool", read_pool<PoolKind::kAverage>},
    OperationReader{"global_average_pool", read_global_pool<PoolKind::kAverage>},
    OperationReader{"global_max_pool", read_global_pool<PoolKind::kMax>},
    OperationReader{"add", read_plain<Add>},
    OperationReader{"batch_norm", read_batch_norm},
    OperationReader{"relu", read_plain<Relu>},
    OperationReader{"clip", read_clip},
    OperationReader{"softmax", read_plain<Softmax>},
    OperationReader{"flatten", read_plain<Flatten>},
    OperationReader{"reshape", read_reshape},
    OperationReader{"identity", read_plain<Identity>},
    OperationReader{"digital", read_digital},
};

// The fields of an operation nobody knows cannot be judged: takes them all as read.
void accept_all(ConfigMap& map) {
  for (const std::string& key : map.keys()) {
    if (map.is_list(key)) {
      (void)map.list(key);
    } else if (!map.is_map(key)) {
      (void)map.text(key);
    }
  }
}

}  // namespace

Shape read_shape(ConfigMap& map, std::string_view key, IntRange range) {
  ConfigList list = map.list(key);
  if (map.is_list(key) && (list.size() == 0 || list.size() > std::size_t{kMaxRank})) {
    map.problem(key, fmt::format("found {} extents; expected 1 to {}", list.size(), kMaxRank));
    return {1};
  }
  Shape shape;
  for (std::size_t i = 0; i < list.size(); ++i) shape.push_back(list.integer(i, range));
  return shape;
}

Operation read_operation(ConfigMap& map) {
  const std::string word = map.text("op");
  const auto known =
      std::find_if(kOperations.begin(), kOperations.end(),
                   [&](const OperationReader& reader) { return reader.word == word; });
  if (known != kOperations.end()) return known->read(map);
  if (map.has("op") && !map.is_list("op") && !map.is_map("op")) {
    std::vector<std::string> words;
    words.reserve(kOperations.size());
    for (const OperationReader& reader : kOperations) words.emplace_back(reader.word);
    const auto nearest = nearest_name(word, words);
    map.problem(
        "op",
        fmt::format("unknown operation \"{}\"; {}known operations: {}", printable(word),
                    nearest ? fmt::format("did you mean \"{}\"? ", *nearest) : "", join(words)));
  }
  accept_all(map);
  return Identity{};
}

}  // namespace pimento::workloads
