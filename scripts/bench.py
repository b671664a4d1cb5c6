#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Times whole commands and prints each figure beside its limit.

    scripts/bench.py build/release/bin/pimento

CPU time is user plus system time of the process and its children as the operating system counts
it, so that a busy machine changes it little; the median of several runs is shown. Peak memory is the
largest single process. Exit code 1 when a limit is missed.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 5


class Usage:
    def __init__(self, command):
        started = time.monotonic()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
            _, status, rusage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
            out.seek(0)
            self.output = out.read()
        self.wall = time.monotonic() - started
        self.cpu = rusage.ru_utime + rusage.ru_stime
        self.memory_mb = rusage.ru_maxrss / 1024


def median(usages, figure):
    return statistics.median(getattr(usage, figure) for usage in usages)


def row(name, value, unit, limit):
    held = value <= limit
    print(f"{name:<58} {value:>9.3f} {unit:<4} limit {limit:g} {unit}{'' if held else '   MISSED'}")
    return held


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    pimento = sys.argv[1]
    run = [pimento, "run", "resnet18_imagenet", "--chip", "isaac_ce", "--policy", "uniform16", "--json"]
    Usage(run)  # warms the file cache
    usages = [Usage(run) for _ in range(RUNS)]
    cpu = median(usages, "cpu")
    events = json.loads(usages[0].output)["totals"]["events"]
    held = row("ResNet-18 224 on ISAAC-CE, whole process, CPU", cpu, "s", 1.0)
    held &= row("ResNet-18 224 on ISAAC-CE, peak memory", median(usages, "memory_mb"), "MB", 500.0)
    print(f"{'simulated events':<58} {events:>9d}")
    print(f"{'simulated events a second of CPU, whole process':<58} {events / cpu / 1e6:>9.3f} M/s")

    with tempfile.TemporaryDirectory() as out:
        sweep = [pimento, "sweep", "array_size", "--jobs", "2", "--out", out, "--fresh"]
        usages = [Usage(sweep) for _ in range(3)]
    held &= row("sweep of 64 points of ResNet-18 224 on 2 workers, wall", median(usages, "wall"),
                "s", 20.0)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
