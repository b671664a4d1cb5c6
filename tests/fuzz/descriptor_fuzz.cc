// SPDX-License-Identifier: Apache-2.0
// Any bytes as a descriptor of layers, and as a graph file. Both may take arrays from "fuzz.npz",
// which lies beside them.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "base/config_reader.h"
#include "base/error.h"
#include "workloads/archive/graph_file.h"
#include "workloads/archive/npz.h"
#include "workloads/importers.h"
#include "workloads/lowering/network_of.h"

namespace {

using namespace pimento::workloads;

// A folder with arrays of the shapes and types that the corpus names.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pimento-fuzz-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    write_npz(path_ / "fuzz.npz",
              {{"conv", encode(real_array({2, 1, 1, 1}, {0.5, -1.0}))},
               {"linear", encode(real_array({2, 8}, std::vector<double>(16, 0.25)))},
               {"steps", encode(integer_array({2, 1, 1, 1}, {-4, 3}, ElementType::kInt8))},
               {"counts", encode(integer_array({2, 8}, std::vector<std::int64_t>(16, 3),
                                               ElementType::kUint8))},
               {"two", encode(real_array({2}, {0.5, 2.0}))},
               {"shape", encode(integer_array({2}, {1, -1}))}});
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string file() const { return (path_ / "fuzz.yaml").string(); }

 private:
  std::filesystem::path path_;
};

template <class Read>
void attempt(const std::string& text, const Read& read) {
  static const Folder folder;
  try {
    read(pimento::ConfigDocument::parse(text, folder.file()), folder.file());
  } catch (const pimento::InputError&) {  // NOLINT(bugprone-empty-catch): the one way to say no
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  attempt(text, [](pimento::ConfigDocument document, const std::string& file) {
    (void)read_descriptor(std::move(document), file);
  });
  attempt(text, [](pimento::ConfigDocument document, const std::string& file) {
    network_of(read_graph_file(std::move(document), file)).validate();
  });
  return 0;
}
