// SPDX-License-Identifier: Apache-2.0
#include "base/resources.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace pimento {
namespace {

namespace fs = std::filesystem;

// Marks the names of embedded files in messages and includes, apart from files on disk.
constexpr std::string_view kEmbedded = "embedded:";
constexpr std::array<std::string_view, 2> kExtensions = {".yaml", ".onnx"};

const Resource* find_resource(std::string_view path) {
  const auto all = embedded_resources();
  const auto it = std::lower_bound(
      all.begin(), all.end(), path,
      [](const Resource& resource, std::string_view wanted) { return resource.path < wanted; });
  return it != all.end() && it->path == path ? &*it : nullptr;
}

std::string folder_of(std::string_view kind) {
  return fmt::format("configs/{}/", kind);
}

// Names may hold dots ("clado_0.5mib"), so a dot alone makes no extension.
bool has_input_extension(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yml" ||
         std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

InputFile from_resource(const Resource& resource) {
  return {fmt::format("{}{}", kEmbedded, resource.path), std::string(resource.content)};
}

// protobuf reads no message of 2 GiB or more.
constexpr std::uint64_t kMostBytes = (std::uint64_t{2} << 30) - 1;

InputFile from_disk(const fs::path& path) {
  const std::string extension = path.extension().string();
  const bool is_yaml = extension == ".yaml" || extension == ".yml";
  const std::uint64_t limit = is_yaml ? std::uint64_t{16} << 20 : kMostBytes;
  return {path.string(), read_file(path, limit)};
}

// "embedded:configs/chips/a.yaml"
InputFile from_embedded_path(std::string_view path) {
  if (const Resource* const resource = find_resource(path)) return from_resource(*resource);
  std::vector<std::string> known;
  for (const Resource& resource : embedded_resources()) known.emplace_back(resource.path);
  const auto near = nearest_name(path, known);
  throw InputError(
      fmt::format("no embedded file \"{}\"; {}", printable(path),
                  near ? fmt::format("did you mean \"{}\"?", *near) : "known: " + join(known)));
}

std::string singular_of(std::string_view kind) {
  std::string singular(kind);
  if (singular == "policies") return "policy";
  if (singular.ends_with('s')) singular.pop_back();
  return singular;
}

[[noreturn]] void no_such_name(const std::string& name, std::string_view kind) {
  const std::vector<std::string> known = embedded_names(kind);
  std::string message = fmt::format("no embedded {} \"{}\"", singular_of(kind), printable(name));
  if (const auto near = nearest_name(name, known)) {
    message += fmt::format("; did you mean \"{}\"?", *near);
  }
  message += known.empty() ? "; there are none" : "; known: " + join(known);
  std::error_code error;
  message += fs::is_regular_file(name, error)
                 ? fmt::format("; write \"./{}\" for the file of that name", printable(name))
                 : "; a file is named with its extension, for example \"./mine.yaml\"";
  throw InputError(message);
}

}  // namespace

InputFile open_input(const std::string& name_or_path, std::string_view kind) {
  if (name_or_path.starts_with(kEmbedded)) {
    return from_embedded_path(std::string_view(name_or_path).substr(kEmbedded.size()));
  }
  const fs::path path(name_or_path);
  if (name_or_path.find('/') != std::string::npos || has_input_extension(path)) {
    return from_disk(path);
  }
  for (const std::string_view extension : kExtensions) {
    const Resource* const resource =
        find_resource(fmt::format("{}{}{}", folder_of(kind), name_or_path, extension));
    if (resource != nullptr) return from_resource(*resource);
  }
  std::error_code error;
  if (path.has_extension() && fs::exists(path, error)) return from_disk(path);
  no_such_name(name_or_path, kind);
}

std::vector<std::string> embedded_names(std::string_view kind) {
  const std::string folder = folder_of(kind);
  std::vector<std::string> names;
  for (const Resource& resource : embedded_resources()) {
    if (!resource.path.starts_with(folder)) continue;
    const std::string_view name = resource.path.substr(folder.size());
    if (name.find('/') != std::string_view::npos) continue;
    for (const std::string_view extension : kExtensions) {
      if (name.ends_with(extension)) {
        names.emplace_back(name.substr(0, name.size() - extension.size()));
      }
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::pair<std::string, std::string> resolve_include(const std::string& name,
                                                    const std::string& from) {
  InputFile file;
  if (name.starts_with(kEmbedded)) {
    file = from_embedded_path(std::string_view(name).substr(kEmbedded.size()));
  } else if (from.starts_with(kEmbedded)) {
    const fs::path beside = fs::path(from.substr(kEmbedded.size())).parent_path() / name;
    file = from_embedded_path(beside.lexically_normal().string());
  } else {
    file = from_disk((fs::path(from).parent_path() / name).lexically_normal());
  }
  return {std::move(file.name), std::move(file.content)};
}

}  // namespace pimento
