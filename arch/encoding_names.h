// SPDX-License-Identifier: Apache-2.0
// Encodings by the names that configs use.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "arch/encoding.h"

namespace pimento::arch {

inline constexpr std::array<std::pair<std::string_view, Encoding>, 8> kEncodingNames{{
    {"twos_complement", Encoding::kTwosComplement},
    {"offset", Encoding::kOffset},
    {"offset_flipped", Encoding::kOffsetFlipped},
    {"differential", Encoding::kDifferential},
    {"sign_magnitude", Encoding::kSignMagnitude},
    {"center_offset", Encoding::kCenterOffset},
    {"csd", Encoding::kCsd},
    {"xnor", Encoding::kXnor},
}};

inline constexpr std::array<std::pair<std::string_view, SignedInputs>, 3> kSignedInputsNames{{
    {"twos_complement", SignedInputs::kTwosComplement},
    {"offset", SignedInputs::kOffset},
    {"two_phase", SignedInputs::kTwoPhase},
}};

}  // namespace pimento::arch
