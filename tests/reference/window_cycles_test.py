#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds window_cycles.py against published figures, and the table that the program's own search is
tested against (tests/mapper/windows_test.cc) against window_cycles.py."""

import unittest
from pathlib import Path

from window_cycles import RESNET18, Case, Window, all_windows, bins, conv, count, looked_at, table

TABLE = Path(__file__).parent.parent / "data" / "window_cycles.txt"


class Published(unittest.TestCase):
    """VW-SDK (Rhe et al., DATE 2022): ResNet-18 on arrays of 512 x 512, a cell a weight."""

    def test_cycles(self):
        counts = [count(conv(*layer)) for layer in RESNET18]
        self.assertEqual([found.im2col_cycles for found in counts], [11236, 5832, 2028, 720, 225])
        self.assertEqual([found.sdk_cycles for found in counts], [2809, 1458, 2028, 720, 225])
        self.assertEqual([found.best_cycles for found in counts], [1431, 1458, 676, 504, 225])

    def test_windows(self):
        # 10x8, 4x4, 4x4, 4x3 and 3x3, as width x height, less the kernel's extent.
        sizes = [(found.best_height, found.best_width)
                 for found in (count(conv(*layer)) for layer in RESNET18)]
        self.assertEqual(sizes, [(2, 4), (2, 2), (2, 2), (1, 2), (1, 1)])

    def test_layer_5_needs_im2col(self):
        self.assertEqual(min(all_windows(conv(*RESNET18[4])))[0], 250)


class Parts(unittest.TestCase):
    def test_bins(self):
        self.assertEqual([bins(7, 3, room) for room in (2, 3, 5, 6, 20, 21)],
                         [None, 7, 7, 4, 2, 1])

    def test_positions(self):
        self.assertEqual(looked_at(3, 1, 2, 2), {0, 1, 2, 3, 4, 5})
        self.assertEqual(looked_at(2, 3, 1, 2), {0, 1, 3, 4})

    def test_depthwise_groups_stand_on_the_diagonal(self):
        case = Case(3, 3, 1, 1, 1, 1, 8, 8, 30, 30, 30, 128, 128, 1, 1)
        self.assertEqual(Window(case, 1, 1).arrays_cut_anywhere(), 3)  # 14 of 9 rows each
        self.assertEqual(Window(case, 1, 2).arrays_of_whole_channels(), 3)  # 10 of 12 rows


class Table(unittest.TestCase):
    def test_is_what_the_model_says(self):
        lines = TABLE.read_text(encoding="utf-8").splitlines()
        cases = [Case(*map(int, line.split()[:len(Case._fields)])) for line in lines[1:]]
        self.assertGreater(len(cases), 200)
        self.assertEqual(table(cases).splitlines(), lines)


if __name__ == "__main__":
    unittest.main()
