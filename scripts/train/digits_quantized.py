#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Quantizes configs/networks/digits_cnn.onnx and writes it in the forms that quantized networks
come in, as inputs to the importer's tests:

    digits_qdq8.onnx      8 bits, QuantizeLinear and DequantizeLinear; no training
    digits_qlinear8.onnx  8 bits, QLinearConv and QLinearMatMul; no training
    digits_qonnx4.onnx    4 bits, QONNX Quant nodes (domain qonnx.custom_op.general); trained on
    digits_mixed.onnx     2, 4 and 8 bits, the same with domain onnx.brevitas; trained on

8 bits: the scale is the largest value by the largest integer. digits_qlinear8 has int8 weights
within -63..63: on processors without instructions for it (VNNI), onnxruntime adds pairs of products
of uint8 and int8 in 16 bits, which overflow beyond that, and its outputs would be wrong.

Fewer bits: the scale of the least squared error, then some epochs of training with the scales held
and gradients passed straight through the rounding. Calibration and training see training images
only.

The same library versions on the same processor give the same bytes. Needs python3-torch,
python3-sklearn and python3-onnx.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from digits_cnn import ROOT, SEED, accuracy, load_split, replace_file, shifted
from onnx import numpy_helper
from quantized_graphs import (QuantizedLayer, Steps, qdq_network, qlinear_network,
                              qonnx_network)
from torch import nn

NAMES = ("conv1", "conv2", "conv3", "conv4", "fc")
# Bits of weights and of inputs, layer by layer. 5 bits hold the image's steps of 1/16.
FOUR_BITS = ((4, 4, 4, 4, 4), (5, 4, 4, 4, 4))
MIXED_BITS = ((8, 4, 4, 2, 8), (8, 4, 4, 2, 8))
EPOCHS, BATCH = 20, 64
SHARES = np.linspace(0.2, 1.0, 81)  # of the range, tried as the largest value of a grid


def float_layers(path):
    """{layer: (weight, bias)} of the float model."""
    constants = {tensor.name: numpy_helper.to_array(tensor)
                 for tensor in onnx.load(str(path)).graph.initializer}
    return {name: (constants[f"{name}.weight"], constants[f"{name}.bias"]) for name in NAMES}


def least_error_scale(values, bits, signed, narrow):
    """The scale with the least squared error on these values."""
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
    scales = np.float32(np.abs(values).max() / high) * SHARES.astype(np.float32)
    errors = []
    for scale in scales:
        steps = Steps(scale, bits, signed, narrow)
        errors.append(float(((steps.integers(values) * scale - values)**2).sum()))
    return scales[int(np.argmin(errors))]


def weight_steps(weight, bits, per_channel=True):
    """A narrow signed grid, so that it is symmetric."""
    channels = weight.reshape(len(weight), -1) if per_channel else weight.reshape(1, -1)
    if bits >= 7:
        scales = np.abs(channels).max(axis=1) / np.float32(2 ** (bits - 1) - 1)
    else:
        scales = np.array([least_error_scale(channel, bits, True, True) for channel in channels])
    scales = scales.astype(np.float32)
    return Steps(scales if per_channel else scales[0], bits, True, True)


def input_steps(values, bits, is_image):
    if is_image and bits == 5:
        scale = np.float32(1 / 16)
    elif bits == 8:
        scale = np.abs(values).max() / np.float32(255)
    else:
        scale = least_error_scale(values.reshape(-1)[::7], bits, False, False)
    return Steps(np.float32(scale), bits, False, False)


class QuantizedDigits(nn.Module):
    """The network with rounded weights and inputs of layers; gradients pass straight through.
    Without grids it is the float network."""

    def __init__(self, layers):
        super().__init__()
        self.weights = nn.ParameterList([torch.from_numpy(w.copy()) for w, _ in layers.values()])
        self.biases = nn.ParameterList([torch.from_numpy(b.copy()) for _, b in layers.values()])
        self.weight_steps = self.input_steps = (None,) * len(NAMES)

    @staticmethod
    def rounded(x, steps):
        if steps is None:
            return x
        scale = torch.from_numpy(np.array(steps.shaped(x.dim())))
        limited = torch.clamp(x / scale, steps.low, steps.high)
        return (limited + (torch.round(limited) - limited).detach()) * scale

    def inputs_and_logits(self, x):
        inputs = []
        for index, name in enumerate(NAMES):
            x = self.rounded(x, self.input_steps[index])
            inputs.append(x)
            weight = self.rounded(self.weights[index], self.weight_steps[index])
            if name == "fc":
                return inputs, nn.functional.linear(x, weight, self.biases[index])
            x = torch.relu(nn.functional.conv2d(x, weight, self.biases[index], padding=1))
            if name in ("conv2", "conv4"):
                x = nn.functional.max_pool2d(x, 2)
            if name == "conv4":
                x = x.flatten(1)
        raise AssertionError("the last layer returns")

    def forward(self, x):
        return self.inputs_and_logits(x)[1]

    def set_steps(self, weight_bits, input_bits, images, per_channel=(True,) * len(NAMES)):
        with torch.no_grad():
            inputs = [x.numpy() for x in self.inputs_and_logits(images)[0]]
        self.weight_steps = [weight_steps(w.detach().numpy(), bits, each)
                             for w, bits, each in zip(self.weights, weight_bits, per_channel)]
        self.input_steps = [input_steps(x, bits, index == 0)
                            for index, (x, bits) in enumerate(zip(inputs, input_bits))]

    def layers(self):
        return [QuantizedLayer(name, weight.detach().numpy(), bias.detach().numpy(), *steps)
                for name, weight, bias, *steps in zip(NAMES, self.weights, self.biases,
                                                      self.weight_steps, self.input_steps)]


def train_on(model, images, labels):
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images), generator=generator)
        for chosen in order.split(BATCH):
            optimizer.zero_grad()
            loss_of(model(shifted(images[chosen], generator)), labels[chosen]).backward()
            optimizer.step()
        schedule.step()


def unsigned_range(values):
    """Scale and zero point of uint8 that hold these values, and 0 exactly."""
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    scale = np.float32((high - low) / 255)
    return scale, np.uint8(np.rint(-low / scale))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "configs/networks/digits_cnn.onnx")
    parser.add_argument("--to", type=Path, default=ROOT / "tests/data/quantized", metavar="DIR")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    images, test_images, labels, test_labels = map(torch.from_numpy, load_split())
    floats = float_layers(arguments.model)

    def finish(name, model, graph):
        path = arguments.to / f"{name}.onnx"
        replace_file(path, lambda file: file.write(graph.SerializeToString(deterministic=True)))
        print(f"{path.name}: {path.stat().st_size} bytes; {len(test_images)} test images: accuracy "
              f"{100 * accuracy(model, test_images, test_labels):.2f} %")

    model = QuantizedDigits(floats)
    model.set_steps((8,) * 5, (8,) * 5, images)
    with torch.no_grad():
        logits = model(images).numpy()
    finish("digits_qdq8", model, qdq_network(model.layers(), *unsigned_range(logits)))

    model = QuantizedDigits(floats)
    model.set_steps((7,) * 5, (8,) * 5, images, (True, True, True, True, False))
    with torch.no_grad():
        sums = (model(images) - model.biases[-1]).numpy()
    finish("digits_qlinear8", model, qlinear_network(model.layers(), *unsigned_range(sums)))

    for name, bits, domain, as_matmul in (
            ("digits_qonnx4", FOUR_BITS, "qonnx.custom_op.general", False),
            ("digits_mixed", MIXED_BITS, "onnx.brevitas", True)):
        model = QuantizedDigits(floats)
        model.set_steps(*bits, images)
        train_on(model, images, labels)
        finish(name, model, qonnx_network(model.layers(), name, domain, as_matmul))


if __name__ == "__main__":
    main()
