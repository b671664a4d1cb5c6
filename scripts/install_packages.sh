#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that Pimento needs.
#   scripts/install_packages.sh build         to compile and run the program
#   scripts/install_packages.sh build test    and to run its tests
#   scripts/install_packages.sh lint          to check format and style
#   scripts/install_packages.sh figures       to draw the figures of docs/ anew
#   scripts/install_packages.sh fuzz          to feed made-up inputs to the readers of files
# Needs root or sudo only when a package is missing. Why each package is here is told in
# docs/dependencies.md.
set -euo pipefail

usage() {
  echo "usage: scripts/install_packages.sh build|test|lint|fuzz|figures ..." >&2
  exit 2
}

packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build pkg-config protobuf-compiler libsystemc-dev libboost-dev \
        libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libprotobuf-dev libonnx-dev \
        librandom123-dev libopenblas-serial-dev libzip-dev libhwy-dev libtbb-dev
      ;;
    test)
      echo libgtest-dev libgmock-dev libbenchmark-dev libeigen3-dev libonnx-testdata python3 \
        python3-numpy python3-yaml python3-onnx python3-torch python3-torchvision
      ;;
    figures) echo gnuplot-nox python3 ;;
    fuzz) echo clang-19 libclang-rt-19-dev ;;
    lint) echo clang-19 clang-format-19 clang-tidy-19 python3 shellcheck ;;
    *) usage ;;
  esac
}

is_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed* ]]
}

apt_get() {
  local command=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@")
  if [[ $EUID -ne 0 ]]; then command=(sudo "${command[@]}"); fi
  "${command[@]}" >/dev/null
}

[[ $# -gt 0 ]] || usage
missing=()
for set_name in "$@"; do
  packages=$(packages_of "$set_name")
  for package in $packages; do
    command -v dpkg-query >/dev/null && is_installed "$package" || missing+=("$package")
  done
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: this system has no apt-get; Pimento is built on Debian 12, where it needs:" \
    "${missing[*]}" >&2
  exit 1
fi
if [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; then
  echo "error: some packages are missing, and there is no sudo to install them with;" \
    "as root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
apt_get update
if ! apt_get install -y --no-install-recommends "${missing[@]}"; then
  echo "error: apt-get could not install the packages above; Pimento is built on Debian 12" \
    "(bookworm), where all of them are in the main archive" >&2
  exit 1
fi
