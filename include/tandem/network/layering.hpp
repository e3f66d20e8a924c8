// A model that says itself what its layers are, where they differ from what a runtime would fuse: the dissertation
// counts a ReLU as a layer of its own. It travels inside the model (ov::Model's rt_info) and so survives save_ir and
// load.
//
//   set_layering(*model, {{"conv1", "relu1", "pool1", "fc"}});
//   Result<Network> network = Network::from_model(model, "small");   // four layers of those names
//
// Listed are the friendly names of the operations that end a layer. An operation that is not listed belongs to the
// earliest of the layers that use it; what follows the last listed operation belongs to the last layer.
// Thread rule: as for ov::Model, one thread at a time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"

namespace ov {
class Model;
}

namespace tandem::network {

// An empty list takes the statement back. Names that the model lacks are found by Network::from_model.
void set_layering(ov::Model& model, std::span<const std::string> layer_ends);

// Empty where the model states none. Error: invalid_argument where what it states does not parse.
Result<std::vector<std::string>> layering_of(const ov::Model& model);

}  // namespace tandem::network
