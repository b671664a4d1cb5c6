# SPDX-License-Identifier: Apache-2.0
"""Bits of layers as people hand them over: JSON files, NAME=BITS lists, and policies."""

import fnmatch
import json
from pathlib import Path

from descriptor import write_yaml
from mistakes import InputError, printable

MOST_BITS = 32
MOST_FILE_BYTES = 16 << 20


def is_bits(value):
    return type(value) is int and 1 <= value <= MOST_BITS


def unique_keys(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f'the key "{printable(key)}" stands there twice')
        found[key] = value
    return found


def read_json(path):
    data = Path(path).read_bytes()
    if len(data) > MOST_FILE_BYTES:
        raise InputError(f"{path}: more than {MOST_FILE_BYTES} bytes")
    try:
        return json.loads(data, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no JSON: {printable(error)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def read_assignment(text):
    """{layer: bits} from "conv1=8,fc=4", or from a JSON file of that name."""
    if "=" not in text:
        found, place = read_json(text), text
        if not isinstance(found, dict):
            raise InputError(f"{text}: expected a mapping of layers to bits")
    else:
        place, pairs = "--bits", [item.partition("=")[::2] for item in text.split(",")]
        found = unique_keys([(name, int(bits) if bits.isascii() and bits.isdigit() else bits)
                             for name, bits in pairs])
    for layer, bits in found.items():
        if not is_bits(bits):
            raise InputError(f'{place}: layer "{printable(layer)}": found {printable(bits)}; '
                             f"expected 1 to {MOST_BITS} bits")
    return found


def matching(pattern, names):
    """The names a pattern means: the layer of that name, or those that fit a glob."""
    return [pattern] if pattern in names else fnmatch.filter(names, pattern)


def write_policy(path, name, description, source, bits):
    """`bits` is {layer: (weights, activations)}, and names every layer with weights."""
    largest = [max(pair[side] for pair in bits.values()) for side in range(2)]
    fields = {
        "schema": "pimento/policy/1", "name": name, "description": description, "source": source,
        "default": {"weights": largest[0], "activations": largest[1]},
        "layers": {layer: {"weights": weights, "activations": activations}
                   for layer, (weights, activations) in bits.items()}}
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_yaml(path, fields)
    return path
