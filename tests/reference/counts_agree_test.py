#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the program's counts against count_crossbars.py, over networks, precisions, array shapes,
cell bits and encodings: totals, and every layer's crossbars and ADC conversions, as integers.

Usage: counts_agree_test.py PROGRAM
"""

import itertools
import sys
from typing import NamedTuple

from count_crossbars import ENCODINGS, NETWORKS, Array, count_network
from pimento_program import judge, program_path, run_report

CHIP = "reram_128x128_1b"
TOTALS = ("macs", "weights", "weight_bits", "crossbars", "adc_conversions")
LAYER_FIGURES = ("crossbars", "adc_conversions")
POINTS_PER_NETWORK = 8


class Point(NamedTuple):
    network: str
    bits: int
    array: Array

    def __str__(self):
        return (f"{self.network} uniform{self.bits} {self.array.rows}x{self.array.columns} "
                f"{self.array.cell_bits}b {self.array.encoding}")

    def settings(self):
        return [(f"macro.{field}", getattr(self.array, field))
                for field in ("rows", "columns", "cell_bits", "encoding")]


# Shapes that are not square tell rows from columns.
SHAPES = ((64, 64), (128, 128), (256, 256), (512, 512), (64, 256), (512, 128))


def grid():
    """A walk through all 144 combinations in steps prime to 144, going on from network to network
    where it stopped, so that all pairs of values and, in each network, all values occur
    (report_checks_test.py holds it to that)."""
    combinations = list(itertools.product(SHAPES, (1, 2), ENCODINGS, (16, 8, 4, 2)))
    points, at = [], 0
    for network in NETWORKS:
        for _ in range(POINTS_PER_NETWORK):
            (rows, columns), cell_bits, encoding, bits = combinations[at % len(combinations)]
            points.append(Point(network, bits, Array(rows, columns, cell_bits,
                                                     encoding=encoding)))
            at += 19
    return points


def differences(report, point):
    """What the report says otherwise than the formulas, one line each."""
    layers, totals = count_network(point.network, point.array, point.bits, point.bits)
    found = [f"totals.{key}: {report['totals'][key]}, expected {getattr(totals, key)}"
             for key in TOTALS if report["totals"][key] != getattr(totals, key)]
    reported = {layer["name"]: layer for layer in report["layers"] if layer.get("weights", 0)}
    if len(reported) != sum(1 for layer in report["layers"] if layer.get("weights", 0)):
        found.append("layers: a name occurs twice")
    if reported.keys() != layers.keys():
        found.append(f"layers: unknown {sorted(reported.keys() - layers.keys())}, "
                     f"missing {sorted(layers.keys() - reported.keys())}")
    for name in layers.keys() & reported.keys():
        found += [f"{name}.{key}: {reported[name][key]}, expected {getattr(layers[name], key)}"
                  for key in LAYER_FIGURES if reported[name][key] != getattr(layers[name], key)]
    return sorted(found)


def main():
    program = program_path()

    def problems_of(point):
        report = run_report(program, point.network, CHIP, f"uniform{point.bits}",
                            point.settings())
        return differences(report, point)

    return judge(grid(), problems_of)


if __name__ == "__main__":
    sys.exit(main())
