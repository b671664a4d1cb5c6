// SPDX-License-Identifier: Apache-2.0
// The files below configs/ as they travel inside a program.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/resources.h"

namespace pimento {
namespace {

namespace fs = std::filesystem;

TEST(EmbeddedConfigs, AreTheFilesOnDisk) {
  std::vector<std::string> expected;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(PIMENTO_SOURCE_DIR) / "configs")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".yaml" && extension != ".onnx" && extension != ".npz") continue;
    expected.push_back(entry.path().lexically_relative(PIMENTO_SOURCE_DIR).string());
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> found;
  for (const Resource& resource : embedded_resources()) {
    found.emplace_back(resource.path);
    EXPECT_TRUE(resource.content ==
                read_file(fs::path(PIMENTO_SOURCE_DIR) / found.back(), std::uint64_t{1} << 32))
        << resource.path;
  }
  EXPECT_EQ(found, expected);
}

TEST(EmbeddedConfigs, OpenByName) {
  for (const char* kind : {"chips", "devices", "networks", "policies", "sweeps"}) {
    for (const std::string& name : embedded_names(kind)) {
      const InputFile file = open_input(name, kind);
      EXPECT_FALSE(file.content.empty()) << file.name;
      EXPECT_EQ(open_input(file.name, kind).content, file.content);
    }
  }
}

}  // namespace
}  // namespace pimento
