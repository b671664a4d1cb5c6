#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the outputs that scripts/oracle/make_references.sh stored against the networks beside them,
computed once more in numpy in double precision, where integers and their sums are exact.

Two computations that round alike give the same integers, so that logits differ by far less than one
of their steps; a network that was written anew without its outputs does not pass.
"""

import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

DATA = Path(__file__).resolve().parents[1] / "data"
IMAGES = DATA.parents[1] / "configs/networks/digits_cnn.npz"
FOLDER = DATA / "quantized"
NAMES = ("digits_mixed", "digits_qdq8", "digits_qlinear8", "digits_qonnx4")


def conv(x, weight):
    """3x3 windows with a border of one zero."""
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    return np.einsum("bchwij,ocij->bohw", windows, weight, optimize=True)


def per_channel(values):
    return values[:, None, None]


def to_uint8(values, zero_point):
    return np.clip(np.rint(values) + zero_point, 0, 255)


def dequantize(_, x, scale, zero_point):
    if scale.ndim:
        scale, zero_point = (each.reshape(-1, *[1] * (x.ndim - 1)) for each in (scale, zero_point))
    return (x - zero_point) * scale


def qlinear_conv(_, x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias):
    sums = conv(x - x_zero, w - w_zero[:, None, None, None]) + per_channel(bias)
    return to_uint8(sums * per_channel(x_scale * w_scale / y_scale), y_zero)


def qlinear_matmul(_, a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero):
    return to_uint8((a - a_zero) @ (b - b_zero) * (a_scale * b_scale / y_scale), y_zero)


def max_pool(_, x):
    batch, channels, height, width = x.shape
    return x.reshape(batch, channels, height // 2, 2, width // 2, 2).max((3, 5))


def quant(attributes, x, scale, zero_point, bits):
    bits, narrow = int(bits), attributes["narrow"]
    low, high = ((-2 ** (bits - 1) + narrow, 2 ** (bits - 1) - 1) if attributes["signed"]
                 else (0, 2**bits - 1 - narrow))
    return (np.rint(np.clip(x / scale + zero_point, low, high)) - zero_point) * scale


OPERATORS = {
    "Conv": lambda _, x, weight, bias: conv(x, weight) + per_channel(bias),
    "Relu": lambda _, x: np.maximum(x, 0.0),
    "MaxPool": max_pool,
    "Flatten": lambda _, x: x.reshape(len(x), -1),
    "Gemm": lambda _, x, weight, bias: x @ weight.T + bias,
    "MatMul": lambda _, a, b: a @ b,
    "Add": lambda _, a, b: a + b,
    "QuantizeLinear": lambda _, x, scale, zero_point: to_uint8(x / scale, zero_point),
    "DequantizeLinear": dequantize,
    "QLinearConv": qlinear_conv,
    "QLinearMatMul": qlinear_matmul,
    "Quant": quant,
}


def run(model, images):
    values = {tensor.name: numpy_helper.to_array(tensor).astype(float)
              for tensor in model.graph.initializer}
    values["image"] = images.astype(float)
    for node in model.graph.node:
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](
            attributes, *(values[name] for name in node.input))
    return values["logits"]


class QuantizedNetworks(unittest.TestCase):
    def test_stored_outputs_are_those_of_the_networks(self):
        with np.load(IMAGES) as data:
            images, labels = data["images"][:64], data["labels"][:64]
        self.assertEqual(sorted(path.stem for path in FOLDER.glob("*.onnx")), list(NAMES))
        for name in NAMES:
            with self.subTest(name):
                with np.load(FOLDER / f"{name}.outputs.npz") as data:
                    outputs, step = data["outputs"], data["step"]
                self.assertEqual((outputs.dtype, outputs.shape, step.shape),
                                 (np.float32, (64, 10), (10,)))
                logits = run(onnx.load(str(FOLDER / f"{name}.onnx")), images)
                self.assertLess(np.abs(logits - outputs).max(), 1e-5)
                self.assertLess((np.abs(logits - outputs) / step).max(), 0.25)
                self.assertEqual(int((outputs.argmax(1) == labels).sum()), 64)


if __name__ == "__main__":
    unittest.main()
