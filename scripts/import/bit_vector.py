#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a policy from bits a layer in plain JSON: how results of methods without a released
checkpoint are handed on, such as AD (DATE 2021, arXiv 2101.04354) and BMPQ (DATE 2022, arXiv
2112.13843).

    scripts/import/bit_vector.py bits.json --architecture configs/networks/vgg19_cifar.yaml \\
        --to vgg19_ad.yaml

FILE.json is a list, one entry a layer with weights in the architecture's order, or a mapping of
layers to entries. An entry is a number of bits, or [weights, activations]. A lone number stands for
both, as AD and BMPQ use it, unless --activations gives the bits of activations.

Lists in papers often leave layers out, such as shortcut convolutions. `--besides GLOB=BITS` (or
GLOB=WEIGHTS/ACTIVATIONS, any number of times) says what those get; a list then has one entry less
for each of them.
"""

import argparse
from pathlib import Path

import architecture as architectures
from bit_assignment import MOST_BITS, is_bits, matching, read_json, write_policy
from mistakes import InputError, Mistakes, printable, run


def pair_of(entry, activations):
    """(weights, activations) of an entry; None when it is none."""
    if is_bits(entry):
        return entry, activations or entry
    if isinstance(entry, list) and len(entry) == 2 and all(map(is_bits, entry)):
        return tuple(entry)
    return None


def read_besides(options, names, activations):
    """{layer: (weights, activations)} of the layers the file leaves out."""
    found = {}
    for option in options:
        pattern, _, text = option.rpartition("=")
        bits = [int(part) if part.isascii() and part.isdigit() else 0 for part in text.split("/")]
        pair = pair_of(bits[0] if len(bits) == 1 else bits, activations)
        layers = matching(pattern, names)
        if pair is None or not layers:
            raise InputError(f'--besides "{printable(option)}": expected GLOB=BITS or '
                             f"GLOB=WEIGHTS/ACTIVATIONS, 1 to {MOST_BITS} bits, and a layer with "
                             "weights that the glob matches")
        found.update(dict.fromkeys(layers, pair))
    return found


def assign(entries, names, besides, activations, mistakes):
    """{layer: (weights, activations)}, in the order of the layers."""
    expected = [name for name in names if name not in besides]
    if isinstance(entries, list):
        if len(entries) != len(expected):
            mistakes.add(f"found {len(entries)} entries; expected {len(expected)}, one a layer "
                         f"with weights: {', '.join(map(printable, expected))}")
        entries = dict(zip(expected, entries))
    elif isinstance(entries, dict):
        for name in entries:
            if name not in names:
                mistakes.layer(name, "the architecture has no such layer with weights")
            elif name in besides:
                mistakes.layer(name, "found in the file and in --besides")
        for name in expected:
            if name not in entries:
                mistakes.layer(name, "no bits")
    else:
        mistakes.add("expected a list, or a mapping of layers to bits")
        entries = {}
    pairs = dict(besides)
    for name, entry in entries.items():
        pairs[name] = pair_of(entry, activations)
        if pairs[name] is None:
            mistakes.layer(name, f"found {printable(entry)}; expected 1 to {MOST_BITS} bits, or "
                           "[weights, activations]")
    mistakes.raise_if_any()
    return {name: pairs[name] for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE.json")
    parser.add_argument("--architecture", type=Path, required=True, metavar="FILE.yaml")
    parser.add_argument("--to", type=Path, required=True, metavar="POLICY.yaml")
    parser.add_argument("--activations", type=int, choices=range(1, MOST_BITS + 1),
                        metavar="BITS", help="bits of activations where an entry is one number "
                        "(default: the same as of the weights)")
    parser.add_argument("--besides", action="append", default=[], metavar="GLOB=BITS",
                        help="layers that the file leaves out, and their bits")
    parser.add_argument("--source", help="paper, table or log the bits are from")
    arguments = parser.parse_args()

    architecture = architectures.read(arguments.architecture)
    names = [layer.name for layer in architecture.weight_layers]
    besides = read_besides(arguments.besides, names, arguments.activations)
    bits = assign(read_json(arguments.file), names, besides, arguments.activations,
                  Mistakes(arguments.file))
    path = write_policy(arguments.to, arguments.to.stem, f"Bits a layer for {architecture.name}.",
                        arguments.source or f"{arguments.file.name}, read by bit_vector.py", bits)
    print(f"written: {path}")


if __name__ == "__main__":
    run(main)
