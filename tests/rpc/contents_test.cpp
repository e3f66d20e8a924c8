// What a request may look like on the wire, and what our checks make of it: plain protobuf messages against a server.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <limits>

#include "fake_handler.hpp"
#include "matchers.hpp"
#include "open_inference.grpc.pb.h"
#include "tandem/codec/codec.hpp"

namespace tandem::rpc {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using network::ElementType;
using ::testing::HasSubstr;

class Contents : public ::testing::Test {
 protected:
  Contents() {
    auto started = Server::start({}, handler_);
    EXPECT_THAT(started, IsOk());
    server_ = std::move(*started);
    stub_ = inference::GRPCInferenceService::NewStub(
        grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  }

  grpc::Status infer(const ModelInferRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return stub_->ModelInfer(&context, request, &response_);
  }

  void expect_refused(const ModelInferRequest& request, const std::string& why,
                      grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT) {
    const grpc::Status status = infer(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(why));
  }

  FakeHandler handler_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
  ModelInferResponse response_;
};

ModelInferRequest request_of(const std::string& datatype, const std::vector<std::int64_t>& shape) {
  ModelInferRequest request;
  request.set_model_name("echo");
  auto* input = request.add_inputs();
  input->set_name("x");
  input->set_datatype(datatype);
  for (const auto size : shape) input->add_shape(size);
  return request;
}

ModelInferRequest raw_request(const std::string& datatype, const std::vector<std::int64_t>& shape, std::size_t bytes) {
  ModelInferRequest request = request_of(datatype, shape);
  request.add_raw_input_contents(std::string(bytes, 'a'));
  return request;
}

TEST_F(Contents, RawPassesAndIsAnsweredRaw) {
  ASSERT_TRUE(infer(raw_request("FP32", {2, 3}, 24)).ok());
  EXPECT_EQ(handler_.last_request.inputs[0].spec.type, ElementType::f32);
  EXPECT_EQ(response_.model_name(), "echo");
  EXPECT_EQ(response_.outputs(0).datatype(), "FP32");
  EXPECT_EQ(response_.raw_output_contents(0), std::string(24, 'a'));
  EXPECT_EQ(response_.parameters().at("tandem.compute_us").int64_param(), 3500);
}

TEST_F(Contents, TypedElementsBecomeTheTensorsBytes) {
  auto floats = request_of("FP32", {2});
  floats.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.0F);
  floats.mutable_inputs(0)->mutable_contents()->add_fp32_contents(-2.0F);
  ASSERT_TRUE(infer(floats).ok());
  EXPECT_EQ(response_.raw_output_contents(0), std::string("\0\0\x80\x3f\0\0\0\xc0", 8));

  auto bytes = request_of("INT8", {3});
  for (const int value : {-1, 0, 127}) bytes.mutable_inputs(0)->mutable_contents()->add_int_contents(value);
  ASSERT_TRUE(infer(bytes).ok());
  EXPECT_EQ(response_.raw_output_contents(0), std::string("\xff\0\x7f", 3));

  auto flags = request_of("BOOL", {2});
  for (const bool value : {true, false}) flags.mutable_inputs(0)->mutable_contents()->add_bool_contents(value);
  ASSERT_TRUE(infer(flags).ok());
  EXPECT_EQ(response_.raw_output_contents(0), std::string("\1\0", 2));

  auto scalar = request_of("UINT64", {});
  scalar.mutable_inputs(0)->mutable_contents()->add_uint64_contents(258);
  ASSERT_TRUE(infer(scalar).ok());
  EXPECT_EQ(response_.raw_output_contents(0), std::string("\2\1\0\0\0\0\0\0", 8));
}

TEST_F(Contents, RefusesElementsThatDoNotFit) {
  auto outside = request_of("UINT8", {1});
  outside.mutable_inputs(0)->mutable_contents()->add_uint_contents(256);
  expect_refused(outside, "256 is outside UINT8");
  auto missing = request_of("FP32", {2});
  missing.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.0F);
  expect_refused(missing, "1 elements of FP32 where the shape has 2");
  auto other_field = request_of("FP32", {1});
  other_field.mutable_inputs(0)->mutable_contents()->add_fp64_contents(1.0);
  expect_refused(other_field, "0 elements of FP32");
  expect_refused(request_of("FP16", {1}), "FP16 must be sent as raw contents");
}

TEST_F(Contents, RefusesRawAndTypedMixed) {
  auto mixed = raw_request("FP32", {1}, 4);
  mixed.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.0F);
  expect_refused(mixed, "raw and typed contents are mixed");
  auto two = raw_request("FP32", {1}, 4);
  two.add_raw_input_contents("more");
  expect_refused(two, "2 raw contents for 1 tensors");
}

TEST_F(Contents, RefusesSizesAndShapesThatDoNotHold) {
  constexpr auto kHuge = std::numeric_limits<std::int64_t>::max();
  expect_refused(raw_request("FP32", {2, 3}, 23), "23 bytes where f32[2,3] takes 24");
  expect_refused(raw_request("FP32", {-1}, 4), "negative");
  expect_refused(raw_request("FP32", {kHuge, kHuge}, 4), "over");
  expect_refused(raw_request("UINT8", {1LL << 40}, 4), "over");
  expect_refused(request_of("UINT8", {1LL << 29}), "0 elements");
  expect_refused(raw_request("FP32", std::vector<std::int64_t>(40, 1), 4), "40 dimensions");
  expect_refused(raw_request("BYTES", {1}, 4), "datatype 'BYTES' is not supported");
  expect_refused(raw_request("", {1}, 4), "datatype ''");
}

TEST_F(Contents, RefusesAVersionThatIsNotThere) {
  auto request = raw_request("UINT8", {4}, 4);
  request.set_model_version("2");
  expect_refused(request, "no version '2'", grpc::StatusCode::NOT_FOUND);
  request.set_model_version("1");
  EXPECT_TRUE(infer(request).ok());
}

TEST_F(Contents, ReadsTheHeadersOfCodedTensors) {
  const network::TensorSpec spec{.name = "x", .type = ElementType::f32, .shape = {2, 3}};
  const std::vector<std::byte> data(spec.bytes());
  const auto coded = codec::encode(codec::kLinear8, spec, data).value();
  auto request = request_of("UINT8", {static_cast<std::int64_t>(coded.size())});
  request.add_raw_input_contents(coded.data(), coded.size());
  auto& parameters = *request.mutable_inputs(0)->mutable_parameters();
  parameters["tandem.codec"].set_string_param("linear8");
  ASSERT_TRUE(infer(request).ok());
  EXPECT_EQ(handler_.last_request.inputs[0].spec, spec);
  EXPECT_EQ(handler_.last_request.inputs[0].codec, "linear8");

  parameters["tandem.codec"].set_string_param("raw");
  expect_refused(request, "coded by 'linear8'");
  auto damaged = raw_request("UINT8", {50}, 50);
  (*damaged.mutable_inputs(0)->mutable_parameters())["tandem.codec"].set_string_param("linear8");
  expect_refused(damaged, "not a coded tensor", grpc::StatusCode::DATA_LOSS);
}

TEST_F(Contents, TakesAnImageFileAsItIs) {
  auto request = raw_request("UINT8", {50}, 50);
  (*request.mutable_inputs(0)->mutable_parameters())["tandem.codec"].set_string_param("jpeg");
  (*request.mutable_parameters())["tandem.answer_codec"].set_string_param("linear8");
  request.add_outputs()->set_name("y");
  ASSERT_TRUE(infer(request).ok());
  EXPECT_EQ(handler_.last_request.inputs[0].codec, "jpeg");
  EXPECT_EQ(handler_.last_request.answer_codec, "linear8");
  EXPECT_EQ(handler_.last_request.outputs, std::vector<std::string>{"y"});
}

}  // namespace
}  // namespace tandem::rpc
