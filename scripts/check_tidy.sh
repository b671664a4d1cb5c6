#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy over every source of the rooms, with the compile commands of a preset.
#   scripts/check_tidy.sh [PRESET]          (release)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
log=build/check_tidy.log
mkdir -p build

stop_with_log() {
  grep -vE '^\[ *[0-9]+/[0-9]+\]|warnings? generated|^Suppressed|^Use -(header|system)' "$log" >&2
  echo "error: $1; all the output is in $log" >&2
  exit 1
}

{
  cmake --preset "$preset" -DBUILD_TESTING=ON &&
    cmake --build "build/$preset" --target pimento_onnx_proto # makes onnx.pb.h
} >"$log" 2>&1 || stop_with_log "the compile commands could not be made"

here=$(python3 -c 'import re, sys; print(re.escape(sys.argv[1]))' "$PWD")
# The static analyzer follows calls only so far: in full depth it takes three quarters of the time.
# The commands are g++'s; clang knows not all of its warnings.
shallow=(-extra-arg=-Wno-unknown-warning-option)
for argument in -Xclang -analyzer-config -Xclang mode=shallow; do
  shallow+=("-extra-arg=$argument")
done

run-clang-tidy-19 -quiet -p "build/$preset" -j "$(nproc)" -warnings-as-errors '*' \
  "${shallow[@]}" "^$here/(base|workloads|arch|mapper|sim)/" >"$log" 2>&1 ||
  stop_with_log "clang-tidy found the above"
echo "clang-tidy: $(grep -cE '^\[ *[0-9]+/[0-9]+\]' "$log") files, no warning"
