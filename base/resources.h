// SPDX-License-Identifier: Apache-2.0
// Files that travel inside the program: everything below configs/, by its path there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pimento {

struct Resource {
  std::string_view path;  // "configs/chips/isaac_ce.yaml"
  std::string_view content;
};

// All embedded files in alphabetical order. Defined by the generated source of configs/.
[[nodiscard]] std::span<const Resource> embedded_resources();

// An input file as the user named it: content, and the name that messages show, which for an
// embedded file is "embedded:configs/chips/isaac_ce.yaml".
struct InputFile {
  std::string name;
  std::string content;
};

// Finds an input by name or path. `kind` is the folder below configs/ ("chips"). A name without a
// slash and without the extension of a file means the embedded file, "embedded:..." one by its full
// name; anything else is a path. Throws InputError that lists the known names.
[[nodiscard]] InputFile open_input(const std::string& name_or_path, std::string_view kind);

// The embedded names of a kind, without extension.
[[nodiscard]] std::vector<std::string> embedded_names(std::string_view kind);

// Resolves `include: other.yaml` beside the including file, on disk or embedded, and
// `include: embedded:configs/chips/isaac_ce.yaml` from anywhere.
[[nodiscard]] std::pair<std::string, std::string> resolve_include(const std::string& name,
                                                                  const std::string& from);

}  // namespace pimento
