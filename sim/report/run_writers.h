// SPDX-License-Identifier: Apache-2.0
// The forms of one run's report. All are deterministic: the same report gives the same bytes.
#pragma once

#include <string>

#include "sim/report/run_report.h"
#include "sim/report/style.h"
#include "sim/report/table.h"

namespace pimento::sim {

// Throws InputError when prices and counts multiply beyond the range of numbers.
void check_finite(const RunReport& report);

// For people: header, totals, layers, components, sizes, notes.
[[nodiscard]] std::string run_text(const RunReport& report, const Style& style);
// Everything, in SI base units but for areas (mm2). The energies of `components` add up, in their
// order, to totals.energy_j; each is count x price.
[[nodiscard]] std::string run_json(const RunReport& report);
// One row a layer and one of totals, whose energy holds the chip's static energy too.
[[nodiscard]] std::string run_csv(const RunReport& report);

// The lines of a header that say where inputs and values come from.
void list_provenance(Listing& listing, const Provenance& provenance);
// What executing the values came to. Leaves out the CPU time, which no two runs share.
[[nodiscard]] std::string exact_text(const ExactReport& report, const Style& style);
// What the arrays were read with, and the energy of that.
[[nodiscard]] std::string activity_text(const ActivityReport& report, const Style& style);
// What passing over inputs of zero saved.
[[nodiscard]] std::string skipping_text(const SkippingReport& report, const Style& style);
// What writing arrays during the run came to.
[[nodiscard]] std::string writes_text(const WritesReport& report, const Style& style);
// What set the pace of each layer, and how busy the chip's units were.
[[nodiscard]] std::string pace_text(const RunReport& report, const Style& style);
// A heading with its notes as a list; nothing when there are none.
[[nodiscard]] std::string notes_text(const std::vector<std::string>& notes, const Style& style);

}  // namespace pimento::sim
