// The profiles of a user, kept between runs: one for each network, device, batch, threads, precision and version of the
// runtime.
//
//   const ProfileStore store(*user_store_folder());
//   if (auto kept = store.find(key); kept && *kept) use(**kept);
//   store.keep(table);                           // whole or not at all
//
// A profile is a file of format tandem.profile.v1 in the folder; its name follows from its key, so that a profile of
// another network or runtime is simply not found. Thread rule: all functions are safe from any thread and process; who
// reads sees a file as it was before or after a change.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

struct ProfileKey {
  std::string fingerprint;
  std::string device;  // as the profile names it
  int batch = 1;
  int threads = 1;
  std::string precision;
  std::string runtime;
  bool measured_energy = false;  // measured and modelled energy are kept apart
  Requests requests = Requests::spaced;

  bool operator==(const ProfileKey&) const = default;
};
ProfileKey key_of(const CostTable& table);
// 12 hex digits, the same on every machine: the network's first 4, then a hash of the rest.
std::string id_of(const ProfileKey& key);

// TANDEM_PROFILES where it is set; else tandem/profiles in XDG_DATA_HOME, or in ~/.local/share. Error: not_found where
// there is no home either.
Result<std::filesystem::path> user_store_folder();

class ProfileStore {
 public:
  explicit ProfileStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  struct Entry {
    std::string id;
    std::filesystem::path file;
    CostTable table;
  };

  // Nothing where there is none. Error: invalid_argument for a file that is damaged, with what to do.
  [[nodiscard]] Result<std::optional<CostTable>> find(const ProfileKey& key) const;
  // Makes the folder. Where a profile of the key is there, groups that `table` does not have, or has only
  // predicted, are kept from it. Errors:
  // invalid_argument (emulated slowness: only what was measured is kept; a folder that cannot be written).
  [[nodiscard]] Result<Entry> keep(const CostTable& table) const;
  // By the beginning of its id. Errors: not_found, invalid_argument (several begin so, or it is damaged).
  [[nodiscard]] Result<Entry> get(const std::string& id) const;
  // In order of network, device and id. Files that are damaged are left out and named in `damaged`, where given.
  [[nodiscard]] std::vector<Entry> list(std::vector<Error>* damaged = nullptr) const;
  // Error: as get().
  [[nodiscard]] Status remove(const std::string& id) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& id) const;

  std::filesystem::path folder_;
};

// Of profiles of one key: the groups and codecs of both; where both have a group, the one that was measured;
// of two such the lesser latency, since what disturbs a measurement only adds time; of two predictions the surer.
// Error: failed_precondition, with what differs.
Result<CostTable> merge(const CostTable& a, const CostTable& b);

// Whether a profile that was measured by `runtime`, on this very device, may still be used. Error: failed_precondition
// with the command that renews it. A profile that does not say its runtime is taken as it is.
Status check_runtime(const CostTable& table, const std::string& runtime, const std::string& where);

}  // namespace tandem::profile
