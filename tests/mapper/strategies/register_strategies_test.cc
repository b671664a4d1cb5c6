// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mapper/strategy.h"
#include "tests/mapper/support.h"

namespace pimento::mapper {
namespace {

TEST(Strategies, AreListedByName) {
