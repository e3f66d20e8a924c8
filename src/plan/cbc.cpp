// The one file that sees COIN-OR CBC, through its C interface.
#include <coin/Cbc_C_Interface.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "tandem/plan/ilp.hpp"

namespace tandem::plan {
namespace {

struct DeleteModel {
  void operator()(void* model) const { Cbc_deleteModel(model); }
};
using Model = std::unique_ptr<void, DeleteModel>;

constexpr double kLargestCost = 1e3;  // CBC's tolerances are absolute: costs are scaled so that the largest is this

void load(Cbc_Model* model, const Ilp& program, double scale) {
  std::vector<int> count(program.variables.size() + 1, 0);
  for (const Ilp::Row& row : program.rows) {
    for (const Ilp::Term& term : row.terms) ++count[term.variable + 1];
  }
  for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
  const std::vector<CoinBigIndex> start(count.begin(), count.end());
  std::vector<int> rows(start.back());
  std::vector<double> coefficients(start.back());
  std::vector<double> row_lower, row_upper;
  row_lower.reserve(program.rows.size());
  row_upper.reserve(program.rows.size());
  for (std::size_t r = 0; r < program.rows.size(); ++r) {
    for (const Ilp::Term& term : program.rows[r].terms) {
      const int place = count[term.variable]++;
      rows[place] = static_cast<int>(r);
      coefficients[place] = term.coefficient;
    }
    row_lower.push_back(program.rows[r].bounds.lower);
    row_upper.push_back(program.rows[r].bounds.upper);
  }
  std::vector<double> lower, upper, cost;
  for (auto* values : {&lower, &upper, &cost}) values->reserve(program.variables.size());
  for (const Ilp::Variable& variable : program.variables) {
    lower.push_back(variable.bounds.lower);
    upper.push_back(variable.bounds.upper);
    cost.push_back(variable.cost * scale);
  }
  Cbc_loadProblem(model, static_cast<int>(program.variables.size()), static_cast<int>(program.rows.size()),
                  start.data(), rows.data(), coefficients.data(), lower.data(), upper.data(), cost.data(),
                  row_lower.data(), row_upper.data());
  for (std::size_t i = 0; i < program.variables.size(); ++i) {
    if (program.variables[i].integer) Cbc_setInteger(model, static_cast<int>(i));
  }
}

class Cbc : public IlpSolver {
 public:
  [[nodiscard]] Result<IlpSolution> solve(const Ilp& program, const IlpOptions& options) const override {
    double largest = 0;
    for (const Ilp::Variable& variable : program.variables) largest = std::max(largest, std::abs(variable.cost));
    const double scale = largest > 0 ? kLargestCost / largest : 1;

    const Model owner(Cbc_newModel());
    Cbc_Model* model = owner.get();
    Cbc_setLogLevel(model, 0);
    load(model, program, scale);
    Cbc_setParameter(model, "log", "0");
    Cbc_setParameter(model, "threads", "0");
    Cbc_setParameter(model, "ratioGap", "0");
    Cbc_setParameter(model, "allowableGap", "0");
    Cbc_setParameter(model, "seconds", fmt::format("{:.3f}", options.time_limit.count() / 1000).c_str());
    Cbc_solve(model);
    if (Cbc_isAbandoned(model) != 0) return fail(Errc::internal, "CBC broke off: the program is numerically difficult");
    if (Cbc_isContinuousUnbounded(model) != 0) return fail(Errc::internal, "CBC finds the program unbounded");

    IlpSolution solution;
    if (Cbc_isProvenInfeasible(model) != 0) {
      solution.lower_bound = std::numeric_limits<double>::infinity();
      solution.exact = true;
      return solution;
    }
    const double* values =
        Cbc_numberSavedSolutions(model) > 0 || Cbc_isProvenOptimal(model) != 0 ? Cbc_getColSolution(model) : nullptr;
    solution.exact = Cbc_isProvenOptimal(model) != 0;
    solution.lower_bound = Cbc_getBestPossibleObjValue(model) / scale;
    if (values == nullptr) return solution;
    solution.cost = 0;
    solution.values.reserve(program.variables.size());
    for (std::size_t i = 0; i < program.variables.size(); ++i) {
      const Ilp::Variable& variable = program.variables[i];
      solution.values.push_back(variable.integer ? std::round(values[i]) : values[i]);
      solution.cost += variable.cost * solution.values.back();
    }
    if (solution.exact) solution.lower_bound = solution.cost;
    return solution;
  }
};

}  // namespace

const IlpSolver& cbc() {
  static const Cbc solver;
  return solver;
}

}  // namespace tandem::plan
