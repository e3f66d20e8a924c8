#include "tandem/network/layering.hpp"

#include "openvino.hpp"
#include "tandem/base/json.hpp"

namespace tandem::network {
namespace {

// As JSON text, since names may hold any character and IR keeps this information as attributes of XML.
constexpr const char* kSection = "tandem";
constexpr const char* kKey = "layers";

}  // namespace

void set_layering(ov::Model& model, std::span<const std::string> layer_ends) {
  const Json names(std::vector<std::string>(layer_ends.begin(), layer_ends.end()));
  model.set_rt_info(names.dump(-1, ' ', true, Json::error_handler_t::replace), kSection, kKey);
}

Result<std::vector<std::string>> layering_of(const ov::Model& model) {
  if (!model.has_rt_info(kSection, kKey)) return std::vector<std::string>{};
  const Result<Json> names = parse_json(model.get_rt_info<std::string>(kSection, kKey));
  if (!names) return forward_error(names, "the layers that the model states");
  if (!names->is_array() || !std::ranges::all_of(*names, [](const Json& name) { return name.is_string(); })) {
    return fail(Errc::invalid_argument, "the layers that the model states are no list of names");
  }
  return names->get<std::vector<std::string>>();
}

}  // namespace tandem::network
