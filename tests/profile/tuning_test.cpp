#include "tandem/profile/tuning.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"

namespace tandem::profile {
namespace {

using ::testing::HasSubstr;

CodecTuning some_tuning() {
  return {.network = "net",
          .fingerprint = "0123",
          .layers = 2,
          .samples = 200,
          .max_loss = 0.01,
          .codings = {{.after = 0, .codec = "jpeg", .bytes = 900, .encode = Milliseconds{2}, .loss = 0.02},
                      {.after = 1, .codec = "tfc", .bytes = 800, .encode = Milliseconds{3}, .loss = 0},
                      {.after = 1, .codec = "tfc:4", .bytes = 400, .decode = Milliseconds{4}, .loss = 0.01},
                      {.after = 1, .codec = "tfc:2", .bytes = 100, .loss = 0.3},
                      {.after = 2, .codec = "tfc", .bytes = 50, .loss = -0.005}}};
}

TEST(Tuning, ComesBackFromJsonAsItWas) {
  const auto back = tuning_from_json(to_json(some_tuning()));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, some_tuning());
}

TEST(Tuning, NamesTheFieldThatIsWrong) {
  Json json = to_json(some_tuning());
  json["codings"][1]["after"] = 3;
  EXPECT_THAT(tuning_from_json(json), HasErrc(Errc::invalid_argument, HasSubstr("codings[1].after")));
  json = to_json(some_tuning());
  json["codings"][0]["loss"] = 2;
  EXPECT_THAT(tuning_from_json(json), HasErrc(Errc::invalid_argument, HasSubstr("codings[0].loss")));
}

TEST(Tuning, ChoosesTheFewestBytesThatLoseLittleEnough) {
  const CodecTuning tuning = some_tuning();
  EXPECT_EQ(best_coding(tuning, 1, 0.01)->codec, "tfc:4");
  EXPECT_EQ(best_coding(tuning, 1, 0.005)->codec, "tfc");
  EXPECT_EQ(best_coding(tuning, 1, 1)->codec, "tfc:2");
  EXPECT_EQ(best_coding(tuning, 0, 0.01), nullptr);
}

TEST(Tuning, LeavesATableOnlyCodecsThatLoseLittleEnough) {
  CostTable table;
  table.layers = {"a", "b"};
  table.slowdown = 10;
  table.codecs["raw"].bytes = {4000, 4000, 4000};
  table.codecs["linear8"].bytes = {1000, 1000, 1000};
  table.codecs["lossy"].bytes = {1, 1, 1};
  const CostTable tuned = with_tuning(table, some_tuning(), 0.01);
  EXPECT_EQ(tuned.codecs.at("raw").bytes, (std::vector<double>{4000, 4000, 4000}));
  EXPECT_EQ(tuned.codecs.at("linear8").bytes, (std::vector<double>{0, 0, 0}));  // not measured: nowhere
  EXPECT_FALSE(tuned.codecs.contains("lossy"));
  EXPECT_EQ(tuned.codecs.at("tfc").bytes, (std::vector<double>{0, 800, 50}));
  EXPECT_EQ(tuned.codecs.at("tfc").encode[1], Milliseconds{30});
  EXPECT_EQ(tuned.codecs.at("tfc:4").decode[1], Milliseconds{40});
  EXPECT_EQ(tuned.codecs.at("tfc:2").bytes[1], 0);
  EXPECT_EQ(tuned.codecs.at("jpeg").bytes[0], 0);
}

}  // namespace
}  // namespace tandem::profile
