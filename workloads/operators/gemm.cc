// SPDX-License-Identifier: Apache-2.0
#include "workloads/operators/gemm.h"

#include <algorithm>
#include <cblas.h>
#include <mutex>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pimento::workloads {
namespace {

// Debian's serial OpenBLAS keeps its buffers in one place: two threads must not be in it at once.
std::mutex& blas_mutex() {
  static std::mutex mutex;
  return mutex;
}

// Places whose windows are laid out side by side at a time: enough for the matrix product to run
// at full speed, few enough to stay in the cache.
constexpr std::int64_t kBlockValues = std::int64_t{1} << 18;

// Lays the windows of places [first, last) out as columns: values x places.
void gather_windows(const ConvolutionForm& form, const double* maps,
                    const std::vector<std::vector<std::int64_t>>& offsets, double* columns) {
  const auto places = static_cast<std::int64_t>(offsets.size());
  const std::int64_t area = element_count(form.window.extent);
  const std::int64_t kernel = form.window.kernel_size();
  for (std::int64_t channel = 0; channel < form.in_channels; ++channel) {
    const double* map = maps + channel * area;
    for (std::int64_t place = 0; place < places; ++place) {
      const std::vector<std::int64_t>& from = offsets[static_cast<std::size_t>(place)];
      for (std::int64_t k = 0; k < kernel; ++k) {
        const std::int64_t offset = from[static_cast<std::size_t>(k)];
        columns[(channel * kernel + k) * places + place] = offset < 0 ? 0.0 : map[offset];
      }
    }
  }
}

// Computes a block of places for all images and groups.
void convolve_block(const ConvolutionForm& form, const double* input, const double* weight,
                    const std::vector<std::vector<std::int64_t>>& offsets, std::int64_t first,
                    std::vector<double>& columns, std::vector<double>& sums, double* output) {
  const auto places = static_cast<std::int64_t>(offsets.size());
  const std::int64_t rows = form.in_channels * form.window.kernel_size();
  const std::int64_t area = element_count(form.window.extent);
  const std::int64_t all_places = form.window.place_count();
  columns.resize(static_cast<std::size_t>(rows * places));
  sums.resize(static_cast<std::size_t>(form.out_channels * places));
  for (std::int64_t group = 0; group < form.batch * form.groups; ++group) {
    gather_windows(form, input + group * form.in_channels * area, offsets, columns.data());
    const double* filters = weight + group % form.groups * form.out_channels * rows;
    multiply_matrices(filters, columns.data(), sums.data(), form.out_channels, rows, places);
    for (std::int64_t channel = 0; channel < form.out_channels; ++channel) {
      std::copy_n(sums.begin() + channel * places, places,
                  output + (group * form.out_channels + channel) * all_places + first);
    }
  }
}

}  // namespace

void multiply_matrices(const double* a, const double* b, double* c, std::int64_t m, std::int64_t k,
                       std::int64_t n) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    std::fill_n(c, m * n, 0.0);
    return;
  }
  ensure(std::in_range<int>(m) && std::in_range<int>(k) && std::in_range<int>(n),
         "a matrix has more rows or columns than the library counts");
  const std::lock_guard lock(blas_mutex());
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), 1.0, a, static_cast<int>(k), b, static_cast<int>(n), 0.0, c,
              static_cast<int>(n));
}

void multiply_transposed(const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                         float* c, std::int64_t m, std::int64_t k, std::int64_t n) {
  const std::lock_guard lock(blas_mutex());
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), 1.0F, a, static_cast<int>(lda), b, static_cast<int>(ldb), 0.0F,
              c, static_cast<int>(n));
}

void multiply_transposed(const double* a, std::int64_t lda, const double* b, std::int64_t ldb,
                         double* c, std::int64_t m, std::int64_t k, std::int64_t n) {
  const std::lock_guard lock(blas_mutex());
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), 1.0, a, static_cast<int>(lda), b, static_cast<int>(ldb), 0.0, c,
              static_cast<int>(n));
}

void convolve(const ConvolutionForm& form, const double* input, const double* weight,
              double* output) {
  const std::int64_t rows = std::max<std::int64_t>(1, form.in_channels * form.window.kernel_size());
  const auto block = static_cast<std::size_t>(std::max<std::int64_t>(1, kBlockValues / rows));
  std::vector<std::vector<std::int64_t>> offsets;
  std::vector<double> columns;
  std::vector<double> sums;
  std::int64_t first = 0;
  const auto flush = [&] {
    if (offsets.empty()) return;
    convolve_block(form, input, weight, offsets, first, columns, sums, output);
    first += static_cast<std::int64_t>(offsets.size());
    offsets.clear();
  };
  for_each_place(form.window, [&](std::int64_t, const std::vector<std::int64_t>& at) {
    window_offsets(form.window, at, offsets.emplace_back());
    if (offsets.size() == block) flush();
  });
  flush();
}

}  // namespace pimento::workloads
