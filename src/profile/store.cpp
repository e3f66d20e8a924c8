#include "tandem/profile/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace tandem::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".profile.json";
constexpr std::size_t kIdDigits = 12;
constexpr std::size_t kNetworkDigits = 4;

// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

// One process at a time changes the store; it ends with the process, whatever becomes of that.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : fd_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (fd_ >= 0) ::flock(fd_, LOCK_EX);
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  [[nodiscard]] bool held() const { return fd_ >= 0; }

 private:
  int fd_;
};

// What differs between two keys, for people; empty where nothing does.
std::string difference(const ProfileKey& a, const ProfileKey& b) {
  const auto told = [](const char* what, const std::string& x, const std::string& y) {
    return fmt::format("{}: '{}' and '{}'", what, x, y);
  };
  if (a.fingerprint != b.fingerprint) return told("fingerprint", a.fingerprint, b.fingerprint);
  if (a.device != b.device) return told("device", a.device, b.device);
  if (a.batch != b.batch) return told("batch", std::to_string(a.batch), std::to_string(b.batch));
  if (a.threads != b.threads) return told("threads", std::to_string(a.threads), std::to_string(b.threads));
  if (a.precision != b.precision) return told("precision", a.precision, b.precision);
  if (a.measured_energy != b.measured_energy) return "energy: one measured, one modelled";
  if (a.requests != b.requests) return "requests: one spaced, one back to back";
  if (a.runtime != b.runtime) return told("runtime", a.runtime, b.runtime);
  return {};
}

void add_missing(const CostTable& from, CostTable& table) {
  for (const auto& [range, cost] : from.groups()) {
    if (!table.has(range) || (table.cost(range).predicted && !cost.predicted)) table.set(range, cost);
  }
  for (const auto& [name, costs] : from.codecs) table.codecs.emplace(name, costs);
}

// Of two costs of one group.
bool is_better(const Cost& a, const Cost& b) {
  if (a.predicted != b.predicted) return b.predicted;
  return a.predicted ? a.std < b.std : a.latency < b.latency;
}

bool same_terms(const CostTable& a, const CostTable& b) {
  return key_of(a) == key_of(b) && a.layers == b.layers && a.energy_source == b.energy_source &&
         a.slowdown == b.slowdown && a.idle_power == b.idle_power && a.busy_power == b.busy_power;
}

}  // namespace

ProfileKey key_of(const CostTable& table) {
  return {.fingerprint = table.fingerprint,
          .device = table.device,
          .batch = table.batch,
          .threads = table.threads,
          .precision = table.precision,
          .runtime = table.runtime,
          .measured_energy = table.energy_source.starts_with("measured"),
          .requests = table.requests};
}

std::string id_of(const ProfileKey& key) {
  std::string rest = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", key.fingerprint, key.device, key.batch, key.threads,
                                 key.precision, key.runtime, key.measured_energy ? "measured" : "modelled");
  if (key.requests == Requests::back_to_back) rest += "\nback to back";
  std::string network = key.fingerprint.substr(0, kNetworkDigits);
  const bool hex =
      network.size() == kNetworkDigits && network.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) network = fmt::format("{:016x}", hash_of(key.fingerprint)).substr(0, kNetworkDigits);
  return network + fmt::format("{:016x}", hash_of(rest)).substr(0, kIdDigits - kNetworkDigits);
}

Result<fs::path> user_store_folder() {
  if (const char* folder = environment("TANDEM_PROFILES")) return fs::path(folder);
  if (const char* data = environment("XDG_DATA_HOME")) return fs::path(data) / "tandem" / "profiles";
  if (const char* home = environment("HOME")) return fs::path(home) / ".local" / "share" / "tandem" / "profiles";
  return fail(Errc::not_found, "no folder for profiles: neither TANDEM_PROFILES nor XDG_DATA_HOME nor HOME is set");
}

fs::path ProfileStore::file_of(const std::string& id) const {
  return folder_ / (id + std::string(kSuffix));
}

Result<std::optional<CostTable>> ProfileStore::find(const ProfileKey& key) const {
  const fs::path file = file_of(id_of(key));
  auto table = load(file);
  if (!table && table.error().code == Errc::not_found) return std::nullopt;
  if (!table) return forward_error(table);
  if (key_of(*table) != key) return std::nullopt;  // another key with the same hash
  return std::move(*table);
}

Result<ProfileStore::Entry> ProfileStore::keep(const CostTable& table) const {
  if (table.slowdown != 1.0) {
    return fail(Errc::invalid_argument,
                fmt::format("a profile of '{}' emulated {} times slower is not kept: only what was measured is",
                            table.network, table.slowdown));
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  const FolderLock lock(folder_);
  if (!lock.held()) {
    return fail(Errc::invalid_argument, fmt::format("{}: profiles cannot be kept here: {}", folder_.string(),
                                                    error ? error.message() : "the folder cannot be written"));
  }
  Entry entry{.id = id_of(key_of(table)), .file = file_of(id_of(key_of(table))), .table = table};
  if (const auto before = load(entry.file); before && same_terms(*before, table)) add_missing(*before, entry.table);
  if (const Status saved = save(entry.table, entry.file); !saved) return forward_error(saved);
  return entry;
}

std::vector<ProfileStore::Entry> ProfileStore::list(std::vector<Error>* damaged) const {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator file(folder_, error), end; !error && file != end; file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    auto table = load(file->path());
    if (table) {
      entries.push_back(
          {.id = name.substr(0, name.size() - kSuffix.size()), .file = file->path(), .table = std::move(*table)});
    } else if (damaged != nullptr) {
      damaged->push_back(table.error());
    }
  }
  std::ranges::sort(entries, {},
                    [](const Entry& entry) { return std::tuple(entry.table.network, entry.table.device, entry.id); });
  return entries;
}

Result<ProfileStore::Entry> ProfileStore::get(const std::string& id) const {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator file(folder_, error), end; !error && file != end; file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (!id.empty() && name.starts_with(id) && name.ends_with(kSuffix)) found.push_back(file->path());
  }
  if (found.empty()) {
    return fail(Errc::not_found,
                fmt::format("no profile '{}' in {}; 'tandem profile list' shows them", id, folder_.string()));
  }
  if (found.size() > 1) {
    return fail(Errc::invalid_argument, fmt::format("{} profiles begin with '{}'; give more of it", found.size(), id));
  }
  auto table = load(found.front());
  if (!table) return forward_error(table);
  const std::string name = found.front().filename().string();
  return Entry{.id = name.substr(0, name.size() - kSuffix.size()), .file = found.front(), .table = std::move(*table)};
}

Status ProfileStore::remove(const std::string& id) const {
  const auto entry = get(id);
  if (!entry) return forward_error(entry);
  const FolderLock lock(folder_);
  std::error_code error;
  fs::remove(entry->file, error);
  if (error)
    return fail(Errc::invalid_argument,
                fmt::format("{}: cannot be removed: {}", entry->file.string(), error.message()));
  return {};
}

Result<CostTable> merge(const CostTable& a, const CostTable& b) {
  std::string why = difference(key_of(a), key_of(b));
  if (why.empty() && !same_terms(a, b)) why = "layers, energy source, powers or slowdown";
  if (!why.empty())
    return fail(Errc::failed_precondition, "the profiles do not belong together, they differ in " + why);
  CostTable merged = a;
  for (const auto& [range, cost] : b.groups()) {
    if (!merged.has(range) || is_better(cost, merged.cost(range))) merged.set(range, cost);
  }
  for (const auto& [name, costs] : b.codecs) merged.codecs.emplace(name, costs);
  return merged;
}

Status check_runtime(const CostTable& table, const std::string& runtime, const std::string& where) {
  if (table.runtime.empty() || table.runtime == runtime) return {};
  return fail(Errc::failed_precondition,
              fmt::format("{}: was measured by {}, this is {}; renew it with: tandem profile {} -o {}", where,
                          table.runtime, runtime, table.network, where));
}

}  // namespace tandem::profile
