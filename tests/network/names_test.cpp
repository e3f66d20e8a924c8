#include "names.hpp"

#include <gmock/gmock.h>

namespace tandem::network {
namespace {

TEST(Names, LoseWhatConvertersAppend) {
  EXPECT_EQ(cleaned("net/Conv/Relu6;net/Conv/add_fold;net/Conv/bias_prequant/WithoutBiases"), "net/Conv/Relu6");
  EXPECT_EQ(cleaned("net/add_prequant"), "net/add");
  EXPECT_EQ(cleaned("serving_default_input_5:0"), "serving_default_input_5");
  EXPECT_EQ(cleaned("Relu6__123"), "Relu6");
  EXPECT_EQ(cleaned("conv_prequant__12/WithoutBiases"), "conv");
  EXPECT_EQ(cleaned("probabilities/sink_port_0"), "probabilities");
}

TEST(Names, KeepWhatTheAuthorWrote) {
  for (const char* name : {"layer1.0.conv2", "fire2/squeeze1x1_1", "res2a_branch2a", "block_2", "naïve/größe", "a:b"}) {
    EXPECT_EQ(cleaned(name), name);
    EXPECT_FALSE(is_generated(name)) << name;
  }
}

TEST(Names, KnowWhatOpenVinoMadeUp) {
  for (const char* name : {"Transpose_4054", "Convolution_29", "65", "", "FakeQuantize_2"}) {
    EXPECT_TRUE(is_generated(name)) << name;
  }
}

TEST(Names, CanBePrintedWhateverTheFileHolds) {
  EXPECT_EQ(cleaned("a\nb\x01"), "a_b_");
  EXPECT_EQ(printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(printable("cut\xc3"), "cut_");
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xff"), "______");
}

TEST(Names, AreHandedOutOnce) {
  UniqueNames names;
  EXPECT_EQ(names.claim("conv"), "conv");
  EXPECT_EQ(names.claim("conv_2"), "conv_2");
  EXPECT_EQ(names.claim("conv"), "conv_3");
}

TEST(Names, OfTypesReadAsWords) {
  EXPECT_EQ(snake_case("GlobalAvgPool"), "global_avg_pool");
  EXPECT_EQ(snake_case("LSTMSequence"), "lstm_sequence");
  EXPECT_EQ(snake_case("MVN"), "mvn");
}

}  // namespace
}  // namespace tandem::network
