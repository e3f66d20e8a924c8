// `tandem profile list|show|diff|export|merge|remove`: the profiles kept in the user's store.
#include "tandem/profile/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "profile_commands.hpp"
#include "profile_report.hpp"
#include "tandem/base/log.hpp"
#include "tandem/engine/model.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using profile::CostTable;
using profile::ProfileStore;

struct StoreOptions {
  std::vector<std::string> profiles;  // ids or files
  std::string output;
  std::string plot;
  bool json = false;
};

Result<ProfileStore> user_store() {
  const auto folder = profile::user_store_folder();
  if (!folder) return forward_error(folder);
  return ProfileStore(*folder);
}

// A file, or else the beginning of an id.
Result<CostTable> profile_named(const std::string& what) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(what, ignored)) return profile::load(what);
  const auto store = user_store();
  if (!store) return forward_error(store);
  auto entry = store->get(what);
  if (!entry) return forward_error(entry);
  return std::move(entry->table);
}

std::string state_of(const CostTable& table) {
  return table.runtime == engine::runtime_version() ? "" : "of another runtime";
}

Outcome run_list(const StoreOptions& options) {
  const auto store = user_store();
  if (!store) return forward_error(store);
  std::vector<Error> damaged;
  const auto entries = store->list(&damaged);
  for (const Error& error : damaged) fmt::print(stderr, "tandem: left out: {}\n", error.message);
  if (options.json) {
    Json rows = Json::array();
    for (const auto& entry : entries) {
      Json row = summary_of(entry.table);
      row["id"] = entry.id;
      row["file"] = entry.file.string();
      row["stale"] = !state_of(entry.table).empty();
      rows.push_back(std::move(row));
    }
    fmt::print("{}\n", Json{{"folder", store->folder().string()}, {"profiles", rows}}.dump(
                           2, ' ', false, Json::error_handler_t::replace));
    return Exit::done;
  }
  if (entries.empty()) {
    fmt::print("no profile in {}; 'tandem profile NETWORK' makes one\n", store->folder().string());
    return Exit::done;
  }
  Table table({{"id", Table::Align::left},
               {"network", Table::Align::left},
               {"device", Table::Align::left},
               {"batch"},
               {"groups"},
               {"whole"},
               {"energy", Table::Align::left},
               {"runtime", Table::Align::left}});
  for (const auto& entry : entries) {
    const CostTable& t = entry.table;
    table.row({entry.id, t.network, t.device, std::to_string(t.batch), std::to_string(t.group_count()),
               human_time(t.cost({.first = 1, .last = t.size()}).latency), t.energy_source,
               state_of(t).empty() ? t.runtime : t.runtime + " (stale)"});
  }
  fmt::print("{}", table.text(terminal().width));
  return Exit::done;
}

Outcome run_show(const StoreOptions& options) {
  if (!options.plot.empty()) {
    if (const Status path = check_plot_path(options.plot); !path) return forward_error(path);
  }
  const auto table = profile_named(options.profiles.front());
  if (!table) return forward_error(table);
  if (!options.plot.empty()) {
    if (const Status drawn = write_plot(picture_of(*table), options.plot); !drawn) return forward_error(drawn);
  }
  if (options.json) {
    fmt::print("{}\n", profile::to_json(*table).dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::done;
  }
  print_profile(*table);
  if (!table->runtime.empty()) fmt::print("\nmeasured by {}\n", table->runtime);
  if (!options.plot.empty()) fmt::print("drawn to {}\n", options.plot);
  return Exit::done;
}

double quantile(std::vector<double>& values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

Outcome run_diff(const StoreOptions& options) {
  const auto before = profile_named(options.profiles[0]);
  if (!before) return forward_error(before);
  const auto after = profile_named(options.profiles[1]);
  if (!after) return forward_error(after);
  if (before->fingerprint != after->fingerprint || before->size() != after->size()) {
    return fail(Errc::failed_precondition,
                fmt::format("{} is of '{}' ({}) and {} of '{}' ({}): profiles of one network can be compared",
                            options.profiles[0], before->network, before->fingerprint, options.profiles[1],
                            after->network, after->fingerprint));
  }
  Json rows = Json::array();
  std::vector<double> ratios, changes;
  Table table({{"layers", Table::Align::left}, {"first"}, {"second"}, {"ratio"}, {"beyond the errors"}});
  for (const auto& [range, cost] : before->groups()) {
    if (!after->has(range)) continue;
    const profile::Cost other = after->cost(range);
    if (cost.latency <= Milliseconds{0}) continue;
    const double ratio = other.latency / cost.latency;
    const double error = std::hypot(cost.std.count(), other.std.count());
    const bool clear = std::abs((other.latency - cost.latency).count()) > 2 * error;
    ratios.push_back(ratio);
    changes.push_back(std::abs(ratio - 1));
    rows.push_back({{"first", range.first},
                    {"last", range.last},
                    {"first_ms", cost.latency.count()},
                    {"second_ms", other.latency.count()},
                    {"ratio", ratio},
                    {"beyond_errors", clear}});
    if (range.first == 1 || range.last == before->size()) {
      table.row({fmt::format("{} to {}", range.first, range.last), human_time(cost.latency), human_time(other.latency),
                 fmt::format("{:.3f}", ratio), clear ? "yes" : ""});
    }
  }
  if (ratios.empty()) return fail(Errc::failed_precondition, "no group was measured in both profiles");
  const double median = quantile(ratios, 0.5);
  const double change = quantile(changes, 0.95);
  if (options.json) {
    fmt::print("{}\n", Json{{"first", summary_of(*before)},
                            {"second", summary_of(*after)},
                            {"groups", rows},
                            {"median_ratio", median},
                            {"change_95", change}}
                           .dump(2, ' ', false, Json::error_handler_t::replace));
    return Exit::done;
  }
  fmt::print(
      "{} on {}\n  against {}\n\n{}\n{} groups in both: ratio {:.3f} in the median; 95 % change by less than {:.1f} "
      "%\n",
      before->network, before->device, after->device, table.text(terminal().width), ratios.size(), median,
      100 * change);
  return Exit::done;
}

Outcome run_export(const StoreOptions& options) {
  const auto table = profile_named(options.profiles.front());
  if (!table) return forward_error(table);
  if (const Status saved = profile::save(*table, options.output); !saved) return forward_error(saved);
  fmt::print("{} written to {}\n", table->network, options.output);
  return Exit::done;
}

Outcome run_merge(const StoreOptions& options) {
  auto merged = profile_named(options.profiles.front());
  if (!merged) return forward_error(merged);
  for (std::size_t i = 1; i < options.profiles.size(); ++i) {
    const auto next = profile_named(options.profiles[i]);
    if (!next) return forward_error(next);
    merged = profile::merge(*merged, *next);
    if (!merged) return forward_error(merged, options.profiles[i]);
  }
  if (!options.output.empty()) {
    if (const Status saved = profile::save(*merged, options.output); !saved) return forward_error(saved);
    fmt::print("{} groups written to {}\n", merged->group_count(), options.output);
    return Exit::done;
  }
  const auto store = user_store();
  if (!store) return forward_error(store);
  const auto kept = store->keep(*merged);
  if (!kept) return forward_error(kept);
  fmt::print("{} groups kept as {}\n", kept->table.group_count(), kept->id);
  return Exit::done;
}

Outcome run_remove(const StoreOptions& options) {
  const auto store = user_store();
  if (!store) return forward_error(store);
  for (const std::string& id : options.profiles) {
    if (const Status removed = store->remove(id); !removed) return forward_error(removed);
  }
  return Exit::done;
}

struct Subcommand {
  const char* name;
  const char* what;
  const char* example;
  Outcome (*run)(const StoreOptions&);
  int fewest;  // profiles
  int most;    // 0: takes none
};
constexpr int kAny = 1000;
constexpr Subcommand kSubcommands[] = {
    {"list", "the profiles kept", "tandem profile list", run_list, 0, 0},
    {"show", "one profile along its network", "tandem profile show 3f2a --plot cost.svg", run_show, 1, 1},
    {"diff", "two profiles of one network, group by group", "tandem profile diff 3f2a old.profile.json", run_diff, 2,
     2},
    {"export", "write a profile to a file", "tandem profile export 3f2a -o phone.profile.json", run_export, 1, 1},
    {"merge", "the groups of several profiles in one; in the store, or in a file",
     "tandem profile merge a.profile.json b.profile.json -o ab.profile.json", run_merge, 2, kAny},
    {"remove", "forget profiles", "tandem profile remove 3f2a", run_remove, 1, kAny},
};

}  // namespace

void add_profile_store(CLI::App& profile, Outcome& outcome) {
  for (const Subcommand& sub : kSubcommands) {
    auto* command = profile.add_subcommand(sub.name, sub.what);
    auto options = std::make_shared<StoreOptions>();
    if (sub.most > 0) {
      command->add_option("profiles", options->profiles, "a file, or the beginning of an id of 'tandem profile list'")
          ->required()
          ->expected(sub.fewest, sub.most)
          ->type_name("ID|FILE");
    }
    const std::string name = sub.name;
    if (name == "export" || name == "merge") {
      auto* output = command->add_option("-o,--output", options->output, "the file to write")->type_name("FILE");
      if (name == "export") output->required();
    }
    if (name == "show") {
      command->add_option("--plot", options->plot, "draw the cost along the network: .svg or .png")->type_name("FILE");
    }
    if (name == "list" || name == "show" || name == "diff") {
      command->add_flag("--json", options->json, "machine-readable answer");
    }
    example(command, sub.example);
    command->callback([&sub, options, &outcome] { outcome = sub.run(*options); });
  }
}

}  // namespace tandem::cli
