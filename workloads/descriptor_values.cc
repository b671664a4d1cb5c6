// SPDX-License-Identifier: Apache-2.0
#include "workloads/descriptor_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/limits.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDynamic = "max_abs";
constexpr IntRange kBits{1, kMaxBits - 1};
constexpr RealRange kScale{std::numeric_limits<double>::min(), 1e30};
constexpr RealRange kZeroPoint{-0x1p40, 0x1p40};

enum class Encoding { kTwosComplement, kSignMagnitude };
constexpr std::array<std::pair<std::string_view, Encoding>, 2> kEncodings{
    {{"twos_complement", Encoding::kTwosComplement}, {"sign_magnitude", Encoding::kSignMagnitude}}};

// A path beside the descriptor, and nowhere else.
bool stays_beside(const fs::path& path) {
  return !path.empty() && !path.is_absolute() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

Range range_of(int bits, bool has_sign, Encoding encoding) {
  if (encoding == Encoding::kSignMagnitude) {
    const std::int64_t most = (std::int64_t{1} << bits) - 1;
    return {-most, most};
  }
  if (!has_sign) return {0, (std::int64_t{1} << bits) - 1};
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return {-half, half - 1};
}

// The magnitude planes that hold any one.
std::vector<std::int64_t> planes_of(const Array& integers) {
  std::uint64_t seen = 0;
  for (const std::int64_t value : integers.integers) {
    seen |= static_cast<std::uint64_t>(std::abs(value));
  }
  std::vector<std::int64_t> planes;
  for (std::int64_t bit = 0; bit < 63; ++bit) {
    if ((seen >> bit & 1U) != 0) planes.push_back(bit);
  }
  return planes;
}

void check_planes(ConfigMap& map, const Array& integers) {
  auto list = map.optional_list("planes");
  if (!list) return;
  std::vector<std::int64_t> written;
  written.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    written.push_back(list->integer(i, {0, kMaxBits}));
  }
  const std::vector<std::int64_t> found = planes_of(integers);
  if (written != found) {
    map.problem(
        "planes",
        fmt::format("found {} planes; the integers have ones in {} planes{}", written.size(),
                    found.size(), found.empty() ? "" : fmt::format(", up to {}", found.back())));
  }
}

}  // namespace

void DescriptorValues::open(ConfigMap& weights, const std::string& descriptor) {
  are_given_ = true;
  const std::string written = weights.text("file");
  if (written.empty()) return;
  const fs::path path(written);
  if (!stays_beside(path) || descriptor.starts_with("embedded:")) {
    weights.problem("file", fmt::format("found \"{}\"; expected an .npz file beside the descriptor",
                                        printable(written)));
    return;
  }
  const fs::path place = fs::path(descriptor).parent_path() / path;
  try {
    file_ = std::make_unique<NpzFile>(place);
    name_ = place.string();
  } catch (const InputError& error) {
    weights.problem("file", error.what());
  }
}

std::optional<Constant> DescriptorValues::array(ConfigMap& map, std::string_view key) {
  const std::string name = map.text(key);
  if (name.empty() || file_ == nullptr) return std::nullopt;
  try {
    return file_->read(name);
  } catch (const InputError& error) {
    map.problem(key, error.what());
    return std::nullopt;
  }
}

// A number, or an array with a value a channel. Channels run along the first axis of the weights.
Array DescriptorValues::scale_of(ConfigMap& map, const Shape* channels) {
  const std::string written = map.text("scale");
  if (file_ == nullptr) return real_array({}, {1.0});
  if (!file_->contains(written)) return real_array({}, {map.number("scale", kScale)});
  auto constant = array(map, "scale");
  if (!constant) return real_array({}, {1.0});
  Array scale = decode(*constant);
  const bool positive = std::all_of(scale.reals.begin(), scale.reals.end(),
                                    [](double v) { return v > 0.0 && std::isfinite(v); });
  const std::int64_t wanted = channels == nullptr || channels->empty() ? 1 : channels->front();
  if (scale.holds_integers() || !positive || (scale.size() != 1 && scale.size() != wanted)) {
    map.problem("scale", fmt::format("array \"{}\" is {} of {}; expected one real number above 0, "
                                     "or {}",
                                     printable(written), name_of(scale.type),
                                     to_string(scale.shape), wanted));
    return real_array({}, {1.0});
  }
  if (scale.size() == 1 || channels == nullptr) {
    scale.shape = {};
  } else {
    scale.shape = Shape(channels->size(), 1);
    scale.shape.front() = wanted;
  }
  return scale;
}

void DescriptorValues::read_stored(ConfigMap& map, Layer& layer, const Constant& constant) {
  Array integers = decode(constant);
  const int bits = static_cast<int>(map.integer("bits", kBits));
  const bool has_sign = map.boolean_or("signed", true);
  const Encoding encoding =
      map.choice_or<Encoding>("encoding", Encoding::kTwosComplement, kEncodings);
  StoredWeights stored;
  stored.scale = scale_of(map, &constant.shape);
  const double zero_point = map.number_or("zero_point", 0.0, kZeroPoint);
  if (map.has("axis") && map.integer("axis", {0, kMaxRank}) != 0) {
    map.problem("axis", "expected 0: the output channels");
  }
  if (!integers.holds_integers()) {
    map.problem("", fmt::format("the weights are {}; expected integers", name_of(integers.type)));
    return;
  }
  check_planes(map, integers);
  const Range range = range_of(bits, has_sign, encoding);
  const auto outside =
      std::find_if(integers.integers.begin(), integers.integers.end(),
                   [&](std::int64_t value) { return value < range.low || value > range.high; });
  if (outside != integers.integers.end()) {
    map.problem("bits", fmt::format("weight {} is {}; {} bits hold {} to {}",
                                    outside - integers.integers.begin(), *outside, bits, range.low,
                                    range.high));
    return;
  }
  // The sign of a magnitude is one bit more in two's complement.
  stored.bits = encoding == Encoding::kSignMagnitude ? bits + 1 : bits;
  double shift = 0.0;
  if (encoding == Encoding::kTwosComplement && !has_sign) {
    shift = std::exp2(bits - 1);
    for (std::int64_t& value : integers.integers) value -= static_cast<std::int64_t>(shift);
  }
  stored.zero_point = real_array({}, {zero_point - shift}, ElementType::kFloat64);
  integers.type = ElementType::kInt32;
  stored.integers = encode(integers);
  layer.precision.weight_bits = stored.bits;
  layer.stored = std::move(stored);
}

void DescriptorValues::read_weights(ConfigMap& map, Layer& layer) {
  auto weight = array(map, "weight");
  auto quantization = map.optional_map("weight_quantization");
  if (weight && quantization) {
    read_stored(*quantization, layer, *weight);
  } else if (weight && is_integer(weight->type)) {
    map.problem("weight", fmt::format("the array is {}; expected real numbers, or the field "
                                      "\"weight_quantization\" beside it",
                                      name_of(weight->type)));
  } else if (weight) {
    layer.weight = std::move(weight);
  }
  read_input_quantizer(map, layer);
  if (!map.has("bias")) return;
  const std::string bias = map.text("bias");
  if (bias == "false") return;
  if (bias == "true") {
    map.problem("bias", "found true; expected the name of an array, as the weights are given");
    return;
  }
  layer.bias = array(map, "bias");
}

void DescriptorValues::read_batch_norm(ConfigMap& map, Layer& layer) {
  constexpr std::array kNames{"scale", "shift", "mean", "variance"};
  for (std::size_t i = 0; i < kNames.size(); ++i) layer.batch_norm[i] = array(map, kNames[i]);
  const std::optional<Constant>& known = layer.batch_norm[3];
  if (!known) return;
  const Array variance = decode(*known);
  if (std::any_of(variance.reals.begin(), variance.reals.end(),
                  [](double v) { return !(v >= 0.0); })) {
    map.problem("variance", "a variance is negative or no number; expected 0 or more");
  }
}

void DescriptorValues::read_input_quantizer(ConfigMap& map, Layer& layer) {
  auto field = map.optional_map("input_quantization");
  if (!field) return;
  InputQuantizer quantizer;
  quantizer.bits = static_cast<int>(field->integer("bits", kBits));
  quantizer.is_signed = field->boolean_or("signed", false);
  if (field->text("scale") != kDynamic) quantizer.scale = scale_of(*field, nullptr);
  quantizer.zero_point =
      real_array({}, {field->number_or("zero_point", 0.0, kZeroPoint)}, ElementType::kFloat64);
  layer.precision.activation_bits = quantizer.bits;
  layer.input_quantizer = std::move(quantizer);
}

}  // namespace pimento::workloads
