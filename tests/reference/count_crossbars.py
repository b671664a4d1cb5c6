#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second count of MACs, weights, crossbars and ADC conversions, from the formulas alone.

The layer tables are written out here from the papers' architectures, so that neither the
program's descriptors nor its code can pass a mistake on to the figures it is tested against.

A weight layer is a matrix of `rows` (kernel area x input channels) by `columns` (output
channels) that meets `positions` input vectors an image. A weight of w bits takes

    twos_complement, offset   ceil(w / c) physical columns of c-bit cells
    differential              2 ceil((w - 1) / c), at least 2: the magnitude, once a polarity

and activations of a bits enter in ceil(a / d) steps of a d-bit DAC. Each layer starts on arrays
of its own, so on R x C arrays

    crossbars   = ceil(rows / R) ceil(physical columns / C)
    conversions = positions ceil(a / d) ceil(rows / R) physical columns

as every column of every array row is read once a step. Left out: replicas, column groups packed
into shared arrays, zero planes, and any extra column for an offset's correction.

Example: count_crossbars.py --network resnet18_imagenet --rows 256 --columns 256
"""

import argparse
import json
from typing import NamedTuple

ENCODINGS = ("twos_complement", "offset", "differential")


class Layer(NamedTuple):
    name: str
    rows: int
    columns: int
    positions: int


class Array(NamedTuple):
    rows: int = 128
    columns: int = 128
    cell_bits: int = 1
    dac_bits: int = 1
    encoding: str = "twos_complement"


class Counts(NamedTuple):
    macs: int
    weights: int
    weight_bits: int
    crossbars: int
    adc_conversions: int
    cells: int  # that hold a weight bit's slice


def conv(name, inputs, outputs, size, kernel=3):
    """A convolution whose output is `size` x `size`."""
    return Layer(name, kernel * kernel * inputs, outputs, size * size)


def linear(name, inputs, outputs):
    return Layer(name, inputs, outputs, 1)


def vgg(plan, classifier):
    """`plan`: output channels, "M" for a 2x2 pooling; 32x32 colour images."""
    layers, channels, size = [], 3, 32
    for step in plan:
        if step == "M":
            size //= 2
        else:
            layers.append(conv(f"conv{len(layers) + 1}", channels, step, size))
            channels = step
    features = channels * size * size
    for index, outputs in enumerate(classifier, start=1):
        name = "fc" if len(classifier) == 1 else f"fc{index}"
        layers.append(linear(name, features, outputs))
        features = outputs
    return layers


def resnet(stem, widths, blocks, size, classes):
    """Basic blocks; from the second stage on the first halves the image and projects by 1x1."""
    layers, channels = [stem], stem.columns
    for stage, width in enumerate(widths, start=1):
        for block in range(blocks):
            prefix = f"layer{stage}.{block}"
            halves = stage > 1 and block == 0
            size = size // 2 if halves else size
            layers.append(conv(f"{prefix}.conv1", channels, width, size))
            layers.append(conv(f"{prefix}.conv2", width, width, size))
            if halves:
                layers.append(conv(f"{prefix}.downsample.0", channels, width, size, kernel=1))
            channels = width
    return layers + [linear("fc", channels, classes)]


WIDE, NARROW = (64, 128, 256, 512), (16, 32, 64)

NETWORKS = {
    # VGG-8 of DNN+NeuroSim.
    "vgg8": vgg([128, 128, "M", 256, 256, "M", 512, 512, "M"], [1024, 10]),
    "vgg16_cifar": vgg([64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M",
                        512, 512, 512, "M"], [10]),
    "vgg19_cifar": vgg([64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M",
                        512, 512, 512, 512, "M", 512, 512, 512, 512, "M"], [10]),
    "resnet18_cifar100": resnet(conv("conv1", 3, 64, 32), WIDE, 2, 32, 100),
    "resnet18_imagenet": resnet(conv("conv1", 3, 64, 112, kernel=7), WIDE, 2, 56, 1000),
    "resnet20_cifar": resnet(conv("conv1", 3, 16, 32), NARROW, 3, 32, 10),
    "resnet56_cifar": resnet(conv("conv1", 3, 16, 32), NARROW, 9, 32, 100),
}


def ceil_div(dividend, divisor):
    return -(-dividend // divisor)


def columns_per_weight(weight_bits, array):
    if array.encoding == "differential":
        return max(2, 2 * ceil_div(weight_bits - 1, array.cell_bits))
    if array.encoding in ENCODINGS:
        return ceil_div(weight_bits, array.cell_bits)
    raise ValueError(f"encoding '{array.encoding}' is none of {', '.join(ENCODINGS)}")


def count_layer(layer, array, weight_bits, activation_bits):
    physical = layer.columns * columns_per_weight(weight_bits, array)
    array_rows = ceil_div(layer.rows, array.rows)
    steps = ceil_div(activation_bits, array.dac_bits)
    weights = layer.rows * layer.columns
    return Counts(macs=weights * layer.positions,
                  weights=weights,
                  weight_bits=weights * weight_bits,
                  crossbars=array_rows * ceil_div(physical, array.columns),
                  adc_conversions=layer.positions * steps * array_rows * physical,
                  cells=layer.rows * physical)


def count_network(network, array, weight_bits, activation_bits):
    """{layer name: Counts}, in the order of the network, and the totals."""
    layers = {layer.name: count_layer(layer, array, weight_bits, activation_bits)
              for layer in NETWORKS[network]}
    return layers, Counts(*(sum(figures) for figures in zip(*layers.values())))


def utilization(counts, array):
    return counts.cells / (counts.crossbars * array.rows * array.columns)


def as_json(layers, totals, array):
    return {"totals": {**totals._asdict(), "utilization": utilization(totals, array)},
            "layers": [{"name": name, **counts._asdict()} for name, counts in layers.items()]}


def print_table(layers, totals, array):
    columns = ("layer", *Counts._fields, "utilization")
    print(" ".join(f"{column:>20}" for column in columns))
    for name, counts in [*layers.items(), ("total", totals)]:
        share = f"{100 * utilization(counts, array):.1f} %"
        print(" ".join(f"{cell:>20}" for cell in (name, *counts, share)))


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), required=True)
    for field, default in Array._field_defaults.items():
        option = "--" + field.replace("_", "-")
        if field == "encoding":
            parser.add_argument(option, choices=ENCODINGS, default=default)
        else:
            parser.add_argument(option, type=positive, default=default)
    parser.add_argument("--weight-bits", type=positive, default=8)
    parser.add_argument("--activation-bits", type=positive, default=8)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()

    array = Array(**{field: getattr(arguments, field) for field in Array._fields})
    layers, totals = count_network(arguments.network, array, arguments.weight_bits,
                                   arguments.activation_bits)
    if arguments.json:
        print(json.dumps(as_json(layers, totals, array), indent=2))
    else:
        print_table(layers, totals, array)


if __name__ == "__main__":
    main()
