// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/npz.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/workloads/archive/support.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr std::string_view kLocal = "PK\x03\x04";    // of an entry, before its data
constexpr std::string_view kCentral = "PK\x01\x02";  // of an entry in the directory
constexpr std::string_view kEnd = "PK\x05\x06";      // of the archive

NpzFile in_memory(const std::string& content) {
  return {bytes_of(content), nullptr, "w.npz"};
}

std::string open_error(const std::string& content) {
  return input_error([&] { (void)in_memory(content); });
}

std::string read_error(const std::string& content, const std::string& name) {
  NpzFile file = in_memory(content);
  return input_error([&] { (void)file.read(name); });
}

// Overwrites a number of an archive, `offset` bytes behind the first mark of a kind.
template <class T>
void patch(std::string& archive, std::string_view mark, std::size_t offset, T value) {
  const std::size_t at = archive.find(mark);
  ASSERT_NE(at, std::string::npos);
  ASSERT_LE(at + offset + sizeof(T), archive.size());
  std::memcpy(archive.data() + at + offset, &value, sizeof(T));
}

// What both headers of the first entry say of its size.
void set_size(std::string& archive, std::uint32_t size) {
  patch(archive, kLocal, 22, size);
  patch(archive, kCentral, 24, size);
}

void set_packed_size(std::string& archive, std::uint32_t size) {
  patch(archive, kLocal, 18, size);
  patch(archive, kCentral, 20, size);
}

std::string zeros(std::size_t count) {
  return npy_of("|u1", "(" + std::to_string(count) + ",)", std::string(count, '\0'));
}

void expect_weights(NpzFile& file) {
  EXPECT_EQ(file.names(), (Names{"conv/größe", "fc.weight", "step"}));
  EXPECT_TRUE(file.contains("step"));
  EXPECT_FALSE(file.contains("step.npy"));
  EXPECT_EQ(decode(file.read("fc.weight")), real_array({2, 3}, {0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(decode(file.read("conv/größe")), integer_array({2}, {-8, 7}, ElementType::kInt8));
  EXPECT_EQ(decode(file.read("step")), integer_array({}, {3}));
  EXPECT_EQ(decode(file.read("step")), integer_array({}, {3}));  // again
}

class NpzTest : public testing::Test {
 protected:
  NpzTest() : folder_(fs::path(testing::TempDir()) / fmt::format("pimento_npz_{}", ::getpid())) {
    fs::create_directories(folder_);
  }
  ~NpzTest() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_ / name; }

  fs::path folder_;
};

TEST(Npz, ReadsWhatNumPyWrites) {
  for (const char* name : {"stored.npz", "compressed.npz", "streamed.npz"}) {
    SCOPED_TRACE(name);
    NpzFile on_disk(fixture_path(name));
    expect_weights(on_disk);
    const std::string content = fixture(name);
    NpzFile loaded = in_memory(content);
    expect_weights(loaded);
    NpzFile moved = std::move(loaded);
    expect_weights(moved);
  }
  EXPECT_EQ(NpzFile(fixture_path("no_arrays.npz")).names(), Names{});
}

TEST(Npz, ArraysOutliveTheArchive) {
  const auto array = [] { return NpzFile(fixture_path("compressed.npz")).read("step"); }();
  EXPECT_EQ(decode(array), integer_array({}, {3}));
}

TEST(Npz, SaysWhichArrayIsMissing) {
  const std::string content = fixture("stored.npz");
  EXPECT_EQ(read_error(content, "fc.weigth"),
            "w.npz: holds no array \"fc.weigth\"; did you mean \"fc.weight\"?");
  EXPECT_EQ(read_error(content, "classifier"),
            "w.npz: holds no array \"classifier\"; check the name");
}

TEST_F(NpzTest, SaysWhyItCannotOpen) {
  const auto opening = [](const fs::path& path) {
    return input_error([&] { const NpzFile file(path); });
  };
  EXPECT_EQ(opening(at("no.npz")),
            "cannot read \"" + at("no.npz").string() + "\": no such file; check the path");
  EXPECT_EQ(opening(folder_),
            "cannot read \"" + folder_.string() + "\": it is a folder; give a file");
  EXPECT_EQ(opening("/dev/zero"), "cannot read \"/dev/zero\": not a regular file; give a file");
  const std::string no_zip =
      ": cannot be read as a zip archive (Not a zip archive); expected a .npz "
      "file as numpy.savez() writes it; write it again or get it again";
  std::ofstream(at("text.npz")) << "not a zip archive at all, but text";
  EXPECT_EQ(opening(at("text.npz")), at("text.npz").string() + no_zip);
  std::ofstream(at("empty.npz")) << "";
  EXPECT_EQ(opening(at("empty.npz")), at("empty.npz").string() + no_zip);
  EXPECT_EQ(open_error(""), "w.npz" + no_zip);
  EXPECT_EQ(open_error(fixture("int8.npy")), "w.npz" + no_zip);
}

TEST(Npz, RefusesOtherEntries) {
  EXPECT_EQ(open_error(make_zip({{"readme.txt", "hello"}})),
            "w.npz: entry \"readme.txt\": is no array, as its name does not end in .npy; expected "
            "arrays only; write the archive with numpy.savez()");
  EXPECT_EQ(open_error(make_zip({{"folder/", ""}})),
            "w.npz: entry \"folder/\": is no array, as its name does not end in .npy; expected "
            "arrays only; write the archive with numpy.savez()");
  EXPECT_EQ(
      read_error(make_zip({{"a.npy", "hello"}}), "a"),
      "w.npz: array \"a\": is no .npy data, as it does not begin with \\x93NUMPY; expected an "
      "array as numpy.save() writes it");
  EXPECT_EQ(read_error(make_zip({{"a.npy", fixture("refused/objects.npy")}}), "a").substr(0, 60),
            "w.npz: array \"a\": the array holds Python objects ('|O'), and");
}

TEST(Npz, NamesAreKeysAndNeverPaths) {
  const std::string content = make_zip({{"../../tmp/pimento_npz_escape.npy", fixture("int8.npy")},
                                        {"/tmp/pimento_npz_escape.npy", fixture("int8.npy")}});
  NpzFile file = in_memory(content);
  EXPECT_EQ(file.names(), (Names{"../../tmp/pimento_npz_escape", "/tmp/pimento_npz_escape"}));
  EXPECT_EQ(file.read("/tmp/pimento_npz_escape").shape, (Shape{2, 3}));
  EXPECT_FALSE(fs::exists("/tmp/pimento_npz_escape.npy"));
}

TEST(Npz, RefusesNamesGivenTwice) {
  std::string content = make_zip({{"a.npy", zeros(1)}, {"b.npy", zeros(2)}});
  for (std::size_t at = content.find("b.npy"); at != std::string::npos;
       at = content.find("b.npy")) {
    content[at] = 'a';
  }
  EXPECT_EQ(open_error(content),
            "w.npz: names an entry twice; expected each name once; write the archive again");
}

TEST(Npz, RefusesEncryptedEntries) {
  std::string content = make_zip({{"a.npy", zeros(1)}});
  patch<std::uint16_t>(content, kLocal, 6, 1);
  patch<std::uint16_t>(content, kCentral, 8, 1);
  EXPECT_EQ(
      open_error(content),
      "w.npz: entry \"a.npy\": is encrypted; expected an archive without a password; write it "
      "with numpy.savez()");
}

TEST(Npz, RefusesOtherMethods) {
  std::string content = make_zip({{"a.npy", zeros(1)}});
  patch<std::uint16_t>(content, kLocal, 8, 12);
  patch<std::uint16_t>(content, kCentral, 10, 12);
  EXPECT_EQ(
      open_error(content),
      "w.npz: entry \"a.npy\": is packed with method 12 of the zip format; expected 0 (stored) "
      "or 8 (deflated); write it with numpy.savez() or numpy.savez_compressed()");
}

TEST(Npz, RefusesTooManyEntries) {
  std::vector<ZipMember> members;
  for (int i = 0; i < 100'001; ++i) members.push_back({std::to_string(i) + ".npy", "", false});
  EXPECT_EQ(open_error(make_zip(members)),
            "w.npz: holds 100001 entries; expected at most 100000; split the archive");
}

TEST(Npz, UnpacksWhatIsLargerThanOneStep) {
  for (const std::size_t size : {1'048'500u, 1'048'576u, 5'000'000u}) {
    const std::string content = make_zip({{"a.npy", zeros(size)}});
    EXPECT_LT(content.size(), 6000u);
    NpzFile file = in_memory(content);
    EXPECT_EQ(file.read("a").shape, Shape{static_cast<std::int64_t>(size)});
  }
}

TEST(Npz, BelievesNoSizeOfTheDirectory) {
  const std::string honest = make_zip({{"a.npy", zeros(5'000'000)}});
  std::string content = honest;
  set_size(content, 1000);
  EXPECT_EQ(read_error(content, "a"),
            "w.npz: array \"a\": unpacks to more than the 1000 bytes it should have; expected no "
            "more; the archive is forged or damaged, so get it again");
  content = honest;
  set_size(content, 5'200'000);
  EXPECT_EQ(read_error(content, "a"),
            "w.npz: array \"a\": unpacks to 5000074 bytes; expected 5200000; the archive is forged "
            "or damaged, so get it again");
}

// A number as zip writes it.
template <class T>
std::string le(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

// Headers by hand, for archives that libzip would not write. Sizes are in the zip64 field.
struct RawEntry {
  std::string name;
  std::uint16_t method = 0;
  std::uint64_t size = 0;
  std::uint64_t packed = 0;
  std::uint32_t at = 0;  // where the local header lies

  // Versions, flags, method, time, date, checksum, sizes, lengths.
  [[nodiscard]] std::string common() const {
    return le<std::uint16_t>(45) + le<std::uint16_t>(0) + le(method) + le<std::uint16_t>(0) +
           le<std::uint16_t>(33) + le<std::uint32_t>(0) + le<std::uint32_t>(0xffffffff) +
           le<std::uint32_t>(0xffffffff) +
           le<std::uint16_t>(static_cast<std::uint16_t>(name.size())) + le<std::uint16_t>(20);
  }
  [[nodiscard]] std::string field() const {
    return name + le<std::uint16_t>(1) + le<std::uint16_t>(16) + le(size) + le(packed);
  }
  [[nodiscard]] std::string local() const { return std::string(kLocal) + common() + field(); }
  [[nodiscard]] std::string central() const {
    return std::string(kCentral) + le<std::uint16_t>(45) + common() + std::string(10, '\0') +
           le(at) + field();
  }
};

std::string with_directory(const std::string& entries, const std::vector<RawEntry>& listed) {
  std::string directory;
  for (const RawEntry& entry : listed) directory += entry.central();
  const auto count = static_cast<std::uint16_t>(listed.size());
  return entries + directory + std::string(kEnd) + le<std::uint32_t>(0) + le(count) + le(count) +
         le(static_cast<std::uint32_t>(directory.size())) +
         le(static_cast<std::uint32_t>(entries.size())) + le<std::uint16_t>(0);
}

// A bomb that tells the truth about itself: its ratio is one that deflate cannot reach.
TEST(Npz, RefusesBombs) {
  std::string content = make_zip({{"a.npy", zeros(5'000'000)}});
  set_size(content, 0xf0000000);
  EXPECT_EQ(
      open_error(content),
      "w.npz: entry \"a.npy\": should unpack from 4939 bytes to 4026531840, which is more than "
      "1100 to 1; expected what deflate can do; the archive is forged or damaged, so get it "
      "again");
}

TEST(Npz, RefusesSizesBeyondTheLimits) {
  const std::string content = zeros(100);
  RawEntry entry{"a.npy", 0, content.size(), content.size()};
  const auto archive = [&] { return with_directory(entry.local() + content, {entry}); };
  EXPECT_EQ(in_memory(archive()).names(), Names{"a"});
  entry.size += 1;
  EXPECT_EQ(open_error(archive()), fmt::format("w.npz: entry \"a.npy\": is stored in {} bytes, but "
                                               "said to have {}; expected the same number; the "
                                               "archive is damaged, so get it again",
                                               entry.packed, entry.size));
  entry.method = 8;
  entry.size = (std::uint64_t{4} << 30) + 1;
  EXPECT_EQ(
      open_error(archive()),
      "w.npz: entry \"a.npy\": has 4294967297 bytes unpacked; expected at most 4 GiB; split the "
      "array");
  entry.size = std::uint64_t{1} << 63;
  EXPECT_NE(open_error(archive()), "nothing thrown");
  entry.packed = std::uint64_t{1} << 40;
  EXPECT_NE(open_error(archive()), "nothing thrown");
}

// Entries that lie in each other: the data of each is all that follows, down to `content`.
std::string nested(std::vector<RawEntry> listed, std::string content) {
  std::size_t at = 0;
  for (RawEntry& entry : listed) {
    entry.at = static_cast<std::uint32_t>(at);
    at += entry.local().size();
  }
  const std::size_t end = at + content.size();
  std::string entries;
  for (RawEntry& entry : listed) {
    entry.packed = end - entry.at - entry.local().size();
    if (entry.method == 0) entry.size = entry.packed;
    entries += entry.local();
  }
  return with_directory(entries + content, listed);
}

TEST(Npz, RefusesEntriesThatShareBytes) {
  EXPECT_EQ(open_error(nested({{"a.npy"}, {"b.npy"}}, zeros(100'000))),
            "w.npz: has 100347 bytes, but its entries should take 200201; expected entries that "
            "share no bytes; the archive is forged or damaged, so get it again");
}

TEST(Npz, RefusesTooMuchInAll) {
  std::vector<RawEntry> listed;
  for (char name = 'a'; name <= 'q'; ++name) {
    listed.push_back({std::string(1, name) + ".npy", 8, kMaxNpzEntryBytes});
  }
  EXPECT_EQ(open_error(nested(listed, zeros(4'000'000))),
            "w.npz: holds arrays of 73014444032 bytes unpacked; expected at most 64 GiB; split the "
            "archive");
}

TEST(Npz, NoticesDamage) {
  const std::string content = make_zip({{"a.npy", zeros(1000), false}});
  std::string changed = content;
  changed[content.find("NUMPY") + 200] = 'x';
  EXPECT_EQ(read_error(changed, "a"),
            "w.npz: array \"a\": cannot be unpacked (CRC error); the archive is damaged, so get it "
            "again");
  std::string packed = make_zip({{"a.npy", fixture("float64.npy")}});
  packed[packed.find("a.npy") + 5] = 7;  // no kind of block that deflate has
  EXPECT_EQ(
      read_error(packed, "a"),
      "w.npz: array \"a\": cannot be unpacked (Zlib error: data error); the archive is damaged, "
      "so get it again");
  set_packed_size(packed, 20);
  EXPECT_NE(read_error(packed, "a"), "nothing thrown");
}

TEST(Npz, AnyCutIsAnInputError) {
  const std::string content = fixture("compressed.npz");
  for (std::size_t size = 0; size < content.size(); ++size) {
    EXPECT_NE(open_error(content.substr(0, size)), "nothing thrown") << size;
  }
}

TEST_F(NpzTest, ReadsBackWhatItWrites) {
  const std::map<std::string, Constant> arrays{
      {"conv1.weight", encode(real_array({2, 1, 1, 3}, {1, -2, 3, 0.5, 0, 7}))},
      {"größe", encode(integer_array({3}, {-8, 7, 0}, ElementType::kInt4))},
      {"", encode(integer_array({0, 4}, {}))},
  };
  write_npz(at("deep/w.npz"), arrays);
  NpzFile file(at("deep/w.npz"));
  EXPECT_EQ(file.names(), (Names{"", "conv1.weight", "größe"}));
  EXPECT_TRUE(same_values(file.read("conv1.weight"), arrays.at("conv1.weight")));
  EXPECT_EQ(decode(file.read("größe")), integer_array({3}, {-8, 7, 0}, ElementType::kInt8));
  EXPECT_EQ(file.read("").shape, (Shape{0, 4}));
  EXPECT_EQ(std::distance(fs::directory_iterator(at("deep")), fs::directory_iterator()), 1);

  write_npz(at("none.npz"), {});
  EXPECT_EQ(NpzFile(at("none.npz")).names(), Names{});
}

TEST_F(NpzTest, WritesTheSameBytesForTheSameArrays) {
  std::map<std::string, Constant> arrays;
  for (const char* name : {"stored.npz", "compressed.npz"}) {
    NpzFile file(fixture_path(name));
    for (const std::string& key : file.names()) arrays[key] = file.read(key);
    write_npz(at(name), arrays);
  }
  const std::string content = read_file(at("stored.npz"), 1 << 20);
  EXPECT_EQ(content, read_file(at("compressed.npz"), 1 << 20));
  // 1 January 1980, midnight, and no method: version, flags, method, time, date.
  EXPECT_EQ(content.substr(8, 6), std::string("\0\0\0\0\x21\0", 6));
  EXPECT_EQ(std::count(content.begin(), content.end(), '\x93'), 3);
}

TEST_F(NpzTest, WritesNothingWhenItCannot) {
  const std::map<std::string, Constant> arrays{
      {std::string("a\0b", 3), encode(integer_array({}, {1}))}};
  EXPECT_EQ(input_error([&] { write_npz(at("w.npz"), arrays); }),
            "cannot write \"" + at("w.npz").string() +
                "\": the name \"a\\x00b\" of an array is no UTF-8 text, or holds a control "
                "character; rename the array");
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(input_error([&] { write_npz(folder_, {}); }),
            "cannot write \"" + folder_.string() + "\": it is a folder; give a file name");
}

}  // namespace
}  // namespace pimento::workloads
