#include "repository.hpp"

#include <gmock/gmock.h>

#include <future>

#include "matchers.hpp"
#include "small_networks.hpp"

namespace tandem::cloud {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kPlenty = 1ULL << 30U;

class RepositoryTest : public ::testing::Test {
 protected:
  RepositoryTest() {
    std::vector<ServedNetwork> served;
    served.push_back({.network = testing::chain("a")});
    catalogue_ = std::make_unique<Catalogue>(std::move(served));
  }

  [[nodiscard]] Segment segment(const std::string& name) const { return catalogue_->find(name).value(); }

  std::unique_ptr<Catalogue> catalogue_;
};

Repository::ModelResult wait_for(Repository& repository, const Segment& segment) {
  auto promise = std::make_shared<std::promise<Repository::ModelResult>>();
  repository.with_model(segment, [promise](Repository::ModelResult model) { promise->set_value(std::move(model)); });
  return promise->get_future().get();
}

TEST_F(RepositoryTest, LoadsOnceHoweverManyAskAtOnce) {
  Repository repository({}, kPlenty);
  std::vector<std::future<Repository::ModelResult>> answers;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    auto promise = std::make_shared<std::promise<Repository::ModelResult>>();
    answers.push_back(promise->get_future());
    threads.emplace_back([this, &repository, promise] {
      repository.with_model(segment("a"), [promise](Repository::ModelResult model) { promise->set_value(model); });
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto first = answers.front().get();
  ASSERT_THAT(first, IsOk());
  for (std::size_t i = 1; i < answers.size(); ++i) EXPECT_EQ(answers[i].get().value(), *first);
  EXPECT_EQ(repository.loaded_count(), 1U);
}

TEST_F(RepositoryTest, DropsTheLeastRecentlyUsedBeyondItsBudget) {
  const std::size_t one = [this] {
    Repository repository({}, kPlenty);
    EXPECT_THAT(wait_for(repository, segment("a@2-2")), IsOk());
    return repository.loaded_bytes();
  }();
  Repository repository({}, one * 5 / 2);  // the inner convolutions are of one size: two fit
  const auto second = wait_for(repository, segment("a@2-2")).value();
  wait_for(repository, segment("a@3-3")).value();
  EXPECT_EQ(wait_for(repository, segment("a@2-2")).value(), second);
  const std::weak_ptr<LoadedModel> third = wait_for(repository, segment("a@3-3")).value();
  EXPECT_EQ(wait_for(repository, segment("a@2-2")).value(), second);
  wait_for(repository, segment("a@4-4")).value();
  EXPECT_TRUE(third.expired()) << "nobody holds what was dropped";
  EXPECT_EQ(wait_for(repository, segment("a@2-2")).value(), second) << "it was used more recently";
  EXPECT_EQ(repository.loaded_count(), 2U);
  EXPECT_LE(repository.loaded_bytes(), one * 5 / 2);
}

TEST_F(RepositoryTest, KeepsTheModelInUseHoweverSmallTheBudget) {
  Repository repository({}, 1);
  EXPECT_THAT(wait_for(repository, segment("a")), IsOk());
  EXPECT_THAT(wait_for(repository, segment("a@1-2")), IsOk());
  EXPECT_EQ(repository.loaded_count(), 1U);
}

TEST_F(RepositoryTest, ADroppedModelServesWhoHoldsIt) {
  Repository repository({}, 1);
  const auto held = wait_for(repository, segment("a@2-2")).value();
  wait_for(repository, segment("a@3-3")).value();
  engine::Run run = held->borrow();
  EXPECT_THAT(run.infer(), IsOk());
}

TEST_F(RepositoryTest, PassesTheEnginesErrorOn) {
  Repository repository({.threads = 0}, kPlenty);
  EXPECT_THAT(wait_for(repository, segment("a")), HasErrc(Errc::invalid_argument, HasSubstr("threads")));
  EXPECT_EQ(repository.loaded_count(), 0U);
}

TEST_F(RepositoryTest, LoadsNothingAfterClosing) {
  Repository repository({}, kPlenty);
  const auto loaded = wait_for(repository, segment("a")).value();
  repository.close();
  EXPECT_EQ(wait_for(repository, segment("a")).value(), loaded);
  EXPECT_THAT(wait_for(repository, segment("a@1-1")), HasErrc(Errc::unavailable, HasSubstr("shutting down")));
}

TEST_F(RepositoryTest, EveryoneWhoWaitsIsAnswered) {
  int answers = 0;
  {
    std::atomic<int> count = 0;
    {
      Repository repository({}, kPlenty);
      for (const char* name : {"a", "a@1-2", "a@1-3", "a@2-4", "a@3-5"}) {
        repository.with_model(segment(name), [&count](const Repository::ModelResult&) { ++count; });
      }
    }
    answers = count;
  }
  EXPECT_EQ(answers, 5);
}

}  // namespace
}  // namespace tandem::cloud
