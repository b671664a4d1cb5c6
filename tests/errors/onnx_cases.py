# SPDX-License-Identifier: Apache-2.0
"""ONNX files that must be refused."""

import random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from malformed_case import Case


def whole_model():
    """Conv, Relu, Flatten and Gemm on an image of 3x8x8."""
    weights = numpy.random.default_rng(1)

    def constant(name, *shape):
        return numpy_helper.from_array(weights.normal(size=shape).astype(numpy.float32), name)

    nodes = [
        helper.make_node("Conv", ["x", "conv1.weight"], ["c"], name="conv1", kernel_shape=[3, 3],
                         pads=[1, 1, 1, 1], group=1),
        helper.make_node("Relu", ["c"], ["r"], name="relu1"),
        helper.make_node("Flatten", ["r"], ["f"], name="flat"),
        helper.make_node("Gemm", ["f", "fc.weight"], ["y"], name="fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        [constant("conv1.weight", 4, 3, 3, 3), constant("fc.weight", 10, 256)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model


def model_bytes(change=None):
    model = whole_model()
    if change is not None:
        change(model)
    return model.SerializeToString()


def weight(model):
    return model.graph.initializer[0]


def attribute(model, node, name):
    return next(a for a in model.graph.node[node].attribute if a.name == name)


def set_value(position, value):
    """Sets one of the convolution's weights."""
    def change(model):
        array = numpy_helper.to_array(weight(model)).copy()
        array.flat[position] = value
        weight(model).CopyFrom(numpy_helper.from_array(array, weight(model).name))
    return change


def set_dims(*dims):
    def change(model):
        del weight(model).dims[:]
        weight(model).dims.extend(dims)
    return change


def set_input(axis, extent):
    def change(model):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = extent
    return change


def set_numbers(node, name, numbers):
    def change(model):
        field = attribute(model, node, name)
        del field.ints[:]
        field.ints.extend(numbers)
    return change


def set_integer(node, name, number):
    def change(model):
        attribute(model, node, name).i = number
    return change


def set_node(node, **fields):
    def change(model):
        for name, value in fields.items():
            setattr(model.graph.node[node], name, value)
    return change


def set_first_input(node, name):
    def change(model):
        model.graph.node[node].input[0] = name
    return change


def drop_initializer(model):
    del model.graph.initializer[0]


def drop_kernel_input(model):
    del model.graph.node[0].input[1:]


def empty_weight(model):
    set_dims(4, 0, 3, 3)(model)
    weight(model).raw_data = b""


def make_external(**fields):
    """The convolution's weight in another file."""
    def change(model):
        weight(model).ClearField("raw_data")
        weight(model).data_location = TensorProto.EXTERNAL
        for key, value in fields.items():
            entry = weight(model).external_data.add()
            entry.key, entry.value = key, value
    return change


def repeat_initializer(model):
    model.graph.initializer.add().CopyFrom(weight(model))


def repeat_output(model):
    model.graph.node[1].output[0] = "c"


def empty_graph(model):
    del model.graph.node[:]


def output_of_nobody(model):
    model.graph.output.add().name = "nowhere"


def add_graph_attribute(model):
    model.graph.node[1].attribute.append(helper.make_attribute("body", whole_model().graph))


def add_second_maker_of_alpha(model):
    for value in (1.0, 2.0):
        model.graph.node[3].attribute.append(helper.make_attribute("alpha", value))


def train(model):
    node = model.graph.node[1]
    node.op_type = "Dropout"
    node.input.extend(["", "mode"])
    model.graph.initializer.append(numpy_helper.from_array(numpy.array(True), "mode"))


def compute_shape(model):
    model.graph.node[2].op_type = "Reshape"
    model.graph.node[2].input.append("to")
    to = helper.make_tensor_value_info("to", TensorProto.INT64, [2])
    model.graph.input.append(to)


def text_weight(model):
    weight(model).ClearField("raw_data")
    weight(model).data_type = TensorProto.STRING
    weight(model).string_data.extend([b"1"] * 108)


QONNX = "qonnx.custom_op.general"


def weight_path(*nodes, **tensors):
    """The convolution's weight "w", made by nodes from "conv1.weight" and other constants."""
    def change(model):
        model.graph.node[0].input[1] = "w"
        model.graph.node.extend(nodes)
        model.graph.initializer.extend(
            numpy_helper.from_array(numpy.asarray(value), name)
            for name, value in tensors.items())
    return change


def quant(scale=0.1, bits=4.0, **attributes):
    node = helper.make_node("Quant", ["conv1.weight", "s", "z", "b"], ["w"], name="q",
                            domain=QONNX, **attributes)
    return weight_path(node, s=numpy.float32(scale), z=numpy.float32(0), b=numpy.float32(bits))


def dequantize(zero_point, scale=numpy.float32(0.1), data=None, **attributes):
    node = helper.make_node("DequantizeLinear", ["i", "s", "z"], ["w"], name="d", **attributes)
    data = numpy.ones((4, 3, 3, 3), numpy.int8) if data is None else data
    return weight_path(node, i=data, s=scale, z=zero_point)


def diamond(model):
    """Forty quantizers, each of the one before by the one before."""
    names = ["ones", *(f"v{i}" for i in range(39)), "w"]
    nodes = [helper.make_node("Quant", [a, a, "z", "b"], [b], name=f"q{b}", domain=QONNX,
                              signed=1, narrow=0) for a, b in zip(names, names[1:])]
    weight_path(*nodes, ones=numpy.ones((4, 3, 3, 3), numpy.float32), z=numpy.float32(0),
                b=numpy.float32(8))(model)


def expanded_quantizer(model):
    """One quantized value made a weight of eight hundred million."""
    weight_path(helper.make_node("BipolarQuant", ["one", "one"], ["b"], domain=QONNX, name="q"),
                helper.make_node("Expand", ["b", "to"], ["w"], name="e"),
                one=numpy.float32(1), to=numpy.array([4, 3, 8192, 8192]))(model)
    del model.graph.node[0].attribute[:]
    model.graph.node[0].attribute.append(helper.make_attribute("auto_pad", "SAME_UPPER"))


def product_of_constants(model):
    """A product of sixty billion operations, of matrices that take ten bytes."""
    weight_path(helper.make_node("ConstantOfShape", ["side"], ["m"], name="m"),
                helper.make_node("MatMul", ["m", "m"], ["w"], name="product"),
                side=numpy.array([4000, 4000]))(model)


def window_over_constants(model):
    """An average over a quarter of a million values for each of three million places."""
    pool = helper.make_node("AveragePool", ["m"], ["w"], name="pool", kernel_shape=[512, 512])
    weight_path(helper.make_node("ConstantOfShape", ["image"], ["m"], name="m"), pool,
                image=numpy.array([4, 3, 1024, 1024]))(model)


def fold_integers(model):
    """A convolution of constants that are no reals."""
    image = numpy.ones((1, 3, 3, 3), numpy.int8)
    weight_path(helper.make_node("Conv", ["image", "image"], ["w"], name="constant"),
                image=image)(model)


def open_height(model):
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"


def integer_weights(model):
    array = numpy.ones((4, 3, 3, 3), numpy.int8)
    weight(model).CopyFrom(numpy_helper.from_array(array, "conv1.weight"))


def set_opset(version):
    def change(model):
        model.opset_import[0].version = version
    return change


def no_opset(model):
    del model.opset_import[:]


def set_ir_version(version):
    def change(model):
        model.ir_version = version
    return change


def add_attribute(model):
    model.graph.node[1].attribute.append(helper.make_attribute("alhpa", 1.0))


def hostile_name(model):
    model.graph.node[1].name = "re\x1b[31mlu\n"
    model.graph.node[1].op_type = "Sel\x07u"


CHANGES = {
    "cycle": (set_first_input(0, "r"), 'node "conv1"', "the graph has a cycle"),
    "self_loop": (set_first_input(1, "r"), 'node "relu1"', "the graph has a cycle"),
    "dangling": (set_first_input(1, "nowhere"), 'node "relu1"', '"nowhere" is made by no node'),
    "unknown_op": (set_node(1, op_type="LSTM"), 'node "relu1"',
                   'operator "LSTM" (domain "ai.onnx") is not supported',
                   "known operators: Abs, Add,"),
    "foreign_domain": (set_node(1, domain="com.example"), 'node "relu1"', '"com.example"'),
    "quantizer_in_the_standard_domain": (set_node(1, op_type="BipolarQuant"), 'node "relu1"',
                                         'operator "BipolarQuant" (domain "ai.onnx")'),
    "control_characters": (hostile_name, r"re\x1b[31mlu\x0a", r"Sel\x07u"),
    "unknown_attribute": (add_attribute, 'node "relu1"', 'attribute "alhpa" is not known'),
    "graph_attribute": (add_graph_attribute, 'node "relu1"', 'attribute "body" holds a graph'),
    "attribute_twice": (add_second_maker_of_alpha, 'node "fc"', 'attribute "alpha" is there twice'),
    "no_initializer": (drop_initializer, 'node "conv1"', '"conv1.weight" is made by no node'),
    "no_weight_input": (drop_kernel_input, 'node "conv1"', "has 1 inputs; expected 2 to 3"),
    "two_initializers": (repeat_initializer, "two initializers", '"conv1.weight"'),
    "two_makers": (repeat_output, 'node "relu1"', 'output "c" is defined a second time'),
    "no_nodes": (empty_graph, "the graph has no nodes"),
    "output_of_nobody": (output_of_nobody, 'the graph\'s output "nowhere" is made by no node'),
    "training": (train, 'node "relu1"', "drops values as in training"),
    "computed_shape": (compute_shape, 'node "flat"', "input 1 is computed while the network runs"),
    "wrong_channels": (set_input(1, 5), 'node "conv1"', "4x3x3x3", "expected 5 input channels"),
    "wrong_features": (set_input(2, 9), 'node "fc"', "the shapes 1x288 and 10x256"),
    "zero_extent": (set_input(1, 0), 'node "conv1"', "expected 0 input channels a group"),
    "zero_height": (set_input(2, 0), 'node "conv1"', "the padded input has 2"),
    "negative_extent": (set_input(2, -8), 'input "x"', "dimension 2 is -8; expected 0 or more"),
    "huge_extent": (set_input(2, 2**40), 'input "x"', "2^40 values or more"),
    "overflowing_extent": (set_input(2, 2**62), 'input "x"', "2^40 values or more"),
    "open_extent": (open_height, 'dimension 2 ("height") is open', "only the batch may be"),
    "nan_weight": (set_value(5, numpy.nan), 'node "conv1"', "its weight 5 is nan"),
    "infinite_weight": (set_value(7, numpy.inf), 'node "conv1"', "its weight 7 is inf"),
    "negative_infinite_weight": (set_value(0, -numpy.inf), 'node "conv1"', "its weight 0 is -inf"),
    "integer_weights": (integer_weights, 'node "conv1"',
                        "input 1 holds integers; expected real numbers"),
    "text_weights": (text_weight, 'tensor "conv1.weight"', "data type STRING is not read"),
    "short_raw_data": (lambda model: setattr(weight(model), "raw_data", b"\0" * 431),
                       'tensor "conv1.weight"', "raw_data holds 431 bytes", "need 432"),
    "long_raw_data": (lambda model: setattr(weight(model), "raw_data", b"\0" * 436),
                      "raw_data holds 436 bytes", "need 432"),
    "no_raw_data": (lambda model: weight(model).ClearField("raw_data"),
                    'tensor "conv1.weight"', "holds 0 values", "needs 108"),
    "external_above": (make_external(location="../../../etc/passwd"), 'tensor "conv1.weight"',
                       '"../../../etc/passwd", which leaves the model\'s folder'),
    "external_absolute": (make_external(location="/etc/passwd"), 'tensor "conv1.weight"',
                          '"/etc/passwd", an absolute path'),
    "external_nowhere": (make_external(), 'tensor "conv1.weight"', '"", which is no file name'),
    "external_absent": (make_external(location="absent.bin"), 'tensor "conv1.weight"',
                        'absent.bin": no such file'),
    "external_itself": (make_external(location="external_itself.onnx", offset="100000"),
                        'tensor "conv1.weight"', "external data lies at 100000 to 100432 of",
                        "which has"),
    "external_negative": (make_external(location="external_negative.onnx", offset="-1"),
                          'tensor "conv1.weight"', 'the offset "-1"'),
    "external_length": (make_external(location="external_length.onnx", length="431"),
                        'tensor "conv1.weight"', "has 431 bytes", "need 432"),
    "zero_weight_dims": (empty_weight, 'node "conv1"', "4x0x3x3"),
    "negative_weight_dims": (set_dims(4, -3, 3, 3), 'tensor "conv1.weight"', "4x-3x3x3"),
    "huge_weight_dims": (set_dims(2**40, 3, 3, 3), 'tensor "conv1.weight"',
                         "1099511627776x3x3x3", "2^31 values or more"),
    "overflowing_weight_dims": (set_dims(2**62, 2**62, 3, 3), 'tensor "conv1.weight"',
                                "2^31 values or more"),
    "empty_huge_weight_dims": (set_dims(0, 2**40, 2**40, 3), 'tensor "conv1.weight"',
                               "2^31 values or more"),
    "many_weight_dims": (set_dims(*[1] * 5000), 'tensor "conv1.weight"', "5000 dimensions"),
    "zero_kernel": (set_numbers(0, "kernel_shape", [0, 3]), 'node "conv1"',
                    'attribute "kernel_shape" is 0x3, but the weight has the shape 4x3x3x3'),
    "wrong_kernel": (set_numbers(0, "kernel_shape", [5, 5]), 'node "conv1"', "is 5x5",
                     "4x3x3x3"),
    "negative_pads": (set_numbers(0, "pads", [1, -1, 1, 1]), 'node "conv1"', '"pads" holds -1'),
    "huge_pads": (set_numbers(0, "pads", [2**62] * 4), 'node "conv1"', '"pads" holds 4611686018'),
    "two_pads": (set_numbers(0, "pads", [1, 1]), 'node "conv1"',
                 '"pads" has 2 values; expected 4'),
    "zero_groups": (set_integer(0, "group", 0), 'node "conv1"', "group is 0; expected a divisor"),
    "uneven_groups": (set_integer(0, "group", 2), 'node "conv1"',
                      "group is 2; expected a divisor of the 3 input and 4 output channels"),
    "transposed_gemm": (set_integer(3, "transB", 0), 'node "fc"',
                        "the shapes 1x256 and 10x256 do not multiply"),
    "quant_without_narrow": (quant(signed=1), 'node "q"', 'attribute "narrow" is missing'),
    "quant_rounding": (quant(narrow=0, rounding_mode="NEAREST"), 'node "q"',
                       '"rounding_mode" is "NEAREST"; expected ROUND'),
    "quant_33_bits": (quant(bits=33.0, narrow=0), 'node "q"', "a bit width of 33"),
    "quant_half_bits": (quant(bits=2.5, narrow=0), 'node "q"', "a bit width of 2.5"),
    "quant_zero_scale": (quant(scale=0.0, narrow=0), 'node "q"', "the scale 0; expected scales"),
    "quant_nan_scale": (quant(scale=numpy.nan, narrow=0), 'node "q"', "the scale nan"),
    "dequantized_reals": (dequantize(numpy.int8(0), data=numpy.ones((4, 3, 3, 3), numpy.float32)),
                          'node "d"', "dequantizes real numbers; expected integers"),
    "real_zero_point": (dequantize(numpy.float32(0)), 'node "d"',
                        "input 2 holds real numbers; expected integers"),
    "integer_scale": (dequantize(numpy.int8(0), scale=numpy.int8(1)), 'node "d"',
                      "input 1 holds integers; expected real numbers"),
    "short_scale": (dequantize(numpy.zeros(3, numpy.int8), scale=numpy.ones(3, numpy.float32),
                               axis=0), 'node "d"', "the scale has the shape 3; expected one value"),
    "no_scale": (dequantize(numpy.zeros(0, numpy.int8), scale=numpy.ones(0, numpy.float32)),
                 'node "d"', "the scale has the shape 0; expected one value"),
    "diamond": (diamond, "a constant passes through more operators than an exporter would write"),
    "expanded_quantizer": (expanded_quantizer, 'node "e"',
                           "a constant passes through more operators"),
    "product_of_constants": (product_of_constants, 'node "conv1"', "a weight of 4000x4000"),
    "window_over_constants": (window_over_constants, 'node "conv1"', "4x3x513x513"),
    "fold_integers": (fold_integers, 'node "constant"', "input 0 holds integers"),
    "opset_0": (set_opset(0), "the opset is 0; expected 1 to 21"),
    "opset_99": (set_opset(99), "the opset is 99; expected 1 to 21"),
    "no_opset": (no_opset, "the model names no opset"),
    "ir_version": (set_ir_version(99), "the ONNX IR version is 99; expected 3 to 10"),
}

CUT_SHORT = "the file is not an ONNX model, or is cut short"


def raw_files():
    whole = model_bytes()
    noise = random.Random(1).randbytes(4096)
    yield "empty", b"", "the file is empty; expected an ONNX model"
    for length in (1, 10, 100, 1000, len(whole) // 2, len(whole) - 1):
        yield f"cut_at_{length}", whole[:length], CUT_SHORT
    yield "noise", noise, CUT_SHORT
    yield "noise_behind", whole + noise, CUT_SHORT
    yield "zeros", bytes(4096), CUT_SHORT
    yield "text", b"schema: pimento/network/1\n", CUT_SHORT
    # Four million empty nodes: two bytes of the file each, and a hundred times that in memory.
    nodes = b"\x0a\x00" * 4_000_000
    graph = b"\x3a" + varint(len(nodes)) + nodes
    yield "empty_nodes", b"\x08\x08" + graph, "far more memory than the file has bytes"
    # Sub-graphs within attributes of nodes, each within the other.
    nested = b""
    for _ in range(2000):
        for tag in (b"\x32", b"\x2a", b"\x0a"):
            nested = tag + varint(len(nested)) + nested
    yield "nested", b"\x08\x08\x3a" + varint(len(nested)) + nested, CUT_SHORT


def varint(number):
    digits = bytearray()
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)


COMMANDS = ("run", "compare", "map", "inspect")


def cases():
    """Each under one of the commands that read networks, in turn."""
    onnx.checker.check_model(whole_model())
    made = [(name, model_bytes(change), expects)
            for name, (change, *expects) in CHANGES.items()]
    made += [(name, content, [expected]) for name, content, expected in raw_files()]
    return [Case(f"onnx.{name}", (COMMANDS[number % len(COMMANDS)], f"./{name}.onnx"),
                 (f"{name}.onnx: ", *expects), {f"{name}.onnx": content})
            for number, (name, content, expects) in enumerate(made)]
