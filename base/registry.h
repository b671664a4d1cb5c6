// SPDX-License-Identifier: Apache-2.0
// A named list of implementations behind one contract. Entries are added by an explicit function
// that lists them all, never by static constructors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace pimento {

template <class Entry>
class Registry {
 public:
  // A name added twice is a defect.
  void add(const std::string& name, Entry entry) {
    ensure(entries_.emplace(name, std::move(entry)).second, "a name is registered twice");
  }
  [[nodiscard]] const Entry* find(const std::string& name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : &it->second;
  }
  // In alphabetical order.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    result.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace pimento
