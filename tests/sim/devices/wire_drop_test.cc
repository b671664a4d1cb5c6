// SPDX-License-Identifier: Apache-2.0
// The fixed point against closed forms, and against the equations of all nodes of the network,
// solved by Eigen's sparse LU.
#include "sim/devices/wire_drop.h"

#include <Eigen/Sparse>
#include <Eigen/SparseLU>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "tests/sim/devices/support.h"

namespace pimento::devices {
namespace {

arch::WireSpec wires_of(double row, double column, double driver, double sense) {
  arch::WireSpec wires;
  wires.row = from_si<Resistance>(row);
  wires.column = from_si<Resistance>(column);
  wires.driver = from_si<Resistance>(driver);
  wires.sense = from_si<Resistance>(sense);
  return wires;
}

// Kirchhoff's current law at the two ends of each cell.
class Network {
 public:
  Network(const arch::WireSpec& wires, int rows, int columns, std::vector<double> conductances)
      : rows_(rows), columns_(columns), conductances_(std::move(conductances)) {
    const int cells = rows * columns;
    const double first = 1 / (wires.driver.value() + wires.row.value());
    const double last = 1 / (wires.sense.value() + wires.column.value());
    into_row_ = first;
    for (int j = 0; j < columns; ++j) {
      for (int i = 0; i < rows; ++i) {
        const int cell = j * rows + i;
        join(cell, cells + cell, conductances_[static_cast<std::size_t>(cell)]);
        if (j == 0) join(cell, -1, first);
        if (j + 1 < columns) join(cell, cell + rows, 1 / wires.row.value());
        if (i + 1 < rows) join(cells + cell, cells + cell + 1, 1 / wires.column.value());
        if (i + 1 == rows) join(cells + cell, -1, last);
      }
    }
    Eigen::SparseMatrix<double> matrix(2 * cells, 2 * cells);
    matrix.setFromTriplets(entries_.begin(), entries_.end());
    solver_.compute(matrix);
  }

  [[nodiscard]] WireDrop::Solution solve(const std::vector<double>& row_voltages) const {
    const int cells = rows_ * columns_;
    Eigen::VectorXd injected = Eigen::VectorXd::Zero(2 * cells);
    for (int i = 0; i < rows_; ++i) injected[i] = into_row_ * row_voltages[std::size_t(i)];
    const Eigen::VectorXd nodes = solver_.solve(injected);
    WireDrop::Solution solution;
    solution.column_currents.assign(std::size_t(columns_), 0.0);
    for (int cell = 0; cell < cells; ++cell) {
      const double voltage = nodes[cell] - nodes[cells + cell];
      solution.cell_voltages.push_back(voltage);
      solution.column_currents[std::size_t(cell / rows_)] +=
          voltage * conductances_[std::size_t(cell)];
    }
    return solution;
  }

 private:
  // -1 stands for a node of known voltage.
  void join(int a, int b, double conductance) {
    entries_.emplace_back(a, a, conductance);
    if (b < 0) return;
    entries_.emplace_back(b, b, conductance);
    entries_.emplace_back(a, b, -conductance);
    entries_.emplace_back(b, a, -conductance);
  }

  int rows_;
  int columns_;
  std::vector<double> conductances_;
  double into_row_ = 0.0;
  std::vector<Eigen::Triplet<double>> entries_;
  Eigen::SparseLU<Eigen::SparseMatrix<double>> solver_;
};

std::vector<double> drawn(std::size_t count, double from, double to, std::uint64_t stream) {
  const CounterRandom random(1, stream);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = from + (to - from) * random.uniform(i);
  return values;
}

std::vector<double> drawn_cells(int rows, int columns) {
  return drawn(static_cast<std::size_t>(rows * columns), 1e-6, 100e-6, 1);
}

void expect_near_relative(const std::vector<double>& found, const std::vector<double>& expected,
                          double relative) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], relative * std::abs(expected[i])) << i;
  }
}

TEST(WireDrop, AgreesWithAllNodesOfTheNetwork) {
  for (const auto& [rows, columns] : {std::pair{8, 8}, {16, 32}, {32, 16}, {64, 64}}) {
    for (const arch::WireSpec& wires :
         {wires_of(1, 1, 100, 100), wires_of(3, 0.5, 1, 500), wires_of(50, 20, 1000, 1)}) {
      const std::vector<double> cells = drawn_cells(rows, columns);
      const std::vector<double> voltages = drawn(static_cast<std::size_t>(rows), 0.1, 1.0, 2);
      const WireDrop::Solution expected = Network(wires, rows, columns, cells).solve(voltages);
      const WireDrop::Solution found = WireDrop(wires, rows, columns).solve(cells, voltages);
      expect_near_relative(found.column_currents, expected.column_currents, 1e-9);
      for (std::size_t k = 0; k < cells.size(); ++k) {
        ASSERT_NEAR(found.cell_voltages[k], expected.cell_voltages[k], 1e-9);
      }
    }
  }
}

TEST(WireDrop, TakesRowsThatAreNotDriven) {
  const arch::WireSpec wires = wires_of(2, 3, 100, 200);
  const std::vector<double> cells = drawn_cells(16, 8);
  std::vector<double> voltages(16, 0.0);
  voltages[3] = 1.0;
  voltages[11] = 0.5;
  expect_near_relative(WireDrop(wires, 16, 8).solve(cells, voltages).column_currents,
                       Network(wires, 16, 8, cells).solve(voltages).column_currents, 1e-9);
}

TEST(WireDrop, ASingleCellIsInSeriesWithItsWires) {
  const WireDrop::Solution solution =
      WireDrop(wires_of(2, 3, 100, 200), 1, 1).solve(std::vector{1e-3}, std::vector{0.5});
  EXPECT_NEAR(solution.column_currents[0], 0.5 / (1000 + 2 + 3 + 100 + 200), 1e-15);
  EXPECT_NEAR(solution.cell_voltages[0], 500.0 / 1305, 1e-12);
}

// What a ladder's branches take: `wire` between them, `first` before the first.
std::vector<double> ladder(const std::vector<double>& branches, double first, double wire,
                           double voltage) {
  std::vector<double> seen = branches;  // conductance to the right of a node, its branch included
  for (std::size_t k = branches.size() - 1; k-- > 0;) seen[k] += 1 / (wire + 1 / seen[k + 1]);
  std::vector<double> currents;
  for (std::size_t k = 0; k < branches.size(); ++k) {
    voltage /= 1 + seen[k] * (k == 0 ? first : wire);
    currents.push_back(voltage * branches[k]);
  }
  return currents;
}

TEST(WireDrop, ASingleRowIsALadder) {
  const std::vector<double> cells = drawn(32, 1e-5, 1e-3, 3);
  std::vector<double> branches;
  for (const double cell : cells) branches.push_back(1 / (1 / cell + 7 + 50));
  const WireDrop::Solution solution =
      WireDrop(wires_of(5, 7, 20, 50), 1, 32).solve(cells, std::vector{1.0});
  expect_near_relative(solution.column_currents, ladder(branches, 25, 5, 1.0), 1e-9);
}

// By reciprocity: one row's share of the column's current for 1 V on that row alone.
TEST(WireDrop, ASingleColumnIsALadder) {
  const std::vector<double> cells = drawn(32, 1e-5, 1e-3, 3);
  std::vector<double> branches;
  for (auto cell = cells.rbegin(); cell != cells.rend(); ++cell) {
    branches.push_back(1 / (1 / *cell + 5 + 20));
  }
  std::vector<double> expected = ladder(branches, 57, 7, 1.0);
  std::reverse(expected.begin(), expected.end());
  const WireDrop drop(wires_of(5, 7, 20, 50), 32, 1);
  for (std::size_t i = 0; i < 32; ++i) {
    std::vector<double> voltages(32, 0.0);
    voltages[i] = 1.0;
    EXPECT_NEAR(drop.solve(cells, voltages).column_currents[0], expected[i], 1e-9 * expected[i]);
  }
}

TEST(WireDrop, IdealWiresTakeNothing) {
  const std::vector<double> cells = drawn_cells(8, 8);
  const WireDrop drop(wires_of(0, 0, 0, 0), 8, 8);
  for (const double factor : drop.factors(cells)) EXPECT_NEAR(factor, 1.0, 1e-12);
  expect_near_relative(drop.response(cells), cells, 1e-12);
}

TEST(WireDrop, EmptyCellsAreNoObstacle) {
  std::vector<double> cells(64, 0.0);
  const WireDrop drop(wires_of(1, 1, 100, 100), 8, 8);
  for (const double factor : drop.factors(cells)) EXPECT_EQ(factor, 1.0);
  cells[9] = 1e-4;
  EXPECT_NEAR(drop.factors(cells)[9], 1 / (1 + 1e-4 * (2 + 7 + 200)), 1e-9);
}

// Drops larger than what is applied, where putting the voltages in again and again would diverge.
TEST(WireDrop, ConvergesWhereDropsAreLarge) {
  const arch::WireSpec wires = wires_of(10, 10, 1000, 1000);
  const std::vector<double> cells(64 * 64, 1e-3);
  const std::vector<double> voltages(64, 1.0);
  const WireDrop::Solution found = WireDrop(wires, 64, 64).solve(cells, voltages);
  EXPECT_LT(found.iterations, 300);
  expect_near_relative(found.column_currents,
                       Network(wires, 64, 64, cells).solve(voltages).column_currents, 1e-9);
}

TEST(WireDrop, SaysThatItDidNotSettle) {
  const std::vector<double> cells = drawn_cells(8, 8);
  const std::vector<double> voltages(8, 1.0);
  try {
    (void)WireDrop(wires_of(1, 1, 100, 100), 8, 8)
        .solve(cells, voltages, {.tolerance = 1e-12, .iterations = 1});
    FAIL();
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(
        message.starts_with("wires: the drops on an array of 8x8 cells did not settle in 1 "
                            "steps (found a rest of "))
        << message;
    EXPECT_TRUE(
        message.ends_with("; expected 1.0e-12); lower the resistances of wires, or the "
                          "conductances of cells"))
        << message;
  }
}

std::vector<double> sums(const std::vector<double>& matrix, const std::vector<double>& voltages) {
  std::vector<double> result(matrix.size() / voltages.size(), 0.0);
  for (std::size_t k = 0; k < matrix.size(); ++k) {
    result[k / voltages.size()] += matrix[k] * voltages[k % voltages.size()];
  }
  return result;
}

TEST(WireDrop, TheResponseHoldsForEveryInput) {
  const arch::WireSpec wires = wires_of(5, 5, 200, 200);
  const std::vector<double> cells = drawn_cells(32, 16);
  const WireDrop drop(wires, 32, 16);
  const std::vector<double> response = drop.response(cells);
  for (std::uint64_t stream = 10; stream < 15; ++stream) {
    const std::vector<double> voltages = drawn(32, 0.0, 1.0, stream);
    expect_near_relative(sums(response, voltages), drop.solve(cells, voltages).column_currents,
                         1e-6);
  }
}

// The largest error of the sums of columns through factors(), relative to the largest sum, over
// inputs of which each row is driven or not.
double error_of_factors(const arch::WireSpec& wires, int side, double* lost = nullptr) {
  const WireDrop drop(wires, side, side);
  const std::vector<double> cells = drawn_cells(side, side);
  std::vector<double> left = drop.factors(cells);
  if (lost != nullptr) *lost = 1.0 - *std::min_element(left.begin(), left.end());
  for (std::size_t k = 0; k < cells.size(); ++k) left[k] *= cells[k];
  double worst = 0.0;
  for (std::uint64_t stream = 20; stream < 40; ++stream) {
    std::vector<double> voltages = drawn(static_cast<std::size_t>(side), 0.0, 1.0, stream);
    for (double& voltage : voltages) voltage = voltage < 0.5 ? 0.0 : 1.0;
    const std::vector<double> exact = drop.solve(cells, voltages).column_currents;
    const std::vector<double> found = sums(left, voltages);
    const double largest = *std::max_element(exact.begin(), exact.end());
    for (std::size_t j = 0; j < exact.size(); ++j) {
      worst = std::max(worst, std::abs(found[j] - exact[j]) / largest);
    }
  }
  return worst;
}

// Right to first order in the drops: the error is below a tenth of the square of the largest share
// that a cell loses (found: 0.07 % where cells lose up to 12 %, 0.37 % where they lose up to 29 %),
// and halving all resistances makes it three to four times smaller.
TEST(WireDrop, FactorsAreRightToFirstOrder) {
  for (const int side : {8, 32, 64}) {
    double lost = 0.0;
    const double error = error_of_factors(wires_of(1, 1, 20, 20), side, &lost);
    RecordProperty("lost_" + std::to_string(side), std::to_string(lost));
    RecordProperty("error_" + std::to_string(side), std::to_string(error));
    EXPECT_LT(error, 0.1 * lost * lost) << side;
    EXPECT_GT(error, 0.0) << side;
    const double of_half = error_of_factors(wires_of(0.5, 0.5, 10, 10), side);
    EXPECT_GT(error / of_half, 2.8) << side;
    EXPECT_LT(error / of_half, 4.2) << side;
  }
}

TEST(WireDrop, FactorsAreExactWhenAllRowsAreDriven) {
  const std::vector<double> cells = drawn_cells(32, 16);
  const WireDrop drop(wires_of(5, 5, 200, 200), 32, 16);
  std::vector<double> left = drop.factors(cells);
  for (std::size_t k = 0; k < cells.size(); ++k) left[k] *= cells[k];
  const std::vector<double> voltages(32, 0.3);
  expect_near_relative(sums(left, voltages), drop.solve(cells, voltages).column_currents, 1e-6);
}

TEST(WireDrop, AppliesToLevels) {
  for (const bool reference : {true, false}) {
    const arch::DeviceSpec device = device_of("", reference, "5 uS");
    const WireDrop drop(wires_of(1, 1, 100, 100), 2, 2);
    std::vector<float> levels;
    std::vector<double> cells;
    for (const int level : {0, 1, 2, 3}) {
      cells.push_back((5 + 20.0 * level / 3) * 1e-6);
      levels.push_back(static_cast<float>(reference ? level : 3 * cells.back() / 25e-6));
    }
    const std::vector<float> before = levels;
    drop.apply(device, 2, levels);
    const std::vector<double> left = drop.factors(cells);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_NEAR(levels[k], before[k] * left[k], 1e-6);
    }
  }
}

}  // namespace
}  // namespace pimento::devices
