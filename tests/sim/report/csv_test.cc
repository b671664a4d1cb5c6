// SPDX-License-Identifier: Apache-2.0
#include "sim/report/csv.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pimento::sim {
namespace {

TEST(Csv, QuotesWhatNeedsIt) {
  Csv csv({"a", "b,c"});
  csv.text("say \"hi\"").text("two\nlines");
  csv.end_row();
  csv.text("plain").skip();
  csv.end_row();
  EXPECT_EQ(csv.str(), "a,\"b,c\"\n\"say \"\"hi\"\"\",\"two\nlines\"\nplain,\n");
}

TEST(Csv, NumbersReadBackTheSame) {
  Csv csv({"x"});
  csv.number(0.1 + 0.2);
  csv.end_row();
  const std::string text = csv.str().substr(2);
  EXPECT_EQ(std::stod(text), 0.1 + 0.2);
}

TEST(Csv, NothingIsAnEmptyCell) {
  Csv csv({"x", "y"});
  csv.number(std::optional<double>()).integer(-3);
  csv.end_row();
  EXPECT_EQ(csv.str(), "x,y\n,-3\n");
}

TEST(Csv, ARowOfTheWrongLengthIsADefect) {
  Csv csv({"x", "y"});
  csv.integer(1);
  EXPECT_THROW(csv.end_row(), InternalError);
}

}  // namespace
}  // namespace pimento::sim
