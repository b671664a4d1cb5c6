// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/sweep_command.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sched.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/resources.h"
#include "sim/app/commands/options.h"
#include "sim/app/interrupt.h"
#include "sim/app/progress.h"
#include "sim/app/sweep_points.h"
#include "sim/app/version.h"
#include "sim/report/run_writers.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep_report.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples =
    R"(Finished points are kept, so the same command goes on where an earlier one stopped.

Examples:
  pimento sweep array_size
  pimento sweep array_size --jobs 8 --set macro.columns_per_adc=64
  pimento sweep ./mysweep.yaml --out out/night --csv > night.csv)";

constexpr int kMostJobs = 1024;

struct Options {
  std::string sweep;
  int jobs = 0;  // as many as processors
  std::string folder;
  bool json = false;
  bool csv = false;
  bool fresh = false;
  std::vector<std::string> settings;
};

// Those this process may use, which a container or a batch system may have cut down.
int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

sim::SweepSpec load_sweep(const Options& options) {
  const InputFile file = open_input(options.sweep, "sweeps");
  sim::SweepSpec spec =
      sim::read_sweep(ConfigDocument::parse(file.content, file.name, resolve_include), file.name);
  sim::set_for_all(spec, parse_settings(options.settings));
  return spec;
}

sim::SweepOutcome run_points(const sim::SweepSpec& spec, const Options& options,
                             const std::filesystem::path& folder) {
  SweepPoints points(spec.file);
  points.check(spec);
  Progress progress(fmt::format("sweep {}", spec.name));
  sim::SweepOptions how;
  how.workers = options.jobs > 0 ? options.jobs : usable_processors();
  how.store = folder / "points";
  how.fresh = options.fresh;
  how.on_progress = [&](std::size_t done, std::size_t total) { progress.update(done, total); };
  const auto run_point = [&](const sim::SweepPoint& point) {
    const sim::RunReport report = run(points.request(point));
    sim::check_finite(report);
    return sim::point_figures(report);
  };
  const InterruptGuard guard;
  return sim::run_sweep(
      spec, {[&](const sim::SweepPoint& point) { return points.inputs(point); }, run_point}, how,
      guard.flag());
}

[[noreturn]] void report_interruption(const sim::SweepOutcome& outcome,
                                      const std::filesystem::path& folder) {
  throw Interrupted(fmt::format(
      "interrupted: {} of {} points are done and kept in {}; the same command goes on with the "
      "other {}",
      outcome.succeeded, outcome.results.size(), (folder / "points").string(),
      outcome.results.size() - outcome.succeeded));
}

void execute(const Options& options) {
  const sim::SweepSpec spec = load_sweep(options);
  const std::filesystem::path folder = options.folder.empty()
                                           ? std::filesystem::path("out") / spec.name
                                           : std::filesystem::path(options.folder);
  const sim::SweepOutcome outcome = run_points(spec, options, folder);
  if (!outcome.complete()) report_interruption(outcome, folder);

  const sim::SweepReport report(spec, outcome.results);
  const std::string csv = report.csv();
  const std::string json = report.json(kVersion);
  write_file_atomically(folder / "sweep.csv", csv);
  write_file_atomically(folder / "sweep.json", json);
  print_result(options.json ? json : options.csv ? csv : report.text(result_style()));
  print_message(fmt::format("{} of {} points were known, {} were run; wrote {} and {}",
                            outcome.reused, outcome.results.size(), outcome.done() - outcome.reused,
                            (folder / "sweep.csv").string(), (folder / "sweep.json").string()));
  if (outcome.succeeded == 0) {
    throw InputError(fmt::format("all {} points failed, the first with: {}", outcome.results.size(),
                                 outcome.results[0].error));
  }
  if (outcome.failed > 0) {
    print_message(fmt::format("warning: {} of {} points failed; the column \"error\" says why",
                              outcome.failed, outcome.results.size()));
  }
}

}  // namespace

void add_sweep_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "sweep", "Runs many points: chip fields, networks and policies varied along axes");
  const auto options = std::make_shared<Options>();
  command
      .add_option("SWEEP", options->sweep,
                  "A sweep's name (pimento list sweeps) or YAML file (docs/sweeps.md)")
      ->required()
      ->type_name("");
  command
      .add_option("--jobs", options->jobs, "Points run at once; as many as processors if not given")
      ->type_name("N")
      ->check(CLI::Range(1, kMostJobs));
  command
      .add_option(
          "--out", options->folder,
          "Folder of sweep.csv, sweep.json and the finished points; out/<name of the sweep> "
          "if not given")
      ->type_name("FOLDER");
  CLI::Option* const json =
      command.add_flag("--json", options->json, "Prints JSON instead of text");
  command.add_flag("--csv", options->csv, "Prints CSV instead of text")->excludes(json);
  command.add_flag("--fresh", options->fresh, "Runs every point, also those already finished");
  add_settings(command, options->settings);
  command.footer(kExamples);
  command.callback([options] { execute(*options); });
}

}  // namespace pimento::app
