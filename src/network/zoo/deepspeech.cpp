// Hannun et al., "Deep Speech: Scaling up end-to-end speech recognition" (2014): three dense layers over a window of
// frames, a bidirectional recurrent layer, a dense layer, and a softmax over characters; all ReLUs clipped at 20.
//
// Input: 100 frames (two seconds), each with nine frames on either side, 26 cepstral coefficients a frame. The
// recurrent layer has weights of its own per direction and a plain ReLU, the form that runtimes execute as one
// operation.
#include "zoo/builder.hpp"
#include "zoo/networks.hpp"

namespace tandem::network::zoo {

Result<Network> deepspeech(const Blueprint& blueprint) {
  constexpr std::size_t kFrames = 100;
  constexpr std::size_t kFeatures = std::size_t{26} * (9 + 1 + 9);
  constexpr std::size_t kUnits = 2048;
  constexpr std::size_t kCharacters = 29;  // letters, space, apostrophe, blank
  constexpr double kCeiling = 20.0;

  Builder net("deepspeech", {blueprint.batch, kFrames, kFeatures}, blueprint.seed);
  Value x = net.input();
  const auto dense = [&](const std::string& number) {
    x = net.end_layer(net.dense("dense" + number, x, {.units = kUnits}));
    x = net.end_layer(net.clipped_relu("clip" + number, x, kCeiling));
  };
  dense("1");
  dense("2");
  dense("3");
  x = net.end_layer(net.bidirectional_rnn("birnn", x, kUnits));
  dense("5");
  x = net.dense("dense6", x, {.units = kCharacters});
  return net.finish(net.end_layer(net.softmax("softmax", x)));
}

}  // namespace tandem::network::zoo
