// SPDX-License-Identifier: Apache-2.0
// Reads that are left where inputs of zero are passed over, against a count that goes through
// places, slices, reads and rows one by one.
#include "sim/exact/read_counter.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/exact/network_runner.h"
#include "tests/mapper/support.h"
#include "workloads/synthetic_values.h"

namespace pimento::exact {
namespace {

using arch::Encoding;
using arch::ZeroSkipping;

constexpr std::int64_t kSide = 6;
constexpr std::int64_t kPad = 1;

struct Case {
  std::string strategy = "dense";
  ZeroSkipping rule = ZeroSkipping::kSlices;
  int unit_rows = 0;  // 0: whole arrays
  int dac_bits = 1;
  int input_bits = 5;
  bool is_signed = false;
  std::string signed_inputs = {};
  std::int64_t groups = 1;
  int copies = 1;  // of the layer
  Encoding encoding = Encoding::kTwosComplement;

  [[nodiscard]] std::string text() const {
    return fmt::format("{} {} units of {}, DAC of {}, {} bits{} {}, {} groups, {} copies", strategy,
                       arch::zero_skipping_name(rule), unit_rows, dac_bits, input_bits,
                       is_signed ? " signed" : "", signed_inputs, groups, copies);
  }
};

// A convolution with padding whose weights have rows and planes of zeros, and whose inputs are
// small in some maps and zero in others.
class Example {
 public:
  explicit Example(const Case& c) : case_(c), network_(make_network(c)), chip_(make_chip(c)) {
    const mapper::Mapping mapping = mapper::map_network({network_, chip_}, c.strategy);
    layout_ = mapping.layers.front();
    copy_layer();
  }

  void draw_image(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto high = std::int32_t{1}
                      << (case_.is_signed ? case_.input_bits - 1 : case_.input_bits);
    image_.clear();
    for (std::int64_t map = 0; map < maps(); ++map) {
      const std::int32_t most = high >> (map % 4);
      std::uniform_int_distribution<std::int32_t> any(case_.is_signed ? -most : 0, most - 1);
      for (std::int64_t i = 0; i < kSide * kSide; ++i) {
        image_.push_back(random() % 3 == 0 ? any(random) : 0);
      }
    }
    // The grid finds its scale by the largest magnitude.
    image_[random() % image_.size()] = high - 1;
    for (std::int32_t& value : image_) value = std::max(value, -(high - 1));
  }
  void fill_image(std::int32_t value) {
    image_.assign(static_cast<std::size_t>(maps() * kSide * kSide), value);
  }

  [[nodiscard]] std::vector<LayerReads> counted(int images) const {
    const ColumnReading lossless{case_.unit_rows, chip_.macro.geometry().lossless_adc_bits()};
    NetworkRunner runner(network_, {layout_}, {chip_.macro, lossless}, case_.is_signed);
    workloads::Array image =
        workloads::make_array(workloads::ElementType::kFloat32, {1, maps(), kSide, kSide});
    std::copy(image_.begin(), image_.end(), image.reals.begin());
    const auto reference = runner.run({image}, Arithmetic::kIntegers);
    EXPECT_TRUE(runner.kept_reads().empty());
    runner.count_kept_reads({layout_}, chip_.macro, chip_.macros_per_core);
    for (int i = 0; i < images; ++i) {
      EXPECT_TRUE(runner.run({image}, Arithmetic::kEveryRead) == reference);
    }
    return runner.kept_reads();
  }

  // Place by place, read by read, row by row.
  [[nodiscard]] LayerReads brute_force() {
    found_ = {};
    cores_.clear();
    const std::int64_t positions = windows_along(0) * windows_along(1);
    for (std::int64_t p = 0; p < positions; ++p) read_position(p);
    found_.vectors = positions;
    for (const auto& [key, core] : cores_) found_.cores.push_back(core);
    return found_;
  }

 private:
  using Groups = std::vector<const arch::ColumnGroup*>;
  // A row of a macro: its level in each input slice.
  using Levels = std::map<std::int64_t, std::vector<int>>;

  static workloads::Network make_network(const Case& c) {
    mapper::NetworkBuilder builder({2 * c.groups, kSide, kSide});
    builder.conv("conv", 5 * c.groups, 3, 1, kPad, c.groups);
    builder.precision(0, 4, c.input_bits);
    builder.network.input_bits = c.input_bits;
    workloads::WeightOrigin& origin = builder.network.weight_origin;
    origin.distribution = "bit_sparse";
    origin.bit_sparse.significant_bits = 1.5;
    origin.bit_sparse.plane_presence = 0.6;
    origin.bit_sparse.row_density = 0.6;
    return workloads::with_synthetic_values(builder.network);
  }
  static arch::ChipSpec make_chip(const Case& c) {
    std::string more = fmt::format("zero_skipping: {}, ", arch::zero_skipping_name(c.rule));
    if (c.unit_rows > 0)
      more += fmt::format("operation_unit: {{rows: {}, columns: 7}}, ", c.unit_rows);
    if (!c.signed_inputs.empty()) more += fmt::format("signed_inputs: {}, ", c.signed_inputs);
    return mapper::make_chip({.rows = 24,
                              .columns = 28,
                              .dac_bits = c.dac_bits,
                              .encoding = c.encoding,
                              .macros_per_core = 2,
                              .cores_per_tile = 2,
                              .more = more});
  }
  void copy_layer() {
    const std::vector<arch::ColumnGroup> groups = layout_.groups;
    int macros = 0;
    for (const arch::ColumnGroup& group : groups) macros = std::max(macros, group.macro + 1);
    for (int copy = 1; copy < case_.copies; ++copy) {
      for (arch::ColumnGroup group : groups) {
        group.replica = copy;
        group.macro += copy * macros;
        layout_.groups.push_back(group);
      }
    }
  }
  [[nodiscard]] std::int64_t maps() const { return 2 * case_.groups; }
  [[nodiscard]] int driven_bits() const { return case_.input_bits + layout_.largest_row_shift(); }
  [[nodiscard]] int slices() const { return (driven_bits() + case_.dac_bits - 1) / case_.dac_bits; }

  // Of copies of a 3 x 3 kernel side by side, moved by one.
  [[nodiscard]] std::int64_t windows_along(std::size_t axis) const {
    return (kSide + layout_.copies[axis] - 1) / layout_.copies[axis];
  }
  [[nodiscard]] std::int64_t input_at(std::int64_t position, std::int64_t block,
                                      std::int64_t row) const {
    const std::int64_t wide = layout_.copies[1] + 2;
    const std::int64_t area = (layout_.copies[0] + 2) * wide;
    const std::int64_t map = block * (maps() / case_.groups) + row / area;
    const std::int64_t y =
        position / windows_along(1) * layout_.copies[0] - kPad + row % area / wide;
    const std::int64_t x =
        position % windows_along(1) * layout_.copies[1] - kPad + row % area % wide;
    if (y < 0 || x < 0 || y >= kSide || x >= kSide) return 0;
    return image_[static_cast<std::size_t>((map * kSide + y) * kSide + x)];
  }

  [[nodiscard]] int phases() const {
    return case_.is_signed && chip_.macro.signed_inputs == arch::SignedInputs::kTwoPhase ? 2 : 1;
  }
  [[nodiscard]] std::vector<int> levels_of(std::int64_t value, int shift, int phase) const {
    if (case_.is_signed && chip_.macro.signed_inputs == arch::SignedInputs::kOffset) {
      value += std::int64_t{1} << (case_.input_bits - 1);
    }
    if (phases() == 2) value = std::max<std::int64_t>(0, phase == 0 ? value : -value);
    value *= std::int64_t{1} << shift;
    std::vector<int> levels;
    for (int s = 0; s < slices(); ++s) {
      int level = 0;
      for (int bit = 0; bit < case_.dac_bits && s * case_.dac_bits + bit < driven_bits(); ++bit) {
        level += static_cast<int>(value >> (s * case_.dac_bits + bit) & 1) << bit;
      }
      levels.push_back(level);
    }
    return levels;
  }

  void read_position(std::int64_t position) {
    const auto replica = static_cast<int>(position % case_.copies);
    std::map<std::pair<int, int>, Groups> together;
    int next = 0;
    for (const arch::ColumnGroup& group : layout_.groups) {
      if (group.replica != replica) continue;
      const int key = case_.unit_rows == 0 ? group.turn : next++;
      together[{group.macro, key}].push_back(&group);
    }
    std::map<int, std::int64_t> reads_of_macro;
    std::map<int, std::int64_t> all_of_macro;
    for (const auto& [key, groups] : together) {
      for (int phase = 0; phase < phases(); ++phase) {
        const Levels levels = levels_at(position, groups, phase);
        core_of(replica, key.first).kept.tested_bits +=
            std::ssize(levels) * std::int64_t{slices()} * case_.dac_bits;
        reads_of_macro[key.first] += read(groups, levels, case_.rule, &CoreReads::kept);
        all_of_macro[key.first] += read(groups, levels, ZeroSkipping::kNone, &CoreReads::possible);
      }
    }
    std::map<int, std::pair<std::int64_t, std::int64_t>> most;  // of cores
    for (const auto& [macro, reads] : reads_of_macro) {
      auto& [kept, possible] = most[macro / 2];
      kept = std::max(kept, reads);
      possible = std::max(possible, all_of_macro[macro]);
      found_.reads_kept += reads;
      found_.reads_possible += all_of_macro[macro];
    }
    for (const auto& [core, reads] : most) {
      core_of(replica, 2 * core).kept.reads += reads.first;
      core_of(replica, 2 * core).possible.reads += reads.second;
    }
  }

  [[nodiscard]] Levels levels_at(std::int64_t position, const Groups& groups, int phase) const {
    Levels levels;
    for (const arch::ColumnGroup* group : groups) {
      for (std::int64_t i = 0; i < group->rows.size(); ++i) {
        levels[group->at_row + i] =
            levels_of(input_at(position, group->block, group->rows[i]), group->row_shift(i), phase);
      }
    }
    return levels;
  }

  CoreReads& core_of(int replica, int macro) {
    CoreReads& core = cores_[{replica, macro / 2}];
    core.replica = replica;
    core.core = macro / 2;
    return core;
  }

  // One read after the other; how many there were.
  std::int64_t read(const Groups& groups, const Levels& levels, ZeroSkipping rule,
                    arch::KeptReads CoreReads::* to) {
    const std::int64_t unit = case_.unit_rows == 0 ? 24 : case_.unit_rows;
    std::vector<std::int64_t> rows;
    for (const auto& [row, level] : levels) rows.push_back(row);
    std::int64_t reads = 0;
    for (int s = 0; s < slices(); ++s) {
      std::vector<std::int64_t> candidates;
      for (const std::int64_t row : rows) {
        const bool is_zero = levels.at(row)[static_cast<std::size_t>(s)] == 0;
        if (rule != ZeroSkipping::kRows || !is_zero) candidates.push_back(row);
      }
      for (std::size_t first = 0; first < candidates.size();
           first += static_cast<std::size_t>(unit)) {
        const std::size_t last =
            std::min(candidates.size(), first + static_cast<std::size_t>(unit));
        const std::set<std::int64_t> driven(candidates.begin() + static_cast<std::ptrdiff_t>(first),
                                            candidates.begin() + static_cast<std::ptrdiff_t>(last));
        if (is_passed_over(levels, driven, s, rule)) continue;
        reads +=
            record(groups, driven, core_of(groups.front()->replica, groups.front()->macro).*to);
      }
    }
    return reads;
  }
  [[nodiscard]] bool is_passed_over(const Levels& levels, const std::set<std::int64_t>& rows, int s,
                                    ZeroSkipping rule) const {
    if (rule == ZeroSkipping::kNone || rule == ZeroSkipping::kRows) return false;
    const int last = rule == ZeroSkipping::kSlices ? s + 1 : slices();
    for (const std::int64_t row : rows) {
      for (int slice = s; slice < last; ++slice) {
        if (levels.at(row)[static_cast<std::size_t>(slice)] != 0) return false;
      }
    }
    return true;
  }
  // Of rows with all columns; units beside each other are read one after the other.
  std::int64_t record(const Groups& groups, const std::set<std::int64_t>& driven,
                      arch::KeptReads& to) const {
    std::int64_t beside = 1;
    for (const arch::ColumnGroup* group : groups) {
      const std::int64_t columns = group->columns.size();
      if (case_.unit_rows > 0) beside = (columns + 6) / 7;
      to.columns += columns;
      if (group->details != nullptr) to.shared_columns += std::ssize(group->details->shared);
      for (const std::int64_t row : driven) {
        if (row < group->at_row || row >= group->at_row + group->rows.size()) continue;
        to.cells += columns * layout_.plan.lines();
      }
    }
    to.rows += beside * std::ssize(driven);
    return beside;
  }

  Case case_;
  workloads::Network network_;
  arch::ChipSpec chip_;
  arch::LayerLayout layout_;
  std::vector<std::int32_t> image_;
  LayerReads found_;
  std::map<std::pair<int, std::int64_t>, CoreReads> cores_;
};

void expect_equal(const LayerReads& found, const LayerReads& wanted) {
  EXPECT_EQ(found.vectors, wanted.vectors);
  EXPECT_EQ(found.reads_kept, wanted.reads_kept);
  EXPECT_EQ(found.reads_possible, wanted.reads_possible);
  ASSERT_EQ(found.cores.size(), wanted.cores.size());
  for (std::size_t i = 0; i < found.cores.size(); ++i) {
    const CoreReads& core = found.cores[i];
    EXPECT_EQ(core.replica, wanted.cores[i].replica);
    EXPECT_EQ(core.core, wanted.cores[i].core);
    for (const auto part : {&CoreReads::kept, &CoreReads::possible}) {
      const arch::KeptReads& a = core.*part;
      const arch::KeptReads& b = wanted.cores[i].*part;
      EXPECT_EQ(a.reads, b.reads);
      EXPECT_EQ(a.rows, b.rows);
      EXPECT_EQ(a.columns, b.columns);
      EXPECT_EQ(a.shared_columns, b.shared_columns);
      EXPECT_EQ(a.cells, b.cells);
      EXPECT_EQ(a.tested_bits, b.tested_bits);
    }
  }
}

constexpr std::array kRules{ZeroSkipping::kLeadingBits, ZeroSkipping::kSlices, ZeroSkipping::kRows};

// Draws an image, and says what share of the reads is left.
double check(const Case& c, std::uint32_t seed) {
  SCOPED_TRACE(c.text());
  Example example(c);
  example.draw_image(seed);
  const LayerReads found = example.counted(1).front();
  expect_equal(found, example.brute_force());
  return double(found.reads_kept) / double(found.reads_possible);
}

TEST(ReadCounter, CountsDenseLayersReadByRead) {
  std::uint32_t seed = 0;
  for (const ZeroSkipping rule : kRules) {
    for (const int unit_rows : {0, 1, 8, 9, 16}) {
      for (const int dac_bits : {1, 2}) {
        for (const std::int64_t groups : {1, 3}) {
          const double share =
              check({.rule = rule, .unit_rows = unit_rows, .dac_bits = dac_bits, .groups = groups},
                    ++seed);
          EXPECT_LT(share, 1.0);
          EXPECT_GT(share, 0.0);
        }
      }
    }
  }
}

TEST(ReadCounter, CountsInputsWithASignAsTheyAreDriven) {
  std::uint32_t seed = 100;
  for (const ZeroSkipping rule : kRules) {
    for (const int unit_rows : {0, 9}) {
      for (const auto& [mode, dac_bits] : {std::pair<std::string, int>{"twos_complement", 1},
                                           {"offset", 1},
                                           {"offset", 2},
                                           {"two_phase", 1},
                                           {"two_phase", 2}}) {
        (void)check({.rule = rule,
                     .unit_rows = unit_rows,
                     .dac_bits = dac_bits,
                     .is_signed = true,
                     .signed_inputs = mode},
                    ++seed);
      }
    }
  }
}

TEST(ReadCounter, CountsRowsThatStrategiesList) {
  std::uint32_t seed = 200;
  for (const ZeroSkipping rule : kRules) {
    for (const std::int64_t groups : {1, 2}) {
      for (const std::string strategy : {"planes", "sme", "windows", "packed"}) {
        (void)check({.strategy = strategy,
                     .rule = rule,
                     .groups = groups,
                     .encoding = Encoding::kSignMagnitude},
                    ++seed);
      }
      for (const std::string strategy : {"sre", "bwq", "similar", "forms", "packed", "planes"}) {
        (void)check({.strategy = strategy,
                     .rule = rule,
                     .unit_rows = 8,
                     .groups = groups,
                     .encoding = Encoding::kDifferential},
                    ++seed);
      }
    }
  }
}

TEST(ReadCounter, CopiesOfALayerTakeTurns) {
  std::uint32_t seed = 300;
  for (const ZeroSkipping rule : kRules) {
    for (const int copies : {2, 5}) {
      (void)check({.rule = rule, .unit_rows = 9, .copies = copies}, ++seed);
      (void)check({.rule = rule, .unit_rows = 0, .copies = copies}, ++seed);
    }
  }
}

TEST(ReadCounter, ZerosAreNeverRead) {
  for (const ZeroSkipping rule : kRules) {
    for (const int unit_rows : {0, 9}) {
      Example example({.rule = rule, .unit_rows = unit_rows});
      example.fill_image(0);
      const LayerReads found = example.counted(1).front();
      EXPECT_EQ(found.reads_kept, 0);
      EXPECT_GT(found.reads_possible, 0);
      for (const CoreReads& core : found.cores) {
        const std::int64_t tested = core.kept.tested_bits;
        EXPECT_GT(tested, 0);
        EXPECT_EQ(core.kept, arch::KeptReads{.tested_bits = tested});
      }
    }
  }
}

// With 2^bits - 1 everywhere only the padding has zeros, and the middle of a kernel never meets it.
TEST(ReadCounter, OnesAreAlwaysRead) {
  for (const ZeroSkipping rule : {ZeroSkipping::kLeadingBits, ZeroSkipping::kSlices}) {
    for (const int unit_rows : {0, 9}) {
      Example example({.rule = rule, .unit_rows = unit_rows});
      example.fill_image(31);
      const LayerReads found = example.counted(1).front();
      EXPECT_EQ(found.reads_kept, found.reads_possible);
      for (CoreReads core : found.cores) {
        core.kept.tested_bits = 0;
        EXPECT_EQ(core.kept, core.possible);
      }
    }
  }
}

// 36 places, 18 rows, of which the corners miss 5 taps of 9 in each of two maps, the edges 3:
// one read for every row that is not padding, five slices, three units of seven columns.
TEST(ReadCounter, PaddingCountsAsZero) {
  Example example({.rule = ZeroSkipping::kRows, .unit_rows = 1});
  example.fill_image(31);
  const LayerReads found = example.counted(1).front();
  EXPECT_EQ(found.reads_possible, 36 * 18 * 5 * 3);
  EXPECT_EQ(found.reads_kept, (36 * 18 - 2 * (4 * 5 + 16 * 3)) * 5 * 3);
}

TEST(ReadCounter, ImagesAddUp) {
  Example example({.rule = ZeroSkipping::kRows, .unit_rows = 9, .copies = 5});
  example.draw_image(7);
  const LayerReads once = example.counted(1).front();
  const LayerReads thrice = example.counted(3).front();
  EXPECT_EQ(thrice.vectors, 3 * once.vectors);
  EXPECT_EQ(thrice.reads_kept, 3 * once.reads_kept);
  for (std::size_t i = 0; i < once.cores.size(); ++i) {
    EXPECT_EQ(thrice.cores[i].kept.reads, 3 * once.cores[i].kept.reads);
    EXPECT_EQ(thrice.cores[i].kept.tested_bits, 3 * once.cores[i].kept.tested_bits);
    EXPECT_EQ(thrice.cores[i].possible.cells, 3 * once.cores[i].possible.cells);
  }
}

// Each rule passes over all that the one before it does.
TEST(ReadCounter, StricterRulesKeepLess) {
  for (const int unit_rows : {0, 8}) {
    std::int64_t last = 0;
    for (const ZeroSkipping rule :
         {ZeroSkipping::kRows, ZeroSkipping::kSlices, ZeroSkipping::kLeadingBits}) {
      Example example({.rule = rule, .unit_rows = unit_rows});
      example.draw_image(11);
      const LayerReads found = example.counted(1).front();
      EXPECT_GE(found.reads_kept, last);
      EXPECT_LE(found.reads_kept, found.reads_possible);
      last = found.reads_kept;
    }
  }
}

}  // namespace
}  // namespace pimento::exact
