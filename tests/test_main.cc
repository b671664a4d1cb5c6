// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gmock/gmock.h>

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}

// SystemC asks every program for one; ours never starts it.
extern "C" int sc_main(int, char**) {
  return 0;
}  // NOLINT(readability-identifier-naming)
