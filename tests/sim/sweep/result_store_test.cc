// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/result_store.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "tests/sim/sweep/support.h"

namespace pimento::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLimit = 1 << 20;

TEST(Digest, IsStable) {
  EXPECT_EQ(digest(""), digest(""));
  EXPECT_EQ(digest("abc").size(), 32u);
  EXPECT_NE(digest("abc"), digest("abd"));
  EXPECT_EQ(digest(""), "e129f27c51035c5c844bcdf0a15e160d");
}

TEST(ResultStore, GivesBackTheSameNumbers) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path() / "new" / "points");
  PointFigures figures = some_figures(0.1);
  figures.latency_s = 1.0 / 3.0;
  figures.crossbars = std::int64_t{1} << 62;
  figures.notes = {"a \"note\"", "line\nbreak"};
  EXPECT_FALSE(store.load("inputs").has_value());
  store.save("inputs", figures);
  ASSERT_TRUE(store.load("inputs").has_value());
  EXPECT_EQ(*store.load("inputs"), figures);
}

TEST(ResultStore, NamesFilesByTheirInputs) {
  const ResultStore store("points");
  EXPECT_EQ(store.file_of("a").string(), "points/" + digest("a").substr(0, 16) + ".json");
  EXPECT_NE(store.file_of("a"), store.file_of("b"));
}

TEST(ResultStore, KnowsFilesOfOtherInputs) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path());
  store.save("a", some_figures(1.0));
  fs::copy_file(store.file_of("a"), store.file_of("b"));  // as if both had one key
  EXPECT_TRUE(store.load("a").has_value());
  EXPECT_FALSE(store.load("b").has_value());
}

TEST(ResultStore, ComparesTheInputsThemselves) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path());
  store.save("wanted", some_figures(1.0));
  std::string text = read_file(store.file_of("wanted"), kLimit);
  text.replace(text.find("wanted"), 6, "others");
  write_file_atomically(store.file_of("wanted"), text);
  EXPECT_FALSE(store.load("wanted").has_value());
}

TEST(ResultStore, IgnoresFilesCutShortAnywhere) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path());
  store.save("a", some_figures(1.0));
  const std::string whole = read_file(store.file_of("a"), kLimit);
  const std::size_t last = whole.find_last_of('}');
  for (std::size_t size = 0; size <= last; ++size) {
    write_file_atomically(store.file_of("a"), whole.substr(0, size));
    ASSERT_FALSE(store.load("a").has_value()) << size;
  }
}

TEST(ResultStore, IgnoresAnyChangedByteOfItsFigures) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path());
  store.save("a", some_figures(1.0));
  const std::string whole = read_file(store.file_of("a"), kLimit);
  const std::size_t begin = whole.find("\"figures\"");
  const std::size_t end = whole.find("\"checksum\"");
  for (std::size_t at = begin; at < end; ++at) {
    if (std::isspace(static_cast<unsigned char>(whole[at])) != 0) continue;
    std::string damaged = whole;
    damaged[at] = damaged[at] == '7' ? '8' : '7';
    write_file_atomically(store.file_of("a"), damaged);
    ASSERT_FALSE(store.load("a").has_value()) << at;
  }
}

TEST(ResultStore, IgnoresWhatIsNoPointAtAll) {
  const TemporaryFolder folder;
  const ResultStore store(folder.path());
  const fs::path file = store.file_of("a");
  for (const std::string text :
       {"[]", "{}", "1", "\"x\"", "null", "{\"schema\":\"pimento/point/1\",\"inputs\":\"a\"}",
        "{\"schema\":1,\"inputs\":[],\"figures\":[],\"checksum\":{}}", "\xff\xfe"}) {
    write_file_atomically(file, text);
    EXPECT_FALSE(store.load("a").has_value()) << text;
  }
  write_file_atomically(file, std::string(100'000, '['));
  EXPECT_FALSE(store.load("a").has_value());
  write_file_atomically(file, std::string(2 * kLimit, ' '));
  EXPECT_FALSE(store.load("a").has_value());
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_FALSE(store.load("a").has_value());
}

TEST(ResultStore, SaysWhenItCannotWrite) {
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "file", "x");
  const ResultStore store(folder.path() / "file" / "points");
  EXPECT_THROW(store.save("a", some_figures(1.0)), InputError);
}

TEST(PointFigures, AreTakenFromAReport) {
  RunReport report;
  report.totals.energy = from_si<Energy>(2.0);
  report.totals.latency = from_si<Time>(0.5);
  report.totals.area = from_si<Area>(3e-6);
  report.totals.macs = 1'000'000'000;
  report.totals.images = 2;
  report.totals.crossbars = 7;
  report.totals.adc_conversions = 8;
  report.totals.cell_utilization = 0.25;
  report.notes = {"note"};
  const PointFigures figures = point_figures(report);
  EXPECT_EQ(figures.energy_j, 2.0);
  EXPECT_EQ(figures.latency_s, 0.5);
  EXPECT_DOUBLE_EQ(figures.area_mm2, 3.0);
  EXPECT_EQ(figures.crossbars, 7);
  EXPECT_EQ(figures.adc_conversions, 8);
  EXPECT_EQ(figures.cell_utilization, 0.25);
  EXPECT_DOUBLE_EQ(figures.tops_per_w, 0.002);  // 2 x 10^9 x 2 operations / 2 J
  EXPECT_EQ(figures.edp, 1.0);
  EXPECT_EQ(figures.notes, report.notes);
}

TEST(PointFigures, NeedEveryFieldAndItsType) {
  const nlohmann::ordered_json whole = to_json(some_figures(1.0));
  ASSERT_EQ(figures_from(whole), some_figures(1.0));
  for (const auto& [name, value] : whole.items()) {
    nlohmann::ordered_json json = whole;
    json.erase(name);
    EXPECT_FALSE(figures_from(json).has_value()) << name;
    json = whole;
    json[name] = "text";
    EXPECT_FALSE(figures_from(json).has_value()) << name;
  }
  nlohmann::ordered_json json = whole;
  json["crossbars"] = 1.5;
  EXPECT_FALSE(figures_from(json).has_value());
  json = whole;
  json["notes"] = {1};
  EXPECT_FALSE(figures_from(json).has_value());
}

}  // namespace
}  // namespace pimento::sim
