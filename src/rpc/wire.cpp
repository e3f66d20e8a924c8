#include "wire.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <memory>
#include <utility>

namespace tandem::rpc {
namespace {

namespace io = google::protobuf::io;
using google::protobuf::internal::WireFormatLite;

grpc::Slice slice_owning(std::vector<std::byte> bytes) {
  auto owner = std::make_unique<std::vector<std::byte>>(std::move(bytes));
  void* const data = owner->data();
  const std::size_t size = owner->size();
  return {data, size, [](void* vector) { delete static_cast<std::vector<std::byte>*>(vector); }, owner.release()};
}

std::uint32_t tag_of(int raw_field) {
  return WireFormatLite::MakeTag(raw_field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

// The tag and length in front of one entry of the raw field.
std::string entry_head(int raw_field, std::size_t bytes) {
  std::string head;
  io::StringOutputStream stream(&head);
  io::CodedOutputStream out(&stream);
  out.WriteTag(tag_of(raw_field));
  out.WriteVarint64(bytes);
  out.Trim();
  return head;
}

bool read_entry(io::CodedInputStream& in, std::size_t message_bytes, RawContents& contents) {
  int length = 0;
  if (!in.ReadVarintSizeAsInt(&length)) return false;
  const auto left = message_bytes - static_cast<std::size_t>(in.CurrentPosition());
  if (static_cast<std::size_t>(length) > left) return false;
  contents.emplace_back(static_cast<std::size_t>(length));
  return in.ReadRaw(contents.back().data(), length);
}

// Copies all fields but the raw one to `head`, which protobuf then parses.
bool read_fields(io::CodedInputStream& in, std::size_t message_bytes, int raw_field, std::string& head,
                 RawContents& contents) {
  io::StringOutputStream stream(&head);
  io::CodedOutputStream out(&stream);
  while (const std::uint32_t tag = in.ReadTag()) {
    const bool read =
        tag == tag_of(raw_field) ? read_entry(in, message_bytes, contents) : WireFormatLite::SkipField(&in, tag, &out);
    if (!read) return false;
  }
  out.Trim();
  return in.ConsumedEntireMessage();
}

}  // namespace

grpc::ByteBuffer join(const google::protobuf::MessageLite& head, int raw_field, RawContents contents) {
  std::vector<grpc::Slice> slices;
  std::string pending = head.SerializeAsString();
  for (auto& bytes : contents) {
    pending += entry_head(raw_field, bytes.size());
    slices.emplace_back(pending);
    pending.clear();
    if (!bytes.empty()) slices.push_back(slice_owning(std::move(bytes)));
  }
  if (!pending.empty() || slices.empty()) slices.emplace_back(pending);
  return {slices.data(), slices.size()};
}

Result<RawContents> split(const grpc::ByteBuffer& message, int raw_field, google::protobuf::MessageLite& head) {
  // The reader takes a non-const pointer and leaves the buffer as it is; the copy shares its slices.
  grpc::ByteBuffer shared = message;
  RawContents contents;
  std::string fields;
  bool parsed = shared.Length() == 0;
  if (!parsed) {
    grpc::ProtoBufferReader reader(&shared);
    io::CodedInputStream in(&reader);
    parsed = read_fields(in, shared.Length(), raw_field, fields, contents);
  }
  if (!parsed || !head.ParseFromString(fields)) {
    return fail(Errc::invalid_argument, "not a message of the Open Inference Protocol");
  }
  return contents;
}

}  // namespace tandem::rpc
