#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/quantized/NAME.outputs.npz for each network there: what onnxruntime computes
for the first 64 held-out images. Run by make_references.sh, which installs onnxruntime.

    outputs  float32 [64, 10]
    step     float32 [10]; what one step of the integers behind each logit is worth

A runtime computes QuantizeLinear / DequantizeLinear networks in 32-bit floats, so that a value on
the edge between two integers may fall to either side; `step` is the measure for such differences.
In digits_qdq8 and digits_qlinear8 it is that of the last QuantizeLinear or QLinearMatMul, in the
QONNX networks the product of the last layer's two scales. The lowered QONNX networks run as
written.
"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from lower_qonnx import lower
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/data/quantized"
RUNNER = Path(__file__).with_name("run_onnxruntime.mjs")


def run(model, images):
    """The output of an onnx model, computed by onnxruntime."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("model.onnx", "in.f32", "out.f32")]
        onnx.save(model, paths[0])
        images.astype("<f4").tofile(paths[1])
        extents = "x".join(map(str, images.shape))
        result = subprocess.run(["node", str(RUNNER), paths[0], paths[1], extents, paths[2]],
                                check=True, stdout=subprocess.PIPE, text=True)
        shape = [int(extent) for extent in result.stdout.split("x")]
        return np.fromfile(paths[2], "<f4").reshape(shape)


def step_of(model):
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for name in ("logits.scale", "fc.scale"):
        if name in constants:
            return np.full(10, constants[name], np.float32)
    return (constants["relu4.scale"] * constants["fc.weight.scale"]).reshape(10)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="DIR")
    arguments = parser.parse_args()
    with np.load(ROOT / "configs/networks/digits_cnn.npz") as data:
        images, labels = data["images"][:arguments.images], data["labels"][:arguments.images]
    for path in sorted(FOLDER.glob("*.onnx")):
        outputs = run(lower(onnx.load(str(path))), images)
        target = arguments.to / f"{path.stem}.outputs.npz"
        temporary = target.with_name(target.name + ".tmp")
        with open(temporary, "wb") as file:
            np.savez(file, outputs=outputs, step=step_of(onnx.load(str(path))))
        os.replace(temporary, target)
        right = int((outputs.argmax(1) == labels).sum())
        print(f"{target.name}: {right} of {len(labels)} images right")


if __name__ == "__main__":
    main()
