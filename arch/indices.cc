// SPDX-License-Identifier: Apache-2.0
#include "arch/indices.h"

#include <algorithm>
#include <utility>

namespace pimento::arch {

Indices Indices::listed(std::vector<std::int32_t> list) {
  const std::int64_t step = list.size() < 2 ? 1 : std::int64_t{list[1]} - list[0];
  bool is_even = true;
  for (std::size_t i = 1; i < list.size() && is_even; ++i) is_even = list[i] - list[i - 1] == step;
  if (is_even) return {list.empty() ? 0 : list.front(), step, std::ssize(list)};
  Indices result;
  result.count_ = std::ssize(list);
  result.list_ = std::make_shared<const std::vector<std::int32_t>>(std::move(list));
  return result;
}

Range Indices::hull() const {
  if (count_ == 0) return {};
  if (list_ == nullptr) {
    return {std::min(front(), back()), std::max(front(), back()) + 1};
  }
  const auto [least, greatest] = std::minmax_element(list_->begin(), list_->end());
  return {*least, std::int64_t{*greatest} + 1};
}

Indices Indices::part(std::int64_t from, std::int64_t count) const {
  if (list_ == nullptr) return {first_ + from * step_, step_, count};
  return listed({list_->begin() + from, list_->begin() + from + count});
}

bool operator==(const Indices& a, const Indices& b) {
  if (a.count_ != b.count_) return false;
  if (a.list_ != nullptr && a.list_ == b.list_) return true;
  for (std::int64_t i = 0; i < a.count_; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace pimento::arch
