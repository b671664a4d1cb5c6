// SPDX-License-Identifier: Apache-2.0
#include "tests/workloads/archive/encodings_support.h"

namespace pimento::workloads {
namespace {

TEST(Encodings, RefusesFilesOfAnotherKind) {
  EXPECT_EQ(
      error_of("{\"version\":\n x}"),
      "m.encodings:2:2: is no JSON; expected an encodings file as AIMET exports it; export it "
      "again");
  EXPECT_EQ(error_of(""),
            "m.encodings:1:1: is no JSON; expected an encodings file as AIMET exports "
            "it; export it again");
  EXPECT_EQ(error_of("[]"), "m.encodings: found an empty list; expected an object");
  EXPECT_EQ(error_of("{}"), "m.encodings: has no field \"version\"; expected one");
  EXPECT_EQ(error_of(R"({"version": 1.0})"), "m.encodings.version: found 1.0; expected a string");
  EXPECT_EQ(error_of(R"({"version": "3.0.0"})"),
            "m.encodings: has version \"3.0.0\"; expected 0.4.0, 0.5.0, 0.6.1, 1.0.0, 2.0.0 or "
            "2.1.0; export the file in one of these");
  EXPECT_EQ(error_of(R"({"version": "0.6.1"})"),
            "m.encodings: has no field \"activation_encodings\" or \"param_encodings\"; expected "
            "both; export the file again");
  EXPECT_EQ(error_of(R"({"version": "2.0.0"})"),
            "m.encodings: has no field \"encodings\"; expected one; export the file again");
  EXPECT_EQ(error_of(R"({"version": "0.6.1", "param_encodings": []})"),
            "m.encodings: param_encodings: found an empty list; expected an object");
  EXPECT_EQ(error_of(R"({"version": 1e999})"),
            "m.encodings: holds a number beyond the range of a double; expected smaller numbers");
}

TEST(Encodings, RefusesNamesGivenTwice) {
  EXPECT_EQ(error_of(R"({"version": "0.6.1", "version": "0.6.1"})"),
            "m.encodings: names \"version\" twice in one object; expected each name once; export "
            "the file again");
  const std::string item = R"({"name": "w", "output_dtype": "int8", "y_scale": 1})";
  EXPECT_EQ(
      error_of(with_entries("2.0.0", item + ", " + item)),
      "m.encodings: encodings[1].name: the tensor \"w\" has an encoding already; expected one "
      "for each tensor; export the file again");
}

TEST(Encodings, RefusesDepthAndSize) {
  EXPECT_EQ(error_of(std::string(100'000, '[')),
            "m.encodings: nests deeper than 16 levels; expected fewer; export the file again");
  EXPECT_EQ(error_of(std::string(kMaxEncodingsBytes + 1, ' ')),
            "m.encodings: has 67108865 bytes; expected at most 64 MiB; split the file");
}

}  // namespace
}  // namespace pimento::workloads
