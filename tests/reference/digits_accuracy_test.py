#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs configs/networks/digits_cnn.onnx on the committed test images with a forward pass of its
own, in numpy, and holds its accuracy to 97 %.

Usage: digits_accuracy_test.py [model.onnx [images.npz]]
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
REQUIRED_ACCURACY = 0.97


def windows(x, attributes, padding):
    """Every window of x, as [batch, channels, out_height, out_width, kernel_h, kernel_w]."""
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET" or attributes.get("ceil_mode", 0):
        raise NotImplementedError("auto_pad and ceil_mode")
    if any(step != 1 for step in attributes.get("dilations", [1, 1])):
        raise NotImplementedError("dilated windows")
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=padding)
    views = np.lib.stride_tricks.sliding_window_view(x, attributes["kernel_shape"], axis=(2, 3))
    down, across = attributes.get("strides", [1, 1])
    return views[:, :, ::down, ::across]


def conv(attributes, x, weight, bias=None):
    if attributes.get("group", 1) != 1:
        raise NotImplementedError("grouped convolution")
    attributes = {**attributes, "kernel_shape": weight.shape[2:]}
    y = np.einsum("bchwij,ocij->bohw", windows(x, attributes, 0.0), weight, optimize=True)
    return y if bias is None else y + bias[:, None, None]


def average_pool(attributes, x):
    sums = windows(x, attributes, 0.0).sum(axis=(4, 5))
    if attributes.get("count_include_pad", 0):
        return sums / np.prod(attributes["kernel_shape"])
    return sums / windows(np.ones_like(x), attributes, 0.0).sum(axis=(4, 5))


def gemm(attributes, a, b, c=0.0):
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    return attributes.get("alpha", 1.0) * (a @ b) + attributes.get("beta", 1.0) * c


def batch_normalization(attributes, x, scale, shift, mean, variance):
    factor = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    return x * factor[:, None, None] + (shift - mean * factor)[:, None, None]


def flatten(attributes, x):
    axis = attributes.get("axis", 1)
    return x.reshape(int(np.prod(x.shape[:axis])), -1)


OPERATORS = {
    "Conv": conv,
    "Relu": lambda _, x: np.maximum(x, 0.0),
    "MaxPool": lambda attributes, x: windows(x, attributes, -np.inf).max(axis=(4, 5)),
    "AveragePool": average_pool,
    "GlobalAveragePool": lambda _, x: x.mean(axis=(2, 3), keepdims=True),
    "BatchNormalization": batch_normalization,
    "Add": lambda _, a, b: a + b,
    "Flatten": flatten,
    "Gemm": gemm,
    "Identity": lambda _, x: x,
}


def forward(model, images):
    """The value of the graph's first output, computed in double precision."""
    values = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64)
              for tensor in model.graph.initializer}
    image_name = next(value.name for value in model.graph.input if value.name not in values)
    values[image_name] = images.astype(np.float64)
    for node in model.graph.node:
        attributes = {attribute.name: onnx.helper.get_attribute_value(attribute)
                      for attribute in node.attribute}
        inputs = [values[name] for name in node.input if name]
        values[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
    return values[model.graph.output[0].name]


def main():
    model_path = sys.argv[1] if len(sys.argv) > 1 else ROOT / "configs/networks/digits_cnn.onnx"
    images_path = sys.argv[2] if len(sys.argv) > 2 else ROOT / "configs/networks/digits_cnn.npz"
    model = onnx.load(str(model_path))
    onnx.checker.check_model(model, full_check=True)
    with np.load(images_path) as data:
        images, labels = data["images"], data["labels"]
    assert images.shape == (360, 1, 8, 8) and images.dtype == np.float32, images.shape
    assert labels.shape == (360,) and labels.dtype == np.int64, labels.shape
    assert images.min() == 0.0 and images.max() == 1.0, "images are not pixels / 16"
    assert set(labels) == set(range(10)), "a digit is missing"

    right = int((forward(model, images).argmax(axis=1) == labels).sum())
    accuracy = right / len(labels)
    print(f"{right} of {len(labels)} images right: accuracy {100 * accuracy:.2f} %")
    assert accuracy >= REQUIRED_ACCURACY, f"below {100 * REQUIRED_ACCURACY:.0f} %"


if __name__ == "__main__":
    main()
