// Our framing against protobuf's own, and against bytes that are no message.
#include "wire.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <cstring>

#include "matchers.hpp"
#include "open_inference.pb.h"
#include "tandem/base/random.hpp"

namespace tandem::rpc {
namespace {

using ::testing::HasSubstr;

std::string text_of(grpc::ByteBuffer buffer) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(buffer.Dump(&slices).ok());
  std::string text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

// In slices of at most `piece` bytes, as it may come from the network.
grpc::ByteBuffer buffer_of(const std::string& text, std::size_t piece) {
  std::vector<grpc::Slice> slices;
  for (std::size_t begin = 0; begin < text.size(); begin += piece) slices.emplace_back(text.substr(begin, piece));
  return {slices.data(), slices.size()};
}

std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

inference::ModelInferRequest small_head() {
  inference::ModelInferRequest head;
  head.set_model_name("net");
  head.set_id("7");
  auto* input = head.add_inputs();
  input->set_name("x");
  input->set_datatype("UINT8");
  input->add_shape(300);
  (*input->mutable_parameters())["p"].set_double_param(0.5);
  input->mutable_contents()->add_fp32_contents(1.5F);
  return head;
}

RC_GTEST_PROP(Wire, JoinsWhatProtobufReads, (std::uint64_t seed)) {
  const auto head = *rc::gen::arbitrary<bool>() ? small_head() : inference::ModelInferRequest();
  RawContents contents;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    contents.push_back(random_bytes(*rc::gen::inRange<std::size_t>(0, 70000), seed++));
  }
  inference::ModelInferRequest expected = head;
  for (const auto& bytes : contents) {
    expected.add_raw_input_contents(bytes.data(), bytes.size());
  }
  inference::ModelInferRequest parsed;
  RC_ASSERT(parsed.ParseFromString(text_of(join(head, kRawInputContents, contents))));
  RC_ASSERT(parsed.SerializeAsString() == expected.SerializeAsString());
}

RC_GTEST_PROP(Wire, SplitsWhatProtobufWrites, (std::uint64_t seed)) {
  inference::ModelInferRequest message = small_head();
  RawContents contents;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    contents.push_back(random_bytes(*rc::gen::inRange<std::size_t>(0, 3000), seed++));
    message.add_raw_input_contents(contents.back().data(), contents.back().size());
  }
  const auto piece = *rc::gen::element<std::size_t>(1, 7, 100, 100000);
  inference::ModelInferRequest head;
  const auto split_contents = split(buffer_of(message.SerializeAsString(), piece), kRawInputContents, head);
  RC_ASSERT(split_contents.has_value());
  RC_ASSERT(*split_contents == contents);
  message.clear_raw_input_contents();
  RC_ASSERT(head.SerializeAsString() == message.SerializeAsString());
}

TEST(Wire, ReadsAnEmptyMessage) {
  inference::ModelInferRequest head;
  const auto contents = split(grpc::ByteBuffer(), kRawInputContents, head);
  ASSERT_THAT(contents, IsOk());
  EXPECT_TRUE(contents->empty());
}

TEST(Wire, RefusesLengthsBeyondTheMessageWithoutAllocatingThem) {
  // Field 7, length-delimited, of 2 GiB less one.
  const std::string claim =
      "\x3a\xff\xff\xff\xff\x07"
      "abc";
  inference::ModelInferRequest head;
  EXPECT_THAT(split(buffer_of(claim, 100), kRawInputContents, head),
              HasErrc(Errc::invalid_argument, HasSubstr("not a message")));
}

TEST(Wire, RefusesEveryTruncationWithinTheContents) {
  inference::ModelInferRequest message = small_head();
  message.add_raw_input_contents(std::string(300, 'x'));
  const std::string text = message.SerializeAsString();
  for (std::size_t length = text.size() - 300; length < text.size(); ++length) {
    inference::ModelInferRequest head;
    EXPECT_THAT(split(buffer_of(text.substr(0, length), 64), kRawInputContents, head),
                HasErrc(Errc::invalid_argument, HasSubstr("not a message")));
  }
}

RC_GTEST_PROP(Wire, SurvivesDamage, (std::uint64_t seed)) {
  inference::ModelInferRequest message = small_head();
  message.add_raw_input_contents(std::string(300, 'x'));
  std::string text = message.SerializeAsString();
  Random random(seed);
  for (std::uint64_t i = 0; i < 1 + random.below(6); ++i)
    text[random.below(text.size())] = static_cast<char>(random.next());
  inference::ModelInferRequest head;
  const auto contents = split(buffer_of(text, 64), kRawInputContents, head);
  std::size_t bytes = 0;
  if (contents) {
    for (const auto& entry : *contents) bytes += entry.size();
  }
  RC_ASSERT(bytes <= text.size());
}

}  // namespace
}  // namespace tandem::rpc
