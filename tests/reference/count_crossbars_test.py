#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds count_crossbars.py against published sizes and hand-worked figures."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

from count_crossbars import (NETWORKS, Array, Layer, columns_per_weight, count_layer,
                             count_network, utilization)


def totals(network, weight_bits=8, activation_bits=8, **array):
    return count_network(network, Array(**array), weight_bits, activation_bits)[1]


class LayerTables(unittest.TestCase):
    def check(self, network, layers, macs, weights):
        self.assertEqual(len(NETWORKS[network]), layers)
        counts = totals(network)
        self.assertEqual((counts.macs, counts.weights), (macs, weights))

    def test_vgg19_and_resnet18_have_the_macs_behind_published_energies(self):
        self.check("vgg19_cifar", 17, 398_136_320, 20_018_880 + 512 * 10)
        self.check("resnet18_cifar100", 21, 555_468_800, 11_159_232 + 512 * 100)

    def test_resnet18_on_imagenet(self):
        self.check("resnet18_imagenet", 21, 1_814_073_344, 11_678_912)

    def test_resnet20_parameters_are_bsqs(self):
        # BSQ counts 268,346: without the two projections, with the ten biases of fc.
        projections = 16 * 32 + 32 * 64
        self.check("resnet20_cifar", 22, 40_813_184, 268_346 - 10 + projections)

    def test_resnet56_parameters_are_clados(self):
        # CLADO counts 850,432: without conv1 and fc.
        self.assertEqual(totals("resnet56_cifar").weights, 850_432 + 27 * 16 + 64 * 100)
        self.assertEqual(len(NETWORKS["resnet56_cifar"]), 58)

    def test_vgg8_and_vgg16(self):
        self.check("vgg8", 8, 615_917_568,
                   27 * 128 + 9 * (128 * 128 + 128 * 256 + 256 * 256 + 256 * 512 + 512 * 512)
                   + 8192 * 1024 + 1024 * 10)
        self.check("vgg16_cifar", 14, 313_201_664, 14_715_584)


class Formulas(unittest.TestCase):
    def test_columns_per_weight(self):
        for encoding, weight_bits, cell_bits, expected in [
                ("twos_complement", 8, 1, 8), ("twos_complement", 8, 2, 4),
                ("twos_complement", 7, 2, 4), ("twos_complement", 1, 2, 1),
                ("offset", 8, 3, 3), ("offset", 1, 1, 1),
                ("differential", 8, 1, 14), ("differential", 8, 2, 8),
                ("differential", 2, 1, 2), ("differential", 1, 1, 2)]:
            array = Array(cell_bits=cell_bits, encoding=encoding)
            self.assertEqual(columns_per_weight(weight_bits, array), expected,
                             (encoding, weight_bits, cell_bits))
        with self.assertRaisesRegex(ValueError, "encoding 'grey' is none of"):
            columns_per_weight(8, Array(encoding="grey"))

    def test_edges_of_an_array(self):
        array = Array(rows=128, columns=128)
        for rows, columns, crossbars, conversions in [
                (128, 16, 1, 128), (129, 16, 2, 256), (128, 17, 2, 136), (1, 1, 1, 8)]:
            counts = count_layer(Layer("edge", rows, columns, 1), array, 8, 1)
            self.assertEqual((counts.crossbars, counts.adc_conversions), (crossbars, conversions))

    def test_arrays_that_are_not_square(self):
        # 300 x 400 bits: 5 x 2 arrays of 64 x 256, 2 x 7 of 256 x 64.
        for rows, columns, crossbars, conversions in [(64, 256, 10, 2000), (256, 64, 14, 800)]:
            counts = count_layer(Layer("fc", 300, 50, 1), Array(rows, columns), 8, 1)
            self.assertEqual((counts.crossbars, counts.adc_conversions), (crossbars, conversions))

    def test_steps_of_the_dac(self):
        layer = Layer("conv", 27, 64, 1024)
        for dac_bits, activation_bits, steps in [(1, 8, 8), (2, 8, 4), (2, 7, 4), (8, 8, 1),
                                                 (8, 4, 1)]:
            counts = count_layer(layer, Array(dac_bits=dac_bits), 8, activation_bits)
            self.assertEqual(counts.adc_conversions, 1024 * steps * 64 * 8)


class ResNet18OnImageNet(unittest.TestCase):
    """Figures worked out elsewhere for 8-bit ResNet-18 at 224 x 224, 1-bit DAC."""

    def check(self, crossbars, millions, share=None, weight_bits=8, activation_bits=8, **array):
        counts = totals("resnet18_imagenet", weight_bits, activation_bits, **array)
        self.assertEqual(counts.crossbars, crossbars)
        self.assertEqual(round(counts.adc_conversions / 1e6, 1), millions)
        if share is not None:
            self.assertEqual(round(100 * utilization(counts, Array(**array)), 1), share)

    def test_arrays_of_128(self):
        self.check(5724, 982.9, 99.6)
        self.check(10016, 1720.1, encoding="differential")
        self.check(2864, 491.5, cell_bits=2)
        self.check(5724, 1965.8, cell_bits=2, weight_bits=16, activation_bits=16)
        counts = totals("resnet18_imagenet")
        self.assertEqual(round(counts.adc_conversions / counts.macs, 4), 0.5418)

    def test_larger_arrays(self):
        self.check(1454, 536.4, 98.1, rows=256, columns=256)
        self.check(199, 172.6, 89.6, rows=512, columns=512, cell_bits=2)


class CommandLine(unittest.TestCase):
    def run_script(self, *options):
        return subprocess.run([sys.executable, str(Path(__file__).with_name("count_crossbars.py")),
                               *options], capture_output=True, text=True, check=False)

    def test_json_has_layers_and_totals(self):
        run = self.run_script("--network", "resnet18_imagenet", "--rows", "256", "--columns",
                              "256", "--json")
        report = json.loads(run.stdout)
        self.assertEqual(report["totals"]["crossbars"], 1454)
        self.assertEqual(len(report["layers"]), 21)
        self.assertEqual(sum(layer["crossbars"] for layer in report["layers"]), 1454)

    def test_table_ends_with_the_totals(self):
        run = self.run_script("--network", "vgg19_cifar", "--weight-bits", "16")
        last = run.stdout.splitlines()[-1].split()
        self.assertEqual(last[:2], ["total", "398136320"])

    def test_mistakes_are_refused(self):
        for options in (["--network", "vgg7"], ["--network", "vgg8", "--rows", "0"]):
            self.assertEqual(self.run_script(*options).returncode, 2)


if __name__ == "__main__":
    unittest.main()
