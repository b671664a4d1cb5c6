// SPDX-License-Identifier: Apache-2.0
#include "sim/app/progress.h"

#include <gmock/gmock.h>

namespace pimento::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProgressTest : public testing::Test {
 protected:
  Progress::Surroundings around(bool terminal) {
    return {terminal, [this](const std::string& text) { written_.push_back(text); },
            [this] { return now_; }};
  }
  std::vector<std::string> written_;
  double now_ = 100.0;
};

TEST_F(ProgressTest, DrawsABarWithCountAndTimeLeft) {
  {
    Progress progress("sweep", around(true));
    progress.update(0, 64);
    now_ += 10.0;
    progress.update(16, 64);
    now_ += 0.05;
    progress.update(17, 64);  // too soon to draw again
    now_ += 29.95;
    progress.update(64, 64);
  }
  EXPECT_THAT(written_,
              ElementsAre("\r\x1b[Ksweep [..............................]  0/64   0 %",
                          "\r\x1b[Ksweep [#######.......................] 16/64  25 %  0:30 left",
                          "\r\x1b[Ksweep [##############################] 64/64 100 %", "\n"));
}

TEST_F(ProgressTest, TheEndIsDrawnHoweverSoon) {
  Progress progress("x", around(true));
  progress.update(0, 1);
  progress.update(1, 1);
  EXPECT_EQ(written_.size(), 2u);
}

TEST_F(ProgressTest, HiddenBarsMakeRoomAndComeBack) {
  Progress progress("x", around(true));
  progress.hide();
  progress.update(0, 2);
  progress.hide();
  progress.hide();
  progress.update(1, 2);
  ASSERT_EQ(written_.size(), 3u);
  EXPECT_EQ(written_[1], "\r\x1b[K");
}

TEST_F(ProgressTest, WorkTakenOverDoesNotCountForTheTimeLeft) {
  Progress progress("x", around(true));
  progress.update(90, 100);
  now_ += 10.0;
  progress.update(95, 100);
  EXPECT_EQ(written_.back(), "\r\x1b[Kx [############################..]  95/100  95 %  0:10 left");
}

TEST_F(ProgressTest, LongTimesHaveHours) {
  Progress progress("x", around(true));
  progress.update(0, 3);
  now_ += 3661.0;
  progress.update(1, 3);
  EXPECT_EQ(written_.back(), "\r\x1b[Kx [##########....................] 1/3  33 %  2:02:02 left");
}

TEST_F(ProgressTest, WithoutATerminalWritesALineATenth) {
  {
    Progress progress("sweep", around(false));
    for (std::size_t done = 0; done <= 40; ++done) progress.update(done, 40);
  }
  ASSERT_EQ(written_.size(), 10u);
  EXPECT_EQ(written_.front(), "sweep: 4 of 40 (10 %)\n");
  EXPECT_EQ(written_.back(), "sweep: 40 of 40 (100 %)\n");
}

TEST_F(ProgressTest, SlowWorkWritesLinesEverMoreRarely) {
  Progress progress("x", around(false));
  std::vector<double> times;
  for (std::size_t done = 0; done < 1000; ++done) {
    const std::size_t before = written_.size();
    progress.update(done, 1'000'000);
    if (written_.size() > before) times.push_back(now_ - 100.0);
    now_ += 1.0;
  }
  EXPECT_EQ(written_.front(), "x: 2 of 1000000 (0 %)  277:46:38 left\n");
  times.resize(8);
  EXPECT_THAT(times, ElementsAre(2, 6, 14, 30, 62, 122, 182, 242));
}

TEST_F(ProgressTest, NothingDoneWritesNoLine) {
  Progress progress("x", around(false));
  progress.update(5, 10);
  now_ += 100.0;
  progress.update(5, 10);
  EXPECT_THAT(written_, IsEmpty());
}

}  // namespace
}  // namespace pimento::app
