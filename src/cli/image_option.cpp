#include "image_option.hpp"

#include <algorithm>
#include <array>

namespace tandem::cli {
namespace {

void override_channels(const std::vector<double>& given, std::array<double, 3>& channels) {
  for (std::size_t i = 0; i < channels.size() && !given.empty(); ++i)
    channels[i] = given[std::min(i, given.size() - 1)];
}

}  // namespace

void add_image_options(CLI::App* command, ImageOptions& options) {
  const auto one_or_three = [](const std::string& name) {
    return "image input: " + name + ", one number or one for each channel (R,G,B; B,G,R with --bgr)";
  };
  command
      ->add_option("--resize", options.resize,
                   "image input: stretch to the input's size, or resize and crop the centre")
      ->check(CLI::IsMember({"stretch", "crop"}));
  command->add_option("--mean", options.mean, one_or_three("what is subtracted from pixels 0..255"))
      ->delimiter(',')
      ->expected(1, 3);
  command->add_option("--scale", options.scale, one_or_three("what the difference is multiplied with"))
      ->delimiter(',')
      ->expected(1, 3);
  command->add_flag("--bgr", options.bgr, "image input: channels in the order blue, green, red");
}

Result<network::ImageInput> image_input_with(const ImageOptions& options, const network::Network& network,
                                             const std::string& reference) {
  auto input = network::image_input_for(network, reference);
  if (!input) return input;
  if (!options.resize.empty()) {
    input->resize = options.resize == "crop" ? network::ImageInput::Resize::crop : network::ImageInput::Resize::stretch;
  }
  override_channels(options.mean, input->mean);
  override_channels(options.scale, input->scale);
  input->bgr = input->bgr || options.bgr;
  return input;
}

}  // namespace tandem::cli
