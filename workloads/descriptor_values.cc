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
#include "workloads/lowering/scales.h"
#include "workloads/operators/broadcast.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDynamic = "max_abs";
constexpr RealRange kBits{1, kMaxBits - 1};
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

std::optional<std::vector<std::int64_t>> planes_written(ConfigMap& map) {
  auto list = map.optional_list("planes");
  if (!list) return std::nullopt;
  std::vector<std::int64_t> planes;
  planes.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) planes.push_back(list->integer(i, {0, kMaxBits}));
  return planes;
}

void check_planes(ConfigMap& map, const std::vector<std::int64_t>& written, const Array& integers) {
  const std::vector<std::int64_t> found = planes_of(integers);
  if (written == found) return;
  map.problem("planes", fmt::format("found {} planes; the integers have ones in {} planes{}",
                                    written.size(), found.size(),
                                    found.empty() ? "" : fmt::format(", up to {}", found.back())));
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

Array DescriptorValues::numbers(ConfigMap& map, std::string_view key, RealRange range,
                                const Shape* shape) {
  Array harmless = real_array({}, {range.max}, ElementType::kFloat64);
  if (!map.has(key)) {
    (void)map.number(key, range);  // notes that it is missing
    return harmless;
  }
  const std::string written = map.text(key);
  if (file_ == nullptr) return harmless;
  if (!file_->contains(written)) {
    return real_array({}, {map.number(key, range)}, ElementType::kFloat64);
  }
  const auto constant = array(map, key);
  if (!constant || shape == nullptr) return harmless;
  Array values = as_reals(decode(*constant));
  const bool in_range = std::all_of(values.reals.begin(), values.reals.end(), [&](double value) {
    return value >= range.min && value <= range.max;
  });
  if (values.size() == 1) values.shape = {};
  const bool of_channels = values.shape.size() == 1 && !shape->empty();
  if (of_channels) values.shape.resize(shape->size(), 1);
  const auto common = broadcast_shape(values.shape, *shape);
  if (in_range && common && *common == *shape) return values;
  map.problem(key, fmt::format("array \"{}\" is {} of {}; expected numbers from {:g} to {:g}, one, "
                               "one an output channel, or as many as broadcast to the weights",
                               printable(written), name_of(constant->type),
                               to_string(constant->shape), range.min, range.max));
  return harmless;
}

// Everything but the integers.
WeightSource DescriptorValues::source_of(ConfigMap& map, const Shape* shape) {
  WeightSource source;
  source.is_signed = map.boolean_or("signed", true);
  const Array widths = numbers(map, "bits", kBits, shape);
  source.bits = static_cast<int>(*std::max_element(widths.reals.begin(), widths.reals.end()));
  if (widths.size() > 1) source.widths = widths;
  if (std::any_of(widths.reals.begin(), widths.reals.end(),
                  [](double bits) { return bits != std::floor(bits); })) {
    map.problem("bits", "expected whole numbers of bits");
  }
  source.scale = numbers(map, "scale", kScale, shape);
  source.zero_point = map.has("zero_point") ? numbers(map, "zero_point", kZeroPoint, shape)
                                            : real_array({}, {0.0}, ElementType::kFloat64);
  if (map.has("axis") && map.integer("axis", {0, kMaxRank}) != 0) {
    map.problem("axis", "expected 0: the output channels");
  }
  return source;
}

void DescriptorValues::read_stored(ConfigMap& map, Layer& layer,
                                   const std::optional<Constant>& constant) {
  const Encoding encoding =
      map.choice_or<Encoding>("encoding", Encoding::kTwosComplement, kEncodings);
  WeightSource source = source_of(map, constant ? &constant->shape : nullptr);
  const auto planes = planes_written(map);
  if (!constant) return;
  if (!is_integer(constant->type)) {
    map.problem("", fmt::format("the weights are {}; expected integers", name_of(constant->type)));
    return;
  }
  source.integers = decode(*constant);
  const Array& integers = *source.integers;
  if (planes) check_planes(map, *planes, integers);
  source.scale = broadcast_to(source.scale, integers.shape);
  source.zero_point = broadcast_to(source.zero_point, integers.shape);
  const bool one_width = source.widths.reals.empty();
  if (!one_width) source.widths = broadcast_to(source.widths, integers.shape);
  for (std::size_t i = 0; i < integers.integers.size(); ++i) {
    const int bits = one_width ? source.bits : static_cast<int>(source.widths.reals[i]);
    const Range range = range_of(bits, source.is_signed, encoding);
    const std::int64_t value = integers.integers[i];
    if (value >= range.low && value <= range.high) continue;
    map.problem("bits", fmt::format("weight {} is {}; {} bits hold {} to {}", i, value, bits,
                                    range.low, range.high));
    return;
  }
  if (encoding == Encoding::kSignMagnitude) {  // the sign is one bit more in two's complement
    source.bits += 1;
    for (double& bits : source.widths.reals) bits += 1.0;
    source.is_signed = true;
  }
  layer.stored = stored_weights(source);
  layer.precision.weight_bits = layer.stored->bits;
}

void DescriptorValues::read_weights(ConfigMap& map, Layer& layer) {
  auto weight = array(map, "weight");
  auto quantization = map.optional_map("weight_quantization");
  if (quantization) {
    read_stored(*quantization, layer, weight);
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
  quantizer.bits = static_cast<int>(field->integer("bits", {1, kMaxBits - 1}));
  quantizer.is_signed = field->boolean_or("signed", false);
  const Shape one;
  if (field->text("scale") != kDynamic) quantizer.scale = numbers(*field, "scale", kScale, &one);
  quantizer.zero_point =
      real_array({}, {field->number_or("zero_point", 0.0, kZeroPoint)}, ElementType::kFloat64);
  layer.precision.activation_bits = quantizer.bits;
  layer.input_quantizer = std::move(quantizer);
}

}  // namespace pimento::workloads
