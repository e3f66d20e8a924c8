// What an operation is to a layer: its main work, a cheap follower that a runtime fuses into it, or glue.
#pragma once

#include <string>

#include "graph.hpp"

namespace tandem::network {

// Moves values about and computes none: reshapes, transposes.
bool only_moves(const ov::Node& op);

// Fused into what comes before it when it reads one variable tensor: bias, batch norm, activation, fake-quantise,
// convert, reshape.
bool is_follower(const ov::Node& op);

// Belongs to what comes after it: paddings.
bool is_leader(const ov::Node& op);

// A follower or leader with a single variable input: never a layer's main operation where there is another.
bool is_glue(const Graph& graph, int op);

// Element by element over inputs of any number, such as Add.
bool is_elementwise(const ov::Node& op);

// Sums or averages over axes: mean, variance and exponent sums inside a written-out normalisation.
bool is_reduction(const ov::Node& op);

// The type that a layer shows: OpenVINO's, except that all ways to write pooling over the whole image read
// "GlobalAvgPool" or "GlobalMaxPool".
std::string layer_type(const ov::Node& op);

}  // namespace tandem::network
