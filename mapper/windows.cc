// SPDX-License-Identifier: Apache-2.0
#include "mapper/windows.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <variant>

#include "base/ceil_div.h"
#include "base/error.h"
#include "mapper/placement.h"

namespace pimento::mapper {
namespace {

using Pair = std::array<std::int64_t, 2>;

std::int64_t area(const Pair& pair) {
  return pair[0] * pair[1];
}

// One axis of the kernel, and what copies of it, a stride apart, look at.
class Axis {
 public:
  Axis(const WindowProblem& problem, std::size_t axis)
      : kernel_(problem.kernel[axis]),
        stride_(problem.stride[axis]),
        dilation_(kernel_ == 1 ? 1 : problem.dilation[axis]),
        output_(problem.output[axis]),
        stores_gaps_(problem.stores_gaps) {}

  [[nodiscard]] std::int64_t extent(std::int64_t copies) const {
    return (copies - 1) * stride_ + (kernel_ - 1) * dilation_ + 1;
  }
  // Distinct positions. A copy meets one before it where a number of strides is a number of
  // dilations, first period() copies later; all but shift() of its positions are then shared.
  [[nodiscard]] std::int64_t positions(std::int64_t copies) const {
    const std::int64_t apart = std::min(copies, period());
    return apart * kernel_ + (copies - apart) * std::min(kernel_, shift());
  }
  [[nodiscard]] std::int64_t rows(std::int64_t copies) const {
    return stores_gaps_ && copies > 1 ? extent(copies) : positions(copies);
  }
  [[nodiscard]] std::int64_t windows(std::int64_t copies) const {
    return ceil_div(output_, copies);
  }
  [[nodiscard]] bool allows(std::int64_t copies) const {
    if (copies > output_) return false;
    return dilation_ == 1 || copies == 1 || positions(copies) < copies * kernel_;
  }

 private:
  [[nodiscard]] std::int64_t period() const { return dilation_ / std::gcd(stride_, dilation_); }
  [[nodiscard]] std::int64_t shift() const { return stride_ / std::gcd(stride_, dilation_); }

  std::int64_t kernel_;
  std::int64_t stride_;
  std::int64_t dilation_;
  std::int64_t output_;
  bool stores_gaps_;
};

// One group's matrix.
struct GroupShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

void check(const WindowProblem& p) {
  for (const Pair& pair : {p.kernel, p.stride, p.dilation, p.output}) {
    ensure(pair[0] >= 1 && pair[1] >= 1, "a window problem has an extent below one");
  }
  for (const std::int64_t value : {p.in_channels, p.out_channels, p.groups, p.array_rows,
                                   p.array_columns, p.columns_per_weight, p.unit_rows}) {
    ensure(value >= 1, "a window problem has a size below one");
  }
  ensure(p.in_channels % p.groups == 0 && p.out_channels % p.groups == 0,
         "the groups of a window problem do not divide its channels");
  ensure(p.unit_rows <= p.array_rows, "an operation unit is larger than its array");
}

class WindowSearch {
 public:
  explicit WindowSearch(const WindowProblem& problem)
      : problem_(problem), height_(problem, 0), width_(problem, 1) {
    check(problem);
  }

  [[nodiscard]] bool allows(const Pair& copies) const {
    return height_.allows(copies[0]) && width_.allows(copies[1]);
  }

  // The window alone, before it is cut into tiles.
  [[nodiscard]] ParallelWindow uncut(const Pair& copies) const {
    ParallelWindow window;
    window.copies = copies;
    window.extent = {height_.extent(copies[0]), width_.extent(copies[1])};
    window.rows_a_channel = height_.rows(copies[0]) * width_.rows(copies[1]);
    window.windows = height_.windows(copies[0]) * width_.windows(copies[1]);
    return window;
  }

  [[nodiscard]] ParallelWindow cut_anywhere(const Pair& copies) const {
    ParallelWindow window = uncut(copies);
    const GroupShape group = group_shape(window);
    window.row_tiles = ceil_div(group.rows, problem_.array_rows);
    window.column_tiles = ceil_div(group.columns, problem_.array_columns);
    stand_groups_on_diagonal(window);
    return window;
  }

  [[nodiscard]] std::optional<ParallelWindow> cut_between_channels(const Pair& copies) const {
    ParallelWindow window = uncut(copies);
    const std::int64_t columns = area(copies) * problem_.columns_per_weight;
    if (window.rows_a_channel > problem_.array_rows || columns > problem_.array_columns) {
      return std::nullopt;
    }
    window.channels_a_tile =
        std::min(problem_.array_rows / window.rows_a_channel, group_channels());
    window.out_channels_a_tile = std::min(problem_.array_columns / columns, group_out_channels());
    window.row_tiles = ceil_div(group_channels(), window.channels_a_tile);
    window.column_tiles = ceil_div(group_out_channels(), window.out_channels_a_tile);
    stand_groups_on_diagonal(window);
    return window;
  }

 private:
  [[nodiscard]] std::int64_t group_channels() const {
    return problem_.in_channels / problem_.groups;
  }
  [[nodiscard]] std::int64_t group_out_channels() const {
    return problem_.out_channels / problem_.groups;
  }
  [[nodiscard]] GroupShape group_shape(const ParallelWindow& window) const {
    return {window.rows_a_channel * group_channels(),
            area(window.copies) * problem_.columns_per_weight * group_out_channels()};
  }

  // Groups that fit whole share arrays, each on rows and columns of its own.
  void stand_groups_on_diagonal(ParallelWindow& window) const {
    if (window.row_tiles == 1 && window.column_tiles == 1) {
      const GroupShape group = group_shape(window);
      // The last group needs no room behind it.
      const std::int64_t pitch = ceil_div(group.rows, problem_.unit_rows) * problem_.unit_rows;
      window.groups_a_tile = std::min({std::max<std::int64_t>(1, problem_.array_rows / pitch),
                                       problem_.array_columns / group.columns, problem_.groups});
    }
    window.group_tiles = ceil_div(problem_.groups, window.groups_a_tile);
  }

  const WindowProblem& problem_;
  Axis height_;
  Axis width_;
};

// Among equals the one that stood there before stays.
bool is_better(const ParallelWindow& a, const ParallelWindow& b) {
  return std::pair(a.cycles(), area(a.extent)) < std::pair(b.cycles(), area(b.extent));
}

}  // namespace

WindowProblem window_problem(const MappingProblem& of_layer, int layer) {
  const workloads::Network& network = of_layer.network;
  const arch::MacroSpec& macro = of_layer.chip.macro;
  const workloads::Layer& of = network.layers.at(static_cast<std::size_t>(layer));
  ensure(std::holds_alternative<workloads::Conv>(of.operation), "only a convolution has windows");
  const auto& conv = std::get<workloads::Conv>(of.operation);
  WindowProblem problem;
  problem.kernel = conv.window.kernel;
  problem.stride = conv.window.stride;
  problem.dilation = conv.window.dilation;
  problem.output = {of.shape[1], of.shape[2]};
  problem.in_channels = network.shape_of(of.inputs.front()).front();
  problem.out_channels = conv.out_channels;
  problem.groups = conv.groups;
  problem.array_rows = macro.rows;
  problem.array_columns = macro.weight_columns();
  const arch::SlicePlan plan = whole_plan(of_layer, layer);
  problem.columns_per_weight = std::ssize(plan.slices);
  // Where codes are other than weights, that of zero is not zero.
  problem.stores_gaps = plan.needs_input_sums();
  problem.unit_rows = macro.unit.is_whole() ? 1 : macro.rows_at_once();
  return problem;
}

ParallelWindow im2col_window(const WindowProblem& problem) {
  return WindowSearch(problem).cut_anywhere({1, 1});
}

ParallelWindow sdk_window(const WindowProblem& problem) {
  const WindowSearch search(problem);
  ParallelWindow best = search.cut_anywhere({1, 1});
  const std::int64_t arrays = best.arrays();
  const std::int64_t most = std::min(problem.output[0], problem.output[1]);
  for (std::int64_t copies = 2; copies <= most; ++copies) {
    const ParallelWindow window = search.cut_anywhere({copies, copies});
    if (window.arrays() > arrays) break;
    if (search.allows({copies, copies}) && is_better(window, best)) best = window;
  }
  return best;
}

std::optional<ParallelWindow> variable_window(const WindowProblem& problem,
                                              std::array<std::int64_t, 2> copies) {
  ensure(copies[0] >= 1 && copies[1] >= 1, "a window has no copies of its kernel");
  const WindowSearch search(problem);
  return search.allows(copies) ? search.cut_between_channels(copies) : std::nullopt;
}

ParallelWindow best_window(const WindowProblem& problem) {
  const WindowSearch search(problem);
  // No window is smaller than that of im2col, which therefore stays among equals.
  ParallelWindow best = search.cut_anywhere({1, 1});
  for (std::int64_t high = 1; high <= problem.output[0]; ++high) {
    // A window that fits, fits with fewer copies too.
    if (!search.cut_between_channels({high, 1})) break;
    for (std::int64_t wide = 1; wide <= problem.output[1]; ++wide) {
      const std::optional<ParallelWindow> window = search.cut_between_channels({high, wide});
      if (!window) break;
      if (search.allows({high, wide}) && is_better(*window, best)) best = *window;
    }
  }
  return best;
}

}  // namespace pimento::mapper
