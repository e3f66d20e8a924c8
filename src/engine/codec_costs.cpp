#include "tandem/engine/codec_costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tandem/base/clock.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::engine {
namespace {

using network::Boundary;
using network::Tensor;
using profile::CodecCosts;

constexpr int kRepetitions = 3;
constexpr std::uint64_t kSyntheticSamples = 3;

// Coding less than this in pieces saves less time than a call in parts costs.
constexpr std::size_t kLeastPieced = 1 << 16;

struct Crossing {
  double bytes = 0;
  Milliseconds encode{};  // of the first piece, where there are several
  Milliseconds behind{};  // of the others
  Milliseconds ahead{};   // the decoding of all but the last
  Milliseconds decode{};
  double last_bytes = 0;  // of the last piece
};

Status cross_whole(const std::string& codec, const Tensor& tensor, const Boundary& boundary,
                   const codec::Priors& priors, Crossing& cost) {
  const Clock& clock = steady_clock();
  Tensor back(tensor.spec);
  const Instant start = clock.now();
  const auto coded = codec::encode(codec, tensor.spec, tensor.data, boundary.quantization, &priors);
  if (!coded) return forward_error(coded);
  const Instant encoded = clock.now();
  if (Status done = codec::decode(*coded, tensor.spec, back.data, &priors); !done) return done;
  cost.decode += clock.now() - encoded;
  cost.encode += encoded - start;
  cost.bytes += static_cast<double>(coded->size());
  return {};
}

// As it goes on the two sides of the link: a call in parts carries one tensor.
Result<Crossing> cross_in_pieces(const std::string& codec, const Tensor& tensor, const Boundary& boundary,
                                 const codec::Priors& priors) {
  const Clock& clock = steady_clock();
  Crossing cost;
  const Instant start = clock.now();
  auto encoder = codec::PieceEncoder::start(codec, tensor.spec, tensor.data, boundary.quantization);
  if (!encoder) return forward_error(encoder);
  std::vector<std::vector<std::byte>> pieces;
  while (!encoder->done()) {
    auto piece = encoder->next();
    if (!piece) return forward_error(piece);
    if (pieces.empty()) cost.encode = clock.now() - start;
    cost.bytes += static_cast<double>(piece->size());
    pieces.push_back(std::move(*piece));
  }
  cost.behind = clock.now() - start - cost.encode;
  cost.last_bytes = static_cast<double>(pieces.back().size());
  Tensor back(tensor.spec);
  codec::PieceDecoder decoder(tensor.spec, back.data, &priors);
  const Instant first = clock.now();
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    if (const Status done = decoder.add(pieces[i]); !done) return forward_error(done);
  }
  const Instant last = clock.now();
  if (const Status done = decoder.add(pieces.back()); !done) return forward_error(done);
  if (const Status done = decoder.finish(); !done) return forward_error(done);
  cost.ahead = last - first;
  cost.decode = clock.now() - last;
  return cost;
}

// A call in parts is worth it where the tensor is large and can be cut.
bool carries(const codec::PiecedCodec& codec, const Boundary& boundary) {
  if (boundary.tensors.size() != 1) return false;
  const network::TensorSpec& spec = boundary.tensors.front();
  return spec.bytes() >= kLeastPieced && codec::slices_of(spec, codec.pieces).size() > 1;
}

// All tensors of one boundary, coded and decoded.
Result<Crossing> cross_once(const std::string& codec, const Boundary& boundary, const Sample& tensors,
                            const codec::Priors& priors) {
  if (codec::pieced_codec(codec)) return cross_in_pieces(codec, tensors.front(), boundary, priors);
  Crossing cost;
  for (const Tensor& tensor : tensors) {
    if (const Status done = cross_whole(codec, tensor, boundary, priors, cost); !done) return forward_error(done);
  }
  return cost;
}

Result<Crossing> cross(const std::string& codec, const Boundary& boundary, const Sample& tensors,
                       const codec::Priors& priors) {
  const auto pieced = codec::pieced_codec(codec);
  if (pieced && !carries(*pieced, boundary)) return Crossing{};
  auto least = cross_once(codec, boundary, tensors, priors);
  for (int i = 1; least && i < kRepetitions; ++i) {
    const auto once = cross_once(codec, boundary, tensors, priors);
    if (!once) return once;
    for (Milliseconds Crossing::* const time :
         {&Crossing::encode, &Crossing::behind, &Crossing::ahead, &Crossing::decode}) {
      least.value().*time = std::min(least.value().*time, once.value().*time);
    }
  }
  return least;
}

Status check_sample(const Boundary& input, const Sample& sample) {
  if (sample.size() != input.tensors.size()) {
    return fail(Errc::invalid_argument,
                fmt::format("a sample has {} tensors, the network {} inputs", sample.size(), input.tensors.size()));
  }
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto& [wanted, found] = std::tie(input.tensors[i], sample[i].spec);
    if (found.type != wanted.type || found.shape != wanted.shape || sample[i].data.size() != wanted.bytes()) {
      return fail(Errc::invalid_argument, fmt::format("a sample's tensor is {}, input '{}' is {}", to_string(found),
                                                      wanted.name, to_string(wanted)));
    }
  }
  return {};
}

// Replaces the tensors before block `number` by those after it, in every sample.
Status run_block(const network::Network& network, int number, const CompileOptions& options,
                 std::vector<Sample>& samples) {
  auto part = network.cut({.first = number, .last = number});
  if (!part) return forward_error(part);
  const Result<Model> model = compile(std::move(*part), options);
  if (!model) return forward_error(model);
  Run run = model->new_run();
  for (Sample& sample : samples) {
    for (std::size_t i = 0; i < sample.size(); ++i) std::ranges::copy(sample[i].data, run.input_bytes(i).begin());
    if (const auto took = run.infer(); !took) return forward_error(took);
    sample.clear();
    for (std::size_t i = 0; i < model->outputs().size(); ++i) {
      Tensor& tensor = sample.emplace_back(model->outputs()[i]);
      std::ranges::copy(run.output_bytes(i), tensor.data.begin());
    }
  }
  return {};
}

}  // namespace

Result<std::map<std::string, CodecCosts>> measure_codecs(const network::Network& network,
                                                         std::span<const Sample> samples,
                                                         const std::vector<std::string>& codecs,
                                                         const CompileOptions& options, const codec::Priors& priors) {
  CompileOptions full_speed = options;
  full_speed.slowdown = 1.0;
  std::vector<Sample> at_boundary(samples.begin(), samples.end());
  for (const Sample& sample : samples) {
    if (const Status fits = check_sample(network.boundaries().front(), sample); !fits) return forward_error(fits);
  }
  for (std::uint64_t seed = 1; samples.empty() && seed <= kSyntheticSamples; ++seed) {
    at_boundary.push_back(synthetic_sample(network, seed));
  }

  std::map<std::string, CodecCosts> costs;
  for (int k = 0; k <= network.size(); ++k) {
    if (k > 0) {
      if (const Status done = run_block(network, k, full_speed, at_boundary); !done) return forward_error(done);
    }
    const codec::Priors here = priors.at(k);
    for (const std::string& codec : codecs) {
      Crossing sum;
      for (const Sample& tensors : at_boundary) {
        const Result<Crossing> once = cross(codec, network.boundaries()[k], tensors, here);
        if (!once) return forward_error(once);
        sum.bytes += once->bytes;
        sum.encode += once->encode;
        sum.behind += once->behind;
        sum.ahead += once->ahead;
        sum.last_bytes += once->last_bytes;
        sum.decode += once->decode;
      }
      const auto count = static_cast<double>(at_boundary.size());
      CodecCosts& table = costs[codec];
      table.bytes.push_back(sum.bytes / count);
      table.encode.push_back(sum.encode / count * options.slowdown);
      table.decode.push_back(sum.decode / count * options.slowdown);
      if (codec::pieced_codec(codec)) {
        table.last_bytes.push_back(sum.last_bytes / count);
        table.behind.push_back(sum.behind / count * options.slowdown);
        table.ahead.push_back(sum.ahead / count * options.slowdown);
      }
    }
  }
  return costs;
}

}  // namespace tandem::engine
