#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Re-adds reports: every component's energy from counts and prices, every total from its parts,
every derived figure from what it is derived from, to a relative 1e-12.

A report holds `components`: each has a `name`, `energy_j`, `area_mm2`, and `count` and `price`
(joules), either its own or one pair for each entry of its `actions`.

Usage: readd_report_test.py PROGRAM
"""

import math
import sys

from pimento_program import close, judge, program_path, run_report

# The chips, and whether they state area and time: the AD paper gives energies only.
CHIPS = {"isaac_ce": True, "ad_pim": False, "sram_128x128": True, "reram_128x128_1b": True}
RUNS = (("resnet20_cifar", "uniform8"), ("vgg8", "uniform4"), ("resnet18_imagenet", "uniform16"))


def component_problems(component):
    entries = component.get("actions", [component])
    added = math.fsum(entry["count"] * entry["price"] for entry in entries)
    if close(added, component["energy_j"]):
        return []
    return [f"{component['name']}: count x price gives {added} J, reported "
            f"{component['energy_j']} J"]


def derived_figures(totals):
    """{key: value} of what follows from MACs, energy, latency and area; None where a divisor is
    unknown."""
    operations = 2 * totals["macs"]
    energy, latency, area = totals["energy_j"], totals.get("latency_s"), totals.get("area_mm2")
    tops = operations / latency / 1e12 if latency else None
    return {"tops": tops,
            "power_w": energy / latency if latency else None,
            "tops_per_w": operations / energy / 1e12 if latency else None,
            "tops_per_mm2": tops / area if tops and area else None}


def problems(report, states_area_and_time):
    totals, components = report["totals"], report["components"]
    found = [problem for component in components for problem in component_problems(component)]
    for key in ("energy_j", "area_mm2"):
        added = math.fsum(component[key] or 0.0 for component in components)
        if not close(added, totals[key] or 0.0):
            found.append(f"totals.{key}: parts add up to {added}, reported {totals[key]}")
    for key in ("energy_j", "area_mm2", "latency_s"):
        if (key == "energy_j" or states_area_and_time) and not (totals[key] or 0.0) > 0.0:
            found.append(f"totals.{key}: {totals[key]}, expected a positive figure")
    for key, expected in derived_figures(totals).items():
        reported = totals.get(key)
        if (expected is None) != (reported is None):
            found.append(f"totals.{key}: {reported}, expected {expected}")
        elif expected is not None and not close(reported, expected):
            found.append(f"totals.{key}: {reported}, expected {expected}")
    return found


def main():
    program = program_path()
    points = [(chip, network, policy) for chip in CHIPS for network, policy in RUNS]

    def problems_of(point):
        chip, network, policy = point
        return problems(run_report(program, network, chip, policy), CHIPS[chip])

    return judge(points, problems_of)


if __name__ == "__main__":
    sys.exit(main())
