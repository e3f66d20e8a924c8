// The NETWORK argument that most commands take: a file or zoo:NAME, with what an import may leave open.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tandem/network/import.hpp"

namespace tandem::cli {

struct NetworkOptions {
  std::string reference;
  network::ImportOptions import;
};

// NETWORK, --batch, --shape and --seed. `options` must outlive the command.
void add_network_options(CLI::App* command, NetworkOptions& options);

// The options alone, for commands whose NETWORK is optional or repeated.
void add_import_options(CLI::App* command, network::ImportOptions& options);

}  // namespace tandem::cli
