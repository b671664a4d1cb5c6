// SPDX-License-Identifier: Apache-2.0
#include "base/resources.h"

#include <array>
#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/file.h"
#include "tests/base/config_fixture.h"

namespace pimento {

// A table of the test's own, in place of the generated one.
std::span<const Resource> embedded_resources() {
  static constexpr std::array<Resource, 7> kTable = {{
      {"configs/chips/isaac_ce.yaml", "include: parts/isaac.yaml\n"},
      {"configs/chips/parts/isaac.yaml", "tiles: 168\n"},
      {"configs/chips/prime.yaml", "include: ../networks/cnn.yaml\n"},
      {"configs/networks/cnn.onnx", "onnx"},
      {"configs/networks/cnn.yaml", "layers: 1\n"},
      {"configs/networks/digits.onnx", "digits"},
      {"configs/policies/clado_0.5mib.yaml", "bits: 4\n"},
  }};
  return kTable;
}

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

std::string open_error(const std::string& name, std::string_view kind) {
  return error_of([&] { (void)open_input(name, kind); });
}

class Resources : public testing::Test {
 protected:
  Resources()
      : before_(fs::current_path()),
        folder_(fs::path(testing::TempDir()) /
                ("pimento_resources_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    fs::current_path(folder_);
  }
  ~Resources() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  fs::path before_;
  fs::path folder_;
};

TEST_F(Resources, NamesAreListedWithoutExtension) {
  EXPECT_THAT(embedded_names("chips"), ElementsAre("isaac_ce", "prime"));
  EXPECT_THAT(embedded_names("networks"), ElementsAre("cnn", "digits"));
  EXPECT_THAT(embedded_names("policies"), ElementsAre("clado_0.5mib"));
  EXPECT_THAT(embedded_names("chip"), ElementsAre());
}

TEST_F(Resources, ABareNameIsEmbedded) {
  EXPECT_EQ(open_input("prime", "chips").name, "embedded:configs/chips/prime.yaml");
  EXPECT_EQ(open_input("cnn", "networks").content, "layers: 1\n");
  EXPECT_EQ(open_input("digits", "networks").name, "embedded:configs/networks/digits.onnx");
  EXPECT_EQ(open_input("clado_0.5mib", "policies").content, "bits: 4\n");
  EXPECT_EQ(open_input("embedded:configs/networks/cnn.onnx", "networks").content, "onnx");
}

TEST_F(Resources, AnythingElseIsAPath) {
  write_file_atomically("prime.yaml", "mine");
  write_file_atomically("sub/prime", "sub");
  write_file_atomically("net.pb", "pb");
  EXPECT_EQ(open_input("prime.yaml", "chips").content, "mine");
  EXPECT_EQ(open_input("prime.yaml", "chips").name, "prime.yaml");
  EXPECT_EQ(open_input("./prime.yaml", "chips").name, "./prime.yaml");
  EXPECT_EQ(open_input("sub/prime", "chips").content, "sub");
  EXPECT_EQ(open_input("net.pb", "networks").content, "pb");
  EXPECT_EQ(open_error("gone.yaml", "chips"),
            "cannot read \"gone.yaml\": no such file; check the path");
}

TEST_F(Resources, AMissingNameListsTheKnownOnes) {
  EXPECT_EQ(open_error("isac_ce", "chips"),
            "no embedded chip \"isac_ce\"; did you mean \"isaac_ce\"?; known: isaac_ce, prime; a "
            "file is named with its extension, for example \"./mine.yaml\"");
  EXPECT_EQ(open_error("xyz", "sweeps"),
            "no embedded sweep \"xyz\"; there are none; a file is named with its extension, for "
            "example \"./mine.yaml\"");
  write_file_atomically("uniform", "x");
  EXPECT_EQ(open_error("uniform", "policies"),
            "no embedded policy \"uniform\"; known: clado_0.5mib; write \"./uniform\" for the file "
            "of that name");
  EXPECT_EQ(open_error("", "chips"),
            "no embedded chip \"\"; known: isaac_ce, prime; a file is named with its extension, "
            "for example \"./mine.yaml\"");
  EXPECT_EQ(open_error("embedded:configs/chips/prim.yaml", "chips"),
            "no embedded file \"configs/chips/prim.yaml\"; did you mean "
            "\"configs/chips/prime.yaml\"?");
}

TEST_F(Resources, YamlFilesHaveALimit) {
  write_file_atomically("big.yaml", std::string((16 << 20) + 1, ' '));
  write_file_atomically("big.onnx", std::string((16 << 20) + 1, ' '));
  EXPECT_EQ(open_error("big.yaml", "chips"),
            "cannot read \"big.yaml\": larger than 16 MiB; give a smaller file");
  EXPECT_EQ(open_input("big.onnx", "networks").content.size(), (16u << 20) + 1);
}

TEST_F(Resources, IncludesAreFoundBesideTheirFile) {
  write_file_atomically("sub/base.yaml", "b");
  write_file_atomically("other.yaml", "o");
  EXPECT_EQ(resolve_include("base.yaml", "sub/chip.yaml"),
            std::make_pair(std::string("sub/base.yaml"), std::string("b")));
  EXPECT_EQ(resolve_include("../other.yaml", "sub/chip.yaml"),
            std::make_pair(std::string("other.yaml"), std::string("o")));
  EXPECT_EQ(resolve_include("other.yaml", "chip.yaml").second, "o");
  EXPECT_EQ(resolve_include("embedded:configs/chips/prime.yaml", "chip.yaml").first,
            "embedded:configs/chips/prime.yaml");
  EXPECT_EQ(error_of([] { (void)resolve_include("gone.yaml", "sub/chip.yaml"); }),
            "cannot read \"sub/gone.yaml\": no such file; check the path");
}

TEST_F(Resources, EmbeddedFilesIncludeEmbeddedFiles) {
  for (const char* name : {"isaac_ce", "prime"}) {
    const InputFile file = open_input(name, "chips");
    EXPECT_NO_THROW((void)ConfigDocument::parse(file.content, file.name, resolve_include));
  }
  EXPECT_EQ(resolve_include("parts/isaac.yaml", "embedded:configs/chips/isaac_ce.yaml").first,
            "embedded:configs/chips/parts/isaac.yaml");
  EXPECT_EQ(error_of([] {
              (void)resolve_include("../../etc/passwd", "embedded:configs/chips/prime.yaml");
            }),
            "no embedded file \"etc/passwd\"; known: configs/chips/isaac_ce.yaml, "
            "configs/chips/parts/isaac.yaml, configs/chips/prime.yaml, configs/networks/cnn.onnx, "
            "configs/networks/cnn.yaml, configs/networks/digits.onnx, "
            "configs/policies/clado_0.5mib.yaml");
}

}  // namespace
}  // namespace pimento
