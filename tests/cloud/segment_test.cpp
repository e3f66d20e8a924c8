#include "segment.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"
#include "small_networks.hpp"

namespace tandem::cloud {
namespace {

using ::testing::HasSubstr;

Catalogue catalogue_of(std::vector<network::Network> networks) {
  std::vector<ServedNetwork> served;
  for (auto& network : networks) served.push_back({.network = std::move(network)});
  return Catalogue(std::move(served));
}

TEST(Catalogue, FindsWholeNetworksAndRunsOfBlocks) {
  const auto catalogue = catalogue_of({testing::chain("a"), testing::chain("b", 2)});
  const int size = catalogue.networks()[1].network.size();
  const auto whole = catalogue.find("b");
  ASSERT_THAT(whole, IsOk());
  EXPECT_EQ(whole->key, (SegmentKey{.network = 1, .first = 1, .last = size}));
  EXPECT_EQ(catalogue.find("b@1-" + std::to_string(size))->key, whole->key);
  const auto middle = catalogue.find("b@2-3");
  ASSERT_THAT(middle, IsOk());
  EXPECT_EQ(middle->input().tensors, catalogue.networks()[1].network.boundaries()[1].tensors);
  EXPECT_EQ(middle->output().tensors, catalogue.networks()[1].network.boundaries()[3].tensors);
}

TEST(Catalogue, RefusesBlocksThatAreNotThere) {
  const auto catalogue = catalogue_of({testing::chain("a")});
  for (const char* name : {"a@0-3", "a@3-2", "a@1-999", "a@2147483647-2147483647"}) {
    EXPECT_THAT(catalogue.find(name), HasErrc(Errc::not_found, HasSubstr("has the blocks 1-"))) << name;
  }
  for (const char* name : {"", "b", "b@1-2", "a@", "a@99999999999999999999-1", "a@-1-2", "A"}) {
    EXPECT_THAT(catalogue.find(name), HasErrc(Errc::not_found, HasSubstr("there are: a"))) << name;
  }
}

TEST(Catalogue, ANetworkMayBeNamedLikeASegment) {
  const auto catalogue = catalogue_of({testing::chain("a"), testing::chain("a@1-2", 2)});
  EXPECT_EQ(catalogue.find("a@1-2")->key.network, 1U);
  EXPECT_EQ(catalogue.find("a@1-3")->key.network, 0U);
  EXPECT_EQ(catalogue.find("a@1-2@1-2")->key.network, 1U);
}

TEST(Catalogue, RefusesNothingAndTheSameNameTwice) {
  EXPECT_THAT(catalogue_of({}).check(), HasErrc(Errc::invalid_argument, HasSubstr("no network")));
  EXPECT_THAT(catalogue_of({testing::chain("a"), testing::chain("a", 2)}).check(),
              HasErrc(Errc::invalid_argument, HasSubstr("two networks of the name 'a'")));
}

}  // namespace
}  // namespace tandem::cloud
