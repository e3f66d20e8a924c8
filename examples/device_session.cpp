// Embeds the device half: plans from two profiles, runs images, and goes on without the cloud where it must.
//   device_session NETWORK DEVICE.profile.json CLOUD.profile.json HOST:PORT IMAGE...
#include <cstdio>

#include "tandem/codec/image.hpp"
#include "tandem/device/session.hpp"
#include "tandem/network/import.hpp"

using namespace tandem;
static Status run(char** argv) {
  auto network = network::load(argv[1]);
  if (!network) return forward_error(network);
  auto image_input = network::image_input_for(*network, argv[1]);
  auto device = profile::load(argv[2]);
  auto cloud = profile::load(argv[3]);
  if (!image_input || !device || !cloud)
    return fail(Errc::invalid_argument, "an image network and two profiles are needed");
  const auto link = link::find("wifi");
  auto problem = plan::make_problem(*device, *cloud, *link, plan::Objective::latency);
  if (!problem) return forward_error(problem);
  device::SessionOptions options{.network = *network, .plan = plan::solve(*problem), .cloud = argv[4], .link = *link};
  options.image_input = *image_input;
  auto session = device::Session::open(std::move(options));
  if (!session) return forward_error(session);
  for (char** image = argv + 5; *image != nullptr; ++image) {
    auto photo = codec::read_image(*image);
    if (!photo) return forward_error(photo);
    auto answer = (*session)->infer_image(*photo, Milliseconds{5000});
    if (!answer) return forward_error(answer);
    std::printf("%s: %.1f ms%s\n", *image, answer->total.count(), answer->degraded ? " (without the cloud)" : "");
  }
  return {};
}

int main(int argc, char** argv) {
  const Status done = argc < 6 ? fail(Errc::invalid_argument, "five arguments or more") : run(argv);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 2;
}
