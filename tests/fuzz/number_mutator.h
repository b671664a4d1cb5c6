// SPDX-License-Identifier: Apache-2.0
// For harnesses of text formats: every other mutation puts a number of the edges (powers of two and
// their neighbours, of both signs) in the place of a number that is there, which single bytes
// hardly ever do. Include it in one harness file; libFuzzer finds the function by its name.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace pimento {

template <class Random>
std::string edge_number(Random& random) {
  if (random() % 16 == 0) return random() % 2 == 0 ? "0.5" : "1e-308";
  const std::uint64_t power = random() % 66 == 0 ? 0 : std::uint64_t{1} << (random() % 64);
  const std::string digits = std::to_string(power + random() % 3 - 1);
  return random() % 2 == 0 ? digits : "-" + digits;
}

// Replaces the first number at or behind a place chosen by chance; the text itself if there is
// none.
template <class Random>
std::string with_edge_number(const std::string& text, Random& random) {
  constexpr const char* kDigits = "0123456789";
  std::size_t begin =
      text.empty() ? std::string::npos : text.find_first_of(kDigits, random() % text.size());
  if (begin == std::string::npos) return text;
  const std::size_t end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
  if (begin > 0 && text[begin - 1] == '-') --begin;
  return text.substr(0, begin) + edge_number(random) + text.substr(end);
}

}  // namespace pimento

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  std::minstd_rand random(seed);
  if (random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string changed = pimento::with_edge_number(std::string(data, data + size), random);
  if (changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}
