// SPDX-License-Identifier: Apache-2.0
#include "mapper/strategies/auto.h"

#include <array>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "mapper/estimate.h"
#include "mapper/lower.h"
#include "mapper/strategies/dense.h"
#include "mapper/strategies/packed.h"
#include "mapper/strategies/sparse.h"
#include "mapper/strategies/throughput.h"
#include "mapper/strategies/windows.h"

namespace pimento::mapper {
namespace {

struct Candidate {
  const char* name;
  Mapping (*map)(const MappingProblem&);
};
constexpr std::array<Candidate, 3> kOthers{
    {{"sparse", map_sparse}, {"packed", map_packed}, {"windows", map_windows}}};

// Asks one strategy after the other and keeps the best mapping.
class Contest {
 public:
  explicit Contest(const MappingProblem& problem) : problem_(problem) {}

  template <class Map>
  void enter(const char* name, const Map& map) {
    try {
      Mapping mapping = map();
      const Estimate found = estimate(lower(problem_, mapping).program, problem_.chip);
      figures_.push_back(fmt::format("{} {:.4e}", name, found.product()));
      if (!is_better(found)) return;
      best_ = found;
      mapping_ = std::move(mapping);
    } catch (const InputError&) {
      if (first_error_ == nullptr) first_error_ = std::current_exception();
      refused_.emplace_back(name);
    }
  }

  Mapping result() {
    if (!best_) std::rethrow_exception(first_error_);
    std::string reason = fmt::format("chose {}, the least energy x interval of an image (J s): {}",
                                     mapping_.strategy, join(figures_));
    if (!refused_.empty()) reason += "; impossible: " + join(refused_);
    if (!mapping_.reason.empty()) reason += "; " + mapping_.reason;
    mapping_.reason = std::move(reason);
    mapping_.strategy = "auto";
    return std::move(mapping_);
  }

 private:
  [[nodiscard]] bool is_better(const Estimate& found) const {
    const auto key = [](const Estimate& of) { return std::tuple(of.product(), of.interval); };
    return !best_ || key(found) < key(*best_);
  }

  const MappingProblem& problem_;
  std::optional<Estimate> best_;
  Mapping mapping_;
  std::vector<std::string> figures_;
  std::vector<std::string> refused_;
  std::exception_ptr first_error_;
};

}  // namespace

Mapping map_auto(const MappingProblem& problem) {
  Contest contest(problem);
  std::optional<Mapping> dense;
  contest.enter("dense", [&] {
    dense = map_dense(problem);
    return *dense;
  });
  for (const Candidate& other : kOthers) {
    contest.enter(other.name, [&] { return other.map(problem); });
  }
  if (dense && has_spare_cores(problem, *dense)) {
    contest.enter("throughput", [&] { return map_throughput_of(problem, *dense); });
  }
  return contest.result();
}

}  // namespace pimento::mapper
