// SPDX-License-Identifier: Apache-2.0
// What the tests of the config reader share.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/config_reader.h"

namespace pimento {

// The message of the InputError that `action` throws.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

inline std::string parse_error(const std::string& text) {
  return error_of([&] { (void)ConfigDocument::parse(text, "f.yaml"); });
}

// Parses a text, lets `read` read it, and gives the message of finish().
template <class Read>
std::string read_error(const std::string& text, const Read& read) {
  return error_of([&] {
    ConfigDocument document = ConfigDocument::parse(text, "f.yaml");
    ConfigMap root = document.root();
    read(root);
    document.finish();
  });
}

}  // namespace pimento
