// The evaluation of chapter 2 as files: CSV, and plots like Figures 2.8, 2.9 and 2.11 and Table 2.4.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "jointdnn.hpp"
#include "tandem/base/result.hpp"

namespace tandem::cli {

inline constexpr std::array kJointLinks = {"3g", "4g", "wifi"};
// Table 2.4, by objective (latency, energy) and link: percent of the cloud's work that is saved.
inline constexpr std::array<std::array<double, 3>, 2> kWorkSavedInDissertation = {{{84, 49, 12}, {73, 49, 51}}};

const char* objective_name(plan::Objective objective);

// Mean over the benchmarks, inference at batch 1, in percent.
double work_saved(const std::vector<JointResult>& results, plan::Objective objective, const std::string& link);

// Makes the folder where it is missing. Error: invalid_argument where something cannot be written; of gnuplot.
Status write_joint_results(const std::vector<JointResult>& results, const std::string& output);

}  // namespace tandem::cli
