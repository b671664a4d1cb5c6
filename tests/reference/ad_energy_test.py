#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The 16-bit energies that AD (Vasquez et al., DATE 2021) prints in its Table V, to the digit, and
the uniform 8, 4 and 2-bit totals that follow from its energies a MAC (Table IV).

The paper's MACs are worked out here once more. Its ResNet-18 figure needs a 1x1 skip convolution
counted in all eight blocks, identity blocks too, and a head of 200 outputs. It truncates to three
decimals.

Usage: ad_energy_test.py PROGRAM
"""

import math
import sys

from count_crossbars import NETWORKS
from pimento_program import close, judge, program_path, run_report

CHIP = "ad_pim"
RULE = [("network.mac_rule", "ad_date21")]
FEMTOJOULES_PER_MAC = {16: 276.676, 8: 66.714, 4: 16.968, 2: 2.942}
PRINTED_MICROJOULES = {"vgg19_cifar": "110.154", "resnet18_cifar100": "159.501"}


def paper_macs(network):
    layers = NETWORKS[network]
    macs = sum(layer.rows * layer.columns * layer.positions for layer in layers)
    if network != "resnet18_cifar100":
        return macs
    # Blocks 1.0, 1.1, 2.1, 3.1 and 4.1 have no projection; a 1x1 one is counted all the same.
    identity = ["layer1.0.conv2", "layer1.1.conv2", "layer2.1.conv2", "layer3.1.conv2",
                "layer4.1.conv2"]
    skips = sum(layer.columns ** 2 * layer.positions for layer in layers if layer.name in identity)
    return macs + skips + 512 * (200 - 100)


def truncated_microjoules(joules):
    thousandths = math.floor(joules * 1e9)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def problems(report, network, bits):
    energy = report["totals"]["energy_j"]
    expected = paper_macs(network) * FEMTOJOULES_PER_MAC[bits] * 1e-15
    found = []
    if not close(energy, expected):
        found.append(f"totals.energy_j: {energy}, expected {expected}")
    if bits == 16 and truncated_microjoules(energy) != PRINTED_MICROJOULES[network]:
        found.append(f"{truncated_microjoules(energy)} uJ, the paper prints "
                     f"{PRINTED_MICROJOULES[network]}")
    return found


def main():
    program = program_path()
    points = [(network, bits) for network in PRINTED_MICROJOULES for bits in FEMTOJOULES_PER_MAC]

    def problems_of(point):
        network, bits = point
        report = run_report(program, network, CHIP, f"uniform{bits}", RULE)
        return problems(report, network, bits)

    return judge(points, problems_of)


if __name__ == "__main__":
    sys.exit(main())
