#include "tandem/device/replan.hpp"

namespace tandem::device {

Result<bool> Replanner::update(Session& session) const {
  const profile::LoadFactors load = session.load();
  const auto problem = plan::make_problem(options_.device, options_.cloud, session.link(), options_.objective,
                                          {.codec = options_.codec, .loads = load});
  if (!problem) return forward_error(problem);
  const plan::Plan best = plan::solve(*problem);
  if (!best.feasible) return false;
  const double at_hand = plan::cost_of(*problem, plan::evaluate(*problem, session.plan().segments));
  if (plan::cost_of(*problem, best.totals) > (1.0 - options_.least_gain) * at_hand) return false;
  if (const Status follows = session.follow(best, load); !follows) return forward_error(follows);
  return true;
}

}  // namespace tandem::device
