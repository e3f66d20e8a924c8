#include "address.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"

namespace tandem::rpc {
namespace {

using ::testing::HasSubstr;

TEST(Address, ReadsNamesAndBothKindsOfIp) {
  for (const char* text : {"cloud:8001", "127.0.0.1:0", "[::1]:65535", "a-b.example:1"}) {
    const auto address = parse_address(text);
    ASSERT_THAT(address, IsOk());
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_address("[::1]:65535")->host, "::1");
}

TEST(Address, RefusesTheRestWithAnExample) {
  for (const char* text : {"", "cloud", ":8001", "cloud:", "cloud:x", "cloud:65536", "cloud:-1", "cloud:80 ", "::1:80",
                           "[cloud]:80", "[]:80", "a/b:80", "http://cloud:80", "ipv4:1.2.3.4:80", "a,b:80"}) {
    EXPECT_THAT(parse_address(text), HasErrc(Errc::invalid_argument, HasSubstr("give HOST:PORT"))) << text;
  }
}

}  // namespace
}  // namespace tandem::rpc
