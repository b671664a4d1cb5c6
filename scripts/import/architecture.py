# SPDX-License-Identifier: Apache-2.0
"""A network descriptor (docs/networks.md) as the importers need it: which layers have weights, of
which shape, and which layer each reads.

The program reads descriptors strictly; this reads what shapes depend on and leaves the rest of the
file as it is, so that it can be written out again with values.
"""

import math
from pathlib import Path

import yaml

from mistakes import InputError, Mistakes, printable, shape_text

MOST_FILE_BYTES = 4 << 20
INPUT = "input"
WEIGHT_OPS = ("conv", "linear")
KEEPS_SHAPE = ("relu", "clip", "batch_norm", "softmax", "identity")
# Pass values on as they are, or some of them.
PASSES_VALUES = ("max_pool", "global_max_pool", "flatten", "reshape", "identity")


class StrictLoader(yaml.SafeLoader):
    """Without anchors and repeated keys, as the program reads YAML."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "found an alias",
                                                    self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                found = key.value if isinstance(key, yaml.ScalarNode) else "a list or mapping"
                raise yaml.constructor.ConstructorError(
                    None, None, f"found {found} as a key; expected names, each once",
                    key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Layer:
    """One entry of `layers`, with the names it reads and the shapes that follow."""

    def __init__(self, fields, sources):
        self.fields, self.name, self.op = fields, fields["name"], fields["op"]
        self.sources = sources
        self.shape = None         # of its output
        self.weight_shape = None  # {out, in / groups, kernel...} of conv and linear
        self.channels = None      # of batch_norm

    @property
    def has_weights(self):
        return self.op in WEIGHT_OPS


def whole(value, least=1):
    return type(value) is int and value >= least


def number_pair(value, least=1):
    """One number for both axes, or [height, width]."""
    values = value if isinstance(value, list) else [value, value]
    if len(values) != 2 or not all(whole(number, least) for number in values):
        raise ValueError(f"found {printable(value)}; expected one whole number or two")
    return values


def pads_of(value):
    """[top, left, bottom, right]"""
    if isinstance(value, list) and len(value) == 4 and all(whole(number, 0) for number in value):
        return value
    height, width = number_pair(value, 0)
    return [height, width, height, width]


def window(fields, shape):
    """Output extents of a window that moves over {channels, height, width}."""
    kernel = number_pair(fields.get("kernel"))
    pooling = fields["op"] != "conv"
    stride = number_pair(fields.get("stride", kernel if pooling else 1))
    dilation = number_pair(fields.get("dilation", 1))
    pads = pads_of(fields.get("pad", 0))
    extents = []
    for axis in range(2):
        room = shape[1 + axis] + pads[axis] + pads[2 + axis] - dilation[axis] * (kernel[axis] - 1)
        steps = room - 1
        if steps < 0:
            raise ValueError("its window is larger than its input")
        count = steps // stride[axis] + 1
        if fields.get("ceil_mode") and steps % stride[axis] and \
                count * stride[axis] < shape[1 + axis] + pads[axis]:
            count += 1
        extents.append(count)
    return extents


def reshaped(extents, shape):
    count = math.prod(shape)
    known = math.prod(extent for extent in extents if extent != -1)
    filled = [count // known if extent == -1 and known else extent for extent in extents]
    if math.prod(filled) != count:
        raise ValueError(f"{shape_text(shape)} cannot be reshaped to {printable(extents)}")
    return filled


def infer(layer, inputs):
    """Sets the shapes of a layer whose inputs have these."""
    fields, shape = layer.fields, inputs[0]
    if layer.op in ("conv", "max_pool", "average_pool", "global_max_pool",
                    "global_average_pool") and len(shape) != 3:
        raise ValueError(f"its input is {shape_text(shape)}; expected channels x height x width")
    if layer.op == "conv":
        groups, out = fields.get("groups", 1), fields.get("out_channels")
        if not whole(out) or not whole(groups) or shape[0] % groups or out % groups:
            raise ValueError("out_channels or groups do not fit its input")
        layer.weight_shape = (out, shape[0] // groups, *number_pair(fields.get("kernel")))
        layer.shape = [out, *window(fields, shape)]
    elif layer.op == "linear":
        out = fields.get("out_features")
        if not whole(out):
            raise ValueError("out_features: expected a whole number from 1")
        layer.weight_shape = (out, shape[-1])
        layer.shape = [*shape[:-1], out]
    elif layer.op in ("max_pool", "average_pool"):
        layer.shape = [shape[0], *window(fields, shape)]
    elif layer.op in ("global_max_pool", "global_average_pool"):
        layer.shape = [shape[0], 1, 1]
    elif layer.op == "flatten":
        layer.shape = [math.prod(shape)]
    elif layer.op == "reshape":
        layer.shape = reshaped(fields.get("shape"), shape)
    elif layer.op == "add":
        if len(inputs) != 2 or inputs[0] != inputs[1]:
            raise ValueError("expected two inputs of one shape")
        layer.shape = shape
    elif layer.op in KEEPS_SHAPE:
        layer.shape = shape
        layer.channels = shape[0] if layer.op == "batch_norm" else None
    else:
        raise ValueError(f'unknown operation "{printable(layer.op)}"')


class Architecture:
    """The layers of a descriptor, in its order."""

    def __init__(self, fields, layers, input_shape):
        self.fields, self.layers, self.input_shape = fields, layers, input_shape
        self.by_name = {layer.name: layer for layer in layers}

    @property
    def name(self):
        return self.fields["name"]

    @property
    def weight_layers(self):
        return [layer for layer in self.layers if layer.has_weights]

    @property
    def batch_norms(self):
        return [layer for layer in self.layers if layer.op == "batch_norm"]

    def source(self, layer):
        """The layer it reads first; None is the network's input."""
        return self.by_name.get(layer.sources[0])

    def value_source(self, layer):
        """The layer that made the values it reads, behind poolings and reshapes."""
        source = self.source(layer)
        while source is not None and source.op in PASSES_VALUES:
            source = self.source(source)
        return source


def parse(path):
    data = Path(path).read_bytes()
    if len(data) > MOST_FILE_BYTES:
        raise InputError(f"{path}: more than {MOST_FILE_BYTES} bytes")
    try:
        return yaml.load(data, StrictLoader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise InputError(f"{place}: {printable(error.problem)}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path}: no YAML: {printable(error)}") from None


def sources_of(fields, previous):
    sources = fields.get("from", previous)
    return sources if isinstance(sources, list) else [sources]


def read_layer(fields, previous, shapes, mistakes):
    if not isinstance(fields, dict) or not all(isinstance(fields.get(key), str)
                                               for key in ("name", "op")):
        mistakes.add("a layer without name and op")
        return None
    layer = Layer(fields, sources_of(fields, previous))
    if layer.name in shapes:
        mistakes.layer(layer.name, "found a second time")
        return None
    unknown = [name for name in layer.sources if not isinstance(name, str) or name not in shapes]
    if unknown or not layer.sources:
        mistakes.layer(layer.name, f'reads "{printable(unknown[0] if unknown else "")}", which is '
                       "no layer above")
        return None
    try:
        infer(layer, [shapes[name] for name in layer.sources])
    except (ValueError, TypeError) as error:
        mistakes.layer(layer.name, str(error))
        return None
    return layer


def read(path):
    """The architecture in a descriptor; shapes that do not fit are listed up to the first layer
    whose followers cannot be judged."""
    fields, mistakes = parse(path), Mistakes(path)
    if not isinstance(fields, dict) or fields.get("schema") != "pimento/network/1" or \
            not isinstance(fields.get("layers"), list) or not isinstance(fields.get("name"), str):
        raise InputError(f'{path}: expected a network descriptor with schema "pimento/network/1", '
                         "name and layers")
    shape = fields["input"].get("shape") if isinstance(fields.get("input"), dict) else None
    if not isinstance(shape, list) or not 1 <= len(shape) <= 8 or not all(map(whole, shape)):
        raise InputError(f"{path}: input.shape: expected 1 to 8 whole numbers from 1")
    layers, shapes, previous = [], {INPUT: shape}, INPUT
    for entry in fields["layers"]:
        layer = read_layer(entry, previous, shapes, mistakes)
        mistakes.raise_if_any()
        layers.append(layer)
        shapes[layer.name] = layer.shape
        previous = layer.name
    return Architecture(fields, layers, shape)
