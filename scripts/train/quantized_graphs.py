# SPDX-License-Identifier: Apache-2.0
"""The digits network as ONNX graphs, in the ways that quantized networks are written down.

A network is a list of QuantizedLayers (digits_quantized.py makes them). All graphs have opset 13,
an open batch, the input `image` and the output `logits`; nodes and weights are named after the
layers.
"""

from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

POOL_BEHIND = {"conv2": "pool1", "conv4": "pool2"}
CONV = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
POOL = {"kernel_shape": [2, 2], "strides": [2, 2]}


class Steps(NamedTuple):
    """A symmetric grid: multiples of `scale`, one number or one a channel, within `bits`."""

    scale: np.ndarray
    bits: int
    signed: bool
    narrow: bool  # without the lowest value

    @property
    def low(self):
        return -2 ** (self.bits - 1) + self.narrow if self.signed else 0

    @property
    def high(self):
        return 2 ** (self.bits - 1) - 1 if self.signed else 2**self.bits - 1 - self.narrow

    def shaped(self, rank):
        """The scale, to be broadcast over the first axis of an array."""
        return self.scale.reshape(-1, *[1] * (rank - 1)) if self.scale.ndim else self.scale

    def integers(self, values):
        return np.rint(np.clip(values / self.shaped(values.ndim), self.low, self.high)) \
            .astype(np.int64)


class QuantizedLayer(NamedTuple):
    name: str
    weight: np.ndarray  # real values: {out, in, 3, 3} or {out, in}
    bias: np.ndarray
    weight_steps: Steps
    input_steps: Steps

    @property
    def sum_scale(self):
        """What one step of a sum of products is worth, one a channel."""
        return (self.weight_steps.scale * self.input_steps.scale).astype(np.float32)

    @property
    def whole_bias(self):
        return np.rint(self.bias / self.sum_scale).astype(np.int32)


class Graph:
    """Collects nodes and constants."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def constant(self, name, value, kind=None):
        self.constants[name] = numpy_helper.from_array(np.asarray(value, kind), name)
        return name

    def node(self, operator, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def model(self, name, domains=()):
        shape = ["batch", 1, 8, 8]
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
            list(self.constants.values()))
        opsets = [helper.make_opsetid("", 13)] + [helper.make_opsetid(each, 1) for each in domains]
        model = helper.make_model(graph, producer_name="pimento", opset_imports=opsets)
        model.ir_version = 7
        onnx.checker.check_model(model)
        return model


def quantize_linear(graph, x, name, scale, zero_point):
    scale = graph.constant(f"{name}.scale", scale, np.float32)
    zero_point = graph.constant(f"{name}.zero_point", zero_point, np.uint8)
    return graph.node("QuantizeLinear", [x, scale, zero_point], f"{name}.quantized")


def there_and_back(graph, x, name, scale, zero_point=0):
    """QuantizeLinear and DequantizeLinear to unsigned 8 bits."""
    quantized = quantize_linear(graph, x, name, scale, zero_point)
    return graph.node("DequantizeLinear",
                      [quantized, f"{name}.scale", f"{name}.zero_point"], f"{name}.dequantized")


def dequantized_constant(graph, name, integers, scale):
    zero_point = np.zeros(scale.shape, integers.dtype)
    return graph.node("DequantizeLinear", [graph.constant(name, integers),
                                           graph.constant(f"{name}.scale", scale, np.float32),
                                           graph.constant(f"{name}.zero_point", zero_point)],
                      f"{name}.dequantized", axis=0)


def qdq_network(layers, logits_scale, logits_zero):
    """QuantizeLinear and DequantizeLinear around float operators: weights int8 and biases int32
    with a scale a channel, activations uint8, also around poolings, and the logits."""
    graph = Graph()
    x = there_and_back(graph, "image", "image", layers[0].input_steps.scale)
    for layer, following in zip(layers, [*layers[1:], None]):
        weight = dequantized_constant(graph, f"{layer.name}.weight", layer.weight_steps.integers(
            layer.weight).astype(np.int8), layer.weight_steps.scale)
        bias = dequantized_constant(graph, f"{layer.name}.bias", layer.whole_bias, layer.sum_scale)
        if following is None:
            x = graph.node("Flatten", [x], "flatten")
            x = graph.node("Gemm", [x, weight, bias], layer.name, transB=1)
            break
        scale = following.input_steps.scale
        x = graph.node("Conv", [x, weight, bias], layer.name, **CONV)
        relu = layer.name.replace("conv", "relu")
        x = there_and_back(graph, graph.node("Relu", [x], relu), relu, scale)
        pool = POOL_BEHIND.get(layer.name)
        if pool:
            x = there_and_back(graph, graph.node("MaxPool", [x], pool, **POOL), pool, scale)
    quantized = quantize_linear(graph, x, "logits", logits_scale, logits_zero)
    graph.node("DequantizeLinear", [quantized, "logits.scale", "logits.zero_point"], "logits")
    return graph.model("digits_qdq8")


def qlinear_network(layers, fc_scale, fc_zero):
    """QLinearConv and QLinearMatMul on integers throughout. ReLUs are the lower limit of uint8, as
    the zero points of convolutions are 0; the bias of the last layer is added as a real number,
    because QLinearMatMul has none, and its weights have one scale."""
    graph = Graph()
    x = quantize_linear(graph, "image", "image", layers[0].input_steps.scale, 0)
    x_names = ["image.scale", "image.zero_point"]
    for layer, following in zip(layers[:-1], layers[1:]):
        name, channels = layer.name, len(layer.bias)
        weight = layer.weight_steps.integers(layer.weight).astype(np.int8)
        y_names = [graph.constant(f"{name}.scale", following.input_steps.scale, np.float32),
                   graph.constant(f"{name}.zero_point", 0, np.uint8)]
        x = graph.node("QLinearConv", [
            x, *x_names, graph.constant(f"{name}.weight", weight),
            graph.constant(f"{name}.weight.scale", layer.weight_steps.scale, np.float32),
            graph.constant(f"{name}.weight.zero_point", np.zeros(channels, np.int8)), *y_names,
            graph.constant(f"{name}.bias", layer.whole_bias)], name, **CONV)
        x_names = y_names
        pool = POOL_BEHIND.get(name)
        if pool:
            x = graph.node("MaxPool", [x], pool, **POOL)
    fc = layers[-1]
    y_names = [graph.constant("fc.scale", fc_scale, np.float32),
               graph.constant("fc.zero_point", fc_zero, np.uint8)]
    x = graph.node("QLinearMatMul", [
        graph.node("Flatten", [x], "flatten"), *x_names,
        graph.constant("fc.weight", fc.weight_steps.integers(fc.weight).astype(np.int8).T.copy()),
        graph.constant("fc.weight.scale", fc.weight_steps.scale, np.float32),
        graph.constant("fc.weight.zero_point", 0, np.int8), *y_names], "fc")
    x = graph.node("DequantizeLinear", [x, *y_names], "fc.dequantized")
    graph.node("Add", [x, graph.constant("fc.bias", fc.bias, np.float32)], "logits")
    return graph.model("digits_qlinear8")


def quant(graph, x, name, steps, scale, domain):
    """QONNX's Quant: round(clip(x / scale + zero point)) back to real values."""
    return graph.node("Quant", [
        x, graph.constant(f"{name}.scale", scale, np.float32),
        graph.constant(f"{name}.zero_point", 0.0, np.float32),
        graph.constant(f"{name}.bits", steps.bits, np.float32)], f"{name}.quantized",
        domain=domain, signed=int(steps.signed), narrow=int(steps.narrow), rounding_mode="ROUND")


def qonnx_network(layers, name, domain, as_matmul):
    """Quant nodes of any number of bits before weights and inputs. The last layer is a Gemm, or a
    MatMul and an Add."""
    graph = Graph()
    x = quant(graph, "image", "image", layers[0].input_steps, layers[0].input_steps.scale, domain)
    for layer, following in zip(layers[:-1], layers[1:]):
        weight = quant(graph, graph.constant(f"{layer.name}.weight", layer.weight, np.float32),
                       f"{layer.name}.weight", layer.weight_steps, layer.weight_steps.shaped(4),
                       domain)
        bias = graph.constant(f"{layer.name}.bias", layer.bias, np.float32)
        x = graph.node("Conv", [x, weight, bias], layer.name, **CONV)
        relu = layer.name.replace("conv", "relu")
        x = quant(graph, graph.node("Relu", [x], relu), relu, following.input_steps,
                  following.input_steps.scale, domain)
        pool = POOL_BEHIND.get(layer.name)
        if pool:
            x = graph.node("MaxPool", [x], pool, **POOL)
    x = graph.node("Flatten", [x], "flatten")
    fc = layers[-1]
    weight, scale = fc.weight, fc.weight_steps.shaped(2)
    if as_matmul:
        weight, scale = weight.T.copy(), scale.T.copy()
    weight = quant(graph, graph.constant("fc.weight", weight, np.float32), "fc.weight",
                   fc.weight_steps, scale, domain)
    bias = graph.constant("fc.bias", fc.bias, np.float32)
    if as_matmul:
        graph.node("Add", [graph.node("MatMul", [x, weight], "fc"), bias], "logits")
    else:
        graph.node("Gemm", [x, weight, bias], "fc", transB=1)
        graph.nodes[-1].output[0] = "logits"
    return graph.model(name, [domain])
