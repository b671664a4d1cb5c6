#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds everything and runs the tests. The last lines are the summary of ctest.
#   scripts/test.sh [--preset release|asan-ubsan|coverage|dev] [--full]
# --full adds the tests that take minutes (label "full").
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: scripts/test.sh [--preset release|asan-ubsan|coverage|dev] [--full]" >&2
  exit 2
}

preset=release
selection=(--label-exclude '^full$')
while [[ $# -gt 0 ]]; do
  case $1 in
    --preset)
      [[ $# -ge 2 ]] || usage
      preset=$2
      shift
      ;;
    --preset=*) preset=${1#--preset=} ;;
    --full) selection=() ;;
    *) usage ;;
  esac
  shift
done
case $preset in
  release | asan-ubsan | coverage | dev) ;;
  *) usage ;;
esac

scripts/install_packages.sh build test
# Said outright, because quickstart.sh leaves the tests switched off in the same folder.
cmake --preset "$preset" -DBUILD_TESTING=ON
cmake --build "build/$preset" -j "$(nproc)"
exec ctest --preset "$preset" --no-tests=error --output-on-failure -j2 "${selection[@]}"
