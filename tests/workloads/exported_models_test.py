#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Well-known networks, exported from torch and inspected by the program: its weights, its MACs on
crossbars and its MACs of matmuls of two computed operands are those counted in torch, exactly.

Every network is exported by scripts/export/export_models.py into a folder that goes away again,
and nothing is skipped: a network that cannot be exported has failed. What was counted in torch is
itself held against figures worked out by hand or published. Reading VGG-16, the largest file, has
limits of time and memory.

Usage: exported_models_test.py PROGRAM [--only NAME ...] [--models DIR]
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

EXPORT = Path(__file__).resolve().parents[2] / "scripts/export/export_models.py"
COUNTED_AS = {"weights": "weights", "macs": "macs", "digital_macs": "attention_macs"}
SECONDS_UNTIL_STOPPED = 300.0
# Of processor and of the clock, each; and memory as a multiple of the size of the file.
LIMITED = "vgg16"
SECONDS_LIMIT = 3.0
MEMORY_LIMIT = 1.3


def transformer(layers, width, hidden, tokens, head):
    """Weights, MACs and MACs of attention by hand: four square projections and two linear layers
    each; q k^T and attention times v; `head` is (weights, tokens it is applied to)."""
    weights = layers * (4 * width * width + 2 * width * hidden)
    return (weights + head[0], weights * tokens + head[0] * head[1],
            layers * 2 * tokens * tokens * width)


def vit_b_16():
    """196 patches of 16x16 and the class token; the head sees that token alone."""
    patches = 768 * 3 * 16 * 16
    weights, macs, attention = transformer(12, 768, 3072, 197, (768 * 1000, 1))
    return weights + patches, macs + patches * 196, attention


# Weights without biases, MACs, MACs of attention.
BY_HAND = {
    "alexnet": (61_090_496, 714_188_480, 0),
    "resnet18": (11_678_912, 1_814_073_344, 0),
    "vgg16": (138_344_128, 15_470_264_320, 0),
    "vit_b_16": vit_b_16(),
    "bert_base": transformer(12, 768, 3072, 128, (768 * 768, 1)),
    "decoder": transformer(4, 256, 1024, 64, (256 * 1000, 64)),
}
# All MACs in units of 10^9, rounded to three places: "GFLOPS" of torchvision's table of models.
PUBLISHED_GIGA_MACS = {
    "resnet18": 1.814, "vgg16": 15.47, "mobilenet_v2": 0.301, "alexnet": 0.714,
    "googlenet": 1.498, "inception_v3": 5.713, "densenet121": 2.834, "vit_b_16": 17.564,
    "shufflenet_v2_x1_0": 0.145, "efficientnet_b0": 0.386,
}
NAMES = (*PUBLISHED_GIGA_MACS, *(name for name in BY_HAND if name not in PUBLISHED_GIGA_MACS))


class Failure(Exception):
    """A network could not be exported or inspected."""


class Inspection(NamedTuple):
    totals: dict
    processor_seconds: float
    clock_seconds: float
    peak_bytes: int


def export(name, folder):
    """In a process of its own: a child's peak memory is never below what its parent holds when it
    is started, so torch must not be loaded in the process that starts the program."""
    command = [sys.executable, str(EXPORT), "--to", str(folder), "--only", name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise Failure(f"{EXPORT.name}: exit code {run.returncode}:\n{run.stderr.strip()}")


def inspect(program, path):
    """One run of `pimento inspect`: what it printed and what it cost."""
    command = [program, "inspect", str(path), "--json"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        watch = os.pidfd_open(process.pid)
        ended = select.select([watch], [], [], SECONDS_UNTIL_STOPPED)[0]
        os.close(watch)
        if not ended:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if not ended:
            raise Failure(f"inspect: no answer in {SECONDS_UNTIL_STOPPED:g} s")
        if process.returncode != 0:
            message = err.read().decode(errors="backslashreplace").strip()
            raise Failure(f"inspect: exit code {process.returncode}: {message}")
        try:
            totals = json.load(out)["totals"]
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(f"inspect: no JSON with totals: {error!r}") from error
    return Inspection(totals, usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss * 1024)


def count_problems(name, counts):
    """What torch was found to do, otherwise than known: a test of count_model.py."""
    found = tuple(counts[key] for key in COUNTED_AS.values())
    problems = []
    if found != BY_HAND.get(name, found):
        problems.append(f"counted in torch: {found}, by hand {BY_HAND[name]}")
    giga_macs = round((counts["macs"] + counts["attention_macs"]) / 1e9, 3)
    if giga_macs != PUBLISHED_GIGA_MACS.get(name, giga_macs):
        problems.append(f"counted in torch: {giga_macs} x 10^9 MACs, published "
                        f"{PUBLISHED_GIGA_MACS[name]}")
    return problems


def total_problems(totals, counts):
    return [f"totals.{key}: {totals.get(key, 'missing')}, counted in torch {counts[counted]}"
            for key, counted in COUNTED_AS.items() if totals.get(key) != counts[counted]]


def limit_problems(found, file_bytes):
    problems = [f"inspect took {seconds:.2f} s of {what}, limit {SECONDS_LIMIT:g} s"
                for what, seconds in (("processor", found.processor_seconds),
                                      ("clock", found.clock_seconds))
                if seconds >= SECONDS_LIMIT]
    limit = int(MEMORY_LIMIT * file_bytes)
    if found.peak_bytes >= limit:
        problems.append(f"inspect took {found.peak_bytes} bytes at its peak, limit {limit} "
                        f"({MEMORY_LIMIT} x the file)")
    return problems


HEADER = (f"{'':<6} {'network':<18} {'file MB':>8} {'weights':>11} {'MACs':>13} "
          f"{'digital MACs':>12} {'CPU s':>6} {'wall s':>6} {'peak MB':>8}")


def line(name, file_bytes, counts, found):
    figures = [f"{name:<18}"]
    if counts:
        figures += [f"{file_bytes / 1e6:>8.1f}", f"{counts['weights']:>11}",
                    f"{counts['macs']:>13}", f"{counts['attention_macs']:>12}"]
    if found:
        figures += [f"{found.processor_seconds:>6.2f}", f"{found.clock_seconds:>6.2f}",
                    f"{found.peak_bytes / 1e6:>8.1f}"]
    return " ".join(figures)


def check(program, name, folder, hold_limits):
    """Exports (unless `folder` has it), inspects and compares one network; prints its line."""
    path, counted = folder / f"{name}.onnx", folder / f"{name}.counts.json"
    counts, found, file_bytes, problems = None, None, 0, []
    try:
        if not (path.exists() and counted.exists()):
            export(name, folder)
        counts, file_bytes = json.loads(counted.read_text()), path.stat().st_size
        problems += count_problems(name, counts)
        found = inspect(program, path)
        problems += total_problems(found.totals, counts)
        if name == LIMITED and hold_limits:
            found = inspect(program, path)  # the first run warmed the file cache
            problems += limit_problems(found, file_bytes)
    except Failure as failure:
        problems.append(str(failure))
    print(("FAILED " if problems else "ok     ") + line(name, file_bytes, counts, found))
    for problem in problems:
        print("       " + problem.replace("\n", "\n       "))
    sys.stdout.flush()
    return not problems


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME",
                        help="only these: " + ", ".join(NAMES))
    parser.add_argument("--models", type=Path, metavar="DIR",
                        help="keep the exported files here; those that are here are not exported")
    arguments = parser.parse_args()
    if not os.access(arguments.program, os.X_OK):
        parser.error(f"{arguments.program}: no such program")
    return arguments


def main():
    arguments = read_arguments()
    # Sanitizers are slow and keep memory that was given back.
    hold_limits = b"__asan_init" not in Path(arguments.program).read_bytes()
    print(HEADER)
    agreed = 0
    for name in arguments.only:
        # One at a time: all of them together are 1.8 GB.
        with tempfile.TemporaryDirectory() as temporary:
            agreed += check(arguments.program, name, arguments.models or Path(temporary),
                            hold_limits)
    if LIMITED in arguments.only and not hold_limits:
        print(f"{LIMITED}: limits of time and memory not held, the program is sanitized")
    print(f"{agreed} of {len(arguments.only)} agree")
    return 0 if agreed == len(arguments.only) else 1


if __name__ == "__main__":
    sys.exit(main())
