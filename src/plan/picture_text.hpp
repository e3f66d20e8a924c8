// Words, figures and colours of the pictures of plans.
#pragma once

#include <string>
#include <string_view>

#include "tandem/plan/plan.hpp"

namespace tandem::plan {

enum class Lane { device, up, cloud, down };

// Terminals count characters, of which UTF-8 may need several bytes each.
int columns(std::string_view text);
std::string padded(const std::string& text, int width);
// The first `width` columns; never half a character.
std::string cut(const std::string& text, int width);

std::string time_text(Milliseconds time);
std::string energy_text(Millijoules energy);
std::string bytes_text(double bytes);

// Of the total: ", least latency".
std::string least_text(Objective objective);
// How a baseline compares with a plan's totals under the objective: "  1.64x the time"; empty where that says nothing.
std::string ratio_text(Objective objective, const Weights& weights, const Totals& plan, const Totals& baseline);

class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}
  [[nodiscard]] std::string_view name(Lane lane) const;
  [[nodiscard]] std::string_view fill(Lane lane) const;
  [[nodiscard]] std::string_view dash() const { return colour_ ? "–" : "-"; }
  [[nodiscard]] std::string_view dots() const { return colour_ ? "…" : "..."; }
  [[nodiscard]] std::string painted(Lane lane, const std::string& text) const;
  [[nodiscard]] std::string bold(const std::string& text) const;

 private:
  bool colour_;
};

}  // namespace tandem::plan
