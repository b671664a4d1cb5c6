// SPDX-License-Identifier: Apache-2.0
// What all JSON reports share. Keys keep the order they are written in; numbers read back as the
// same numbers; what has no value (a rate without a time) is null.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/report/run_report.h"

namespace pimento::sim {

using Json = nlohmann::ordered_json;

// Two blanks a level, with a line feed at the end. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string dump(const Json& json);

[[nodiscard]] Json optional_number(std::optional<double> value);
[[nodiscard]] Json to_json(const Figures& figures);
[[nodiscard]] Json to_json(const Provenance& provenance);
[[nodiscard]] Json to_json(const SizeReport& size);
[[nodiscard]] Json to_json(const ExactReport& report);
[[nodiscard]] Json to_json(const ActivityReport& report);
[[nodiscard]] Json to_json(const WritesReport& report);
[[nodiscard]] Json to_json(const PipelineReport& report);
[[nodiscard]] Json to_json(const SkippingReport& report);
// The inverse for a network's provenance and figures, as far as they are not derived.
[[nodiscard]] Figures figures_from_json(const Json& json);
[[nodiscard]] Provenance provenance_from_json(const Json& json);

}  // namespace pimento::sim
