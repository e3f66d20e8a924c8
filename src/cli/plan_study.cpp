#include "plan_study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <vector>

#include "csv.hpp"
#include "plot.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/number.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

constexpr int kDefaultSteps = 41;
constexpr int kMaxSteps = 10'000;

struct Swept {
  const char* name;
  void (*set)(link::Link&, plan::ProblemOptions&, double);
};

constexpr Swept kSwept[] = {
    {"up_mbps", [](link::Link& link, plan::ProblemOptions&, double value) { link.up = Mbps{value}; }},
    {"down_mbps", [](link::Link& link, plan::ProblemOptions&, double value) { link.down = Mbps{value}; }},
    {"rtt_ms", [](link::Link& link, plan::ProblemOptions&, double value) { link.rtt = Milliseconds{value}; }},
    {"device_load", [](link::Link&, plan::ProblemOptions& options, double value) { options.loads.device = value; }},
    {"cloud_load", [](link::Link&, plan::ProblemOptions& options, double value) { options.loads.cloud = value; }},
    {"deadline_ms",
     [](link::Link&, plan::ProblemOptions& o, double value) { o.constraints.deadline = Milliseconds{value}; }},
    {"energy_budget_mj",
     [](link::Link&, plan::ProblemOptions& o, double value) { o.constraints.energy_budget = Millijoules{value}; }},
    {"cloud_time_ms",
     [](link::Link&, plan::ProblemOptions& o, double value) { o.constraints.cloud_time = Milliseconds{value}; }},
};

struct Sweep {
  const Swept* parameter = nullptr;
  std::vector<double> values;
};

// NAME=LOW:HIGH or NAME=LOW:HIGH:STEPS, evenly on a logarithmic scale.
Result<Sweep> sweep_of(const std::string& text) {
  const auto refuse = [&text](const std::string& why) {
    return fail(Errc::invalid_argument, fmt::format("--sweep '{}': {}", text, why));
  };
  std::vector<std::string> names;
  Sweep sweep;
  const std::size_t equals = text.find('=');
  for (const Swept& parameter : kSwept) {
    names.emplace_back(parameter.name);
    if (text.substr(0, equals) == parameter.name) sweep.parameter = &parameter;
  }
  if (equals == std::string::npos || sweep.parameter == nullptr) {
    return refuse(fmt::format("write it as NAME=LOW:HIGH with one of {}", fmt::join(names, ", ")));
  }
  std::vector<double> parts;
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    const auto part = parse_number<double>(std::string_view(text).substr(begin, end - begin));
    if (!part) return refuse("the bounds must be numbers, as in up_mbps=0.1:100");
    parts.push_back(*part);
    begin = end + 1;
  }
  if (parts.size() < 2 || parts.size() > 3) return refuse("give two bounds, and the number of steps if you like");
  if (!(parts[0] > 0) || !(parts[1] > parts[0])) return refuse("the bounds must be above 0, the lower first");
  const double steps = parts.size() == 3 ? parts[2] : kDefaultSteps;
  if (steps < 2 || steps > kMaxSteps || steps != std::floor(steps)) {
    return refuse(fmt::format("there must be 2 to {} steps", kMaxSteps));
  }
  const int count = static_cast<int>(steps);
  for (int i = 0; i < count; ++i) {
    sweep.values.push_back(i + 1 == count ? parts[1] : parts[0] * std::pow(parts[1] / parts[0], i / (steps - 1)));
  }
  return sweep;
}

struct Row {
  double value = 0;  // of the swept parameter; of a front, none
  plan::Plan plan;
};

// What was found, in the three forms it is shown in.
class Study {
 public:
  Study(const PlanInput& input, std::string parameter, std::vector<Row> rows)
      : input_(input), parameter_(std::move(parameter)), rows_(std::move(rows)) {}

  [[nodiscard]] Outcome show() const {
    if (const Status written = write(); !written) return forward_error(written);
    if (input_.json) {
      fmt::print("{}\n", json().dump(2));
    } else {
      print_table();
    }
    for (const Row& row : rows_) {
      if (row.plan.feasible) return Exit::done;
    }
    return Exit::no_feasible_answer;
  }

 private:
  [[nodiscard]] bool swept() const { return !parameter_.empty(); }

  [[nodiscard]] Json json() const {
    Json array = Json::array();
    for (const Row& row : rows_) {
      Json one = plan::to_json(row.plan);
      if (swept()) one[parameter_] = row.value;
      array.push_back(std::move(one));
    }
    return {{"network", input_.device.network},
            {"link", input_.link.name},
            {swept() ? "swept" : "front", swept() ? parameter_ : "latency_ms, energy_mj"},
            {"plans", std::move(array)}};
  }

  void print_table() const {
    std::vector<Table::Column> columns;
    if (swept()) columns.push_back({parameter_});
    columns.insert(columns.end(), {{"latency"}, {"energy"}, {"where layers run", Table::Align::left}});
    Table table(std::move(columns));
    for (const Row& row : rows_) {
      std::vector<std::string> cells;
      if (swept()) cells.push_back(fmt::format("{:.4g}", row.value));
      const plan::Plan& p = row.plan;
      if (p.feasible) {
        cells.insert(cells.end(), {human_time(p.totals.latency), fmt::format("{:.1f} mJ", p.totals.energy.value),
                                   where_text(p.segments)});
      } else {
        cells.insert(cells.end(), {"-", "-", "no feasible schedule"});
      }
      table.row(std::move(cells));
    }
    fmt::print("{}", table.text(terminal().width));
  }

  [[nodiscard]] Status write() const {
    if (input_.output.empty()) return {};
    const std::string ending = std::filesystem::path(input_.output).extension();
    if (ending == ".json") return write_file(input_.output, json().dump(2) + "\n");
    if (ending == ".csv") return write_file(input_.output, csv().text());
    return write_plot(swept() ? sweep_plot() : front_plot(), input_.output);
  }

  [[nodiscard]] Csv csv() const {
    std::vector<std::string> columns{"latency_ms", "energy_mj", "cloud_ms", "up_bytes", "down_bytes", "schedule"};
    if (swept()) columns.insert(columns.begin(), parameter_);
    Csv csv(columns);
    for (const Row& row : rows_) {
      const plan::Plan& p = row.plan;
      double up = 0, down = 0;
      for (const plan::Transfer& t : p.transfers) (t.direction == plan::Direction::up ? up : down) += t.crossing.bytes;
      // Without a plan, numbers that are not finite leave the cells empty.
      const auto figure = [&p](double value) { return p.feasible ? value : std::numeric_limits<double>::quiet_NaN(); };
      std::vector<Csv::Cell> cells{figure(p.totals.latency.count()),
                                   figure(p.totals.energy.value),
                                   figure(p.totals.cloud.count()),
                                   figure(up),
                                   figure(down),
                                   where_text(p.segments)};
      if (swept()) cells.insert(cells.begin(), row.value);
      csv.row(cells);
    }
    return csv;
  }

  [[nodiscard]] Plot sweep_plot_of(const char* what, bool latency) const {
    Plot plot{.title = {},
              .x = {.label = parameter_, .logarithmic = true},
              .y = {.label = what, .logarithmic = true},
              .series = {}};
    struct Line {
      const char* name;
      plan::Totals (*totals)(const plan::Plan&);
    };
    constexpr double kNever = std::numeric_limits<double>::quiet_NaN();
    const Line lines[] = {{"best plan", [](const plan::Plan& p) { return p.totals; }},
                          {"device only", [](const plan::Plan& p) { return p.device_only; }},
                          {"cloud only", [](const plan::Plan& p) { return p.cloud_only; }}};
    for (const Line& line : lines) {
      Plot::Series series{.name = line.name, .x = {}, .y = {}};
      for (const Row& row : rows_) {
        const plan::Totals totals = line.totals(row.plan);
        const bool shown = row.plan.feasible || line.name != lines[0].name;
        series.x.push_back(row.value);
        series.y.push_back(!shown ? kNever : latency ? totals.latency.count() : totals.energy.value);
      }
      plot.series.push_back(std::move(series));
    }
    return plot;
  }

  [[nodiscard]] PlotPage sweep_plot() const {
    return {.title = fmt::format("{} over {}", input_.device.network, input_.link.name),
            .panels = {sweep_plot_of("latency (ms)", true), sweep_plot_of("energy (mJ)", false)}};
  }

  [[nodiscard]] PlotPage front_plot() const {
    Plot::Series front{.name = "plans no other beats", .x = {}, .y = {}, .style = Plot::Style::lines_points};
    for (const Row& row : rows_) {
      front.x.push_back(row.plan.totals.latency.count());
      front.y.push_back(row.plan.totals.energy.value);
    }
    Plot plot{.title = {}, .x = {.label = "latency (ms)"}, .y = {.label = "energy (mJ)"}, .series = {std::move(front)}};
    if (!rows_.empty()) {
      const auto point = [&plot](const char* name, const plan::Totals& totals) {
        plot.series.push_back(
            {.name = name, .x = {totals.latency.count()}, .y = {totals.energy.value}, .style = Plot::Style::points});
      };
      point("device only", rows_.front().plan.device_only);
      point("cloud only", rows_.front().plan.cloud_only);
    }
    return {.title = fmt::format("{} over {}", input_.device.network, input_.link.name), .panels = {std::move(plot)}};
  }

  const PlanInput& input_;
  const std::string parameter_;
  const std::vector<Row> rows_;
};

Status check_output(const std::string& output) {
  if (output.empty()) return {};
  const std::string ending = std::filesystem::path(output).extension();
  if (ending == ".json" || ending == ".csv") return {};
  return check_plot_path(output);
}

Outcome run_sweep(const std::string& text, const PlanInput& input) {
  const auto sweep = sweep_of(text);
  if (!sweep) return forward_error(sweep);
  std::vector<Row> rows;
  Progress progress("sweep", input.json);
  for (const double value : sweep->values) {
    link::Link link = input.link;
    plan::ProblemOptions options = input.options;
    sweep->parameter->set(link, options, value);
    const auto problem = plan::make_problem(input.device, input.cloud, link, input.objective, options);
    if (!problem) return forward_error(problem);
    rows.push_back({.value = value, .plan = plan::solve(*problem)});
    progress.update(static_cast<double>(rows.size()) / static_cast<double>(sweep->values.size()));
  }
  progress.finish();
  return Study(input, sweep->parameter->name, std::move(rows)).show();
}

Outcome run_pareto(const PlanInput& input) {
  const auto problem = plan::make_problem(input.device, input.cloud, input.link, input.objective, input.options);
  if (!problem) return forward_error(problem);
  std::vector<Row> rows;
  for (plan::Plan& plan : plan::pareto_front(*problem)) {
    plan.solver = plan::name_of(plan::Solver::label);
    rows.push_back({.value = 0, .plan = std::move(plan)});
  }
  if (rows.empty()) {
    const plan::Plan none = plan::solve(*problem);
    fmt::print(stderr, "no schedule keeps the limits\n{}", misses_text(none));
    return Exit::no_feasible_answer;
  }
  return Study(input, "", std::move(rows)).show();
}

}  // namespace

void add_study_options(CLI::App* command, StudyOptions& options) {
  auto* sweep = command->add_option("--sweep", options.sweep,
                                    "plans along a parameter, such as up_mbps=0.1:100 or deadline_ms=20:500:30");
  sweep->type_name("NAME=LOW:HIGH");
  command->add_flag("--pareto", options.pareto, "all plans of which none is both slower and hungrier than another")
      ->excludes(sweep);
}

Outcome run_study(const StudyOptions& options, const PlanInput& input) {
  if (const Status s = check_output(input.output); !s) return forward_error(s);
  return options.pareto ? run_pareto(input) : run_sweep(options.sweep, input);
}

}  // namespace tandem::cli
