// SPDX-License-Identifier: Apache-2.0
#include "workloads/onnx/raw_data.h"

#include <cstdint>
#include <onnx/onnx.pb.h>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

namespace pimento::workloads::onnx_import {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// Smaller values stay in the message: taking them out would gain nothing.
constexpr std::size_t kLeastBytes = 1024;

// One field of a message: its number, its bytes with the tag, and its payload if it has a length.
struct Field {
  int number = 0;
  std::string_view whole;
  std::optional<std::string_view> payload;
};

// Calls visit(field) for every field; false when the bytes are no message.
template <class Visit>
bool for_each_field(std::string_view message, const Visit& visit) {
  CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(message.data()),
                          static_cast<int>(message.size()));
  while (true) {
    const int begin = stream.CurrentPosition();
    const std::uint32_t tag = stream.ReadTag();
    if (tag == 0) return static_cast<std::size_t>(stream.CurrentPosition()) == message.size();
    Field field;
    field.number = WireFormatLite::GetTagFieldNumber(tag);
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      std::uint32_t length = 0;
      if (!stream.ReadVarint32(&length)) return false;
      const auto at = static_cast<std::size_t>(stream.CurrentPosition());
      if (length > message.size() - at) return false;
      field.payload = message.substr(at, length);
      if (!stream.Skip(static_cast<int>(length))) return false;
    } else if (!WireFormatLite::SkipField(&stream, tag)) {
      return false;
    }
    const auto end = static_cast<std::size_t>(stream.CurrentPosition());
    field.whole =
        message.substr(static_cast<std::size_t>(begin), end - static_cast<std::size_t>(begin));
    if (!visit(field)) return false;
  }
}

void append_field(std::string& message, int number, std::string_view payload) {
  StringOutputStream sink(&message);
  CodedOutputStream out(&sink);
  out.WriteTag(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  out.WriteVarint32(static_cast<std::uint32_t>(payload.size()));
  out.WriteRaw(payload.data(), static_cast<int>(payload.size()));
}

// A tensor without its raw data, if that is large.
bool strip_tensor(std::string_view tensor, std::string& stripped,
                  std::optional<std::string_view>& raw) {
  return for_each_field(tensor, [&](const Field& field) {
    const bool large = field.number == ::onnx::TensorProto::kRawDataFieldNumber && field.payload &&
                       field.payload->size() >= kLeastBytes;
    if (large) {
      raw = field.payload;
    } else {
      stripped += field.whole;
    }
    return true;
  });
}

bool strip_graph(std::string_view graph, std::string& stripped, StrippedModel& model) {
  return for_each_field(graph, [&](const Field& field) {
    if (field.number != ::onnx::GraphProto::kInitializerFieldNumber || !field.payload) {
      stripped += field.whole;
      return true;
    }
    std::string tensor;
    if (!strip_tensor(*field.payload, tensor, model.raw_data.emplace_back())) return false;
    append_field(stripped, field.number, tensor);
    return true;
  });
}

}  // namespace

std::optional<StrippedModel> strip_raw_data(std::string_view content) {
  StrippedModel model;
  const bool whole = for_each_field(content, [&](const Field& field) {
    if (field.number != ::onnx::ModelProto::kGraphFieldNumber || !field.payload) {
      model.message += field.whole;
      return true;
    }
    std::string graph;
    if (!strip_graph(*field.payload, graph, model)) return false;
    append_field(model.message, field.number, graph);
    return true;
  });
  return whole ? std::optional(std::move(model)) : std::nullopt;
}

}  // namespace pimento::workloads::onnx_import
