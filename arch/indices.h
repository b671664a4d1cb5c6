// SPDX-License-Identifier: Apache-2.0
// Rows or columns of a layer's matrix: a run of them, every n-th one, or any that are listed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace pimento::arch {

// Half-open range of indices.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

class Indices {
 public:
  Indices() = default;
  // A range is written where indices are expected: rows = {0, 128}.
  Indices(const Range& range) : Indices(range.begin, 1, range.size()) {}  // NOLINT(*-explicit-*)
  Indices(std::int64_t begin, std::int64_t end) : Indices(Range{begin, end}) {}

  // first, first + step, ...
  [[nodiscard]] static Indices every(std::int64_t first, std::int64_t step, std::int64_t count) {
    return {first, step, count};
  }
  // In the order given. Lists that turn out to be evenly spaced are kept as such.
  [[nodiscard]] static Indices listed(std::vector<std::int32_t> list);

  [[nodiscard]] std::int64_t size() const { return count_; }
  [[nodiscard]] std::int64_t operator[](std::int64_t i) const {
    return list_ == nullptr ? first_ + i * step_ : (*list_)[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] std::int64_t front() const { return (*this)[0]; }
  [[nodiscard]] std::int64_t back() const { return (*this)[count_ - 1]; }
  // Whether each index is one above that before it.
  [[nodiscard]] bool is_range() const { return list_ == nullptr && (step_ == 1 || count_ <= 1); }
  [[nodiscard]] bool is_listed() const { return list_ != nullptr; }
  // From the least to the greatest index, the greatest included.
  [[nodiscard]] Range hull() const;

  // Indices [from, from + count) of these.
  [[nodiscard]] Indices part(std::int64_t from, std::int64_t count) const;

  friend bool operator==(const Indices& a, const Indices& b);

 private:
  Indices(std::int64_t first, std::int64_t step, std::int64_t count)
      : first_(first), step_(static_cast<std::int32_t>(step)), count_(count) {}

  std::int64_t first_ = 0;
  std::int32_t step_ = 1;
  std::int64_t count_ = 0;
  std::shared_ptr<const std::vector<std::int32_t>> list_;
};

}  // namespace pimento::arch
