#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a descriptor with values from a checkpoint of BSQ (Yang et al., ICLR 2021, arXiv
2102.10462; the code is github.com/yanghr/BSQ, whose formats this follows).

    scripts/import/bsq.py model_best.pth.tar --architecture configs/networks/resnet20_cifar.yaml \\
        --to out

A layer of N bits is W = scale * q / (2^N - 1) with a sign and N magnitude bits, |q| <= 2^N - 1. The
forms that BSQ saves, told apart layer by layer:

    pweight, nweight, scale   bit planes, most significant first:
                              q = round(sum_i (p_i - n_i) 2^(N-1-i)), as its forward pass rounds
    weight, scale             "to_finetune": q = round(weight (2^N - 1)), N from Nbit_dict
    weight, in Nbit_dict      "to_float": q on the coarsest grid of N bits that holds all weights
    weight                    not quantized (shortcut convolutions): stays real

A layer of 0 bits is all zero; a descriptor has no 0 bits, so it gets 1 bit and zeros. Biases have
the same forms and become real values. (After to_finetune, BSQ's own forward pass leaves the bias
out, and has it again in the files it writes at the end; here it is always read.)

Activations: BSQ quantizes to round(x (2^a - 1) / max|x|) with the maximum of the tensor at hand,
and its ResNets do so behind each ReLU of a block, which is limited to 6 (a > 3) or to a learned
alpha. With `--activations bsq`, layers that read such a ReLU, directly or through max pooling, get
an input_quantization and the ReLUs of blocks become clips; the image, the output of the first ReLU
and what is averaged stay unquantized. With `--activations all`, ReLUs stay as the architecture has
them, and every layer behind one gets an input_quantization. What neither can say: BSQ also
quantizes the values that run along shortcuts and into the average, and takes the maximum over a
batch.

Held against BSQ's own modules on a ResNet-20, in all forms and with 2 and 4 bits of activations:
the same logits, up to the bias of the form "to_finetune" and with the quantization of shortcuts
added. No trained mixed-precision checkpoint of the authors is public.
"""

import argparse
import math
from pathlib import Path

import numpy as np

import architecture as architectures
import checkpoint
import descriptor as descriptors
from mistakes import Mistakes, printable, run, shape_text

MOST_BITS = 16
RELU6 = 6.0


def counted(number, thing):
    return f"{number} {thing}" + ("" if number == 1 else "s")


def signed_integers(values, bits):
    """round(values) within sign and `bits` magnitude bits; halves to even, as PyTorch rounds."""
    limit = 2**bits - 1
    return np.clip(np.rint(values), -limit, limit).astype(np.int64)


def planes_to_integers(positive, negative):
    """The integers of planes {..., N}, most significant first, and N."""
    bits = positive.shape[-1]
    powers = 2.0 ** np.arange(bits - 1, -1, -1)
    planes = positive.astype(np.float64) - negative.astype(np.float64)
    return signed_integers(planes @ powers, bits), bits


def coarsest_grid(weights, bits):
    """(q, step) with weights = step q, |q| < 2^bits and the largest such step; None if none."""
    magnitudes = np.unique(np.abs(weights.astype(np.float64)))
    largest = magnitudes[-1]
    if largest == 0:
        return np.zeros(weights.shape, np.int64), 1.0
    if len(magnitudes) <= 2**bits:
        for top in range(1, 2**bits):
            steps = magnitudes * (top / largest)
            if np.abs(steps - np.rint(steps)).max() < 1e-6 * 2**bits:
                step = largest / top
                return signed_integers(weights.astype(np.float64) / step, bits), step
    return None


def filled_planes(integers, bits):
    """Indices of the magnitude planes that hold any one; 0 is the least significant."""
    every = int(np.bitwise_or.reduce(np.abs(integers).reshape(-1))) if integers.size else 0
    return [plane for plane in range(bits) if every >> plane & 1]


class Importer:
    """One checkpoint; `notes` are told to the user, `mistakes` stop it."""

    def __init__(self, path, architecture, name):
        self.mistakes = Mistakes(path)
        root = checkpoint.load(path)
        self.layers = descriptors.grouped(checkpoint.state_dict(path, root))
        self.architecture = architecture
        self.descriptor = descriptors.Descriptor(architecture, name)
        self.bits, self.bias_bits = self.read_bits(root)
        self.notes = []

    def read_bits(self, root):
        """Nbit_dict: {layer: [bits of the weights, bits of the bias]}."""
        entries = root.get("Nbit_dict", {}) if isinstance(root, dict) else {}
        good = {}
        for name, pair in entries.items() if isinstance(entries, dict) else ():
            if isinstance(pair, (list, tuple)) and len(pair) == 2 and \
                    all(type(bits) is int and 0 <= bits <= MOST_BITS for bits in pair):
                good[name] = pair
            else:
                self.mistakes.layer(name, f"Nbit_dict: expected two whole numbers from 0 to "
                                    f"{MOST_BITS}")
        return ({name: pair[0] for name, pair in good.items()},
                {name: pair[1] for name, pair in good.items()})

    def sort_layers(self):
        """Which entries of the state_dict are weights, norms and learned limits of ReLUs."""
        weights, norms = [], []
        for name, parameters in self.layers.items():
            if "running_mean" in parameters:
                norms.append(name)
            elif "pweight" in parameters or getattr(parameters.get("weight"), "ndim", 0) > 1:
                weights.append(name)
            elif set(parameters) != {"alpha"} or name not in self.architecture.by_name:
                self.mistakes.layer(name, f"found {', '.join(sorted(parameters))}; expected the "
                                    "parameters of a convolution, a linear layer or a batch "
                                    "normalization of the architecture")
        descriptors.check_names(self.architecture, weights, norms, self.mistakes)

    def bits_of(self, layer, table, what, planes=None):
        """The bits that Nbit_dict gives the layer's weights or bias, which must agree with its
        planes."""
        bits = table.get(layer.name, planes)
        if bits is None:
            self.mistakes.layer(layer.name, "no entry in Nbit_dict, which gives its bits")
        elif planes is not None and max(bits, 1) != planes:
            self.mistakes.layer(layer.name, f"{what} of {counted(planes, 'bit plane')}, but "
                                f"{counted(bits, 'bit')} in Nbit_dict")
            return None
        return bits

    def fits(self, layer, parameters, names, shape):
        """Whether all of these arrays are there in this shape; with `shape` ending in None, in
        any number of planes, the same for all."""
        if any(name not in parameters for name in names):
            self.mistakes.layer(layer.name, f"expected {' and '.join(names)}")
            return False
        if shape[-1] is None:
            first = parameters[names[0]]
            planes = first.shape[-1] if first.ndim else 0
            if not 1 <= planes <= MOST_BITS:
                self.mistakes.layer(layer.name, f"{names[0]}: found {shape_text(first.shape)}; "
                                    f"expected 1 to {MOST_BITS} bit planes last")
                return False
            shape = (*shape[:-1], planes)
        return all([descriptors.fits(layer, parameters[name], shape, name, self.mistakes)
                    for name in names])

    def integers_of(self, layer, parameters):
        """(q, bits, step) of a quantized layer; None for a mistake."""
        shape = layer.weight_shape
        if "pweight" in parameters:
            if not self.fits(layer, parameters, ("pweight", "nweight"), (*shape, None)):
                return None
            integers, planes = planes_to_integers(parameters["pweight"], parameters["nweight"])
            bits = self.bits_of(layer, self.bits, "weights", planes)
        else:
            if not self.fits(layer, parameters, ("weight",), shape):
                return None
            bits = self.bits_of(layer, self.bits, "weights")
            if bits is not None and "scale" not in parameters:
                return self.grid_of(layer, parameters["weight"], bits)
            integers = signed_integers(np.clip(parameters["weight"].astype(np.float64), -1, 1)
                                       * (2**(bits or 0) - 1), bits or 0)
        scale = descriptors.one_number(layer, parameters.get("scale"), "scale", self.mistakes)
        if bits is None or scale is None:
            return None
        if bits == 0 or not integers.any():
            return np.zeros(shape, np.int64), bits, 1.0
        if scale == 0:
            self.mistakes.layer(layer.name, "scale: found 0 for weights that are not all zero")
        if scale < 0:  # it is trained, and may end up so
            integers, scale = -integers, -scale
        return integers, bits, scale / (2**bits - 1)

    def grid_of(self, layer, weights, bits):
        found = coarsest_grid(weights, bits) if bits else coarsest_grid(weights * 0, 1)
        if found is None:
            self.mistakes.layer(layer.name, "real weights that lie on no grid of "
                                f"{counted(bits, 'bit')}, which Nbit_dict gives the layer")
            return None
        return found[0], bits, float(found[1])

    def take_weights(self, layer, parameters):
        if "pweight" not in parameters and "scale" not in parameters and \
                layer.name not in self.bits:
            if self.fits(layer, parameters, ("weight",), layer.weight_shape):
                self.descriptor.set_weight(layer, parameters["weight"])
                self.notes.append(f"{layer.name}: not quantized")
            return
        found = self.integers_of(layer, parameters)
        if found is None:
            return
        integers, bits, step = found
        planes = filled_planes(integers, bits)
        self.descriptor.set_weight(layer, integers, {
            "bits": max(bits, 1), "signed": True, "scale": step, "zero_point": 0,
            "encoding": "sign_magnitude", "planes": planes})
        note = f"{layer.name}: {counted(bits, 'bit')}"
        if not planes:
            note += ", all zero" + ("" if bits else "; written as 1 bit")
        elif len(planes) < bits:
            note += f", {len(planes)} of their planes filled"
        self.notes.append(note)

    def take_bias(self, layer, parameters):
        """Biases become real values, whatever their form."""
        bias, shape = parameters.get("bias"), layer.weight_shape[:1]
        integers = None
        if "pbias" in parameters:
            if not self.fits(layer, parameters, ("pbias", "nbias"), (*shape, None)):
                return
            integers, bits = planes_to_integers(parameters["pbias"], parameters["nbias"])
            if self.bits_of(layer, self.bias_bits, "bias", bits) is None:
                return
        elif "biasscale" in parameters and bias is not None:
            bits = self.bias_bits.get(layer.name, 0)
            integers = signed_integers(np.clip(bias.astype(np.float64), -1, 1) * (2**bits - 1),
                                       bits)
        if integers is not None:
            scale = descriptors.one_number(layer, parameters.get("biasscale"), "biasscale",
                                           self.mistakes)
            if scale is None:
                return
            bias = integers * (scale / max(2**bits - 1, 1))
        self.descriptor.set_bias(layer, bias, self.mistakes)

    def take_values(self):
        self.sort_layers()
        for layer in self.architecture.weight_layers:
            if layer.name in self.layers:
                self.take_weights(layer, self.layers[layer.name])
                self.take_bias(layer, self.layers[layer.name])
        for layer in self.architecture.batch_norms:
            if layer.name in self.layers:
                self.descriptor.set_batch_norm(layer, self.layers[layer.name], self.mistakes)

    def is_stem(self, layer):
        """Whether a layer's values come from the first convolution, without another between."""
        while layer is not None and not layer.has_weights:
            if len(layer.sources) > 1:
                return False
            layer = self.architecture.source(layer)
        return layer is None or self.architecture.value_source(layer) is None

    def limit_relus(self, bits):
        """BSQ's ReLUs behind the first are ReLU6, or limited to a learned alpha."""
        for layer in self.architecture.layers:
            if layer.op == "relu" and not self.is_stem(layer):
                limit = RELU6
                if bits <= 3:
                    limit = descriptors.one_number(
                        layer, self.layers.get(layer.name, {}).get("alpha"), "alpha",
                        self.mistakes)
                fields = self.descriptor.layers[layer.name]
                fields.update({"op": "clip", "min": 0.0, "max": limit})

    def quantize_inputs(self, bits, everywhere, image_scale):
        for layer in self.architecture.weight_layers:
            source = self.architecture.value_source(layer)
            if source is None:
                if image_scale is not None:
                    image_bits = self.architecture.fields["input"].get("bits", 8)
                    self.descriptor.set_input(layer, image_bits, image_scale)
            elif source.op in ("relu", "clip") and (everywhere or not self.is_stem(source)):
                self.descriptor.set_input(layer, bits, "max_abs")
            elif everywhere:
                self.mistakes.layer(layer.name, f'reads "{source.name}", whose values may be '
                                    "negative or are averages; --activations all quantizes what "
                                    "comes from a relu")
            else:
                self.notes.append(f"{layer.name}: input not quantized")
        if not everywhere:
            self.limit_relus(bits)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    descriptors.output_arguments(parser, "bsq")
    parser.add_argument("--act", type=int, default=4, choices=range(1, 17), metavar="BITS",
                        help="bits of activations, BSQ's option --act (default: 4)")
    parser.add_argument("--activations", choices=("bsq", "all"), default="bsq",
                        help="which inputs are quantized (default: bsq)")
    parser.add_argument("--image-scale", type=float, metavar="STEP",
                        help="the image is whole numbers of input.bits bits times this")
    arguments = parser.parse_args()
    if arguments.image_scale is not None and not 0 < arguments.image_scale < math.inf:
        parser.error("--image-scale: expected a number above 0")

    architecture = architectures.read(arguments.architecture)
    importer = Importer(arguments.checkpoint, architecture,
                        descriptors.output_name(arguments, architecture, "bsq"))
    importer.take_values()
    importer.quantize_inputs(arguments.act, arguments.activations == "all",
                             arguments.image_scale)
    path = importer.descriptor.write(
        arguments.to,
        arguments.source or descriptors.provenance(arguments.checkpoint, "a checkpoint of BSQ"),
        f"{architecture.name} with the weights and scales of a BSQ checkpoint, activations of "
        f"{arguments.act} bits.", importer.mistakes)
    for note in importer.notes:
        print(printable(note, 1000))
    print(f"written: {path}")


if __name__ == "__main__":
    run(main)
