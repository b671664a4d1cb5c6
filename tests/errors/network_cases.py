# SPDX-License-Identifier: Apache-2.0
"""Descriptors of networks that must be refused."""

import os
from pathlib import Path

from malformed_case import NETWORK, Case, edited

CONV = "- {name: conv1, op: conv, out_channels: 16, kernel: 3, pad: 1}"
FC = "- {name: fc, op: linear, out_features: 10}"


def conv(**fields):
    """The network with fields of its convolution changed, added or, where None, left out."""
    all_fields = {"name": "conv1", "op": "conv", "out_channels": 16, "kernel": 3, "pad": 1}
    all_fields |= fields
    inside = ", ".join(f"{key}: {value}" for key, value in all_fields.items()
                       if value is not None)
    return edited(NETWORK, (CONV, f"- {{{inside}}}"))


def ending(*layers):
    """The network with layers added."""
    return NETWORK + "".join(f"  - {{{layer}}}\n" for layer in layers)


def alias_bomb():
    """Ten aliases within ten aliases, nine times: a thousand million values."""
    lines = ["schema: pimento/network/1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 9)]
    return "\n".join(lines) + "\n"


# Each network has one mistake.
SINGLE = {
    "itself": (edited(NETWORK, ("op: relu", "op: relu, from: relu1")),
               '6:', 'layer "relu1": no earlier layer is called "relu1"'),
    "forward": (edited(NETWORK, ("op: relu", "op: relu, from: fc")),
                'layer "relu1": no earlier layer is called "fc"'),
    "near_miss": (edited(NETWORK, ("op: relu", "op: relu, from: conv2")),
                  'no earlier layer is called "conv2"; did you mean "conv1"?'),
    "empty_from": (edited(NETWORK, ("op: relu", "op: relu, from: []")), "layers.1.from",
                   "found an empty list"),
    "unknown_op": (edited(NETWORK, ("op: relu", "op: rleu")), 'unknown operation "rleu"',
                   'did you mean "relu"?'),
    "no_op": (edited(NETWORK, ("op: relu", "from: conv1")), "layers.1.op: missing"),
    "no_name": (edited(NETWORK, ("name: relu1, ", "")), "layers.1.name: missing"),
    "name_of_input": (edited(NETWORK, ("name: relu1", "name: input")), "layers.1.name",
                      "the network's input"),
    "long_name": (edited(NETWORK, ("relu1", "x" * 600)), ":6:", "512"),
    "same_names": (edited(NETWORK, ("name: relu1", "name: conv1")),
                   'layers.1.name: found "conv1" a second time'),
    "no_shape": (edited(NETWORK, ("shape: [3, 8, 8]", "bits: 8")), "input.shape: missing"),
    "no_layers": (NETWORK.split("layers:", maxsplit=1)[0], "layers: missing"),
    "empty_layers": (NETWORK.split("layers:", maxsplit=1)[0] + "layers: []\n",
                     "layers: found 0 layers; expected 1 to 100000"),
    "layers_as_text": (NETWORK.split("layers:", maxsplit=1)[0] + "layers: none\n",
                       'layers: found "none"'),
    "other_schema": (edited(NETWORK, ("network/1", "network/2")),
                     'schema: found "pimento/network/2"', '"pimento/network/1"'),
    "unknown_field": (conv(kernal=3), 'kernal: unknown key; did you mean "kernel"?'),
    "unknown_top_field": (NETWORK + "layres: []\n", 'did you mean "layers"?'),
    "duplicate_key": (edited(NETWORK, ("op: relu", "op: relu, op: relu")), ":6:",
                      "op: duplicate key; first on line 6"),
    "no_out_channels": (conv(out_channels=None), "layers.0.out_channels: missing"),
    "negative_channels": (conv(out_channels=-16), 'layers.0.out_channels: found "-16"',
                          "from 1 to"),
    "zero_channels": (conv(out_channels=0), 'out_channels: found "0"', "from 1 to"),
    "half_channels": (conv(out_channels=1.5), 'out_channels: found "1.5"'),
    "absurd_channels": (conv(out_channels=2**50), 'out_channels: found "1125899906842624"'),
    "overflowing_channels": (conv(out_channels=10**30), "out_channels: found \"1000000000"),
    "many_channels": (conv(out_channels=2**39), ":5:", "2^40"),
    "zero_kernel": (conv(kernel=0), 'layers.0.kernel: found "0"'),
    "three_kernels": (conv(kernel="[3, 3, 3]"), "kernel: found 3 numbers"),
    "large_kernel": (conv(kernel=99), ":5:", "99"),
    "zero_stride": (conv(stride=0), 'layers.0.stride: found "0"'),
    "negative_pad": (conv(pad=-1), 'layers.0.pad: found "-1"'),
    "uneven_groups": (conv(groups=2), ":5:",
                      "groups is 2, which does not divide the 3 input channels"),
    "bias_as_number": (conv(bias=1), 'layers.0.bias: found "1"; expected true or false'),
    "wrong_sum": (edited(ending("name: sum, op: add, from: [conv1, fc]")), ":9:", "16x8x8"),
    "one_summand": (ending("name: sum, op: add"), ":9:", "add"),
    "three_summands": (ending("name: sum, op: add, from: [fc, fc, fc]"), ":9:", "add"),
    "conv_behind_flatten": (ending("name: late, op: conv, out_channels: 1, kernel: 1"), ":9:",
                            "10"),
    "wrong_reshape": (ending("name: form, op: reshape, shape: [3, 4]"), ":9:", "3x4"),
    "two_free_extents": (ending("name: form, op: reshape, shape: [-1, -1]"), ":9:", "-1"),
    "clip_upside_down": (ending("name: clip, op: clip, min: 6, max: 0"), ":9:", "6"),
    "clip_nan": (ending("name: clip, op: clip, min: .nan, max: 0"), "min: found \".nan\""),
    "negative_shape": (edited(NETWORK, ("[3, 8, 8]", "[3, -8, 8]")), 'shape.1: found "-8"'),
    "zero_shape": (edited(NETWORK, ("[3, 8, 8]", "[3, 0, 8]")), 'shape.1: found "0"'),
    "huge_shape": (edited(NETWORK, ("[3, 8, 8]", "[3, 1099511627776, 1099511627776]")), "2^40"),
    "many_extents": (edited(NETWORK, ("[3, 8, 8]", "[1, 1, 1, 1, 1, 1, 1, 1, 1]")),
                     "input.shape: found 9 extents; expected 1 to 8"),
    "too_many_bits": (edited(NETWORK, ("8, 8]", "8, 8], bits: 33")), 'input.bits: found "33"'),
    "unknown_distribution": (NETWORK + "weights: {distribution: gausian}\n",
                             'found "gausian"', 'did you mean "gaussian"?'),
    "negative_seed": (NETWORK + "weights: {seed: -1}\n", 'weights.seed: found "-1"'),
    "unknown_mac_rule": (NETWORK + "mac_rule: bsqq\n", 'mac_rule: found "bsqq"'),
    "no_weight_layers": (NETWORK.split("  - {name: conv1", maxsplit=1)[0] +
                         "  - {name: relu1, op: relu}\n",
                         "the network has no conv or linear layer"),
    "tabs": (edited(NETWORK, ("  - {name: relu1", "\t- {name: relu1")), ":6:",
             "indent with spaces, not tabs"),
    "nul_byte": (edited(NETWORK, ("tiny", "ti\0ny")), ":2:9: found the byte 0x00"),
    "escaped_nul": (edited(NETWORK, ("tiny", '"ti\\0ny"')), ":2:7:", "control characters"),
    "invalid_utf8": (edited(NETWORK, ("tiny", "t?ny")).encode().replace(b"t?ny", b"t\xffny"),
                     ":2:8: found the byte 0xFF; expected UTF-8 text"),
    "utf16": (NETWORK.encode("utf-16"), ":1:1: found the byte 0xFF"),
    "deep_lists": ("layers: " + "[" * 5000 + "]" * 5000 + "\n", "nested more than"),
    "deep_open_lists": ("[" * 200_000, ":1:1: ", "is a bracket left open?"),
    "deep_blocks": ("".join(f"{' ' * i}a:\n" for i in range(500)), "nested more than"),
    "many_brackets": ("layers: [" + "[]," * 1_200_000 + "]\n", "too many brackets"),
    "alias_bomb": (alias_bomb(), "more than 1000000 values"),
    "alias_of_itself": ("layers: &a [*a]\n", "an alias stands inside the value it names"),
    "tag": (edited(NETWORK, ("name: tiny", "name: !!python/object tiny")), ":2:",
            "tags are not supported"),
    "open_bracket": (edited(NETWORK, ("[3, 8, 8]}", "[3, 8, 8")), "not valid YAML"),
    "two_documents": (NETWORK + "---\n" + NETWORK, ":9:", "a second document begins here"),
    "list_at_top": ("- a\n- b\n", "found a list; expected a mapping"),
    "word_at_top": ("hello\n", "found a single value; expected a mapping"),
    "empty": ("", "the file is empty"),
    "comment": ("# nothing\n", "the file is empty"),
    "policy": ("schema: pimento/policy/1\n", 'schema: found "pimento/policy/1"'),
}

def make_huge(path):
    """2 GiB that take no room."""
    with path.open("wb") as file:
        file.truncate(2**31)


def make_unreadable(path):
    path.touch(mode=0o000)


# Names given for a network's file, and what stands there.
UNREADABLE = {
    "absent.onnx": (None, 'cannot read "./absent.onnx": no such file'),
    "absent.yaml": (None, 'cannot read "./absent.yaml": no such file'),
    "folder.onnx": (Path.mkdir, 'cannot read "./folder.onnx": it is a folder'),
    "pipe.yaml": (os.mkfifo, 'cannot read "./pipe.yaml": not a regular file'),
    "loop.onnx": (lambda path: path.symlink_to(path.name),
                  'cannot read "./loop.onnx": Too many levels of symbolic links'),
    "locked.onnx": (make_unreadable, 'cannot read "./locked.onnx": Permission denied'),
    "huge.onnx": (make_huge, 'cannot read "./huge.onnx": larger than '),
    "huge.yaml": (make_huge, 'cannot read "./huge.yaml": larger than'),
    "file.yaml/below.onnx": ("", "Not a directory"),
}

COMMANDS = ("run", "inspect", "map", "compare")


def cases():
    made = []
    for number, (name, (text, *expects)) in enumerate(SINGLE.items()):
        lines = 4 if name == "policy" else 1  # what else a network needs is missing there too
        made.append(Case(f"network.{name}", (COMMANDS[number % len(COMMANDS)], f"./{name}.yaml"),
                         (f"{name}.yaml", *expects), {f"{name}.yaml": text}, lines))
    several = edited(NETWORK, ("out_channels: 16", "out_channels: -1"), ("op: relu", "op: rleu"),
                     ("out_features", "out_feature"))
    made.append(Case("network.several", ("run", "./several.yaml"),
                     ("several.yaml:5:", "several.yaml:6:", "several.yaml:8:",
                      "out_feature: unknown key", "out_features: missing"),
                     {"several.yaml": several}, 4))
    for path, (content, expected) in UNREADABLE.items():
        if content is make_unreadable and os.geteuid() == 0:
            continue  # who may read everything
        files = {} if content is None else {path.partition("/")[0]: content}
        made.append(Case(f"network.{path}", ("inspect", f"./{path}"), (expected,), files))
    return made


