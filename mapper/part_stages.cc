// SPDX-License-Identifier: Apache-2.0
#include "mapper/part_stages.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"

namespace pimento::mapper {
namespace {

// Rounds that hold some of a channel, ascending.
using Rounds = std::vector<int>;

class Partition {
 public:
  Partition(const LayerMapping& layer, const workloads::MatrixShape& matrix)
      : layer_(layer),
        matrix_(matrix),
        slices_(std::ssize(layer.plan.slices)),
        rounds_(static_cast<std::size_t>(matrix.groups * matrix.columns)) {
    ensure(layer.copies[0] == 1 && layer.copies[1] == 1 && layer.replicas() == 1,
           "a layer in parts has copies");
  }

  LayerParts run() {
    for (const ColumnGroup& group : layer_.groups) add_rounds(group);
    count_channels();
    for (const ColumnGroup& group : layer_.groups) add_group(group);
    LayerParts result;
    for (const auto& [rounds, channels] : channels_) {
      if (rounds.size() > 1) add_sum(rounds, channels, result);
    }
    for (auto& [key, part] : parts_) result.parts.push_back(std::move(part));
    return result;
  }

 private:
  // In order of rounds.
  using Key = std::pair<int, Rounds>;

  [[nodiscard]] Rounds& rounds_of(std::int64_t block, std::int64_t column) {
    return rounds_[static_cast<std::size_t>(block * matrix_.columns + column / slices_)];
  }

  void add_rounds(const ColumnGroup& group) {
    ensure(group.details == nullptr || group.details->shared.empty(),
           "a layer in parts shares columns");
    for (std::int64_t c = 0; c < group.columns.size(); ++c) {
      Rounds& rounds = rounds_of(group.block, group.columns[c]);
      const auto at = std::lower_bound(rounds.begin(), rounds.end(), group.round);
      if (at == rounds.end() || *at != group.round) rounds.insert(at, group.round);
    }
  }

  // Channels without a bit that is not zero are taken to be made with that of the first group.
  void count_channels() {
    const ColumnGroup& front = layer_.groups.front();
    const Rounds first = rounds_of(front.block, front.columns.front());
    for (Rounds& rounds : rounds_) {
      if (rounds.empty()) rounds = first;
      ++channels_[rounds];
    }
  }

  void add_group(const ColumnGroup& group) {
    const Rounds& rounds = rounds_of(group.block, group.columns[0]);
    for (std::int64_t c = 1; c < group.columns.size(); ++c) {
      ensure(rounds_of(group.block, group.columns[c]) == rounds,
             "channels of one column group are made in different rounds");
    }
    const auto [at, is_new] = parts_.try_emplace({group.round, rounds});
    PartStage& part = at->second;
    if (is_new) {
      part.round = group.round;
      part.share.layer = layer_.layer;
      part.share.plan = layer_.plan;
      part.channels = channels_.at(rounds);
      if (rounds.size() == 1) part.weights = part.channels * matrix_.rows;
    }
    part.share.groups.push_back(group);
  }

  // Divides the weights of the channels among their rounds by the cells that these hold.
  void add_sum(const Rounds& rounds, std::int64_t channels, LayerParts& result) {
    std::vector<PartStage*> parts;
    std::int64_t all = 0;
    for (const int round : rounds) {
      parts.push_back(&parts_.at({round, rounds}));
      parts.back()->sum = static_cast<int>(result.sums.size());
      parts.back()->weights = used_cells(parts.back()->share);
      all += parts.back()->weights;
    }
    const std::int64_t weights = channels * matrix_.rows;
    std::int64_t given = 0;
    for (PartStage* part : parts) {
      const bool is_last = part == parts.back();
      part->weights =
          is_last
              ? weights - given
              : static_cast<std::int64_t>(double(part->weights) / double(all) * double(weights));
      given += part->weights;
    }
    result.sums.push_back({rounds.back(), channels, static_cast<int>(rounds.size())});
  }

  const LayerMapping& layer_;
  const workloads::MatrixShape& matrix_;
  std::int64_t slices_;
  std::vector<Rounds> rounds_;  // blocks x channels
  std::map<Rounds, std::int64_t> channels_;
  std::map<Key, PartStage> parts_;
};

}  // namespace

LayerParts parts_of(const LayerMapping& layer, const workloads::MatrixShape& matrix) {
  const int first = layer.groups.front().round;
  const bool is_whole = std::all_of(layer.groups.begin(), layer.groups.end(),
                                    [first](const ColumnGroup& g) { return g.round == first; });
  return is_whole ? LayerParts{} : Partition(layer, matrix).run();
}

}  // namespace pimento::mapper
