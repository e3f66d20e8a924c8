// `tandem serve`: the cloud half, until SIGINT or SIGTERM.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "network_option.hpp"
#include "tandem/base/file.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/import.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {
namespace {

namespace fs = std::filesystem;

// What a folder is searched for.
constexpr std::array kNetworkSuffixes{".onnx", ".tflite", ".xml", ".pb", ".pdmodel"};

constexpr Milliseconds kGrace{5000};  // for running requests, when told to stop

struct ServeOptions {
  std::vector<std::string> references;
  network::ImportOptions import;
  std::string listen = "127.0.0.1:8001";
  int threads = 1;
  int workers = 1;
  std::string precision = "f32";
  double slowdown = 1.0;
  std::vector<std::string> profiles;
  std::size_t memory_bytes = 4ULL << 30U;
  std::string ready_file;
  bool json = false;
};

bool is_network_file(const fs::path& path) {
  return std::ranges::find(kNetworkSuffixes, path.extension().string()) != kNetworkSuffixes.end();
}

// In order of their names.
Result<std::vector<std::string>> network_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_network_file(entry->path())) files.push_back(entry->path().string());
  }
  if (error) return fail(Errc::invalid_argument, folder + ": cannot be read: " + error.message());
  if (files.empty()) {
    return fail(Errc::invalid_argument, fmt::format("{}: no network in this folder; files of {} are served", folder,
                                                    fmt::join(kNetworkSuffixes, " ")));
  }
  std::ranges::sort(files);
  return files;
}

Result<cloud::ServedNetwork> load_served(const std::string& reference, const network::ImportOptions& import) {
  auto loaded = network::load(reference, import);
  if (!loaded) return forward_error(loaded);
  cloud::ServedNetwork served{.network = std::move(*loaded)};
  auto input = network::image_input_for(served.network, reference);
  if (input) {
    served.image_input = std::move(*input);
  } else if (input.error().code != Errc::failed_precondition) {  // a network without images is none the worse
    return forward_error(input);
  }
  auto priors = codec::priors_beside(reference);
  if (!priors) return forward_error(priors);
  served.priors = std::move(*priors);
  return served;
}

// A file that is named must load; of a folder's files those that do not are told and left out.
Status load_all(const ServeOptions& options, std::vector<cloud::ServedNetwork>& networks) {
  for (const std::string& reference : options.references) {
    if (!fs::is_directory(reference)) {
      auto served = load_served(reference, options.import);
      if (!served) return forward_error(served);
      networks.push_back(std::move(*served));
      continue;
    }
    const auto files = network_files(reference);
    if (!files) return forward_error(files);
    const std::size_t before = networks.size();
    for (const std::string& file : *files) {
      auto served = load_served(file, options.import);
      if (served)
        networks.push_back(std::move(*served));
      else
        fmt::print(stderr, "tandem: left out: {}\n", served.error().message);
    }
    if (networks.size() == before) {
      return fail(Errc::invalid_argument,
                  fmt::format("{}: none of its {} files is a network that can be served", reference, files->size()));
    }
  }
  return {};
}

Status add_profiles(const std::vector<std::string>& files, std::vector<cloud::ServedNetwork>& networks) {
  for (const std::string& file : files) {
    auto table = profile::load(file);
    if (!table) return forward_error(table);
    const auto fits = [&table](const cloud::ServedNetwork& served) {
      return served.network.fingerprint() == table->fingerprint;
    };
    const auto served = std::ranges::find_if(networks, fits);
    if (served == networks.end()) {
      return fail(Errc::failed_precondition,
                  fmt::format("{}: is of '{}' (fingerprint {}), which is not served; profile a served network", file,
                              table->network, table->fingerprint));
    }
    served->profile = std::move(*table);
  }
  return {};
}

std::string summary(const std::vector<std::pair<std::string, int>>& networks, const std::string& address) {
  std::string names;
  for (const auto& [name, blocks] : networks) {
    names += fmt::format("{}{} ({} blocks)", names.empty() ? "" : ", ", name, blocks);
  }
  return fmt::format("serving {} on {}", names, address);
}

Json json_of(const std::vector<std::pair<std::string, int>>& networks, const std::string& address) {
  Json rows = Json::array();
  for (const auto& [name, blocks] : networks) rows.push_back({{"name", name}, {"blocks", blocks}});
  return {{"listening", address}, {"networks", rows}};
}

// Held back from the whole process before it has threads, so that only wait() receives them.
class StopSignals {
 public:
  StopSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void wait() const {
    int signal = 0;
    ::sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_{};
};

Outcome run_serve(const ServeOptions& options) {
  const StopSignals stop;
  cloud::Options server_options{
      .listen = options.listen,
      .networks = {},
      .compile = {.threads = options.threads,
                  .precision = options.precision == "bf16" ? engine::Precision::bf16 : engine::Precision::f32,
                  .slowdown = options.slowdown},
      .workers = options.workers,
      .model_memory_bytes = options.memory_bytes};
  if (const Status loaded = load_all(options, server_options.networks); !loaded) return forward_error(loaded);
  if (const Status added = add_profiles(options.profiles, server_options.networks); !added) return forward_error(added);
  std::vector<std::pair<std::string, int>> networks;
  for (const auto& served : server_options.networks) {
    networks.emplace_back(served.network.name(), served.network.size());
  }
  auto server = cloud::Server::start(std::move(server_options));
  if (!server) return forward_error(server);

  const std::string address = (*server)->address();
  if (!options.ready_file.empty()) {
    if (const Status written = write_file(options.ready_file, address + "\n"); !written) return forward_error(written);
  }
  fmt::print("{}\n", options.json ? json_of(networks, address).dump() : summary(networks, address));
  std::fflush(stdout);
  stop.wait();
  (*server)->shutdown(kGrace);
  return Exit::done;
}

}  // namespace

void add_serve(CLI::App& program, Outcome& outcome) {
  auto* command = program.add_subcommand("serve", "the cloud half: offer networks and any run of their blocks");
  auto options = std::make_shared<ServeOptions>();
  command->add_option("network", options->references, "networks to serve: files, zoo:NAME, or folders of files")
      ->required()
      ->type_name("NETWORK|DIR");
  command->add_option("--listen", options->listen, "where to listen; port 0 takes any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "threads of one inference")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--workers", options->workers, "inferences at the same time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--precision", options->precision, "in which to compute")
      ->check(CLI::IsMember({"f32", "bf16"}))
      ->capture_default_str();
  command->add_option("--slowdown", options->slowdown, "emulate a server this many times slower")
      ->check(CLI::Range(1.0, engine::kMaxSlowdown))
      ->capture_default_str();
  command->add_option("--profile", options->profiles, "what a served network costs here, told to devices that plan")
      ->type_name("FILE");
  command
      ->add_option("--memory", options->memory_bytes, "for compiled networks; beyond it the least recently used goes")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("BYTES")
      ->default_str("4GiB");
  command->add_option("--ready-file", options->ready_file, "written with the address when requests can come")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "say in JSON what is served where");
  add_import_options(command, options->import);
  example(command, "tandem serve zoo:resnet50 models/ --listen 0.0.0.0:8001 --threads 4");
  command->callback([options, &outcome] { outcome = run_serve(*options); });
}

}  // namespace tandem::cli
