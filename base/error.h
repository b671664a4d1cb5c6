// SPDX-License-Identifier: Apache-2.0
// The two ways a run can fail, and the place in a file a failure points at.
#pragma once

#include <stdexcept>
#include <string>

namespace pimento {

// A place in a text file. Lines and columns count from 1; 0 means "not known".
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;

  // "chip.yaml:3:7", or as much of it as is known.
  [[nodiscard]] std::string str() const;
};

// The user's input is wrong. The message names the place, what was found, what was expected and
// what to do. The program prints it and exits with code 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The simulation cannot go on: units wait for each other, or the event budget is spent.
// The program prints it and exits with code 3.
class SimulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A promise between two parts of Pimento is broken: a defect of ours, never the user's mistake.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws InternalError with `what` unless `holds`.
inline void ensure(bool holds, const char* what) {
  if (!holds) throw InternalError(what);
}

}  // namespace pimento
