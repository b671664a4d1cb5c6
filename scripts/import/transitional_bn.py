#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a descriptor with values and a policy from a network with transitional batch normalization
(Bit-Mixer, Bulat and Tzimiropoulos, ICCV 2021, arXiv 2103.17267), for one choice of bits a layer.

    scripts/import/transitional_bn.py state_dict.pt --bits conv1=8,layer1.0.conv1=4,... \\
        --architecture configs/networks/resnet18_imagenet.yaml --to out

Such a network has one set of weights, and a set of norms for each change of bits from one layer to
the next. State_dict keys:

    NORM.bn_dict.(8, 4).weight, .bias, .running_mean, .running_var    from 8 bits to 4
    NORM.bn_dict.8.weight, ...                                        the first norm; or, in a
                                                                      network without transitions,
                                                                      every norm

The bits of a norm are those of the layer with weights right before it; the bits it comes from are
those of the norm before it in the architecture's order, which is the order of execution. Norms
without a bn_dict are taken as they are.

Weights are stored as real values and quantized on the fly, so the descriptor holds real weights and
the bits go into NAME_policy.yaml, alike for weights and activations. The learned scales of those
quantizers are left out, and said so.

Not verified: no code or checkpoint of the authors is public. Keys and order follow a third party's
implementation of the idea (SwitchBatchNorm2d); where a shortcut's norm comes from in the authors'
own is unknown.
"""

import argparse
import re
from pathlib import Path

import architecture as architectures
import checkpoint
import descriptor as descriptors
from bit_assignment import read_assignment, write_policy
from mistakes import Mistakes, printable, run

SET_OF_NORMS = re.compile(r"(.*)\.bn_dict\.([0-9]+|\([0-9]+, [0-9]+\))")


class Importer:
    def __init__(self, path, bits, architecture, name):
        self.mistakes = Mistakes(path)
        self.bits, self.architecture = bits, architecture
        self.descriptor = descriptors.Descriptor(architecture, name)
        self.weights, self.norms, self.others = {}, {}, []
        groups = descriptors.grouped(checkpoint.state_dict(path, checkpoint.load(path)))
        for layer, parameters in groups.items():
            self.sort(layer, parameters)
        self.notes = []

    def sort(self, layer, parameters):
        """Norms are kept as {layer: {key: parameters}}; a plain norm has the key None."""
        found = SET_OF_NORMS.fullmatch(layer)
        if found:
            self.norms.setdefault(found[1], {})[found[2]] = parameters
        elif "running_mean" in parameters:
            self.norms.setdefault(layer, {})[None] = parameters
        elif getattr(parameters.get("weight"), "ndim", 0) > 1:
            self.weights[layer] = parameters
        else:
            self.others.append(layer)

    def check_bits(self, default):
        """Every layer with weights has bits, and no other."""
        names = [layer.name for layer in self.architecture.weight_layers]
        for name in self.bits:
            if name not in names:
                self.mistakes.layer(name, "in --bits, but no layer with weights in the "
                                    "architecture")
        for name in names:
            if name not in self.bits and default is None:
                self.mistakes.layer(name, "no bits; add them to --bits, or give --default")
            self.bits.setdefault(name, default)

    def choose(self, layer, sets, previous, bits):
        """The key of the norm to take."""
        if None in sets:
            return None
        key = str(bits)
        if previous is not None and not (key in sets and
                                         all(name.isdigit() for name in sets)):
            key = f"({previous}, {bits})"
        if key not in sets:
            self.mistakes.layer(layer.name, f'no bn_dict entry "{key}"; the checkpoint has '
                                + ", ".join(f'"{name}"' for name in sorted(sets)))
        return key

    def take_norms(self):
        previous = None
        for layer in self.architecture.batch_norms:
            sets = self.norms.get(layer.name)
            source = self.architecture.source(layer)
            if sets is None or (source and self.bits.get(source.name, 0) is None):
                continue
            if source is None or not source.has_weights:
                self.mistakes.layer(layer.name, "reads no layer with weights, whose bits choose "
                                    "its set of norms")
                continue
            key = self.choose(layer, sets, previous, self.bits[source.name])
            if key in sets:
                self.descriptor.set_batch_norm(layer, sets[key], self.mistakes)
                self.notes.append(f"{layer.name}: set \"{key}\"" if key else
                                  f"{layer.name}: the only set")
            previous = self.bits[source.name]

    def take_values(self, default):
        self.check_bits(default)
        descriptors.check_names(self.architecture, self.weights, self.norms, self.mistakes)
        for layer in self.architecture.weight_layers:
            parameters = self.weights.get(layer.name)
            if parameters is not None and descriptors.fits(
                    layer, parameters["weight"], layer.weight_shape, "weight", self.mistakes):
                self.descriptor.set_weight(layer, parameters["weight"])
                self.descriptor.set_bias(layer, parameters.get("bias"), self.mistakes)
        self.take_norms()
        if self.others:
            self.notes.append(f"left out, {len(self.others)} modules that are neither weights nor "
                              f"norms: {', '.join(self.others[:3])}"
                              + (", ..." if len(self.others) > 3 else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state_dict", type=Path)
    parser.add_argument("--bits", required=True, metavar="LAYER=BITS,...|FILE.json",
                        help="the bits of each layer with weights")
    parser.add_argument("--default", type=int, choices=range(1, 33), metavar="BITS",
                        help="bits of layers that --bits leaves out")
    descriptors.output_arguments(parser, "tbn")
    arguments = parser.parse_args()

    architecture = architectures.read(arguments.architecture)
    name = descriptors.output_name(arguments, architecture, "tbn")
    importer = Importer(arguments.state_dict, read_assignment(arguments.bits), architecture, name)
    importer.take_values(arguments.default)
    source = arguments.source or descriptors.provenance(
        arguments.state_dict, "a state_dict with transitional batch normalization")
    path = importer.descriptor.write(
        arguments.to, source, f"{architecture.name} with real weights and the norms for the bits "
        f"in {name}_policy.yaml.", importer.mistakes)
    policy = write_policy(
        path.with_name(f"{name}_policy.yaml"), f"{name}_policy",
        f"The bits that the norms of {name} were chosen for.", source,
        {layer.name: (importer.bits[layer.name],) * 2 for layer in architecture.weight_layers})
    for note in importer.notes:
        print(printable(note, 1000))
    print(f"written: {path}\nwritten: {policy}")


if __name__ == "__main__":
    run(main)
