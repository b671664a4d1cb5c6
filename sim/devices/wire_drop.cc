// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/wire_drop.h"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/error.h"

namespace pimento::devices {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Levels are 32-bit floats.
constexpr WireDrop::Limits kForLevels{.tolerance = 1e-8, .iterations = 1000};

}  // namespace

WireDrop::WireDrop(const arch::WireSpec& wires, int rows, int columns)
    : row_(wires.row.value()),
      column_(wires.column.value()),
      driver_(wires.driver.value()),
      sense_(wires.sense.value()),
      rows_(static_cast<std::size_t>(rows)),
      columns_(static_cast<std::size_t>(columns)) {
  ensure(rows > 0 && columns > 0, "an array has cells");
}

void WireDrop::drops(std::span<const double> currents, std::span<double> result) const {
  // Along rows: what flows on behind each cell, then the drops up to it.
  Vector drop(rows_, 0.0);
  for (std::size_t j = columns_; j-- > 0;) {
    double* const flow = &result[j * rows_];
    for (std::size_t i = 0; i < rows_; ++i) {
      flow[i] = currents[j * rows_ + i] + (j + 1 < columns_ ? flow[rows_ + i] : 0.0);
    }
  }
  for (std::size_t i = 0; i < rows_; ++i) drop[i] = driver_ * result[i];
  for (std::size_t j = 0; j < columns_; ++j) {
    for (std::size_t i = 0; i < rows_; ++i) {
      drop[i] += row_ * result[j * rows_ + i];
      result[j * rows_ + i] = drop[i];
    }
  }
  // Along columns: what has come together above each cell, then the drops from it to the ground.
  Vector flow(rows_);
  for (std::size_t j = 0; j < columns_; ++j) {
    const auto column = currents.subspan(j * rows_, rows_);
    std::partial_sum(column.begin(), column.end(), flow.begin());
    double to_ground = sense_ * flow.back();
    for (std::size_t i = rows_; i-- > 0;) {
      to_ground += column_ * flow[i];
      result[j * rows_ + i] += to_ground;
    }
  }
}

// With w = sqrt(G) u the equation is (1 + sqrt(G) drops sqrt(G)) w = sqrt(G) v, symmetric and
// positive definite whatever the conductances.
Vector WireDrop::currents(std::span<const double> conductances, std::span<const double> applied,
                          Limits limits, int& iterations) const {
  const std::size_t n = cells();
  Vector root(n), w(n, 0.0), residual(n), direction(n), scaled(n), image(n);
  for (std::size_t k = 0; k < n; ++k) {
    root[k] = std::sqrt(conductances[k]);
    residual[k] = root[k] * applied[k];
  }
  direction = residual;
  double square = dot(residual, residual);
  const double enough = limits.tolerance * limits.tolerance * square;
  for (iterations = 0; square > enough; ++iterations) {
    if (iterations == limits.iterations) {
      throw InputError(fmt::format(
          "wires: the drops on an array of {}x{} cells did not settle in {} steps (found a rest of "
          "{:.1e}; expected {:.1e}); lower the resistances of wires, or the conductances of cells",
          rows_, columns_, limits.iterations, limits.tolerance * std::sqrt(square / enough),
          limits.tolerance));
    }
    for (std::size_t k = 0; k < n; ++k) scaled[k] = root[k] * direction[k];
    drops(scaled, image);
    for (std::size_t k = 0; k < n; ++k) image[k] = direction[k] + root[k] * image[k];
    const double step = square / dot(direction, image);
    for (std::size_t k = 0; k < n; ++k) {
      w[k] += step * direction[k];
      residual[k] -= step * image[k];
    }
    const double next = dot(residual, residual);
    for (std::size_t k = 0; k < n; ++k) {
      direction[k] = residual[k] + next / square * direction[k];
    }
    square = next;
  }
  for (std::size_t k = 0; k < n; ++k) w[k] *= root[k];
  return w;
}

WireDrop::Solution WireDrop::solve(std::span<const double> conductances,
                                   std::span<const double> row_voltages, Limits limits) const {
  ensure(conductances.size() == cells() && row_voltages.size() == rows_,
         "the array's size is another");
  Vector applied;
  applied.reserve(cells());
  for (std::size_t j = 0; j < columns_; ++j) {
    applied.insert(applied.end(), row_voltages.begin(), row_voltages.end());
  }
  Solution solution;
  const Vector flow = currents(conductances, applied, limits, solution.iterations);
  solution.cell_voltages.resize(cells());
  drops(flow, solution.cell_voltages);
  for (std::size_t k = 0; k < cells(); ++k) {
    solution.cell_voltages[k] = applied[k] - solution.cell_voltages[k];
  }
  for (auto cell = flow.begin(); cell != flow.end(); cell += static_cast<std::ptrdiff_t>(rows_)) {
    solution.column_currents.push_back(
        std::accumulate(cell, cell + static_cast<std::ptrdiff_t>(rows_), 0.0));
  }
  return solution;
}

std::vector<double> WireDrop::factors(std::span<const double> conductances) const {
  return solve(conductances, Vector(rows_, 1.0), kForLevels).cell_voltages;
}

void WireDrop::apply(const arch::DeviceSpec& device, int cell_bits, std::span<float> levels) const {
  ensure(levels.size() == cells(), "the array's size is another");
  const double offset = device.reference_column ? device.lowest.value() : 0.0;
  const double per_level = (device.highest.value() - offset) / ((1 << cell_bits) - 1);
  Vector conductances(cells());
  for (std::size_t k = 0; k < cells(); ++k) {
    // The rounding of a level to 32 bits may leave a cell of 0 S slightly below.
    conductances[k] = std::fmax(0.0, offset + per_level * static_cast<double>(levels[k]));
  }
  const Vector left = factors(conductances);
  for (std::size_t k = 0; k < cells(); ++k) {
    levels[k] = static_cast<float>(levels[k] * left[k]);
  }
}

// By reciprocity: 1 V at the sense end of column j lets flow into the driver of row i what 1 V at
// that driver lets flow out of the column.
std::vector<double> WireDrop::response(std::span<const double> conductances) const {
  ensure(conductances.size() == cells(), "the array's size is another");
  Vector result(cells(), 0.0);
  Vector applied(cells(), 0.0);
  for (std::size_t j = 0; j < columns_; ++j) {
    const auto column = applied.begin() + static_cast<std::ptrdiff_t>(j * rows_);
    std::fill_n(column, rows_, 1.0);
    int iterations = 0;
    const Vector flow = currents(conductances, applied, kForLevels, iterations);
    std::fill_n(column, rows_, 0.0);
    for (std::size_t k = 0; k < cells(); ++k) result[j * rows_ + k % rows_] += flow[k];
  }
  return result;
}

}  // namespace pimento::devices
