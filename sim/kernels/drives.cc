// SPDX-License-Identifier: Apache-2.0
#include "sim/kernels/drives.h"

#include <array>

#include "base/error.h"

namespace pimento::kernels {
namespace {

// Spreads the bits of a byte: bit i becomes the lowest bit of byte i.
constexpr std::array<std::uint64_t, 256> make_spread() {
  std::array<std::uint64_t, 256> spread{};
  for (std::size_t byte = 0; byte < spread.size(); ++byte) {
    for (std::size_t bit = 0; bit < 8; ++bit) {
      spread[byte] |= static_cast<std::uint64_t>(byte >> bit & 1U) << (8 * bit);
    }
  }
  return spread;
}
constexpr std::array<std::uint64_t, 256> kSpread = make_spread();

}  // namespace

Drives::Drives(const RowGroups& groups, const InputSlicing& slicing, int vectors,
               const std::int32_t* inputs, std::int64_t stride)
    : count_(slicing.slices() * vectors),
      drive_bits_(slicing.drive_bits),
      groups_(groups.groups()) {
  ensure(slicing.bits >= 1 && slicing.bits <= 32 && slicing.drive_bits >= 1,
         "an input has 1 to 32 bits");
  ensure(stride >= groups.rows(), "an input vector has a value for every row");
  patterns_.assign(offset(blocks(), 0), 0);
  // Where each bit of the inputs of one vector goes, group 0 first.
  std::vector<std::uint8_t*> to(static_cast<std::size_t>(slicing.bits));
  for (int vector = 0; vector < vectors; ++vector) {
    for (int bit = 0; bit < slicing.bits; ++bit) {
      const int drive = bit / drive_bits_ * vectors + vector;
      to[static_cast<std::size_t>(bit)] =
          patterns_.data() + offset(drive / kBlock, bit % drive_bits_) + drive % kBlock;
    }
    const std::int32_t* input = inputs + vector * stride;
    for (int row = 0; row < groups.rows();) {
      const int group = groups.group_of(row);
      // Byte `bit` of `split` gathers that bit of the group's rows.
      std::array<std::uint64_t, 4> split{};
      for (int place = 0; row < groups.rows() && groups.group_of(row) == group; ++place, ++row) {
        const auto value = static_cast<std::uint32_t>(input[row]);
        for (int byte = 0; byte * 8 < slicing.bits; ++byte) {
          split[static_cast<std::size_t>(byte)] |= kSpread[value >> (8 * byte) & 0xFFU] << place;
        }
      }
      const std::size_t at = static_cast<std::size_t>(group) * kBlock;
      for (std::size_t bit = 0; bit < to.size(); ++bit) {
        to[bit][at] = static_cast<std::uint8_t>(split[bit / 8] >> (8 * (bit % 8)));
      }
    }
  }
}

void Drives::ensure_fit(const RowGroups& groups, int drive_bits, std::int64_t stride) const {
  ensure(stride >= padded_count() && groups_ == groups.groups() && drive_bits_ == drive_bits,
         "drives are packed for another tile");
}

}  // namespace pimento::kernels
