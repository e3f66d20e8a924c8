// Planning anew while a session runs: with the link and the load as its requests show them.
//
//   Replanner replanner({.device = device_table, .cloud = cloud_table});
//   for (;;) {
//     session->infer(inputs, deadline);
//     if (auto changed = replanner.update(*session); changed && *changed) fmt::print("now {}", picture(session->plan(),
//     …));
//   }
//
// A plan is changed for one that is better by a margin only, so that noise does not make it swing. Who runs everything
// on the device learns nothing about the link any more, and stays there until told otherwise (Session::follow).
// Thread rule: that of the session.
#pragma once

#include <string>

#include "tandem/base/result.hpp"
#include "tandem/device/session.hpp"
#include "tandem/plan/problem.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::device {

struct ReplanOptions {
  profile::CostTable device;
  profile::CostTable cloud;
  plan::Objective objective = plan::Objective::latency;
  std::string codec = "auto";
  double least_gain = 0.05;  // of the cost of the plan at hand, as a share
};

class Replanner {
 public:
  explicit Replanner(ReplanOptions options) : options_(std::move(options)) {}

  // Whether the session follows another plan now. Takes tens of microseconds where it does not. Errors: those of
  // plan::make_problem() and Session::follow(); the session then goes on as before.
  [[nodiscard]] Result<bool> update(Session& session) const;

 private:
  ReplanOptions options_;
};

}  // namespace tandem::device
