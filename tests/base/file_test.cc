// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>

#include "base/error.h"

namespace pimento {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(fs::path(testing::TempDir()) / ("pimento_file_" + unique())) {
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  static std::string unique() { return std::to_string(::getpid()); }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  template <class Action>
  static std::string error_of(const Action& action) {
    try {
      action();
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing thrown";
  }

  fs::path folder_;
};

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::string content("a\0b\r\n\xff", 6);
  write_file_atomically(at("x.bin"), content);
  EXPECT_EQ(read_file(at("x.bin"), 100), content);
  write_file_atomically(at("x.bin"), "");
  EXPECT_EQ(read_file(at("x.bin"), 0), "");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, ReadsAsMuchAsTheLimit) {
  const std::string content(200000, 'x');
  write_file_atomically(at("x"), content);
  EXPECT_EQ(read_file(at("x"), 200000), content);
  EXPECT_EQ(error_of([&] { (void)read_file(at("x"), 199999); }),
            "cannot read \"" + at("x").string() + "\": larger than 195.3 KiB; give a smaller file");
}

// Files of the kernel say they have no bytes.
TEST_F(FileTest, DoesNotTrustTheSize) {
  EXPECT_FALSE(read_file("/proc/self/status", 1000000).empty());
  EXPECT_EQ(error_of([] { (void)read_file("/proc/self/status", 8); }),
            "cannot read \"/proc/self/status\": larger than 8 B; give a smaller file");
}

TEST_F(FileTest, SaysWhyItCannotRead) {
  EXPECT_EQ(error_of([&] { (void)read_file(at("no"), 10); }),
            "cannot read \"" + at("no").string() + "\": no such file; check the path");
  EXPECT_EQ(error_of([&] { (void)read_file(folder_, 10); }),
            "cannot read \"" + folder_.string() + "\": it is a folder; give a file");
  EXPECT_EQ(error_of([&] { (void)read_file("/dev/zero", 10); }),
            "cannot read \"/dev/zero\": not a regular file; give a file");
  EXPECT_EQ(error_of([&] { (void)read_file("", 10); }),
            "cannot read \"\": no such file; check the path");
  write_file_atomically(at("x"), "x");
  EXPECT_EQ(error_of([&] { (void)read_file(at("x") / "y", 10); }),
            "cannot read \"" + (at("x") / "y").string() + "\": Not a directory");
}

TEST_F(FileTest, DoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { (void)read_file(at("pipe"), 10); }),
            "cannot read \"" + at("pipe").string() + "\": not a regular file; give a file");
  EXPECT_EQ(error_of([&] { write_file_atomically(at("pipe"), "x"); }),
            "cannot write \"" + at("pipe").string() + "\": not a regular file; give a file name");
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(FileTest, PendingFilesAreSeenWhenTheyAreKept) {
  {
    PendingFile pending(at("new/x"));
    write_file_atomically(pending.temporary(), "half");
  }
  EXPECT_TRUE(fs::is_empty(at("new")));
  PendingFile pending(at("new/x"));
  write_file_atomically(pending.temporary(), "whole");
  EXPECT_FALSE(fs::exists(at("new/x")));
  pending.keep();
  EXPECT_EQ(read_file(at("new/x"), 10), "whole");
}

TEST_F(FileTest, MakesMissingFolders) {
  write_file_atomically(at("a/b/c.txt"), "deep");
  EXPECT_EQ(read_file(at("a/b/c.txt"), 10), "deep");
}

TEST_F(FileTest, SaysWhyItCannotWrite) {
  EXPECT_EQ(error_of([&] { write_file_atomically(folder_, "x"); }),
            "cannot write \"" + folder_.string() + "\": it is a folder; give a file name");
  EXPECT_EQ(error_of([&] { write_file_atomically(at("new/"), "x"); }),
            "cannot write \"" + at("new/").string() + "\": it names a folder; give a file name");
  write_file_atomically(at("x"), "x");
  EXPECT_EQ(
      error_of([&] { write_file_atomically(at("x/y"), "x"); }),
      "cannot write \"" + at("x/y").string() + "\": its folder cannot be made: Not a directory");
  EXPECT_EQ(error_of([&] { write_file_atomically("/proc/pimento.txt", "x"); }),
            "cannot write \"/proc/pimento.txt\": No such file or directory");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, WritesBehindALink) {
  write_file_atomically(at("real"), "old");
  fs::create_symlink("real", at("link"));
  write_file_atomically(at("link"), "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(read_file(at("real"), 10), "new");
}

TEST_F(FileTest, NoReaderSeesHalfAFile) {
  const std::vector<std::string> versions = {std::string(300000, 'a'), std::string(300000, 'b')};
  write_file_atomically(at("x"), versions[0]);
  std::vector<std::thread> writers;
  for (const std::string& version : versions) {
    writers.emplace_back([this, &version] {
      for (int i = 0; i < 50; ++i) write_file_atomically(at("x"), version);
    });
  }
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(versions, testing::Contains(read_file(at("x"), 1000000)));
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(entries(), 1u);
}

}  // namespace
}  // namespace pimento
