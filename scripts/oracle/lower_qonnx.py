#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes QONNX's Quant nodes as plain ONNX operators, so that a runtime without them can run a
model:

    Quant(x) = (round(clip(x / scale + zero point, low, high)) - zero point) * scale
             = Div, Add, Clip, Round, Sub, Mul

    scripts/oracle/lower_qonnx.py digits_qonnx4.onnx lowered.onnx

Round rounds halves to even, which is rounding_mode ROUND; others are refused, and so is a bit width
that is not constant. A signed grid of 1 bit is refused as well: QONNX's own code makes it -1 and 1.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")


def integer_range(bits, signed, narrow):
    if signed:
        return -2 ** (bits - 1) + narrow, 2 ** (bits - 1) - 1
    return 0, 2**bits - 1 - narrow


def lowered(node, constants):
    """The nodes, and the new constants, that stand for a Quant."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if attributes.get("rounding_mode", b"ROUND").upper() != b"ROUND":
        raise SystemExit(f"{node.name}: rounding_mode {attributes['rounding_mode'].decode()}; "
                         "expected ROUND")
    x, scale, zero_point, width = node.input
    if width not in constants:
        raise SystemExit(f"{node.name}: the bit width {width} is not constant")
    bits = int(numpy_helper.to_array(constants[width]).reshape(-1)[0])
    signed, narrow = attributes["signed"], attributes["narrow"]
    if signed and bits == 1:
        raise SystemExit(f"{node.name}: 1 bit with a sign")
    limits = [numpy_helper.from_array(np.array(limit, np.float32), f"{node.name}.{name}")
              for limit, name in zip(integer_range(bits, signed, narrow), ("low", "high"))]
    steps = (("Div", [x, scale]), ("Add", [None, zero_point]),
             ("Clip", [None, *(limit.name for limit in limits)]), ("Round", [None]),
             ("Sub", [None, zero_point]), ("Mul", [None, scale]))
    nodes, value = [], None
    for operator, inputs in steps:
        name = node.output[0] if operator == "Mul" else f"{node.name}.{operator}"
        nodes.append(helper.make_node(operator, [each or value for each in inputs], [name],
                                      name=f"{node.name}.{operator}"))
        value = name
    return nodes, limits


def lower(model):
    """A model without Quant nodes that computes the same."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Quant" and node.domain in DOMAINS:
            made, limits = lowered(node, constants)
            nodes += made
            model.graph.initializer.extend(limits)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    standard = [each for each in model.opset_import if each.domain not in DOMAINS]
    del model.opset_import[:]
    model.opset_import.extend(standard)
    onnx.checker.check_model(model)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("lowered", type=Path)
    arguments = parser.parse_args()
    onnx.save(lower(onnx.load(str(arguments.model))), str(arguments.lowered))


if __name__ == "__main__":
    main()
