// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/cell_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/random.h"

namespace pimento::devices {
namespace {

// The table of 1/f noise reaches to twice the conductance the curve refers to; its steps are small
// enough that straight lines between them are off by less than a thousandth, shown in the test.
constexpr int kSteps = 8192;
constexpr double kReach = 2.0;

// 32 random bits for each row of a column. Four rows share a block of the generator.
class RowBits {
 public:
  RowBits(std::uint64_t seed, const char* use, std::int64_t macro, std::int64_t column)
      : random_(seed, stream_of(use) + static_cast<std::uint64_t>(macro)),
        column_(static_cast<std::uint64_t>(column)) {}

  std::uint32_t at(std::uint64_t row) {
    if (row / 4 != block_) {
      block_ = row / 4;
      words_ = random_.words(block_ << 32 | column_);
    }
    return words_[row % 4];
  }

 private:
  CounterRandom random_;
  std::uint64_t column_;
  std::uint64_t block_ = ~std::uint64_t{0};
  std::array<std::uint32_t, 4> words_{};
};

}  // namespace

struct CellModel::Draws {
  RowBits stuck;
  RowBits programming;
  RowBits drift;
};

CellModel::CellModel(const arch::DeviceSpec& device, int cell_bits, std::uint64_t seed)
    : seed_(seed),
      normal_(&NormalTable::shared()),
      programming_(device.programming.kind),
      sigma_(device.programming.sigma),
      drift_(device.drift.kind),
      noise_(device.read_noise),
      stuck_(device.stuck),
      lowest_(device.lowest.value()),
      highest_(device.highest.value()) {
  ensure(cell_bits >= 1 && cell_bits <= 8, "a cell has 1 to 8 bits");
  const int highest_level = (1 << cell_bits) - 1;
  offset_ = device.reference_column ? lowest_ : 0.0;
  levels_per_siemens_ = highest_level / (highest_ - offset_);
  for (int i = 0; i <= highest_level; ++i) levels_.push_back(level_of(device, i, highest_level));
  changes_levels_ = programming_ != arch::ProgrammingKind::kNone ||
                    drift_ != arch::DriftKind::kNone || stuck_.lowest + stuck_.highest > 0.0;
  if (noise_.kind == arch::ReadNoiseKind::kOneOverF) tabulate_one_over_f(device);
}

CellModel::Level CellModel::level_of(const arch::DeviceSpec& device, int index, int highest) const {
  Level level;
  level.meant = lowest_ + (highest_ - lowest_) * index / highest;
  level.undisturbed = offset_ == lowest_
                          ? static_cast<float>(index)
                          : static_cast<float>((level.meant - offset_) * levels_per_siemens_);
  const auto meant = from_si<Conductance>(level.meant);
  if (programming_ == arch::ProgrammingKind::kPolynomial) {
    level.programming_deviation = device.programming.deviation.at(meant).value();
  } else if (programming_ == arch::ProgrammingKind::kRelative) {
    level.programming_deviation = sigma_ * level.meant;
  }
  if (drift_ == arch::DriftKind::kNone) return level;
  const arch::DriftSpec& drift = device.drift;
  const double elapsed = std::log(device.time / drift.reference_time);
  if (drift_ == arch::DriftKind::kPowerLaw) {
    const double x = meant / drift.of;
    level.drift_mean = drift.mean.at(x) * elapsed;
    level.drift_deviation = drift.deviation.at(x) * elapsed;
  } else {
    level.drift_mean = drift.shift.value() * elapsed;
    level.drift_deviation = drift.spread.value() + drift.slope.value() * elapsed;
  }
  return level;
}

void CellModel::tabulate_one_over_f(const arch::DeviceSpec& device) {
  steps_per_siemens_ = kSteps / kReach / noise_.of.value();
  const double windows = device.time / noise_.window;
  one_over_f_growth_ = std::sqrt(std::log((windows + 1.0) / 2.0));
  for (int i = 0; i <= kSteps; ++i) {
    one_over_f_.push_back(noise_.relative.at(kReach * i / kSteps));
  }
}

void CellModel::program(std::int64_t macro, std::int64_t at_row, std::int64_t at_column,
                        std::span<const std::uint8_t> wanted, std::span<float> levels,
                        std::span<float> read_variances) const {
  ensure(levels.size() == wanted.size(), "as many levels come out as are programmed");
  ensure(read_variances.size() == wanted.size() || (read_variances.empty() && !has_read_noise()),
         "a cell that is read with noise has a variance");
  std::fill(read_variances.begin(), read_variances.end(), 0.0F);
  Draws draws{RowBits(seed_, "stuck cells", macro, at_column),
              RowBits(seed_, "programming of cells", macro, at_column),
              RowBits(seed_, "drift of cells", macro, at_column)};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ensure(wanted[i] < levels_.size(), "a level beyond the cell's bits");
    const Level& level = levels_[wanted[i]];
    Cell cell{level.meant, level.meant};
    levels[i] = level.undisturbed;
    if (changes_levels_) {
      cell = cell_at(level, static_cast<std::uint64_t>(at_row) + i, draws);
      levels[i] = static_cast<float>((cell.conductance - offset_) * levels_per_siemens_);
    }
    if (has_read_noise()) {
      const double deviation = read_deviation(cell) * levels_per_siemens_;
      read_variances[i] = static_cast<float>(deviation * deviation);
    }
  }
}

CellModel::Cell CellModel::cell_at(const Level& level, std::uint64_t row, Draws& draws) const {
  if (stuck_.lowest + stuck_.highest > 0.0) {
    const double draw = draws.stuck.at(row) * 0x1p-32;
    if (draw < stuck_.lowest) return {lowest_, lowest_};
    if (draw < stuck_.lowest + stuck_.highest) return {highest_, highest_};
  }
  Cell cell{level.meant, level.meant};
  if (programming_ != arch::ProgrammingKind::kNone) {
    cell.programmed = programmed(level, normal_->at(draws.programming.at(row)));
  }
  cell.conductance = cell.programmed;
  if (drift_ != arch::DriftKind::kNone) {
    cell.conductance = drifted(level, cell.programmed, normal_->at(draws.drift.at(row)));
  }
  return cell;
}

double CellModel::programmed(const Level& level, double z) const {
  if (programming_ == arch::ProgrammingKind::kLognormal) {
    return level.meant * std::exp(sigma_ * z);
  }
  return std::max(0.0, level.meant + level.programming_deviation * z);
}

double CellModel::drifted(const Level& level, double conductance, double z) const {
  const double change = level.drift_mean + level.drift_deviation * z;
  switch (drift_) {
    case arch::DriftKind::kNone:
      return conductance;
    case arch::DriftKind::kPowerLaw:
      return conductance * std::exp(-std::abs(change));
    case arch::DriftKind::kRelaxation:
      return std::max(0.0, conductance + change);
  }
  throw InternalError("unknown drift");
}

double CellModel::read_deviation(const Cell& cell) const {
  switch (noise_.kind) {
    case arch::ReadNoiseKind::kNone:
      return 0.0;
    case arch::ReadNoiseKind::kRelative:
      return noise_.sigma * cell.conductance;
    case arch::ReadNoiseKind::kAdditive:
      return noise_.deviation.value();
    case arch::ReadNoiseKind::kOneOverF:
      return one_over_f(cell.programmed) * cell.conductance * one_over_f_growth_;
  }
  throw InternalError("unknown read noise");
}

double CellModel::one_over_f(double programmed) const {
  const double place = programmed * steps_per_siemens_;
  if (place >= kSteps) return noise_.relative.at(programmed / noise_.of.value());
  const auto step = static_cast<std::size_t>(place);
  const double within = place - static_cast<double>(step);
  return one_over_f_[step] + (one_over_f_[step + 1] - one_over_f_[step]) * within;
}

}  // namespace pimento::devices
