# SPDX-License-Identifier: Apache-2.0
"""Fills an architecture with a checkpoint's values and writes it as a descriptor and its NPZ.

    weight = scale * (q - zero_point)

Integers are stored as int32, everything else as float32. What is checked here: that the checkpoint
has the layers of the architecture and no others, in the same shapes, and that values are finite.
"""

import copy
import difflib
import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import yaml

from mistakes import InputError, printable, shape_text

BATCH_NORM = {"scale": "weight", "shift": "bias", "mean": "running_mean",
              "variance": "running_var"}
IGNORED = {"num_batches_tracked"}
LARGEST_INTEGER = 2**31 - 1
MOST_ON_A_LINE = 60  # characters of a value


def grouped(state):
    """{layer: {parameter: array}} of a state_dict."""
    layers = {}
    for key, value in state.items():
        layer, _, parameter = key.rpartition(".")
        if parameter not in IGNORED:
            layers.setdefault(layer, {})[parameter] = value
    return layers


def check_names(architecture, weights, norms, mistakes):
    """Notes down layers that only the architecture has, or only the checkpoint."""
    for found, layers, what in ((weights, architecture.weight_layers, "weights"),
                                (norms, architecture.batch_norms, "a batch normalization")):
        expected = {layer.name for layer in layers}
        for layer in layers:
            if layer.name not in found:
                unknown = [name for name in found if name not in expected]
                near = difflib.get_close_matches(layer.name, unknown, 1)
                hint = f', which has "{printable(near[0])}"' if near else ""
                mistakes.layer(layer.name, f"{what} in the architecture, none in the checkpoint"
                               + hint)
        for name in found:
            if name not in expected:
                mistakes.layer(name, f"{what} in the checkpoint, none in the architecture")


def fits(layer, array, shape, what, mistakes):
    """Whether an array has the shape and finite values; notes down when not."""
    if tuple(array.shape) != tuple(shape):
        mistakes.layer(layer.name, f"{what}: found {shape_text(array.shape)}; expected "
                       f"{shape_text(shape)}")
        return False
    if not np.isfinite(array).all():
        mistakes.layer(layer.name, f"{what}: found NaN or infinite values")
        return False
    return True


def one_number(layer, array, what, mistakes):
    """A scale or zero point of the whole layer, as a float; None when it is not one."""
    if array is None or array.size != 1:
        found = "none" if array is None else f"{shape_text(array.shape)} values"
        mistakes.layer(layer.name, f"{what}: found {found}; expected one number")
        return None
    value = float(array.reshape(-1)[0])
    if not np.isfinite(value):
        mistakes.layer(layer.name, f"{what}: found {value}; expected a finite number")
        return None
    return value


class Descriptor:
    """A copy of an architecture that takes on values, layer by layer."""

    def __init__(self, architecture, name):
        self.architecture, self.name = architecture, name
        self.fields = copy.deepcopy(architecture.fields)
        self.layers = {layer["name"]: layer for layer in self.fields["layers"]}
        self.values = {}

    def store(self, layer, field, key, array):
        self.values[key] = np.ascontiguousarray(array)
        self.layers[layer.name][field] = key

    def set_weight(self, layer, array, quantization=None):
        """Integers when there is a quantization, real values when there is none."""
        if quantization is None:
            self.store(layer, "weight", f"{layer.name}.weight", array.astype(np.float32))
            return
        if np.abs(array).max(initial=0) > LARGEST_INTEGER:
            raise InputError(f'layer "{layer.name}": integers of more than 32 bits')
        self.store(layer, "weight", f"{layer.name}.weight", array.astype(np.int32))
        self.layers[layer.name]["weight_quantization"] = quantization

    def set_bias(self, layer, array, mistakes):
        """`array` is None when the checkpoint has no bias; the architecture must say the same."""
        declared = self.layers[layer.name].get("bias", False) is not False
        if declared != (array is not None):
            sides = ("the architecture", "the checkpoint")
            has, lacks = sides if declared else sides[::-1]
            mistakes.layer(layer.name, f"a bias in {has}, none in {lacks}")
        elif declared and fits(layer, array, layer.weight_shape[:1], "bias", mistakes):
            self.layers[layer.name].pop("bias")
            self.store(layer, "bias", f"{layer.name}.bias", array.astype(np.float32))

    def set_batch_norm(self, layer, parameters, mistakes):
        for field, parameter in BATCH_NORM.items():
            array = parameters.get(parameter)
            if array is None:
                mistakes.layer(layer.name, f"no {parameter} in the checkpoint")
            elif fits(layer, array, (layer.channels,), parameter, mistakes):
                if field == "variance" and array.min(initial=0) < 0:
                    mistakes.layer(layer.name, f"{parameter}: found {array.min()}; expected 0 or "
                                   "more")
                self.store(layer, field, f"{layer.name}.{parameter}", array.astype(np.float32))

    def set_input(self, layer, bits, scale, signed=False, zero_point=0):
        self.layers[layer.name]["input_quantization"] = {
            "bits": bits, "signed": signed, "scale": scale, "zero_point": zero_point}

    def write(self, folder, source, description, mistakes):
        """DIR/NAME.yaml and DIR/NAME.npz, unless there are mistakes."""
        mistakes.raise_if_any()
        head = {"schema": self.fields["schema"], "name": self.name, "description": description,
                "source": source, "input": self.fields["input"],
                "weights": {"file": f"{self.name}.npz"}}
        self.fields = {**head, **{key: value for key, value in self.fields.items()
                                  if key not in head}}
        self.fields["layers"] = self.fields.pop("layers")  # last
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / f"{self.name}.npz",
                     lambda file: np.savez_compressed(file, **self.values))
        write_yaml(folder / f"{self.name}.yaml", self.fields)
        return folder / f"{self.name}.yaml"


def replace_file(path, write):
    """Writes beside `path` and renames, so that an interrupted run leaves the old file whole."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        write(file)
    os.replace(temporary, path)


class Dumper(yaml.SafeDumper):
    """Writes mappings of short values and short lists on one line."""

    def represent_mapping(self, tag, mapping, flow_style=None):
        node = super().represent_mapping(tag, mapping, flow_style)
        values = [value for _, value in node.value]
        node.flow_style = not any(
            isinstance(value, yaml.MappingNode) or
            isinstance(value, yaml.SequenceNode) and not value.flow_style or
            isinstance(value, yaml.ScalarNode) and len(value.value) > MOST_ON_A_LINE
            for value in values)
        return node


def write_yaml(path, fields):
    text = f"# Written by scripts/import/{Path(sys.argv[0]).name}.\n" + yaml.dump(
        fields, Dumper=Dumper, default_flow_style=None, sort_keys=False, width=100,
        allow_unicode=True)
    replace_file(path, lambda file: file.write(text.encode("utf-8")))


def output_arguments(parser, method):
    """The options that all importers of values share."""
    parser.add_argument("--architecture", type=Path, required=True, metavar="FILE.yaml",
                        help="a descriptor whose layers have the checkpoint's names; its values, "
                        "if it has any, are not used")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR",
                        help="where NAME.yaml and NAME.npz are written")
    parser.add_argument("--name", help=f"default: the architecture's name with _{method}")
    parser.add_argument("--source", metavar="TEXT",
                        help="where the values are from (default: the file's name and SHA-256)")


def output_name(arguments, architecture, method):
    name = arguments.name or f"{architecture.name}_{method}"
    if "/" in name or name.startswith(".") or not name.isprintable():
        raise InputError(f'--name "{printable(name)}": expected the name of a file, without folder')
    return name


def provenance(path, what):
    """What a descriptor's `source` says of a file."""
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return f"{Path(path).name}, {what}; SHA-256 {digest}"
