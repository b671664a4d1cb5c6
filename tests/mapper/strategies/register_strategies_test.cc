// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mapper/strategy.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

TEST(Strategies, AreListedByName) {
  EXPECT_EQ(strategies().names(),
            (std::vector<std::string>{"area", "auto", "bwq", "dense", "forms", "packed", "planes",
                                      "reload", "similar", "sme", "sparse", "sre", "throughput",
                                      "windows"}));
}

TEST(Strategies, AnUnknownNameIsToldTheKnownOnes) {
  NetworkBuilder b({4});
  b.add("fc", workloads::Linear{2});
  const arch::ChipSpec chip = make_chip({});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_network({b.network, chip}, "dens"); }),
            "strategy \"dens\" is not known; expected one of area, auto, bwq, dense, forms, "
            "packed, planes, reload, similar, sme, sparse, sre, throughput, windows");
}

TEST(Strategies, PrecisionsAreCheckedFirst) {
  NetworkBuilder b({4});
  b.precision(b.add("fc", workloads::Linear{2}), 33, 8);
  const arch::ChipSpec chip = make_chip({});
  EXPECT_EQ(message_of<InputError>([&] { (void)map_network({b.network, chip}, "dense"); }),
            "layer \"fc\": 33 weight bits and 8 activation bits; expected 1 to 32 of each");
  b.precision(0, 8, 0);
  EXPECT_EQ(message_of<InputError>([&] { (void)map_network({b.network, chip}, "dense"); }),
            "layer \"fc\": 8 weight bits and 0 activation bits; expected 1 to 32 of each");
}

}  // namespace
}  // namespace pimento::mapper
