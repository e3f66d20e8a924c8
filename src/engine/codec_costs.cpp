#include "tandem/engine/codec_costs.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  Milliseconds decode{};
  double last_bytes = 0;  // of the last piece
};

Result<std::vector<std::byte>> encode(const std::string& codec, const Tensor& tensor, const Boundary& boundary,
                                      const codec::Priors& priors, Crossing& cost) {
  const Clock& clock = steady_clock();
  const Instant start = clock.now();
  if (!codec::pieced_codec(codec)) {
    auto coded = codec::encode(codec, tensor.spec, tensor.data, boundary.quantization, &priors);
    cost.encode += clock.now() - start;
    return coded;
  }
  auto encoder = codec::PieceEncoder::start(codec, tensor.spec, tensor.data, boundary.quantization);
  if (!encoder) return forward_error(encoder);
  auto coded = encoder->next();
  const Instant first = clock.now();
  while (coded && !encoder->done()) {
    const auto piece = encoder->next();
    if (!piece) return forward_error(piece);
    coded->insert(coded->end(), piece->begin(), piece->end());
    cost.last_bytes = static_cast<double>(piece->size());
  }
  cost.encode += first - start;
  cost.behind += clock.now() - first;
  return coded;
}

// A call in parts carries one tensor, and is worth it where that is large and can be cut.
bool carries(const std::string& codec, const Boundary& boundary) {
  const auto pieced = codec::pieced_codec(codec);
  if (!pieced) return true;
  if (boundary.tensors.size() != 1) return false;
  const network::TensorSpec& spec = boundary.tensors.front();
  return spec.bytes() >= kLeastPieced && codec::slices_of(spec, pieced->pieces).size() > 1;
}

// All tensors of one boundary, coded and decoded.
Result<Crossing> cross(const std::string& codec, const Boundary& boundary, const Sample& tensors,
                       const codec::Priors& priors) {
  const Clock& clock = steady_clock();
  if (!carries(codec, boundary)) return Crossing{};
  Crossing least{.encode = Milliseconds::max(), .behind = Milliseconds::max(), .decode = Milliseconds::max()};
  for (int i = 0; i < kRepetitions; ++i) {
    Crossing once;
    for (const Tensor& tensor : tensors) {
      const auto coded = encode(codec, tensor, boundary, priors, once);
      if (!coded) return forward_error(coded);
      Tensor back(tensor.spec);
      const Instant allocated = clock.now();
      if (const Status done = codec::decode(*coded, tensor.spec, back.data, &priors); !done) return forward_error(done);
      once.decode += clock.now() - allocated;
      once.bytes += static_cast<double>(coded->size());
    }
    least = {.bytes = once.bytes,
             .encode = std::min(least.encode, once.encode),
             .behind = std::min(least.behind, once.behind),
             .decode = std::min(least.decode, once.decode),
             .last_bytes = once.last_bytes};
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
      }
    }
  }
  return costs;
}

}  // namespace tandem::engine
