#include "tandem/network/zoo.hpp"

#include <fmt/format.h>

#include <array>

#include "zoo/networks.hpp"

namespace tandem::network::zoo {
namespace {

struct Row {
  Entry entry;
  Result<Network> (*build)(const Blueprint&);
};

constexpr const char* kDiscriminative = "discriminative";

// First the dissertation's benchmarks, in the order of its Table 2.2. A test compares the figures with what is built.
constexpr std::array kRows{
    Row{{"alexnet", "AlexNet", kDiscriminative, 21, 724'406'816, 60'965'224, "3x227x227", "1000",
         "Krizhevsky et al. 2012"},
        alexnet},
    Row{{"overfeat", "OverFeat (fast)", kDiscriminative, 14, 2'801'403'904, 145'920'872, "3x231x231", "1000",
         "Sermanet et al. 2014"},
        overfeat},
    Row{{"deepspeech", "Deep Speech", kDiscriminative, 10, 3'043'123'200, 30'443'549, "100x494", "100x29",
         "Hannun et al. 2014"},
        deepspeech},
    Row{{"resnet", "ResNet", kDiscriminative, 70, 3'857'973'248, 25'530'472, "3x224x224", "1000", "He et al. 2016"},
        resnet},
    Row{{"vgg16", "VGG16", kDiscriminative, 37, 15'470'264'320, 138'357'544, "3x224x224", "1000",
         "Simonyan and Zisserman 2015"},
        vgg16},
    Row{{"nin", "NiN", kDiscriminative, 29, 1'100'188'800, 7'595'176, "3x224x224", "1000", "Lin et al. 2014"}, nin},
    Row{{"chair", "Chair", "generative", 10, 585'855'488, 23'007'823, "825", "3x128x128", "Dosovitskiy et al. 2015"},
        chair},
    Row{{"pix2pix", "Pix2Pix", "autoencoder", 32, 4'034'920'448, 39'071'115, "3x256x256", "3x256x256",
         "Isola et al. 2017"},
        pix2pix},
    Row{{"resnet50", "ResNet-50", kDiscriminative, 73, 3'857'973'248, 25'530'472, "3x224x224", "1000",
         "He et al. 2016"},
        resnet50},
    Row{{"vgg19", "VGG-19", kDiscriminative, 25, 19'632'062'464, 143'667'240, "3x224x224", "1000",
         "Simonyan and Zisserman 2015"},
        vgg19},
    Row{{"mobilenetv2", "MobileNetV2", kDiscriminative, 65, 300'774'272, 3'487'816, "3x224x224", "1000",
         "Sandler et al. 2018"},
        mobilenetv2},
    Row{{"inceptionv3", "Inception-v3", kDiscriminative, 125, 5'713'216'096, 23'817'352, "3x299x299", "1000",
         "Szegedy et al. 2016"},
        inceptionv3},
    Row{{"mlp", "Multilayer perceptron", kDiscriminative, 12, 12'107'500, 12'115'010, "841", "10",
         "Ciresan et al. 2010"},
        mlp},
};

constexpr auto kEntries = [] {
  std::array<Entry, kRows.size()> entries{};
  for (std::size_t i = 0; i < kRows.size(); ++i) entries[i] = kRows[i].entry;
  return entries;
}();

}  // namespace

std::span<const Entry> entries() {
  return kEntries;
}

Result<Network> build(std::string_view name, const BuildOptions& options) {
  if (options.batch < 1)
    return fail(Errc::invalid_argument, fmt::format("batch: must be at least 1, is {}", options.batch));
  std::string names;
  for (const Row& row : kRows) {
    if (row.entry.name == name) {
      return row.build({.batch = static_cast<std::size_t>(options.batch), .seed = options.seed});
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.entry.name);
  }
  return fail(Errc::not_found, fmt::format("zoo:{}: no such network; there are {}", name, names));
}

}  // namespace tandem::network::zoo
