// SPDX-License-Identifier: Apache-2.0
// The side file in which AIMET writes how each tensor of a network is quantized (*.encodings,
// JSON).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pimento::workloads {

// How one tensor is quantized: real = (q - zero_point) * scale, with q in [-2^(bits-1),
// 2^(bits-1) - 1] where is_signed, else in [0, 2^bits - 1].
struct TensorEncoding {
  std::string tensor;
  bool is_parameter = false;  // version 2 may not say, and then it is false
  bool is_float = false;      // of 16 or 32 bits; nothing but the name and `bits` counts then
  int bits = 0;
  bool is_signed = false;
  bool is_symmetric = false;
  bool is_narrow = false;  // signed without the lowest q, so that the range is -max ... max
  // One of each for the tensor, for each channel, or for each block, these in row-major order.
  std::vector<double> scales;
  std::vector<std::int64_t> zero_points;
  int axis = -1;                // of the channels, or along which blocks run; -1: one scale for all
  std::int64_t block_size = 0;  // elements of a block; 0: no blocks
};

inline constexpr std::size_t kMaxEncodingsBytes = std::size_t{64} << 20;

// Reads versions 0.4.0, 0.5.0, 0.6.1, 1.0.0, 2.0.0 and 2.1.0. Throws InputError "file: field:
// message" when the file is no such JSON, when a field is missing, unknown or out of range, when
// values contradict each other, and where it uses what TensorEncoding has no place for (LPBQ and
// other quantized scales, 8-bit floats, fractional zero points).
//
// Versions 0.x and 1.0.0 state an offset o, with real = (p + o) * scale for p in [0, 2^bits - 1]:
//   - In general q = p and zero_point = -o.
//   - Where a symmetric encoding has o = -2^(bits-1), q = p + o takes the values -2^(bits-1) ...
//     2^(bits-1) - 1 and real = q * scale: signed, zero_point 0. With 8 bits, o = -128 and q in
//     [-128, 127].
//   - Where it has o = -(2^(bits-1) - 1) and one value fewer, q = p + o takes the values
//     -(2^(bits-1) - 1) ... 2^(bits-1) - 1: signed, zero_point 0, narrow. With 8 bits, o = -127 and
//     q in [-127, 127]. So it is where o = -128 but min and max say -127 and 127 steps.
//   - A symmetric encoding of values that are never negative has o = 0: unsigned, zero_point 0.
//   - If some channels of a tensor are of the last kind and some are not, the general form is used
//     for all.
// Versions 0.x also state min = o * scale and max = (o + n) * scale for n = 2^bits - 1 steps, or
// one less where narrow. Some writers round the offset only, others all; so each bound may lie half
// a step off. Where that fails, the file contradicts itself. A positive offset, as some files have,
// means its negative when min says so. Without min and max offsets must not be positive.
//
// Channels run along axis 0 and blocks along axis 1 in versions that do not name an axis: those of
// outputs and of inputs in the weights of Conv and of Gemm with transB.
[[nodiscard]] std::vector<TensorEncoding> read_encodings(const std::string& content,
                                                         const std::string& file_name);

}  // namespace pimento::workloads
