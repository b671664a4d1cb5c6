// SPDX-License-Identifier: Apache-2.0
// The program. Commands throw; here, and nowhere else, that becomes a message and an exit code:
//   0 done   1 the machine is at its end   2 a mistake in the input   3 the simulation cannot go on
//   70 a defect of Pimento   130 interrupted
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/app/commands/chip_command.h"
#include "sim/app/commands/compare_command.h"
#include "sim/app/commands/import_command.h"
#include "sim/app/commands/inspect_command.h"
#include "sim/app/commands/list_command.h"
#include "sim/app/commands/map_command.h"
#include "sim/app/commands/run_command.h"
#include "sim/app/commands/score_command.h"
#include "sim/app/commands/sweep_command.h"
#include "sim/app/interrupt.h"
#include "sim/app/output.h"
#include "sim/app/version.h"

namespace pimento::app {
namespace {

enum ExitCode {
  kDone = 0,
  kMachineAtItsEnd = 1,
  kInputMistake = 2,
  kCannotGoOn = 3,
  kDefect = 70,
  kInterrupted = 130
};

constexpr const char* kDescription =
    "Pimento simulates process-in-memory accelerators that run networks of mixed precision:\n"
    "energy, latency, area and utilization of a network on a chip under a precision policy.";

constexpr const char* kExamples = R"(Examples:
  pimento run resnet18_imagenet                     one network on the default chip, 8 bits
  pimento compare resnet18_imagenet                 16, 8, 4 and 2 bits side by side
  pimento run model.onnx --chip isaac_ce --json     your own network, as JSON
  pimento list                                      what can be named
'pimento COMMAND --help' tells more of a command. Results go to standard output, the rest to
standard error; exit codes: 2 a mistake in the input, 3 the simulation cannot go on.)";

void add_commands(CLI::App& app) {
  add_run_command(app);
  add_compare_command(app);
  add_sweep_command(app);
  add_map_command(app);
  add_chip_command(app);
  add_inspect_command(app);
  add_import_command(app);
  add_score_command(app);
  add_list_command(app);
}

// CLI11 would only say that a command is missing.
void check_command(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const auto near = nearest_name(word, names);
  throw InputError(fmt::format("no command \"{}\"{}; known: {}", printable(word),
                               near ? fmt::format("; did you mean \"{}\"?", *near) : "",
                               join(names)));
}

// The first argument that looks like an option and is none; nothing when all are known.
std::string unknown_option(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App& command = app.get_subcommands().empty() ? app : *app.get_subcommands().back();
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (!name.starts_with("--") || name == "--") continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest_name(name, known);
    return fmt::format("no option \"{}\"{}", printable(name),
                       near ? fmt::format("; did you mean \"{}\"?", *near) : "");
  }
  return {};
}

std::string describe(const CLI::ParseError& error, const CLI::App& app,
                     const std::vector<std::string>& arguments) {
  std::string message;
  const bool without_command = app.get_subcommands().empty();
  if (without_command || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    message = unknown_option(app, arguments);
  }
  return message.empty() ? error.what() : message;
}

std::string help_hint(const CLI::App& app) {
  std::string command = "pimento";
  for (const CLI::App* chosen : app.get_subcommands()) command += " " + chosen->get_name();
  return command + " --help";
}

int run_program(int argc, char** argv) {
  CLI::App app(kDescription, "pimento");
  app.set_version_flag("--version", fmt::format("pimento {}", kVersion),
                       "Prints the program's version");
  app.set_help_flag("-h,--help", "Prints this help");
  app.require_subcommand(1);
  app.footer(kExamples);
  add_commands(app);
  if (argc < 2) {
    print_message("no command given\n\n" + app.help());
    return kInputMistake;
  }
  check_command(app, argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_result(app.help());
  } catch (const CLI::CallForVersion&) {
    print_result(fmt::format("pimento {}\n", kVersion));
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    print_message(fmt::format("error: {}\n'{}' shows what is expected",
                              describe(error, app, arguments), help_hint(app)));
    return kInputMistake;
  }
  return kDone;
}

int fail(ExitCode code, const std::string& message) {
  print_message(message);
  return code;
}

// The only place where errors end.
int run_guarded(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const ReaderGone&) {
    return kDone;
  } catch (const OutputError& error) {
    return fail(kMachineAtItsEnd, std::string("error: ") + error.what());
  } catch (const Interrupted& error) {
    return fail(kInterrupted, error.what());
  } catch (const InputError& error) {
    return fail(kInputMistake, std::string("error: ") + error.what());
  } catch (const SimulationError& error) {
    return fail(kCannotGoOn, std::string("error: ") + error.what());
  } catch (const std::bad_alloc&) {
    return fail(kMachineAtItsEnd, "error: out of memory; choose a smaller network or fewer jobs");
  } catch (const std::exception& error) {
    return fail(kDefect, fmt::format("internal error: {}; this is a defect of pimento {}, please "
                                     "report it with the command and its input files",
                                     error.what(), kVersion));
  }
}

}  // namespace
}  // namespace pimento::app

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  // A reader that has gone shows as a failed write, which ends the program quietly.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  return pimento::app::run_guarded(argc, argv);
}

// SystemC asks every program for one; this program builds its model itself and never calls it.
extern "C" int sc_main(int, char**) {
  return 0;
}
