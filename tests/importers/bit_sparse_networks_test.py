#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds configs/networks/digits_cnn_bsq.onnx and digits_cnn_bwq.onnx, which
scripts/train/digits_bit_sparse.py wrote, to what they are shipped for: bit planes without a one, by
layers and by blocks of 9 rows x 8 output channels, at nearly the accuracy of digits_cnn.onnx."""

import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from quantized_networks_test import run

NETWORKS = Path(__file__).resolve().parents[2] / "configs/networks"
LAYERS = ("conv1", "conv2", "conv3", "conv4", "fc")
# Magnitude planes that hold a one, 0 the least; of 7 in the file.
PLANES = {"conv1": [4, 5], "conv2": [4, 5], "conv3": [4, 5, 6], "conv4": [4, 5], "fc": [3, 4, 5, 6]}
# Percent of blocks of a magnitude plane without any one, over all 7 planes.
EMPTY_BLOCKS = {"conv1": 71.4, "conv2": 71.2, "conv3": 66.1, "conv4": 81.7, "fc": 52.7}
FLOAT_RIGHT = 359  # of 360, digits_cnn.onnx
RIGHT = {"bsq": 358, "bwq": 355}


def integers_of(model):
    """{layer: int64 {out, rows}} of the Quant nodes before weights."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = {}
    for layer in LAYERS:
        weight, bits = values[f"{layer}.weight"], values[f"{layer}.weight.bits"]
        steps = weight.astype(float) / values[f"{layer}.weight.scale"]
        assert bits == 8 and np.abs(steps - np.rint(steps)).max() < 1e-3
        found[layer] = np.rint(steps).astype(np.int64).reshape(len(weight), -1)
    return found


def magnitude_planes(integers):
    return [plane for plane in range(7) if (np.abs(integers) >> plane & 1).any()]


def empty_blocks(integers):
    """The share of blocks of a magnitude plane without any one, over all planes."""
    blocks = [np.abs(integers[column:column + 8, row:row + 9])
              for column in range(0, integers.shape[0], 8)
              for row in range(0, integers.shape[1], 9)]
    return np.mean([not (block >> plane & 1).any() for block in blocks for plane in range(7)])


class BitSparseNetworks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = {name: onnx.load(str(NETWORKS / f"digits_cnn_{name}.onnx"))
                      for name in ("bsq", "bwq")}

    def test_planes_of_layers(self):
        self.assertEqual({layer: magnitude_planes(integers) for layer, integers
                          in integers_of(self.models["bsq"]).items()}, PLANES)

    def test_planes_of_blocks(self):
        shares = {layer: round(100 * empty_blocks(integers), 1) for layer, integers
                  in integers_of(self.models["bwq"]).items()}
        self.assertEqual(shares, EMPTY_BLOCKS)

    def test_accuracy_is_that_of_training(self):
        for name, model in self.models.items():
            with self.subTest(name), np.load(NETWORKS / f"digits_cnn_{name}.npz") as data, \
                    np.load(NETWORKS / "digits_cnn.npz") as original:
                for key in ("images", "labels"):
                    np.testing.assert_array_equal(data[key], original[key])
                logits = run(model, data["images"])
                right = int((logits.argmax(1) == data["labels"]).sum())
                self.assertEqual(right, RIGHT[name])
                self.assertGreaterEqual(right, FLOAT_RIGHT - 4)


if __name__ == "__main__":
    unittest.main()
