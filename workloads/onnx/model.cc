// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/model.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include <boost/locale/utf.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "workloads/onnx/raw_data.h"

namespace pimento::workloads::onnx_import {
namespace {

constexpr std::size_t kQuotedLength = 120;
// Memory that message objects may take, beside the text and raw data they hold. The widest honest
// growth is 8-bit weights in typed fields: one byte each in the file, four parsed, and as much
// again given up while the list grows. A list of empty messages takes a hundred times its bytes.
constexpr std::size_t kParsedPerByte = 16;
constexpr std::size_t kParsedBase = std::size_t{64} << 20;
constexpr std::size_t kParsedMost = std::size_t{4} << 30;

// The allocator of an arena is a bare function, so what is left of the budget lives beside it.
thread_local std::size_t parse_budget = 0;

void* allocate_block(std::size_t bytes) {
  if (bytes > parse_budget) throw std::bad_alloc();
  parse_budget -= bytes;
  return ::operator new(bytes);
}

void free_block(void* block, std::size_t bytes) {
  ::operator delete(block, bytes);
}

google::protobuf::ArenaOptions bounded_arena(std::size_t content_bytes) {
  parse_budget = std::min(kParsedBase + kParsedPerByte * content_bytes, kParsedMost);
  google::protobuf::ArenaOptions options;
  options.max_block_size = std::size_t{1} << 20;
  options.block_alloc = allocate_block;
  options.block_dealloc = free_block;
  return options;
}

}  // namespace

std::string printable(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  std::string result;
  for (const char* at = text.begin(); at != text.end();) {
    const char* const start = at;
    const auto code = Utf8::decode(at, text.end());
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (!boost::locale::utf::is_valid_codepoint(code) || control) {
      at = start + 1;
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(*start));
      continue;
    }
    if (code == '"' || code == '\\') result += '\\';
    result.append(start, at);
  }
  return result;
}

std::string quote(std::string_view text) {
  if (text.size() <= kQuotedLength) return fmt::format("\"{}\"", printable(text));
  return fmt::format("\"{}...\"", printable(text.substr(0, kQuotedLength)));
}

void fail(const std::string& where, const std::string& message) {
  throw InputError(fmt::format("{}: {}", where, message));
}

ParsedModel::ParsedModel(std::string content, const std::string& file_name)
    : content_(std::make_shared<const std::string>(std::move(content))),
      arena_(bounded_arena(content_->size())),
      proto_(google::protobuf::Arena::CreateMessage<::onnx::ModelProto>(&arena_)) {
  if (content_->empty()) fail(file_name, "the file is empty; expected an ONNX model");
  if (std::cmp_greater(content_->size(), std::numeric_limits<int>::max())) {
    fail(file_name, "the file has 2 GiB or more; expected less");
  }
  auto stripped = strip_raw_data(*content_);
  std::string_view message = *content_;
  if (stripped) {
    message = stripped->message;
    raw_data_ = std::move(stripped->raw_data);
  }
  bool parsed = false;
  try {
    parsed = proto_->ParseFromArray(message.data(), static_cast<int>(message.size()));
  } catch (const std::bad_alloc&) {
    fail(file_name,
         "the parsed model takes far more memory than the file has bytes; expected an "
         "honest ONNX model");
  }
  if (!parsed) {
    fail(file_name, "the file is not an ONNX model, or is cut short; save or copy it again");
  }
  if (!proto_->has_graph()) {
    fail(file_name, "the file holds no graph; expected an ONNX model");
  }
}

std::optional<std::string_view> ParsedModel::raw_data(int initializer) const {
  const auto at = static_cast<std::size_t>(initializer);
  return at < raw_data_.size() ? raw_data_[at] : std::nullopt;
}

bool is_standard_domain(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx";
}

std::map<std::string, std::int64_t> check_versions(const ::onnx::ModelProto& model,
                                                   const std::string& file_name) {
  if (model.ir_version() < kMinIrVersion || model.ir_version() > kMaxIrVersion) {
    fail(file_name, fmt::format("the ONNX IR version is {}; expected {} to {}; save the model with "
                                "another release of its exporter",
                                model.ir_version(), kMinIrVersion, kMaxIrVersion));
  }
  std::map<std::string, std::int64_t> versions;
  for (const auto& import : model.opset_import()) {
    const std::string domain = is_standard_domain(import.domain()) ? "" : import.domain();
    const auto [known, is_new] = versions.emplace(domain, import.version());
    if (!is_new && known->second != import.version()) {
      fail(file_name, fmt::format("the opset is given as {} and as {}; expected one", known->second,
                                  import.version()));
    }
  }
  const auto opset = versions.find("");
  if (opset == versions.end()) {
    fail(file_name, fmt::format("the model names no opset of the standard operators; expected {} "
                                "to {}; export it again",
                                kMinOpset, kMaxOpset));
  }
  if (opset->second < kMinOpset || opset->second > kMaxOpset) {
    fail(file_name, fmt::format("the opset is {}; expected {} to {}; export the model with "
                                "opset_version=17",
                                opset->second, kMinOpset, kMaxOpset));
  }
  if (model.graph().sparse_initializer_size() > 0) {
    fail(file_name, "sparse initializers are not read; save the weights as dense tensors");
  }
  return versions;
}

}  // namespace pimento::workloads::onnx_import
