#include "scenes.hpp"

#include <algorithm>
#include <filesystem>

namespace tandem::cli {

Result<std::vector<std::string>> shipped_images() {
  const std::filesystem::path folder = TANDEM_SCENES_DIR;
  std::vector<std::string> images;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".jpg") images.push_back(entry.path().string());
  }
  if (images.empty()) {
    return fail(Errc::not_found,
                folder.string() + ": the images that come with tandem are not there; give --input IMAGE");
  }
  std::ranges::sort(images);
  return images;
}

}  // namespace tandem::cli
