// Interoperability: Triton's own Python client against our server, where a Python that has it is prepared.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "fake_handler.hpp"
#include "matchers.hpp"

namespace tandem::rpc {
namespace {

TEST(Tritonclient, CallsOurServer) {
  if (!std::filesystem::exists(TANDEM_TRITONCLIENT_PYTHON)) {
    GTEST_SKIP()
        << "no tritonclient: python3 -m venv V and V/bin/pip install 'tritonclient[grpc]' with V the folder of "
        << TANDEM_TRITONCLIENT_PYTHON << " two levels up";
  }
  FakeHandler handler;
  const auto server = Server::start({}, handler);
  ASSERT_THAT(server, IsOk());
  const std::string command =
      std::string(TANDEM_TRITONCLIENT_PYTHON " '" TANDEM_TRITONCLIENT_SCRIPT "' ") + (*server)->address();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace tandem::rpc
