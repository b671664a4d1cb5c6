// SPDX-License-Identifier: Apache-2.0
#include "mapper/packing/replay.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace pimento::mapper::packing {
namespace {

template <class Value>
Value take(std::vector<Value>& values) {
  ensure(!values.empty(), "packing: a plan uses what is not there");
  const Value value = values.back();
  values.pop_back();
  return value;
}

class Replay {
 public:
  Replay(Stock pieces, const Problem& problem, std::int64_t first_bin)
      : problem_(problem), pieces_(std::move(pieces)), next_bin_(first_bin) {
    for (auto& [kind, list] : pieces_) std::reverse(list.begin(), list.end());
  }

  std::vector<Place> run(const Plan& plan) {
    for (const Step& step : plan.steps) {
      switch (step.action) {
        case Action::kOpen:
          open(step);
          break;
        case Action::kPlace:
          for (std::int64_t i = 0; i < step.count; ++i) place(step);
          break;
        case Action::kCutRows:
        case Action::kCutColumns:
          for (std::int64_t i = 0; i < step.count; ++i) cut(step);
          break;
      }
    }
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      return std::tie(a.at.bin, a.at.row, a.at.column) < std::tie(b.at.bin, b.at.row, b.at.column);
    });
    return std::move(places_);
  }

 private:
  void open(const Step& step) {
    std::vector<Position>& bins = gaps_[{problem_.rows, problem_.columns}];
    for (std::int64_t i = 0; i < step.count; ++i) {
      bins.push_back({next_bin_ + step.count - 1 - i, 0, 0});
    }
    next_bin_ += step.count;
  }

  void place(const Step& step) {
    const Position at = take(gaps_[step.gap]);
    const Size& size = step.kind.size;
    std::vector<Piece>& pieces = pieces_[step.kind];
    for (std::int64_t i = 0; i < step.down; ++i) {
      for (std::int64_t j = 0; j < step.across; ++j) {
        places_.push_back(
            {take(pieces), {at.bin, at.row + i * size.rows, at.column + j * size.columns}});
      }
    }
    const Size grid{step.down * size.rows, step.across * size.columns};
    const Leftover left = leftover(step.gap, grid, step.below_is_wide);
    if (left.below.cells() > 0) {
      gaps_[left.below].push_back({at.bin, at.row + grid.rows, at.column});
    }
    if (left.right.cells() > 0) {
      gaps_[left.right].push_back({at.bin, at.row, at.column + grid.columns});
    }
  }

  void cut(const Step& step) {
    Piece first = take(pieces_[step.kind]);
    Piece rest = first;
    const bool rows = step.action == Action::kCutRows;
    Range& kept = rows ? first.rows : first.columns;
    kept.end = kept.begin + step.at;
    (rows ? rest.rows : rest.columns).begin = kept.end;
    const Parts parts =
        rows ? cut_rows(step.kind, step.at, problem_) : cut_columns(step.kind, step.at);
    ensure(kind_of(first, problem_) == parts.first && kind_of(rest, problem_) == parts.rest,
           "packing: a cut makes other parts than planned");
    pieces_[parts.first].push_back(first);
    pieces_[parts.rest].push_back(rest);
  }

  const Problem& problem_;
  Stock pieces_;
  std::map<Size, std::vector<Position>> gaps_;
  std::vector<Place> places_;
  std::int64_t next_bin_;
};

}  // namespace

std::vector<Place> replay(const Plan& plan, Stock pieces, const Problem& problem,
                          std::int64_t first_bin) {
  return Replay(std::move(pieces), problem, first_bin).run(plan);
}

}  // namespace pimento::mapper::packing
