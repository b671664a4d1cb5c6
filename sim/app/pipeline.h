// SPDX-License-Identifier: Apache-2.0
// The way from three names to a report: network, policy and chip are read, mapped, lowered,
// simulated and priced. The only place where workloads, mapper and simulator meet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/chip_spec.h"
#include "arch/device_spec.h"
#include "arch/program/program.h"
#include "base/config_reader.h"
#include "mapper/lower.h"
#include "mapper/mapping.h"
#include "sim/app/quantize.h"
#include "sim/report/run_report.h"
#include "workloads/network.h"
#include "workloads/policy.h"

namespace pimento::app {

// What --exact and its companions say.
struct ExactRequest {
  bool wanted = false;
  std::string inputs;   // .npz; empty: those that travel with the network, or drawn ones
  bool labels = false;  // the inputs must have labels
  std::string adc_range = "full";
  int adc_images = 8;  // that ranges other than the full one are chosen on
  bool every_read = false;
  std::string device;   // name or path of what cells are made of; empty: ideal ones
  int seeds = 1;        // programmed anew so often
  std::string outputs;  // .npz to write; empty: none
};

// What the user asks for. Names of embedded files or paths.
struct RunRequest {
  std::string network;
  std::string chip = "isaac_ce";
  std::string policy;  // empty: the bits of a quantized network, else uniform8
  std::string strategy = "dense";
  int images = 1;
  std::vector<Override> overrides;  // chip fields; "network.", "policy." and "device." reach others
  std::string encodings;            // a side file that quantizes the network; empty: none
  CalibrationRequest calibration;
  ExactRequest exact;
  std::string trace;  // a file for the timeline of units; empty: none
  std::int64_t trace_spans = 0;
  bool activity = false;  // counts what arrays are read with, on integers; exact.inputs if given
  // Counts only where a figure depends on it, and tells nobody how far that is and where it is
  // kept.
  bool is_quiet = false;
};

// Everything read and checked, nothing mapped yet.
struct Inputs {
  workloads::Network network;  // with the policy applied
  arch::ChipSpec chip;
  workloads::Policy policy;
  std::string policy_file;
  std::vector<std::string> default_layers;  // weight layers the policy does not name
};

struct Mapped {
  mapper::Mapping mapping;
  mapper::Lowered lowered;
};

// Whether a price of the chip's array depends on what it stores and is driven with.
[[nodiscard]] bool depends_on_values(const arch::ChipSpec& chip);

// Throws InputError on the first override of a file that a command does not read: of the chip, or
// of network and policy.
void refuse_overrides(const std::vector<Override>& overrides, const std::string& command,
                      bool of_chip, bool of_network_and_policy);

// Each throws InputError on the user's mistakes.
[[nodiscard]] workloads::Network load_network(const std::string& name,
                                              const std::vector<Override>& overrides);
[[nodiscard]] arch::ChipSpec load_chip(const std::string& name,
                                       const std::vector<Override>& overrides);
[[nodiscard]] arch::DeviceSpec load_device(const std::string& name,
                                           const std::vector<Override>& overrides);
[[nodiscard]] workloads::Policy load_policy(const std::string& name,
                                            const std::vector<Override>& overrides);
// A policy by name or path, or the one that `network` has in itself; and the file it came from.
struct ChosenPolicy {
  workloads::Policy policy;
  std::string file;
};
[[nodiscard]] ChosenPolicy choose_policy(const std::string& name, const workloads::Network& network,
                                         const std::vector<Override>& overrides);
[[nodiscard]] Inputs load_inputs(const RunRequest& request);
[[nodiscard]] Mapped map_inputs(const Inputs& inputs, const std::string& strategy);

// The whole way. Once in the life of a process (see sim::simulate).
[[nodiscard]] sim::RunReport run(const RunRequest& request);

}  // namespace pimento::app
