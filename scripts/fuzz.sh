#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Feeds made-up inputs to the readers of strangers' files and fails when one crashes, hangs or takes
# too much memory.
#   scripts/fuzz.sh [--seconds N] [HARNESS...]      (60 seconds each; all of tests/fuzz/*_fuzz.cc)
# As many run at once as there are processors.
# What is found lies in build/fuzz/findings; to see it again: build/fuzz/bin/HARNESS_fuzz FILE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: scripts/fuzz.sh [--seconds N] [HARNESS...]" >&2
  exit 2
}

known=()
for file in tests/fuzz/*_fuzz.cc; do
  name=${file##*/}
  known+=("${name%_fuzz.cc}")
done

seconds=60
harnesses=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds)
      [[ $# -ge 2 && $2 =~ ^[1-9][0-9]{0,5}$ ]] || usage
      seconds=$2
      shift
      ;;
    -*) usage ;;
    *)
      if [[ " ${known[*]} " != *" $1 "* ]]; then
        echo "error: there is no harness \"$1\"; give some of: ${known[*]}" >&2
        exit 2
      fi
      harnesses+=("$1")
      ;;
  esac
  shift
done
[[ ${#harnesses[@]} -gt 0 ]] || harnesses=("${known[@]}")

scripts/install_packages.sh build fuzz
cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" -DPIMENTO_FUZZ=ON -DBUILD_TESTING=OFF \
  -DPIMENTO_SANITIZERS=address,undefined,fuzzer-no-link -DPython3_EXECUTABLE=/usr/bin/python3
cmake --build build/fuzz -j "$(nproc)" --target "${harnesses[@]/%/_fuzz}"

mkdir -p build/fuzz/findings

run_harness() {
  local name=$1
  local corpus=build/fuzz/corpus/$name # grows from run to run; the one in tests/fuzz stays as it is
  local words=()
  mkdir -p "$corpus"
  if [[ -f tests/fuzz/$name.dict ]]; then words=(-dict="tests/fuzz/$name.dict"); fi
  "build/fuzz/bin/${name}_fuzz" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "${words[@]}" "$corpus" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1
}

running=0
declare -A jobs
for name in "${harnesses[@]}"; do
  if [[ $running -ge $(nproc) ]]; then
    wait -n || true # its own status is asked for below
    running=$((running - 1))
  fi
  run_harness "$name" &
  jobs[$name]=$!
  running=$((running + 1))
done

failed=0
for name in "${harnesses[@]}"; do
  log=build/fuzz/$name.log
  if wait "${jobs[$name]}"; then
    echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, no finding"
  else
    failed=1
    grep -E '^(==[0-9]+==ERROR|SUMMARY|Test unit written|.*runtime error)' "$log" >&2 ||
      tail -n 20 "$log" >&2
    echo "fuzz: $name: a finding; all the output is in $log" >&2
  fi
done
exit "$failed"
