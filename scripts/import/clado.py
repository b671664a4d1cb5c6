#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a descriptor with values from a mixed-precision decision of CLADO (Deng et al., DAC 2025,
arXiv 2307.05657; github.com/JamesTuna/CLADO_MPQ) and the fake-quantized models it was made on.

    scripts/import/clado.py 8=QDROP_8bits.pt 4=QDROP_4bits.pt 2=QDROP_2bits.pt \\
        --decisions decision.json --default 8,8 \\
        --architecture configs/networks/resnet56_cifar.yaml --to out

CLADO stores one MQBench state_dict for each uniform number of bits and mixes them by swapping the
quantizers; weights and norms are those of the file given first. Name each file's bits as above, or
give one file alone that has been mixed already. FILE.json maps layers to [activation bits, weight
bits], as CLADO's dict of tuples does; null leaves one unquantized. --default is for layers outside
the search (MQBench sets conv1 and fc to 8 bits; CLADO's scripts evaluate them in floating point).

Keys, as MQBench's Academic backend builds them (github.com/ModelTC/MQBench, FX):

    LAYER.weight, LAYER.bias, NORM.running_mean, ...     norms are not folded
    LAYER.weight_fake_quant.scale, .zero_point           symmetric, of the tensor or a channel each
    NODE_post_act_fake_quantizer.scale, .zero_point      asymmetric, unsigned, of the tensor
    QUANTIZER.activation_post_process.min_val, .max_val  what the scale was made from

Weights are q = clamp(round(w / scale), -2^(b-1), 2^(b-1)-1). With AdaRound, weights lie on their
grid once tuned; those that do not are rounded down, or up where LAYER.weight_fake_quant.alpha >= 0.

NODE is a node of the traced graph, whose names need not be those of the architecture. Quantizers
are matched to the tensors that layers with weights read: by name when all names agree (dots as
underscores), else in order, as MQBench creates them in the order of the layers that read them.

What a descriptor cannot say: in MQBench everything that reads a quantized tensor reads quantized
values, so shortcuts too; here only layers with weights quantize what they read.

Verified on state_dicts of MQBench's Academic backend (its code of September 2022, with
FixedFakeQuantize) for a ResNet-20 of our own. Not verified: no checkpoint of CLADO's authors is
public; AdaRound's keys are read from MQBench's code; JSON for decisions is our choice, as CLADO
keeps them in Python objects.
"""

import argparse
from pathlib import Path

import numpy as np

import architecture as architectures
import checkpoint
import descriptor as descriptors
from bit_assignment import read_json
from mistakes import InputError, Mistakes, printable, run, shape_text

MOST_BITS = 16
WEIGHT_QUANTIZER = ".weight_fake_quant"
INPUT_QUANTIZER = "_post_act_fake_quantizer"
OBSERVER = ".activation_post_process"
ON_GRID = 1e-3  # of a step


def fake_quantized(weights, scale, bits):
    """The integers that torch.fake_quantize_per_tensor_affine and its kin round to."""
    steps = weights.astype(np.float32) * (np.float32(1) / scale)
    return np.clip(np.rint(steps), -2**(bits - 1), 2**(bits - 1) - 1).astype(np.int64)


def rounded_by(alpha, weights, scale, bits):
    """AdaRound's integers: as they are when tuning has ended, else down or up by alpha."""
    steps = weights.astype(np.float32) / scale
    if np.abs(steps - np.rint(steps)).max(initial=0) < ON_GRID:
        return fake_quantized(weights, scale, bits)
    return np.clip(np.floor(steps) + (alpha >= 0), -2**(bits - 1),
                   2**(bits - 1) - 1).astype(np.int64)


def scale_of_range(low, high, bits, symmetric):
    """The scale that an observer of this range gives."""
    if symmetric:
        return np.maximum(-low, high) / ((2**bits - 1) / 2)
    return (np.maximum(high, 0) - np.minimum(low, 0)) / (2**bits - 1)


def read_decisions(path):
    """{layer: (activation bits, weight bits)}; None is unquantized."""
    found = read_json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path}: expected a mapping of layers to [activation bits, weight bits]")
    for layer, pair in found.items():
        if not isinstance(pair, list) or len(pair) != 2 or not all(map(is_choice, pair)):
            raise InputError(f'{path}: layer "{printable(layer)}": found {printable(pair)}; '
                             "expected [activation bits, weight bits], each 2 to "
                             f"{MOST_BITS} or null")
    return {layer: tuple(pair) for layer, pair in found.items()}


def is_choice(bits):
    return bits is None or type(bits) is int and 2 <= bits <= MOST_BITS


def default_bits(text):
    """--default 8,8 or float"""
    if text == "float":
        return None, None
    parts = text.split(",")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and is_choice(int(part))
                                  for part in parts):
        raise argparse.ArgumentTypeError(f"found {text}; expected ACTIVATION,WEIGHT bits, 2 to "
                                         f"{MOST_BITS}, or float")
    return int(parts[0]), int(parts[1])


def bits_and_file(text):
    """"8=FILE" or "FILE"."""
    bits, separator, path = text.partition("=")
    if separator and bits.isascii() and bits.isdigit():
        return int(bits), Path(path)
    return None, Path(text)


class Model:
    """One state_dict: its layers, and its quantizers with what they observed."""

    def __init__(self, path):
        self.path = path
        groups = descriptors.grouped(checkpoint.state_dict(path, checkpoint.load(path)))
        self.layers, self.quantizers, self.observers = {}, {}, {}
        for name, parameters in groups.items():
            if name.endswith(OBSERVER):
                self.observers[name[:-len(OBSERVER)]] = parameters
            elif name.endswith((WEIGHT_QUANTIZER, INPUT_QUANTIZER)):
                self.quantizers[name] = parameters
            else:
                self.layers[name] = parameters

    def input_quantizers(self):
        return [name for name in self.quantizers if name.endswith(INPUT_QUANTIZER)]


class Importer:
    def __init__(self, files, decisions, default, architecture, name):
        self.models = {bits: Model(path) for bits, path in files}
        self.first = self.models[files[0][0]]
        self.mistakes = Mistakes(self.first.path)
        self.decisions, self.default = decisions, default
        self.architecture = architecture
        self.descriptor = descriptors.Descriptor(architecture, name)
        self.notes = []

    def model_of(self, layer, bits):
        """The file whose quantizers have these bits."""
        model = self.models.get(bits, self.models.get(None))
        if model is None:
            self.mistakes.layer(layer.name, f"is to have {bits} bits; expected a file for them, "
                                f"{bits}=STATE_DICT")
        return model

    def scale_of(self, layer, model, name, bits, symmetric):
        """A quantizer's (scale, zero point) as vectors of 1 or `out` entries; None for a
        mistake. A scale that its observer would give for other bits is one."""
        parameters = model.quantizers.get(name, {})
        scale, zero = parameters.get("scale"), parameters.get("zero_point")
        allowed = (1, layer.weight_shape[0]) if symmetric else (1,)
        for what, array in (("scale", scale), ("zero_point", zero)):
            if array is None or array.size not in allowed or not np.isfinite(array).all():
                found = "none" if array is None else f"{shape_text(array.shape)} values"
                self.mistakes.layer(layer.name, f"{name}.{what}: found {found}; expected "
                                    f"{' or '.join(map(str, sorted(set(allowed))))}, finite")
                return None
        scale, zero = scale.reshape(-1).astype(np.float32), zero.reshape(-1).astype(np.int64)
        if scale.min() <= 0:
            self.mistakes.layer(layer.name, f"{name}.scale: found {scale.min()}; expected more "
                                "than 0")
            return None
        self.check_bits(layer, model, name, (bits, symmetric), scale)
        return scale, zero

    def check_bits(self, layer, model, name, form, scale):
        observed = model.observers.get(name, {})
        low, high = observed.get("min_val"), observed.get("max_val")
        if low is None or high is None or low.size != scale.size or high.size != scale.size or \
                not np.isfinite(low).all() or not np.isfinite(high).all():
            return
        bits, symmetric = form

        def is_of(candidate):
            expected = scale_of_range(low.reshape(-1), high.reshape(-1), candidate, symmetric)
            return np.allclose(scale, expected, rtol=1e-4, atol=0)

        others = [candidate for candidate in range(2, MOST_BITS + 1) if is_of(candidate)]
        if others and bits not in others:
            self.mistakes.layer(layer.name, f"{name}: its scale is that of {others[0]} bits, but "
                                f"it is to have {bits}")

    def take_weights(self, layer, weights, bits):
        if not descriptors.fits(layer, weights, layer.weight_shape, "weight", self.mistakes):
            return
        if bits is None:
            self.descriptor.set_weight(layer, weights)
            return
        model, name = self.model_of(layer, bits), layer.name + WEIGHT_QUANTIZER
        found = model and self.scale_of(layer, model, name, bits, True)
        if not found:
            return
        scale, zero = found
        if zero.any():
            self.mistakes.layer(layer.name, f"{name}.zero_point: found {zero[zero != 0][0]}; "
                                "expected 0, as CLADO quantizes weights symmetrically")
            return
        quantization = {"bits": bits, "signed": True, "scale": float(scale[0]), "zero_point": 0,
                        "encoding": "twos_complement"}
        if scale.size > 1:
            key = f"{layer.name}.weight_scale"
            self.descriptor.values[key] = scale
            quantization.update({"scale": key, "axis": 0})
        steps = scale.reshape(-1, *[1] * (weights.ndim - 1))
        alpha = model.quantizers[name].get("alpha")
        if alpha is None:
            integers = fake_quantized(weights, steps, bits)
        elif descriptors.fits(layer, alpha, weights.shape, "alpha", self.mistakes):
            integers = rounded_by(alpha, weights, steps, bits)
        else:
            return
        self.descriptor.set_weight(layer, integers, quantization)

    def input_quantizers(self):
        """{layer: quantizer} for the layers with weights; see the top of this file."""
        readers = {}
        for layer in self.architecture.weight_layers:
            readers.setdefault(layer.sources[0], []).append(layer.name)
        found = self.first.input_quantizers()
        named = {source: source.replace(".", "_") + INPUT_QUANTIZER for source in readers}
        others = [name for name in found if name not in named.values()]
        missing = [source for source, name in named.items() if name not in found]
        if not missing or (missing == [architectures.INPUT] and len(others) == 1):
            named.update(zip(missing, others))
        elif len(found) == len(readers):
            named = dict(zip(readers, found))
        else:
            self.mistakes.add(f"found {len(found)} quantizers of activations; expected "
                              f"{len(readers)}, one for each tensor that layers with weights read: "
                              f"{', '.join(map(printable, readers))}")
            return {}
        return {layer: named[source] for source, layers in readers.items() for layer in layers}

    def take_input(self, layer, name, bits):
        model = self.model_of(layer, bits)
        found = model and self.scale_of(layer, model, name, bits, False)
        if not found:
            return
        scale, zero = float(found[0][0]), int(found[1][0])
        if not 0 <= zero < 2**bits:
            self.mistakes.layer(layer.name, f"{name}.zero_point: found {zero}; expected 0 to "
                                f"{2**bits - 1}")
        self.descriptor.set_input(layer, bits, scale, zero_point=zero)

    def bits_of(self, layer):
        found = self.decisions.get(layer.name, self.default)
        if found is None:
            self.mistakes.layer(layer.name, "no decision; add one, or --default")
            return None, None
        return found

    def take_values(self):
        layers = self.first.layers
        norms = [name for name, parameters in layers.items() if "running_mean" in parameters]
        weights = [name for name in layers if name not in norms]
        descriptors.check_names(self.architecture, weights, norms, self.mistakes)
        for name in self.decisions:
            if name not in {layer.name for layer in self.architecture.weight_layers}:
                self.mistakes.layer(name, "a decision, but no layer with weights in the "
                                    "architecture")
        readers = self.input_quantizers()
        for layer in self.architecture.weight_layers:
            parameters = layers.get(layer.name, {})
            activation_bits, weight_bits = self.bits_of(layer)
            if parameters and "weight" not in parameters:
                self.mistakes.layer(layer.name, "no weight in the checkpoint")
            elif parameters:
                self.take_weights(layer, parameters["weight"], weight_bits)
                self.descriptor.set_bias(layer, parameters.get("bias"), self.mistakes)
            if activation_bits is not None and layer.name in readers:
                self.take_input(layer, readers[layer.name], activation_bits)
            self.notes.append(f"{layer.name}: weights {weight_bits or 'real'}, activations "
                              f"{activation_bits or 'real'}")
        for layer in self.architecture.batch_norms:
            if layer.name in layers:
                self.descriptor.set_batch_norm(layer, layers[layer.name], self.mistakes)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state_dicts", nargs="+", type=bits_and_file, metavar="[BITS=]STATE_DICT")
    parser.add_argument("--decisions", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--default", type=default_bits, metavar="ACTIVATION,WEIGHT|float",
                        help="bits of layers without a decision")
    descriptors.output_arguments(parser, "clado")
    arguments = parser.parse_args()
    given = [bits for bits, _ in arguments.state_dicts]
    if len(set(given)) != len(given) or (None in given and len(given) > 1):
        parser.error("expected one STATE_DICT, or several with bits of their own: 8=A 4=B")

    architecture = architectures.read(arguments.architecture)
    importer = Importer(arguments.state_dicts, read_decisions(arguments.decisions),
                        arguments.default, architecture,
                        descriptors.output_name(arguments, architecture, "clado"))
    importer.take_values()
    source = arguments.source or "; ".join(descriptors.provenance(path, "a state_dict of MQBench")
                       for _, path in arguments.state_dicts)
    path = importer.descriptor.write(
        arguments.to, source, f"{architecture.name} with weights quantized by the decisions of "
        f"{arguments.decisions.name}.", importer.mistakes)
    for note in importer.notes:
        print(printable(note, 1000))
    print(f"written: {path}")


if __name__ == "__main__":
    run(main)
