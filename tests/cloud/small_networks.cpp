#include "small_networks.hpp"

#include <utility>

#include "network/models.hpp"

namespace tandem::cloud::testing {
namespace {

using network::Network;
using network::testing::ModelBuilder;
using network::testing::Value;

Network network_of(std::shared_ptr<ov::Model> model, const std::string& name) {
  return Network::from_model(std::move(model), name).value();
}

Network convolutions(const std::string& name, std::uint64_t seed, std::size_t size, std::size_t channels,
                     bool quantise) {
  ModelBuilder builder(seed);
  Value x = builder.input("image", {1, 3, size, size});
  for (const char* layer : {"c1", "c2", "c3", "c4"}) {
    x = builder.relu(builder.conv(x, channels, layer), layer + std::string("_relu"));
    if (quantise) x = builder.fake_quantize(x, 0.0F, 6.0F);
  }
  x = builder.matmul(builder.mean_over_image(x, "mean"), 10, "classes");
  return network_of(builder.model({x}), name);
}

}  // namespace

Network chain(const std::string& name, std::uint64_t seed) {
  return convolutions(name, seed, 16, 8, false);
}
Network quantised_chain(const std::string& name) {
  return convolutions(name, 3, 16, 8, true);
}
Network slow(const std::string& name) {
  return convolutions(name, 4, 128, 96, false);
}

Network two_inputs(const std::string& name) {
  ModelBuilder builder;
  const Value a = builder.input("a", {2, 3});
  const Value b = builder.input("b", {2, 3});
  return network_of(builder.model({builder.relu(builder.add(a, b, "sum"), "out")}), name);
}

std::vector<network::Tensor> random_inputs(const Network& network, std::uint64_t seed) {
  return network::testing::random_inputs(*network.model(), seed);
}

std::vector<network::Tensor> run_whole(const Network& network, const std::vector<network::Tensor>& inputs) {
  return network::testing::run(network.model(), inputs);
}

}  // namespace tandem::cloud::testing
