// SPDX-License-Identifier: Apache-2.0
// Input vectors as the rows of a tile are driven with them, packed for the kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

#include "sim/kernels/row_groups.h"

namespace pimento::kernels {

// How an input of `bits` bits reaches the rows: in slices of `drive_bits`, least significant first.
struct InputSlicing {
  int bits = 8;
  int drive_bits = 1;
  [[nodiscard]] int slices() const { return (bits + drive_bits - 1) / drive_bits; }
};

// A drive is one input slice of one input vector. Drives are counted slice by slice:
// drive = slice x vectors + vector. The kernels work on blocks of kBlock of them; the last one is
// filled up with silent drives.
class Drives {
 public:
  static constexpr int kBlock = 64;

  // `inputs` holds `vectors` times a value for every row, `stride` values apart, each of
  // slicing.bits bits; of negative ones the bits of their two's complement.
  Drives(const RowGroups& groups, const InputSlicing& slicing, int vectors,
         const std::int32_t* inputs, std::int64_t stride);

  // Throws InternalError where the drives are packed for rows or inputs of another kind, or sums
  // `stride` apart have no room for them.
  void ensure_fit(const RowGroups& groups, int drive_bits, std::int64_t stride) const;

  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int blocks() const { return (count_ + kBlock - 1) / kBlock; }
  [[nodiscard]] int padded_count() const { return blocks() * kBlock; }
  [[nodiscard]] int planes() const { return drive_bits_; }
  [[nodiscard]] int groups() const { return groups_; }
  // The four bits of each group of rows, a byte each: groups() x kBlock, for one input bit of the
  // slices.
  [[nodiscard]] const std::uint8_t* patterns(int block, int plane) const {
    return patterns_.data() + offset(block, plane);
  }

 private:
  [[nodiscard]] std::size_t offset(int block, int plane) const {
    return (static_cast<std::size_t>(block) * static_cast<std::size_t>(drive_bits_) +
            static_cast<std::size_t>(plane)) *
           static_cast<std::size_t>(groups_) * kBlock;
  }
  int count_;
  int drive_bits_;
  int groups_;
  // Aligned as the widest vectors want it.
  std::vector<std::uint8_t, boost::alignment::aligned_allocator<std::uint8_t, 64>> patterns_;
};

}  // namespace pimento::kernels
