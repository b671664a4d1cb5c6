#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whole networks on arrays with lossless ADCs: the outputs are bit for bit those of the integers
without arrays, whether every column is read or only those an ADC can change. Among them one of
depthwise convolutions and one of attention, exported from torch; nothing is skipped. The largest
stays within a gigabyte.

Usage: exact_networks_test.py PROGRAM [--only NAME ...]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

EXPORT = Path(__file__).resolve().parents[3] / "scripts/export/export_models.py"
EMBEDDED = ("digits_cnn", "vgg8", "resnet18_imagenet")
EXPORTED = ("mobilenet_v2", "decoder")
MEMORY_LIMIT = 1 << 30
LIMITED = EMBEDDED


def execute(program, network, options):
    """The object `exact` of a run, and the peak memory of its process."""
    command = [program, "run", network, "--chip", "reram_128x128_1b", "--policy", "uniform8",
               "--exact", "--images", "1", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{network}: exit code {process.returncode}")
    return json.loads(output)["exact"], usage.ru_maxrss * 1024


def problems_of(name, exact, peak):
    if not exact["equals_reference"]:
        yield "its outputs are not those of the integers"
    if exact["saturated"] != 0 or exact["conversions"] == 0:
        yield f"{exact['saturated']} of {exact['conversions']} conversions saturated"
    if name in LIMITED and peak >= MEMORY_LIMIT:
        yield f"it took {peak} bytes; allowed are {MEMORY_LIMIT}"


def check(program, name, network):
    failed = False
    for options in ([], ["--every-read"]):
        exact, peak = execute(program, network, options)
        problems = list(problems_of(name, exact, peak))
        print(f"{name} {' '.join(options)}: {exact['cpu_s_per_image']:.3f} s of CPU an image, "
              f"{peak / 1e6:.0f} MB, {exact['conversions']} conversions"
              + "".join(f"; {problem}" for problem in problems), flush=True)
        failed = failed or bool(problems)
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", nargs="*", default=[*EMBEDDED, *EXPORTED])
    arguments = parser.parse_args()
    failed = False
    for name in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            network = name
            if name in EXPORTED:
                network = str(Path(folder) / f"{name}.onnx")
                subprocess.run([sys.executable, str(EXPORT), "--to", folder, "--only", name],
                               check=True, stdout=subprocess.DEVNULL)
            failed = check(arguments.program, name, network) or failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
