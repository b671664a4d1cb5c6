#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every strategy on the embedded networks, under policies that fit them, on a chip that reads whole
arrays and on one that reads operation units: the verifier takes the mapping, or the program says in one
line why strategy and chip do not go together. Of large networks only strategies that do not look at
every weight, unless --all is given, which takes half an hour.

Usage: every_mapping_test.py PROGRAM [--all] [--only NETWORK ...]
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

# Of 7 billion weights `dense` alone is mapped, where times are measured.
LEFT_OUT = {"llama2_7b"}
UNIFORM = ["uniform16", "uniform8", "uniform4", "uniform2"]
# Beside the uniform ones of --all.
POLICIES = {"resnet20_cifar": ["uniform2", "hawq_resnet20"],
            "resnet56_cifar": ["clado_resnet56_0.5mib", "naive_resnet56_0.5mib"]}
# More than ten million weights.
LARGE = {"bert_base", "resnet18_cifar100", "resnet18_imagenet", "resnet18_imagenet_bit_sparse",
         "resnet50_imagenet", "vgg8", "vgg16_cifar", "vgg19_cifar"}
GOES_BY_SHAPES = {"dense", "windows", "packed", "area", "throughput", "reload"}
CHIPS = {"arrays": ["--set", "macro.encoding=twos_complement"],
         "units": ["--set", "macro.encoding=differential", "--set", "macro.operation_unit.rows=9",
                   "--set", "macro.operation_unit.columns=8"]}
# What arrays read as a whole, or weights in two's complement, do not allow.
NEEDS_UNITS = {"sre", "bwq", "similar", "forms"}


def names(program, what):
    text = subprocess.run([program, "list", what, "--json"], check=True, capture_output=True).stdout
    return [entry if isinstance(entry, str) else entry["name"] for entry in json.loads(text)[what]]


def fault_of(program, network, policy, chip, strategy):
    """What is wrong with one mapping; empty if nothing is."""
    run = subprocess.run([program, "map", network, "--policy", policy, "--chip", "reram_128x128_1b",
                          *CHIPS[chip], "--strategy", strategy, "--json"],
                         capture_output=True, text=True)
    if chip == "arrays" and strategy in NEEDS_UNITS:
        refused = run.returncode == 2 and re.search(rf'the strategy "{strategy}"', run.stderr)
        return "" if refused else f"exit code {run.returncode}, expected a refusal: {run.stderr}"
    if run.returncode != 0:
        return f"exit code {run.returncode}: {run.stderr}"
    return "" if json.loads(run.stdout) else "no mapping"


def cases(program, arguments):
    for network in names(program, "networks"):
        if network in LEFT_OUT or (arguments.only and network not in arguments.only):
            continue
        policies = POLICIES.get(network, ["uniform8"])
        if arguments.all and network not in LARGE:
            policies = dict.fromkeys(UNIFORM + policies)
        for policy in policies:
            for chip in CHIPS:
                for strategy in names(program, "strategies"):
                    if arguments.all or network not in LARGE or strategy in GOES_BY_SHAPES:
                        yield network, policy, chip, strategy


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    start = time.monotonic()
    todo = list(cases(arguments.program, arguments))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda case: fault_of(arguments.program, *case), todo)
        for case, fault in zip(todo, found):
            if fault:
                failed += 1
                print(", ".join(case) + ": " + fault, flush=True)
    print(f"{len(todo)} mappings, {failed} faults, {time.monotonic() - start:.0f} s")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
