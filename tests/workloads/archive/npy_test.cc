// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/npy.h"

#include <cmath>
#include <limits>

#include "tests/workloads/archive/support.h"
#include "tests/workloads/support.h"

namespace pimento::workloads {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Keeps its bytes, as a caller with a mapped file would.
Constant parse(std::string content) {
  const auto owner = std::make_shared<const std::string>(std::move(content));
  return read_npy(bytes_of(*owner), owner, "w.npy");
}

Array array_of(const std::string& file) {
  return decode(parse(fixture(file)));
}

std::string error_of(const std::string& content) {
  return input_error([&] { (void)parse(content); });
}

TEST(Npy, ReadsTheIntegersOfNumPy) {
  using Values = std::vector<std::int64_t>;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto edges = [](ElementType type) {
    return Values{lowest_of(type), 0, 1, 2, 3, highest_of(type)};
  };
  for (const char* name : {"int8", "uint8", "int16", "uint16", "int32", "uint32"}) {
    const Array array = array_of(std::string(name) + ".npy");
    EXPECT_EQ(name_of(array.type), name);
    EXPECT_EQ(array.shape, (Shape{2, 3}));
    EXPECT_EQ(array.integers, edges(array.type)) << name;
  }
  EXPECT_EQ(array_of("int64.npy").integers, (Values{-kMost - 1, 0, 1, 2, 3, kMost}));
  EXPECT_EQ(array_of("uint64.npy").integers, (Values{0, 0, 1, 2, 3, -1}));  // modulo 2^64
  const Array truths = array_of("bool.npy");
  EXPECT_EQ(truths.type, ElementType::kBool);
  EXPECT_EQ(truths.integers, (Values{1, 0, 0, 0, 1, 1}));
}

TEST(Npy, ReadsTheFloatsOfNumPy) {
  const auto check = [](const std::string& file, ElementType type, double largest, double tenth) {
    const Array array = array_of(file);
    EXPECT_EQ(array.type, type);
    EXPECT_EQ(array.shape, (Shape{2, 3}));
    EXPECT_EQ(array.reals,
              (std::vector<double>{-largest, -0.0, tenth, kInfinity, -kInfinity, 1.5}));
    EXPECT_TRUE(std::signbit(array.reals[1]));
  };
  check("float16.npy", ElementType::kFloat16, 65504.0, 0x1.998p-4);
  check("float32.npy", ElementType::kFloat32, 0x1.fffffep127, static_cast<double>(0.1F));
  check("float64.npy", ElementType::kFloat64, std::numeric_limits<double>::max(), 0.1);
}

TEST(Npy, ReadsScalarsVectorsAndEmptyArrays) {
  EXPECT_EQ(array_of("scalar.npy"), real_array({}, {-2.5}));
  EXPECT_EQ(array_of("empty.npy"), integer_array({0, 3}, {}));
  EXPECT_EQ(array_of("vector.npy").shape, Shape{12});
}

TEST(Npy, ReadsAllVersionsAndBothOrders) {
  std::vector<std::int64_t> counted(24);
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<std::int64_t>(i);
  const Array expected = integer_array({2, 3, 4}, counted, ElementType::kInt16);
  EXPECT_EQ(array_of("version2.npy"), expected);
  EXPECT_EQ(array_of("version3.npy"), expected);
  EXPECT_EQ(array_of("fortran.npy"), expected);
}

TEST(Npy, ReadsFortranOrderOfAnyShape) {
  const auto fortran = [](const std::string& shape, const std::string& data) {
    const Constant constant = parse(npy_of("|u1", shape, data, "True"));
    return std::string(reinterpret_cast<const char*>(constant.bytes.data()), constant.bytes.size());
  };
  EXPECT_EQ(fortran("(2, 3)", "adbecf"), "abcdef");
  EXPECT_EQ(fortran("(1, 6)", "abcdef"), "abcdef");
  EXPECT_EQ(fortran("(6,)", "abcdef"), "abcdef");
  EXPECT_EQ(fortran("()", "a"), "a");
  EXPECT_EQ(fortran("(0, 3)", ""), "");
  EXPECT_EQ(fortran("(2, 1, 2)", "acbd"), "abcd");
}

TEST(Npy, LeavesTheBytesWhereTheyLie) {
  const auto owner = std::make_shared<const std::string>(fixture("float32.npy"));
  const Constant constant = read_npy(bytes_of(*owner), owner, "w.npy");
  EXPECT_EQ(constant.bytes.data(), bytes_of(*owner).data() + 128);
  EXPECT_EQ(owner.use_count(), 2);
}

TEST(Npy, TakesAnySpacingAndOrderOfKeys) {
  const std::string header =
      " {\"shape\":(2,1),\n\t'fortran_order' :False , \"descr\": '<u1'} \n \n";
  EXPECT_EQ(parse(npy_with(header, "ab")).shape, (Shape{2, 1}));
  EXPECT_EQ(parse(npy_of("|u1", "(2 , 1 , )", "ab")).shape, (Shape{2, 1}));
}

TEST(Npy, WritesWhatNumPyWrites) {
  for (const char* name :
       {"float16", "float32", "float64", "bool", "int8", "uint8", "int16", "uint16", "int32",
        "uint32", "int64", "uint64", "scalar", "empty", "vector"}) {
    const std::string content = fixture(std::string(name) + ".npy");
    EXPECT_EQ(write_npy(parse(content)), content) << name;
  }
}

TEST(Npy, WidensTypesThatNumPyLacks) {
  const auto written = [](const Array& array) { return decode(parse(write_npy(encode(array)))); };
  EXPECT_EQ(written(integer_array({3}, {-8, 7, -1}, ElementType::kInt4)),
            integer_array({3}, {-8, 7, -1}, ElementType::kInt8));
  EXPECT_EQ(written(integer_array({3}, {15, 0, 8}, ElementType::kUint4)),
            integer_array({3}, {15, 0, 8}, ElementType::kUint8));
  EXPECT_EQ(written(real_array({2}, {1.5, -0x1.fep127}, ElementType::kBfloat16)),
            real_array({2}, {1.5, -0x1.fep127}, ElementType::kFloat32));
}

TEST(Npy, WritesAlignedData) {
  const auto start = [](const Shape& shape) {
    return write_npy(make_constant(ElementType::kInt8, shape, {})).size();
  };
  EXPECT_EQ(start({0}), 128u);
  EXPECT_EQ(start({0, 1 << 20, 1 << 20, 1 << 20}), 128u);
  EXPECT_EQ(start({0, 1, 1000, 1000, 1000, 1000, 1000, 1000}), 128u);
}

TEST(Npy, RefusesTypesByName) {
  const std::string expected =
      "expected float16, float32, float64, bool or an integer of 8 to 64 "
      "bits; ";
  const std::string remedy = expected + "convert the array with .astype() before saving it";
  const auto refusal = [](const std::string& name) {
    return error_of(fixture("refused/" + name + ".npy"));
  };
  EXPECT_EQ(refusal("objects"),
            "w.npy: the array holds Python objects ('|O'), and reading those "
            "can run code of the file; " +
                remedy);
  EXPECT_EQ(refusal("structured"),
            "w.npy: the array is structured, with several fields an element; " + expected +
                "save each field as an array of its own");
  EXPECT_EQ(refusal("big_endian"),
            "w.npy: the array is big-endian ('>f4'); expected "
            "little-endian; save array.astype(array.dtype.newbyteorder("
            "'<'))");
  EXPECT_EQ(refusal("complex"), "w.npy: the array holds complex numbers ('<c8'); " + remedy);
  EXPECT_EQ(refusal("strings"), "w.npy: the array holds strings ('<U4'); " + remedy);
  EXPECT_EQ(refusal("bytes"), "w.npy: the array holds strings ('|S4'); " + remedy);
  EXPECT_EQ(refusal("dates"), "w.npy: the array holds dates or times ('<M8[D]'); " + remedy);
  EXPECT_EQ(refusal("raw"),
            "w.npy: the array holds raw bytes, as structured arrays and types "
            "unknown to NumPy are stored ('|V2'); " +
                remedy);
  EXPECT_EQ(refusal("long_double"),
            "w.npy: the array holds a type that is not supported ('<f16'); " + remedy);
  EXPECT_EQ(error_of(npy_of("", "(2,)")),
            "w.npy: the array holds a type that is not supported (''); " + remedy);
  EXPECT_EQ(error_of(npy_of("=f4", "(2,)")),
            "w.npy: the array holds a type that is not supported ('=f4'); " + remedy);
}

TEST(Npy, RefusesShapesBeforeTakingMemory) {
  EXPECT_EQ(error_of(npy_of("|u1", "(3, -2)")),
            "w.npy: the array has the extent -2; expected 0 or more");
  EXPECT_EQ(error_of(npy_of("|u1", "(1099511627777,)")),
            "w.npy: the array has the extent 1099511627777; expected at most 2^40");
  EXPECT_EQ(error_of(npy_of("|u1", "(99999999999999999999,)")),
            "w.npy: the array has the extent 99999999999999999999; expected at most 2^40");
  EXPECT_EQ(error_of(npy_of("<f4", "(1099511627776,)", "abcd")),
            "w.npy: the array has 4 bytes of data; expected 4398046511104 for the shape "
            "(1099511627776,) of float32; the file is damaged, so get it again");
  EXPECT_EQ(error_of(npy_of("|u1", "(1099511627776, 2)")),
            "w.npy: the array has the shape (1099511627776, 2); expected at most 2^40 elements");
  EXPECT_EQ(error_of(npy_of("|u1", "(1099511627776, 1099511627776, 0)")),
            "w.npy: the array has the shape (1099511627776, 1099511627776, 0); expected at most "
            "2^40 elements");
  EXPECT_EQ(error_of(npy_of("|u1", "(1, 1, 1, 1, 1, 1, 1, 1, 1)")),
            "w.npy: the array has more than 8 dimensions; expected at most 8");
}

TEST(Npy, RefusesDataOfAnotherSize) {
  const std::string content = fixture("float64.npy");
  EXPECT_EQ(error_of(content.substr(0, content.size() - 1)),
            "w.npy: the array has 47 bytes of data; expected 48 for the shape (2, 3) of float64; "
            "the file is damaged, so get it again");
  EXPECT_EQ(error_of(content + "x"),
            "w.npy: the array has 49 bytes of data; expected 48 for the shape (2, 3) of float64; "
            "the file is damaged, so get it again");
}

TEST(Npy, RefusesWhatIsNoNpyFile) {
  const std::string no_npy =
      "w.npy: is no .npy data, as it does not begin with \\x93NUMPY; expected "
      "an array as numpy.save() writes it";
  EXPECT_EQ(error_of(""), no_npy);
  EXPECT_EQ(error_of("\x93NUMP"), no_npy);
  EXPECT_EQ(error_of("PK\x03\x04 and so on"), no_npy);
  EXPECT_EQ(
      error_of(std::string("\x93NUMPY\x04\x00\x10\x00", 10)),
      "w.npy: the array has version 4.0 of the .npy format; expected 1.0, 2.0 or 3.0; save it "
      "with numpy.save()");
  EXPECT_EQ(
      error_of(std::string("\x93NUMPY\x01\x01\x10\x00", 10)),
      "w.npy: the array has version 1.1 of the .npy format; expected 1.0, 2.0 or 3.0; save it "
      "with numpy.save()");
  for (const std::size_t size : {7u, 9u}) {
    EXPECT_EQ(error_of(fixture("int8.npy").substr(0, size)),
              "w.npy: the array ends in its header, after " + std::to_string(size) +
                  " bytes; expected a whole .npy file; get it again");
  }
  EXPECT_EQ(error_of(fixture("int8.npy").substr(0, 100)),
            "w.npy: the array's header should take 118 bytes, but 90 are left; expected a whole "
            ".npy file; get it again");
  EXPECT_EQ(error_of(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)),
            "w.npy: the array's header should take 4294967295 bytes, but 2 are left; expected a "
            "whole .npy file; get it again");
}

TEST(Npy, RefusesHeadersInAnyOtherForm) {
  const auto malformed = [](const std::string& found, const std::string& expected) {
    return "w.npy: the header of the array has " + found + "; expected " + expected +
           "; save it again with NumPy";
  };
  EXPECT_EQ(error_of(npy_with("")), malformed("its end at byte 0", "'{'"));
  EXPECT_EQ(error_of(npy_with("[1]")), malformed("\"[1]\" at byte 0", "'{'"));
  EXPECT_EQ(error_of(npy_with("{descr: 1}")),
            malformed("\"descr: 1}\" at byte 1", "a key in quotes or '}'"));
  EXPECT_EQ(error_of(npy_with("{'descr\": 1}")),
            malformed("\"'descr\": 1}\" at byte 1", "a key in quotes or '}'"));
  EXPECT_EQ(error_of(npy_with("{'descr' '<f4'}")), malformed("\"'<f4'}\" at byte 9", "':'"));
  EXPECT_EQ(error_of(npy_with("{'descr': f4}")),
            malformed("\"f4}\" at byte 10", "a string such as '<f4'"));
  EXPECT_EQ(error_of(npy_with("{'descr': '\\x3cf4'}")),
            malformed("\"'\\x3cf4'}\" at byte 10", "a string such as '<f4'"));
  EXPECT_EQ(error_of(npy_with("{'descr': '<f4' 'shape': ()}")),
            malformed("\"'shape': ()}\" at byte 16", "',' or '}'"));
  EXPECT_EQ(error_of(npy_with("{'fortran_order': true}")),
            malformed("\"true}\" at byte 18", "True or False"));
  EXPECT_EQ(error_of(npy_with("{'shape': 3}")),
            malformed("\"3}\" at byte 10", "'(' and the extents of the shape"));
  EXPECT_EQ(error_of(npy_with("{'shape': (3)}")), malformed("\")}\" at byte 12", "','"));
  EXPECT_EQ(error_of(npy_with("{'shape': (3, 4 5)}")),
            malformed("\"5)}\" at byte 16", "',' or ')'"));
  EXPECT_EQ(error_of(npy_with("{'shape': (3, x)}")),
            malformed("\"x)}\" at byte 14", "a whole number or ')'"));
  EXPECT_EQ(error_of(npy_with("{'shape': (")),
            malformed("its end at byte 11", "a whole number or ')'"));
  EXPECT_EQ(error_of(npy_with(std::string("{}\0", 3))),
            malformed("\"\\x00\" at byte 2", "nothing but spaces after '}'"));
}

TEST(Npy, RefusesOtherKeys) {
  EXPECT_EQ(error_of(npy_with("{'descr': '<f4', 'shape': ()}")),
            "w.npy: the header of the array has no 'fortran_order'; expected 'descr', "
            "'fortran_order' and 'shape'; save the array again with NumPy");
  EXPECT_EQ(error_of(npy_with("{'descr': '<f4', 'descr': '<f4'}")),
            "w.npy: the header of the array has 'descr' twice; expected it once; save the array "
            "again with NumPy");
  EXPECT_EQ(error_of(npy_with("{'order': 'C'}")),
            "w.npy: the header of the array has the key 'order'; expected 'descr', 'fortran_order' "
            "and 'shape' only; save the array again with NumPy");
}

TEST(Npy, AnyCutIsAnInputError) {
  const std::string content = fixture("fortran.npy");
  for (std::size_t size = 0; size < content.size(); ++size) {
    EXPECT_NE(error_of(content.substr(0, size)), "nothing thrown") << size;
  }
}

}  // namespace
}  // namespace pimento::workloads
