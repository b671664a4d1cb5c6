#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Quantized models run by the program: their outputs are those of onnxruntime (stored beside the
models by scripts/oracle/make_references.sh), their accuracy on the digits test images is the known
one, and a model that was imported and read back is the same model.

Usage: quantized_models_test.py PROGRAM
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from pimento_program import RunError, judge, program_path

DATA = Path(__file__).resolve().parents[1] / "data"
IMAGES = DATA.parents[1] / "configs/networks/digits_cnn.npz"
# Largest difference from onnxruntime in steps of the last scale; 0 asks for equal bits. Where no
# rounding of floats comes between, there is none; QONNX is lowered to float operators there.
STEPS = {"digits_qdq8": 0.0, "digits_qlinear8": 0.0, "digits_qonnx4": 1.0, "digits_mixed": 1.0}
# Of 360 images. BSQ's is a descriptor with values, the others ONNX.
RIGHT = {"quantized/digits_qdq8.onnx": 359, "quantized/digits_qlinear8.onnx": 359,
         "quantized/digits_qonnx4.onnx": 358, "quantized/digits_mixed.onnx": 357,
         "digits/digits_bsq.yaml": 358}
CALIBRATION = DATA / "digits_calibration.npz"  # training images
# Post-training quantization of the float model.
CALIBRATED = {("uniform8",): 359, ("uniform4",): 358,
              ("uniform4", "--observer", "mse", "--weight-observer", "mse", "--bias-correction"): 359}


def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False,
                          timeout=300)
    if done.returncode != 0:
        raise RunError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def score(program, model, *options):
    return json.loads(run(program, "score", model, "--images", IMAGES, "--json", *options))


def outputs_agree(program, name, folder):
    file = folder / f"{name}.npz"
    score(program, DATA / f"quantized/{name}.onnx", "--limit", 64, "--outputs", file)
    found = np.load(file)["outputs"].reshape(64, 10)
    reference = np.load(DATA / f"quantized/{name}.outputs.npz")
    steps = np.abs(found.astype(np.float64) - reference["outputs"]) / reference["step"]
    if steps.max() > STEPS[name]:
        return [f"differs by {steps.max():.3g} steps; expected at most {STEPS[name]}"]
    return []


def accuracy_is(program, model, options, right):
    found = score(program, model, *options)["right"]
    return [] if found == right else [f"{found} right; expected {right}"]


def report(program, path):
    """What run tells, but for the names of the files it read."""
    told = json.loads(run(program, "run", path, "--json"))
    told.pop("provenance")
    return told


def survives_import(program, model, folder):
    first, second = folder / "first", folder / "second"
    stem = Path(model).stem
    run(program, "import", DATA / model, "--to", first)
    run(program, "import", first / f"{stem}.yaml", "--to", second)
    problems = [f"{stem}{suffix} is another file after reading it back"
                for suffix in (".yaml", ".npz")
                if (first / f"{stem}{suffix}").read_bytes() != (second / f"{stem}{suffix}").read_bytes()]
    reports = [report(program, path) for path in (DATA / model, first / f"{stem}.yaml")]
    if reports[0] != reports[1]:
        problems.append("its report is another one after reading it back")
    return problems


def main():
    program = program_path()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checks = {f"outputs of {model}": (outputs_agree, (model, folder)) for model in STEPS}
        checks |= {f"accuracy of {model}": (accuracy_is, (DATA / model, (), right))
                   for model, right in RIGHT.items()}
        checks["accuracy of digits_cnn"] = (accuracy_is, ("digits_cnn", (), 359))
        checks |= {f"accuracy at {' '.join(options)}":
                   (accuracy_is, ("digits_cnn", ("--calibrate", CALIBRATION, "--policy", *options), right))
                   for options, right in CALIBRATED.items()}
        checks |= {f"import of {model}": (survives_import, (model, folder)) for model in RIGHT}
        return judge(list(checks), lambda point: checks[point][0](program, *checks[point][1]))


if __name__ == "__main__":
    sys.exit(main())
