#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs tests/data/digits/digits_bsq.yaml, which scripts/import/bsq.py made from a checkpoint of
scripts/train/digits_bsq.py, on the held-out images, in numpy and in whole numbers.

A layer whose weights and inputs are quantized computes sum(q x) in integers and multiplies by both
scales afterwards. The accuracy must be the one that training printed: 358 of 360.
"""

import unittest
from pathlib import Path

import numpy as np
import yaml

DATA = Path(__file__).resolve().parents[1] / "data"
IMAGES = DATA.parents[1] / "configs/networks/digits_cnn.npz"
RIGHT = 358


def quantized(x, form):
    """(integers, step an image) of an input_quantization."""
    top = 2**form["bits"] - 1
    step = np.full((len(x), *[1] * (x.ndim - 1)), form["scale"], object)
    if form["scale"] == "max_abs":
        step = np.abs(x).max(axis=tuple(range(1, x.ndim)), keepdims=True) / top
    step = np.where(step > 0, step, 1.0).astype(float)
    integers = np.rint(x / step) + form["zero_point"]
    return np.clip(integers, 0, top).astype(np.int64) - form["zero_point"], step


def product(layer, x, weights):
    """Convolution or linear layer, exact on integers."""
    if layer["op"] == "linear":
        return x @ weights.T
    pad = layer.get("pad", 0)
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    return np.einsum("bchwij,ocij->bohw", windows, weights, optimize=True)


def max_pool(x, size):
    batch, channels, height, width = x.shape
    return x.reshape(batch, channels, height // size, size, width // size, size).max((3, 5))


def batch_norm(layer, x, values):
    scale, shift, mean, variance = (values[layer[key]].astype(float)[:, None, None]
                                    for key in ("scale", "shift", "mean", "variance"))
    return (x - mean) / np.sqrt(variance + layer.get("epsilon", 1e-5)) * scale + shift


def run(layer, x, values):
    if layer["op"] in ("conv", "linear"):
        integers, step = quantized(x, layer["input_quantization"])
        form = layer["weight_quantization"]
        sums = product(layer, integers, values[layer["weight"]].astype(np.int64))
        bias = values[layer["bias"]].astype(float) if "bias" in layer else 0.0
        return sums * step * form["scale"] + bias
    return {"batch_norm": lambda: batch_norm(layer, x, values),
            "relu": lambda: np.maximum(x, 0.0),
            "max_pool": lambda: max_pool(x, layer["kernel"]),
            "flatten": lambda: x.reshape(len(x), -1)}[layer["op"]]()


class DigitsBsq(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fields = yaml.safe_load((DATA / "digits/digits_bsq.yaml").read_text())
        with np.load(DATA / "digits" / cls.fields["weights"]["file"]) as data:
            cls.values = {key: data[key] for key in data.files}
        cls.layers = {layer["name"]: layer for layer in cls.fields["layers"]}

    def test_bits_of_the_layers(self):
        self.assertEqual({name: layer["weight_quantization"]["bits"]
                          for name, layer in self.layers.items() if "weight" in layer},
                         {"conv1": 8, "conv2": 5, "conv3": 3, "conv4": 2, "fc": 6})

    def test_integers_are_within_their_bits_and_planes(self):
        for name, layer in self.layers.items():
            if "weight" not in layer:
                continue
            with self.subTest(name):
                integers, form = self.values[layer["weight"]], layer["weight_quantization"]
                self.assertEqual(integers.dtype, np.int32)
                every = int(np.bitwise_or.reduce(np.abs(integers).reshape(-1)))
                self.assertEqual([plane for plane in range(32) if every >> plane & 1],
                                 form["planes"])
                self.assertLess(np.abs(integers).max(), 2**form["bits"])

    def test_accuracy_is_that_of_the_checkpoint(self):
        with np.load(IMAGES) as data:
            x, labels = data["images"].astype(float), data["labels"]
        for layer in self.fields["layers"]:
            x = run(layer, x, self.values)
        self.assertEqual(int((x.argmax(1) == labels).sum()), RIGHT)


if __name__ == "__main__":
    unittest.main()
