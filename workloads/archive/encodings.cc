// SPDX-License-Identifier: Apache-2.0
#include "workloads/archive/encodings.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "workloads/archive/encoding_versions.h"

namespace pimento::workloads {
namespace {

using Json = nlohmann::json;

// How a version lists its tensors.
enum class Layout { kByName, kOffsetList, kZeroPointList };

struct Version {
  std::string_view name;
  Layout layout;
};

constexpr std::array kVersions{
    Version{"0.4.0", Layout::kByName},        Version{"0.5.0", Layout::kByName},
    Version{"0.6.1", Layout::kByName},        Version{"1.0.0", Layout::kOffsetList},
    Version{"2.0.0", Layout::kZeroPointList}, Version{"2.1.0", Layout::kZeroPointList},
};

Layout layout_of(const JsonFields& root) {
  const std::string& name = root.text("version");
  const auto* const known =
      std::find_if(kVersions.begin(), kVersions.end(),
                   [&](const Version& candidate) { return candidate.name == name; });
  if (known == kVersions.end()) {
    root.fail(
        fmt::format("has version \"{}\"; expected 0.4.0, 0.5.0, 0.6.1, 1.0.0, 2.0.0 or "
                    "2.1.0; export the file in one of these",
                    printable(name)));
  }
  return known->layout;
}

// Collects the encodings of a file. No tensor may be named twice.
class EncodingsReader {
 public:
  EncodingsReader(const Json& root, const std::string& file_name)
      : root_(root, file_name), layout_(layout_of(root_)), file_name_(file_name) {}

  std::vector<TensorEncoding> read() {
    bool found = read_part("activation_encodings", false);
    found = read_part("param_encodings", true) || found;
    if (layout_ == Layout::kZeroPointList) found = read_part("encodings", false) || found;
    if (!found) {
      root_.fail(layout_ == Layout::kZeroPointList
                     ? "has no field \"encodings\"; expected one; export the file again"
                     : "has no field \"activation_encodings\" or \"param_encodings\"; expected "
                       "both; export the file again");
    }
    return std::move(encodings_);
  }

 private:
  // Whether the file has that part.
  bool read_part(const char* field, bool is_parameter) {
    const Json* const part = root_.find(field);
    if (part == nullptr) return false;
    if (layout_ == Layout::kByName) {
      read_members(*part, field, is_parameter);
    } else {
      read_list(*part, field, is_parameter);
    }
    return true;
  }

  void read_members(const Json& part, const char* field, bool is_parameter) {
    const std::string where = fmt::format("{}: {}", file_name_, field);
    const JsonFields fields(part, where);  // an object
    for (const auto& item : part.items()) {
      const std::string place = fmt::format("{}.\"{}\"", where, printable(item.key()));
      add(read_tensor_v0(item.value(), place), item.key(), is_parameter, place);
    }
  }

  void read_list(const Json& part, const char* field, bool is_parameter) {
    const std::string where = fmt::format("{}: {}", file_name_, field);
    if (!part.is_array()) {
      throw InputError(
          fmt::format("{}: found {}; expected a list of encodings; export the file "
                      "again",
                      where, describe(part)));
    }
    for (std::size_t i = 0; i < part.size(); ++i) {
      const JsonFields fields(part[i], fmt::format("{}[{}]", where, i));
      auto encoding =
          layout_ == Layout::kOffsetList ? read_entry_v1(fields) : read_entry_v2(fields);
      add(std::move(encoding), fields.text("name"), is_parameter, fields.path("name"));
    }
  }

  void add(TensorEncoding encoding, const std::string& tensor, bool is_parameter,
           const std::string& where) {
    if (!names_.insert(tensor).second) {
      throw InputError(
          fmt::format("{}: the tensor \"{}\" has an encoding already; expected one "
                      "for each tensor; export the file again",
                      where, printable(tensor)));
    }
    encoding.tensor = tensor;
    encoding.is_parameter = is_parameter;
    encodings_.push_back(std::move(encoding));
  }

  JsonFields root_;
  Layout layout_;
  const std::string& file_name_;
  std::set<std::string> names_;
  std::vector<TensorEncoding> encodings_;
};

}  // namespace

void refuse_quantized_scales(const JsonFields& fields) {
  fields.fail(
      "has scales that are quantized themselves (LPBQ); expected scales as numbers; export "
      "the file with per-tensor, per-channel or per-block quantization");
}

std::vector<TensorEncoding> read_encodings(const std::string& content,
                                           const std::string& file_name) {
  if (content.size() > kMaxEncodingsBytes) {
    throw InputError(fmt::format("{}: has {} bytes; expected at most 64 MiB; split the file",
                                 file_name, content.size()));
  }
  const Json root = parse_json(content, file_name,
                               "expected an encodings file as AIMET exports it; export it again");
  return EncodingsReader(root, file_name).read();
}

}  // namespace pimento::workloads
