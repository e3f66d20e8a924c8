#include <fmt/format.h>

#include <fstream>
#include <openvino/pass/serialize.hpp>
#include <system_error>

#include "openvino.hpp"
#include "tandem/network/import.hpp"

namespace tandem::network {
namespace {

// Removes the half-written pair unless both files have got their names.
class TemporaryPair {
 public:
  explicit TemporaryPair(const std::filesystem::path& path)
      : xml_(path), bin_(std::filesystem::path(path).replace_extension(".bin")) {}
  TemporaryPair(const TemporaryPair&) = delete;
  TemporaryPair& operator=(const TemporaryPair&) = delete;
  ~TemporaryPair() {
    std::error_code ignored;
    std::filesystem::remove(temporary(xml_), ignored);
    std::filesystem::remove(temporary(bin_), ignored);
  }

  [[nodiscard]] std::filesystem::path xml() const { return temporary(xml_); }
  [[nodiscard]] std::filesystem::path bin() const { return temporary(bin_); }

  // The weights first: an .xml is never there without them.
  [[nodiscard]] std::error_code publish() const {
    std::error_code error;
    std::filesystem::rename(temporary(bin_), bin_, error);
    if (!error) std::filesystem::rename(temporary(xml_), xml_, error);
    return error;
  }

 private:
  static std::filesystem::path temporary(std::filesystem::path path) { return path += ".partial"; }

  std::filesystem::path xml_;
  std::filesystem::path bin_;
};

}  // namespace

Status save_ir(const ov::Model& model, const std::filesystem::path& path) try {
  if (path.extension() != ".xml") {
    return fail(Errc::invalid_argument, fmt::format("{}: the name of an OpenVINO model ends in .xml", path.string()));
  }
  const TemporaryPair files(path);
  {
    std::ofstream xml(files.xml(), std::ios::binary);
    std::ofstream bin(files.bin(), std::ios::binary);
    if (!xml || !bin) return fail(Errc::invalid_argument, fmt::format("{}: cannot be written there", path.string()));
    ov::pass::Serialize(xml, bin).run_on_model(model.clone());
    xml.close();
    bin.close();
    if (!xml || !bin) return fail(Errc::resource_exhausted, fmt::format("{}: the disk is full", path.string()));
  }
  if (const std::error_code error = files.publish()) {
    return fail(Errc::invalid_argument, fmt::format("{}: {}", path.string(), error.message()));
  }
  return {};
} catch (const ov::Exception& error) {
  return fail(Errc::internal, fmt::format("{}: {}", path.string(), first_cause(error)));
}

}  // namespace tandem::network
