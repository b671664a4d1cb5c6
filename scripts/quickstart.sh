#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to a first result: installs the packages, builds the program and compares
# four precisions of ResNet-18 on one chip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=build/quickstart.log
mkdir -p build
: >"$log"

stop_with_log() {
  tail -n 30 "$log" >&2
  echo "error: $1 failed; all the output is in $PWD/$log" >&2
  exit 1
}

# Ninja prints "[12/96] ..." for each step; this says so every 20 %.
build_progress() {
  local line told=0 fifths
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    fifths=$((5 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    if ((fifths > told)); then printf '      %3d %%\n' $((20 * fifths)); fi
    told=$fifths
  done
}

echo "[1/4] Checking the Debian packages"
scripts/install_packages.sh build

echo "[2/4] Configuring"
cmake --preset release -DBUILD_TESTING=OFF >>"$log" 2>&1 || stop_with_log "configuring"

echo "[3/4] Building pimento (some minutes)"
NINJA_STATUS='[%f/%t] ' cmake --build build/release --target pimento -j "$(nproc)" 2>&1 |
  tee -a "$log" | build_progress || stop_with_log "building"

echo "[4/4] Comparing ResNet-18 with weights and activations of 16, 8, 4 and 2 bits"
echo
command=(build/release/bin/pimento compare resnet18_imagenet --chip isaac_ce
  --policies "uniform16,uniform8,uniform4,uniform2" --baseline uniform16 --out out/quickstart)
echo "  ${command[*]}"
echo
"${command[@]}"

echo
echo "The tables are in $PWD/out/quickstart:"
find out/quickstart -type f | sort | sed 's/^/  /'
echo "The program is $PWD/build/release/bin/pimento; next, try: build/release/bin/pimento --help"
