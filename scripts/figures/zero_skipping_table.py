#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Table of what leaving out zeros saves: crossbars, energy and time of dense and sparse mappings.

Each row is a run of the program. Ratios are against three baselines, named in full, since the choice
decides every headline ratio: ISAAC with 16-bit weights and activations, ISAAC with 8, and ISAAC with
8 bits whose arrays are read in operation units of 9 rows and 8 columns.

  scripts/figures/zero_skipping_table.py build/release/bin/pimento digits_cnn_bsq digits_cnn_bwq
"""
import argparse
import json
import subprocess
import sys

UNIT = ["macro.operation_unit.rows=9", "macro.operation_unit.columns=8"]
FRAGMENT = ["macro.operation_unit.rows=8"]
ONE_BIT = ["macro.cell_bits=1"]
PAIRS = ["macro.encoding=sign_magnitude", *ONE_BIT]

# Settings that need values: the run looks at the inputs of one image.
SKIPPING = "macro.zero_skipping"

# name, strategy, policy (None: as the network comes), settings
ROWS = [
    ("ISAAC 16b", "dense", "uniform16", []),
    ("ISAAC 8b", "dense", "uniform8", []),
    ("ISAAC OU 9x8", "dense", "uniform8", ["macro.encoding=offset", *ONE_BIT, *UNIT]),
    ("dense", "dense", None, []),
    ("BSQ planes", "planes", None, PAIRS),
    ("SME", "sme", None, PAIRS),
    ("dense, OU 9x8", "dense", None, [*PAIRS, *UNIT]),
    ("SRE", "sre", None, [*PAIRS, *UNIT]),
    ("SRE, dynamic", "sre", None, [*PAIRS, *UNIT, f"{SKIPPING}=rows"]),
    ("similar columns", "similar", None, [*PAIRS, *UNIT]),
    ("BWQ", "bwq", None, [*PAIRS, *UNIT]),
    ("dense, fragments of 8", "dense", None, ["macro.encoding=differential", *ONE_BIT, *FRAGMENT]),
    ("FORMS", "forms", None, ["macro.encoding=differential", *ONE_BIT, *FRAGMENT]),
    ("FORMS, zero inputs skipped", "forms", None,
     ["macro.encoding=differential", *ONE_BIT, *FRAGMENT, f"{SKIPPING}=leading_bits"]),
]


def run(program, network, row, own_policy):
    """Totals of one run of the program."""
    _, strategy, policy, settings = row
    command = [program, "run", network, "--chip", "isaac_ce", "--strategy", strategy, "--json"]
    policy = policy or own_policy
    if policy:
        command += ["--policy", policy]
    for setting in settings:
        command += ["--set", setting]
        if setting.startswith(SKIPPING):
            command += ["--activity"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["totals"]


def print_table(program, network, own_policy):
    """One network, as Markdown."""
    totals = {row[0]: run(program, network, row, own_policy) for row in ROWS}
    bases = ["ISAAC 16b", "ISAAC 8b", "ISAAC OU 9x8"]
    print(f"**{network}**\n")
    print("| mapping | crossbars | conversions | energy | latency | energy against "
          + " / ".join(bases) + " | time against them |")
    print("|---|---|---|---|---|---|---|")
    for name, found in totals.items():
        ratios = [" / ".join(f"{totals[base][key] / found[key]:.2f}" for base in bases)
                  for key in ("energy_j", "latency_s")]
        print(f"| {name} | {found['crossbars']:,} | {found['adc_conversions']:,} "
              f"| {found['energy_j'] * 1e6:,.4g} uJ | {found['latency_s'] * 1e6:,.4g} us "
              f"| {ratios[0]} | {ratios[1]} |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="path of pimento")
    parser.add_argument("networks", nargs="+", help="networks by name or path")
    parser.add_argument("--policy", help="of rows that do not name one")
    arguments = parser.parse_args()
    for network in arguments.networks:
        print_table(arguments.program, network, arguments.policy)


if __name__ == "__main__":
    main()
