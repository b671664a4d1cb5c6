#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second count of reads of convolutions whose kernel stands on an array more than once.

A window of the input makes n x m neighbouring outputs a read, each by a copy of the kernel in
columns of its own. Here every position of the input, every channel and every group is a thing that
is put on arrays one after the other, so that no formula for their number is needed:

    im2col   one copy; rows and columns cut wherever an array ends
    SDK      n x n copies, if they take no more arrays than im2col
    VW-SDK   n x m copies; an array ends before the input channel, or the output channel with all its
             copies, that does not fit any more (Rhe et al., DATE 2022)

Groups that fit on an array whole stand on its diagonal. Copies along an axis with dilation must
share an input. cycles = windows x arrays; VW-SDK keeps im2col unless it is beaten.

Usage: window_cycles.py        prints the cases of tests/data/window_cycles.txt with their counts
"""

import random
from typing import NamedTuple


class Case(NamedTuple):
    kernel_height: int
    kernel_width: int
    stride_height: int
    stride_width: int
    dilation_height: int
    dilation_width: int
    output_height: int
    output_width: int
    in_channels: int
    out_channels: int
    groups: int
    array_rows: int
    array_columns: int
    columns_per_weight: int
    unit_rows: int


class Count(NamedTuple):
    im2col_cycles: int
    sdk_cycles: int
    best_cycles: int
    best_arrays: int
    best_height: int
    best_width: int


def looked_at(kernel, stride, dilation, copies):
    return {copy * stride + tap * dilation for copy in range(copies) for tap in range(kernel)}


def bins(items, size, room):
    """Bins of `room` for so many items of one size that are not cut; None if one is too large."""
    if size > room:
        return None
    used, left = 0, 0
    for _ in range(items):
        if left < size:
            used, left = used + 1, room
        left -= size
    return used


def pieces(length, room):
    return len(range(0, length, room))


class Window:
    """n x m copies of the kernel."""

    def __init__(self, case, high, wide):
        vertical = looked_at(case.kernel_height, case.stride_height, case.dilation_height, high)
        horizontal = looked_at(case.kernel_width, case.stride_width, case.dilation_width, wide)
        self.case = case
        self.size = (high, wide)
        self.rows = len(vertical) * len(horizontal)
        self.columns = high * wide * case.columns_per_weight
        self.span = (max(vertical) + 1) * (max(horizontal) + 1), max(vertical) + 1
        self.windows = sum(1 for y in range(0, case.output_height, high)
                           for x in range(0, case.output_width, wide))
        self.offered = all(
            copies == 1 or kernel == 1 or dilation == 1 or len(positions) < copies * kernel
            for copies, kernel, dilation, positions in
            ((high, case.kernel_height, case.dilation_height, vertical),
             (wide, case.kernel_width, case.dilation_width, horizontal)))
        self.inputs = case.in_channels // case.groups
        self.outputs = case.out_channels // case.groups

    def with_groups(self, tiles):
        """Arrays of all groups if one takes `tiles`."""
        if tiles > 1:
            return tiles * self.case.groups
        arrays, row, column = 0, None, None
        rows, columns = self.rows * self.inputs, self.columns * self.outputs
        for _ in range(self.case.groups):
            if (row is None or row + rows > self.case.array_rows
                    or column + columns > self.case.array_columns):
                arrays, row, column = arrays + 1, 0, 0
            row, column = row + rows, column + columns
            row += -row % self.case.unit_rows
        return arrays

    def arrays_cut_anywhere(self):
        return self.with_groups(pieces(self.rows * self.inputs, self.case.array_rows)
                                * pieces(self.columns * self.outputs, self.case.array_columns))

    def arrays_of_whole_channels(self):
        down = bins(self.inputs, self.rows, self.case.array_rows)
        across = bins(self.outputs, self.columns, self.case.array_columns)
        return None if down is None or across is None else self.with_groups(down * across)


def im2col(case):
    window = Window(case, 1, 1)
    return window.windows * window.arrays_cut_anywhere()


def sdk(case):
    allowed = Window(case, 1, 1).arrays_cut_anywhere()
    cycles = []
    for copies in range(1, min(case.output_height, case.output_width) + 1):
        window = Window(case, copies, copies)
        arrays = window.arrays_cut_anywhere()
        if arrays <= allowed and window.offered:
            cycles.append(window.windows * arrays)
    return min(cycles)


def all_windows(case):
    """(cycles, area and height, arrays, copies) of every window that fits."""
    for high in range(1, case.output_height + 1):
        for wide in range(1, case.output_width + 1):
            if high * wide * case.columns_per_weight > case.array_columns:
                break
            window = Window(case, high, wide)
            arrays = window.arrays_of_whole_channels()
            if arrays is not None and window.offered:
                yield window.windows * arrays, window.span, arrays, window.size


def count(case):
    single = im2col(case)
    best = (single, None, Window(case, 1, 1).arrays_cut_anywhere(), (1, 1))
    better = [found for found in all_windows(case) if found[0] < single]
    if better:
        best = min(better)
    return Count(single, sdk(case), best[0], best[2], *best[3])


def conv(size, kernel, inputs, outputs, columns_per_weight=1):
    """A square convolution without padding over `size` x `size`, on arrays of 512 x 512."""
    places = size - kernel + 1
    return Case(kernel, kernel, 1, 1, 1, 1, places, places, inputs, outputs, 1, 512, 512,
                columns_per_weight, 1)


# Shapes of ResNet-18 as VW-SDK's authors take them.
RESNET18 = ((112, 7, 3, 64), (56, 3, 64, 64), (28, 3, 128, 128), (14, 3, 256, 256),
            (7, 3, 512, 512))


def random_case(draw):
    groups = draw.choice((1, 1, 1, 2, 5, 12))
    rows = draw.choice((9, 16, 36, 64, 100, 128))
    return Case(*(draw.randint(1, 4) for _ in range(2)), *(draw.randint(1, 3) for _ in range(2)),
                *(draw.choice((1, 1, 2, 3)) for _ in range(2)),
                *(draw.randint(1, 14) for _ in range(2)),
                groups * draw.randint(1, 6), groups * draw.randint(1, 6), groups,
                rows, draw.choice((8, 16, 40, 64, 128)), draw.choice((1, 1, 2, 4, 8)),
                draw.choice((1, 1, 4, 9)))


def cases():
    draw = random.Random(1)
    return ([conv(*layer, planes) for planes in (1, 2, 4, 8) for layer in RESNET18]
            + [random_case(draw) for _ in range(240)])


def table(of):
    lines = ["# " + " ".join(Case._fields + Count._fields)]
    lines += [" ".join(map(str, (*case, *count(case)))) for case in of]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(cases()), end="")
