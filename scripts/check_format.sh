#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a C++ file is not formatted as .clang-format says. To mend: clang-format-19 -i FILE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -d '' files < <(
  find . \( -path ./.git -o -path ./build -o -path ./out \) -prune -o \
    -type f \( -name '*.h' -o -name '*.cc' \) -print0 | sort -z
)
clang-format-19 --dry-run -Werror "${files[@]}"
echo "format: ${#files[@]} files, all as .clang-format says"
