// SPDX-License-Identifier: Apache-2.0
#include "sim/app/commands/list_command.h"

#include <array>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "arch/component.h"
#include "arch/device_spec.h"
#include "base/resources.h"
#include "base/text.h"
#include "mapper/strategy.h"
#include "sim/app/commands/options.h"
#include "sim/report/json.h"
#include "sim/report/table.h"

namespace pimento::app {
namespace {

constexpr const char* kExamples = R"(Examples:
  pimento list
  pimento list networks
  pimento list policies --json)";

struct Entry {
  std::string name;
  std::string description;
};

struct Kind {
  std::string name;
  std::function<std::vector<Entry>()> entries;
};

template <class Describe>
std::vector<Entry> embedded(const std::string& kind, const Describe& describe) {
  std::vector<Entry> entries;
  for (const std::string& name : embedded_names(kind)) entries.push_back({name, describe(name)});
  return entries;
}

std::vector<Entry> bare(const std::vector<std::string>& names) {
  std::vector<Entry> entries;
  entries.reserve(names.size());
  for (const std::string& name : names) entries.push_back({name, ""});
  return entries;
}

std::vector<Entry> strategy_entries() {
  std::vector<Entry> entries;
  for (const std::string& name : mapper::strategies().names()) {
    entries.push_back({name, mapper::strategies().find(name)->description});
  }
  return entries;
}

std::vector<Kind> all_kinds() {
  return {{"networks",
           [] {
             return embedded("networks", [](const std::string& name) {
               return load_network(name, {}).description;
             });
           }},
          {"chips",
           [] {
             return embedded(
                 "chips", [](const std::string& name) { return load_chip(name, {}).description; });
           }},
          {"devices",
           [] {
             return embedded("devices", [](const std::string& name) {
               const InputFile file = open_input(name, "devices");
               return arch::read_device(ConfigDocument::parse(file.content, file.name), file.name)
                   .description;
             });
           }},
          {"policies",
           [] {
             return embedded("policies", [](const std::string& name) {
               return load_policy(name, {}).description;
             });
           }},
          {"sweeps", [] { return bare(embedded_names("sweeps")); }},
          {"strategies", strategy_entries},
          {"components", [] { return bare(arch::component_kinds().names()); }}};
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Kind& kind : all_kinds()) names.push_back(kind.name);
  return names;
}

std::string entries_text(const std::vector<Entry>& entries, const sim::Style& style, int indent) {
  sim::Listing listing;
  for (const Entry& entry : entries) listing.add(entry.name, printable(entry.description, 120));
  return listing.str(style, indent);
}

sim::Json entries_json(const std::vector<Entry>& entries) {
  sim::Json json = sim::Json::array();
  for (const Entry& entry : entries) {
    json.push_back({{"name", entry.name}, {"description", entry.description}});
  }
  return json;
}

std::vector<Kind> chosen_kinds(const std::string& wanted) {
  std::vector<Kind> kinds = all_kinds();
  if (!wanted.empty()) std::erase_if(kinds, [&](const Kind& kind) { return kind.name != wanted; });
  if (!kinds.empty()) return kinds;
  const std::vector<std::string> known = kind_names();
  const auto near = nearest_name(wanted, known);
  throw InputError(fmt::format("list: found \"{}\"; expected one of {}{}", printable(wanted),
                               join(known),
                               near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
}

void execute(const std::string& wanted, bool as_json) {
  const sim::Style style = result_style();
  sim::Json json = sim::Json::object();
  std::string text;
  for (const Kind& kind : chosen_kinds(wanted)) {
    const std::vector<Entry> entries = kind.entries();
    json[kind.name] = entries_json(entries);
    if (wanted.empty()) {
      text += (text.empty() ? "" : "\n") + style.bold(kind.name) + "\n";
      text += entries.empty() ? "  none\n" : entries_text(entries, style, 2);
    } else {
      text += entries_text(entries, style, 0);
    }
  }
  print_result(as_json ? sim::dump(json) : text);
}

}  // namespace

void add_list_command(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("list", "Lists what other commands take by name");
  const auto kind = std::make_shared<std::string>();
  const auto forms = std::make_shared<FormOptions>();
  command.add_option("KIND", *kind, "One of " + join(kind_names()) + "; all if not given")
      ->type_name("");
  add_json(command, *forms);
  command.footer(kExamples);
  command.callback([kind, forms] { execute(*kind, forms->json); });
}

}  // namespace pimento::app
