// Integer linear programs, and the one interface through which they are solved.
//
//   Ilp program;                                     // minimise 3x + y, x + y >= 1, both 0 or 1
//   const int x = program.add_binary(3), y = program.add_binary(1);
//   program.add_row({{x, 1}, {y, 1}}, {.lower = 1});
//   Result<IlpSolution> solution = cbc().solve(program);    // values {0, 1}
//
// Thread rule: a program is a value; a solver may be used by one thread at a time.
#pragma once

#include <limits>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"

namespace tandem::plan {

struct Ilp {
  struct Bounds {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
  };
  struct Variable {
    double cost = 0.0;
    Bounds bounds;
    bool integer = false;
  };
  struct Term {
    int variable = 0;
    double coefficient = 0.0;
  };
  struct Row {
    std::vector<Term> terms;  // no variable twice
    Bounds bounds;            // of their sum
  };
  std::vector<Variable> variables;
  std::vector<Row> rows;

  // The new variable's index.
  int add_binary(double cost) { return add({.cost = cost, .bounds = {.lower = 0, .upper = 1}, .integer = true}); }
  // From 0 to 1.
  int add_share(double cost) { return add({.cost = cost, .bounds = {.lower = 0, .upper = 1}, .integer = false}); }
  int add(const Variable& variable) {
    variables.push_back(variable);
    return static_cast<int>(variables.size()) - 1;
  }
  void add_row(std::vector<Term> terms, Bounds bounds) { rows.push_back({std::move(terms), bounds}); }
};

struct IlpOptions {
  Milliseconds time_limit{60'000};  // of processor time
};

struct IlpSolution {
  std::vector<double> values;  // of the variables, integers rounded; empty where none were found
  double cost = std::numeric_limits<double>::infinity();
  double lower_bound = -std::numeric_limits<double>::infinity();  // infinite where there is no solution
  bool exact = false;  // an optimum, or proof that there is none; false where the time was up
};

class IlpSolver {
 public:
  virtual ~IlpSolver() = default;
  // The least cost. Silent, and the same for the same program unless time runs out.
  // Errors: internal, where the solver breaks off or finds the program unbounded.
  [[nodiscard]] virtual Result<IlpSolution> solve(const Ilp& program, const IlpOptions& options = {}) const = 0;
};

// COIN-OR CBC; lives for the whole program.
const IlpSolver& cbc();

}  // namespace tandem::plan
