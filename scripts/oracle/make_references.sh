#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Computes the outputs of the networks in tests/data/quantized with onnxruntime and writes them
# beside, as NAME.outputs.npz. Needs node, npm, python3-numpy and python3-onnx, and a network to
# install onnxruntime from; tests need none of that, as the outputs are kept in the repository.
#   scripts/oracle/make_references.sh [options of digits_references.py]
#   ONNXRUNTIME=FOLDER scripts/oracle/make_references.sh    with onnxruntime-node installed there
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=1.30.0

if [[ -z ${ONNXRUNTIME:-} ]]; then
  ONNXRUNTIME=$(mktemp -d)
  trap 'rm -rf "$ONNXRUNTIME"' EXIT
  # Its install script would fetch libraries for graphics cards; the processor's are in the package.
  (cd "$ONNXRUNTIME" && echo '{"private": true}' >package.json &&
    ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --no-audit --no-fund --ignore-scripts \
      "onnxruntime-node@$version")
fi
export ONNXRUNTIME
/usr/bin/python3 -B "$here/digits_references.py" "$@"
