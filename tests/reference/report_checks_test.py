#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the tests beside this file: right reports pass, and each single wrong figure is told."""

import copy
import itertools
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import ad_energy_test
import counts_agree_test
import readd_report_test
from count_crossbars import ENCODINGS, NETWORKS, Array, as_json, count_network
from counts_agree_test import Point, differences
from pimento_program import RunError, run_report

HERE = Path(__file__).resolve().parent

# Stands in for the program: answers `run` with reports made by count_crossbars, with an ADC at
# 1 pJ and 2 mm2, 1 ms an image, or at the prices of AD when its MAC rule is asked for.
STAND_IN = """#!{python}
import json, sys
sys.path.insert(0, {here!r})
import ad_energy_test, count_crossbars as reference
network, options = sys.argv[2], sys.argv[3:]
settings = dict(option.split("=") for option in options if "=" in option)
bits = int(options[options.index("--policy") + 1][len("uniform"):])
array = reference.Array(**{{field: kind(settings["macro." + field]) for field, kind in
                          (("rows", int), ("columns", int), ("cell_bits", int), ("encoding", str))
                          if "macro." + field in settings}})
report = reference.as_json(*reference.count_network(network, array, bits, bits), array)
totals = report["totals"]
count, price, area, latency = totals["adc_conversions"], 1e-12, 2.0, 1e-3
if options[options.index("--chip") + 1] == "ad_pim":
    count, area, latency = ad_energy_test.paper_macs(network), None, None
    price = ad_energy_test.FEMTOJOULES_PER_MAC[bits] * 1e-15
energy = count * price
report["components"] = [dict(name="adc", count=count, price=price, energy_j=energy,
                             area_mm2=area)]
totals.update(energy_j=energy, area_mm2=area, latency_s=latency, tops=None, power_w=None,
              tops_per_w=None, tops_per_mm2=None)
if latency:
    tops = 2 * totals["macs"] / latency / 1e12
    totals.update(tops=tops, power_w=energy / latency, tops_per_w=tops / (energy / latency),
                  tops_per_mm2=tops / area)
{change}
print(json.dumps(report))
"""


class CountsAgree(unittest.TestCase):
    point = Point("resnet20_cifar", 4, Array(64, 256, 2, encoding="offset"))

    def report(self):
        layers, totals = count_network(self.point.network, self.point.array, 4, 4)
        return as_json(layers, totals, self.point.array)

    def test_the_same_counts_agree(self):
        report = self.report()
        report["layers"].insert(3, {"name": "pool", "weights": 0})
        self.assertEqual(differences(report, self.point), [])

    def test_every_total_is_compared(self):
        for key in counts_agree_test.TOTALS:
            report = self.report()
            right = report["totals"][key]
            report["totals"][key] += 1
            self.assertEqual(differences(report, self.point),
                             [f"totals.{key}: {right + 1}, expected {right}"])

    def test_every_layer_is_compared(self):
        for index, key in itertools.product(range(22), counts_agree_test.LAYER_FIGURES):
            report = self.report()
            report["layers"][index][key] -= 1
            self.assertEqual(len(differences(report, self.point)), 1)

    def test_missing_renamed_and_repeated_layers_are_told(self):
        report = self.report()
        report["layers"][0]["name"] = "stem"
        self.assertEqual(differences(report, self.point),
                         ["layers: unknown ['stem'], missing ['conv1']"])
        report = self.report()
        report["layers"].append(copy.deepcopy(report["layers"][0]))
        self.assertEqual(differences(report, self.point), ["layers: a name occurs twice"])

    def test_the_grid_has_every_pair_of_values(self):
        points = [(p.network, p.bits, (p.array.rows, p.array.columns), p.array.cell_bits,
                   p.array.encoding) for p in counts_agree_test.grid()]
        self.assertEqual(len(set(points)), 56)
        values = (list(NETWORKS), (16, 8, 4, 2), counts_agree_test.SHAPES, (1, 2), ENCODINGS)
        for a, b in itertools.combinations(range(1, 5), 2):
            self.assertEqual({(p[a], p[b]) for p in points},
                             set(itertools.product(values[a], values[b])))
        for network in NETWORKS:
            mine = [p for p in points if p[0] == network]
            for field in range(1, 5):
                self.assertEqual({p[field] for p in mine}, set(values[field]), (network, field))


class Readd(unittest.TestCase):
    def report(self):
        return {"totals": {"macs": 5_000_000, "energy_j": 3.5e-6, "area_mm2": 4.0,
                           "latency_s": 1e-4, "tops": 0.1, "power_w": 3.5e-2,
                           "tops_per_w": 0.1 / 3.5e-2, "tops_per_mm2": 0.025},
                "components": [
                    {"name": "adc", "count": 1000, "price": 2e-9, "energy_j": 2e-6,
                     "area_mm2": 1.5},
                    {"name": "buffer", "energy_j": 1.5e-6, "area_mm2": 2.5,
                     "actions": [{"count": 10, "price": 1e-7}, {"count": 5, "price": 1e-7}]}]}

    def test_a_right_report_passes(self):
        self.assertEqual(readd_report_test.problems(self.report(), True), [])

    def test_each_wrong_total_is_told(self):
        for key in ("energy_j", "area_mm2", "latency_s", "tops", "power_w", "tops_per_w",
                    "tops_per_mm2"):
            report = self.report()
            report["totals"][key] *= 1 + 1e-11
            found = readd_report_test.problems(report, True)
            self.assertTrue(found, key)

    def test_a_price_that_does_not_give_the_energy_is_told(self):
        report = self.report()
        report["components"][1]["actions"][1]["count"] = 6
        found = readd_report_test.problems(report, True)
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], "^buffer: count x price gives ")

    def test_no_figure_without_its_divisor(self):
        report = self.report()
        for part in (report["totals"], *report["components"]):
            part["area_mm2"] = None
        report["totals"]["latency_s"] = None
        self.assertEqual(len(readd_report_test.problems(report, False)), 4)
        for key in ("tops", "power_w", "tops_per_w", "tops_per_mm2"):
            report["totals"][key] = None
        self.assertEqual(readd_report_test.problems(report, False), [])
        self.assertEqual(readd_report_test.problems(report, True),
                         ["totals.area_mm2: None, expected a positive figure",
                          "totals.latency_s: None, expected a positive figure"])


class AdEnergy(unittest.TestCase):
    def test_macs_that_the_published_energies_imply(self):
        self.assertEqual(ad_energy_test.paper_macs("vgg19_cifar"), 398_136_320)
        self.assertEqual(ad_energy_test.paper_macs("resnet18_cifar100"), 576_491_520)

    def test_truncation(self):
        self.assertEqual(ad_energy_test.truncated_microjoules(110.15499e-6), "110.154")
        self.assertEqual(ad_energy_test.truncated_microjoules(2.0078e-6), "2.007")

    def test_a_textbook_resnet18_is_told(self):
        report = {"totals": {"energy_j": 555_468_800 * 276.676e-15}}
        found = ad_energy_test.problems(report, "resnet18_cifar100", 16)
        self.assertEqual(found[-1], "153.684 uJ, the paper prints 159.501")


class WithAStandIn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.program = Path(folder.name) / "pimento"

    def write(self, change=""):
        self.program.write_text(STAND_IN.format(python=sys.executable, here=str(HERE),
                                                change=change))
        self.program.chmod(0o755)
        return str(self.program)

    def run_test(self, name):
        return subprocess.run([sys.executable, str(HERE / name), str(self.program)],
                              capture_output=True, text=True, check=False)

    def test_a_right_program_passes(self):
        self.write()
        for name, points in (("counts_agree_test.py", 56), ("readd_report_test.py", 12),
                             ("ad_energy_test.py", 8)):
            run = self.run_test(name)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertEqual(run.stdout.splitlines()[-1], f"{points} of {points} agree")

    def test_a_wrong_program_fails(self):
        for name, change in (("counts_agree_test.py", "totals['crossbars'] += 1"),
                             ("readd_report_test.py", "report['components'][0]['count'] += 1"),
                             ("ad_energy_test.py", "totals['energy_j'] *= 1.0001"),
                             ("ad_energy_test.py", "del report['totals']"),
                             ("ad_energy_test.py", "sys.exit('no such chip')")):
            self.write(change)
            run = self.run_test(name)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertRegex(run.stdout.splitlines()[-1], "^0 of ")

    def test_failures_of_the_program_are_told(self):
        program = self.write("sys.exit('no such chip')")
        with self.assertRaisesRegex(RunError, "exit code 1: no such chip"):
            run_report(program, "vgg8", "moon", "uniform8")
        program = self.write("totals['tops'] = float('nan')")
        with self.assertRaisesRegex(RunError, "holds NaN"):
            run_report(program, "vgg8", "moon", "uniform8")
        program = self.write("print('progress 1 %')")
        with self.assertRaisesRegex(RunError, "no JSON"):
            run_report(program, "vgg8", "moon", "uniform8")

    def test_without_a_program(self):
        environment = {key: value for key, value in os.environ.items() if key != "PIMENTO"}
        run = subprocess.run([sys.executable, str(HERE / "ad_energy_test.py")], env=environment,
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, "^usage: ad_energy_test.py PROGRAM")


if __name__ == "__main__":
    unittest.main()
