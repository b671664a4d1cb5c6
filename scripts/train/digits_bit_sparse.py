#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains configs/networks/digits_cnn.onnx on until bit planes of its weights are empty, and writes
the two networks that are shipped for mappings which leave empty planes out:

    scripts/train/digits_bit_sparse.py --groups layer    digits_cnn_bsq.onnx, .npz
    scripts/train/digits_bit_sparse.py --groups block    digits_cnn_bwq.onnx, .npz

Weights are integers of sign and 7 magnitude bits (8 bits in two's complement) with one scale a
layer. Their planes are trained as real numbers between 0 and 2, one set for the positive and one
for the negative part, as in BSQ (Yang et al., ICLR 2021, arXiv 2102.10462). A group lasso drives
planes of a group to zero: a group is a layer, as in BSQ, or 9 rows of its im2col matrix by 8 output
channels, as in BWQ (arXiv 2310.12182). At intervals planes at either end of a group whose root mean
square fell below `EMPTY` are trimmed for good, and the weights quantized to what is left. At the
end the integers are trained on within the planes their group has kept.

Other than in either paper: the penalty is a proximal step, so that its strength depends on no size,
is greater on low planes, and
rests while the running loss is above a bound; planes stay real numbers when others are trimmed;
inputs of layers have fixed scales and 4 bits (5 for the image's steps of 1/16), not PACT's; no
batch normalization, which was folded before; and planes that were trimmed stay in the file as zeros
of 8-bit integers, as it is the mapping's work to find them.

Data, split and the held-out images are those of digits_cnn.py. The numbers of rounds and epochs were
set by hand until the held-out accuracy came within a point or so of the float one, so that accuracy
is no unseen test. The images are written beside each network, as the program looks for them there
(compressed, 14 KiB). The same library versions on the same processor give the same bytes. Needs
python3-torch, python3-sklearn and python3-onnx.
"""

import argparse
import math
import time

import numpy as np
import torch
from digits_cnn import ROOT, SEED, accuracy, load_split, replace_file, shifted
from digits_quantized import FOUR_BITS, NAMES, QuantizedDigits, float_layers, input_steps
from quantized_graphs import QuantizedLayer, Steps, qonnx_network
from torch import nn

BITS = 7  # of a magnitude
BLOCK_ROWS, BLOCK_COLUMNS = 9, 8
EMPTY = 0.12  # root mean square below which a plane is trimmed: 1 one in 70
ROUNDS, ROUND_EPOCHS, FINETUNE_EPOCHS, BATCH = 3, 15, 60, 64
MOST_GRADIENT = 2.0
RATE, FINETUNE_RATE = 0.005, 1e-3  # of real values, whatever planes they are made of
# Taken off a plane's root mean square a step: most off the lowest, whose loss costs least, as the
# top planes of weights with outliers hold few ones anyway.
STRENGTHS = 8e-3 * 2.0 ** (-0.5 * torch.arange(BITS))


def straight_through(value, rounded):
    """`rounded` forwards, the gradient of `value` backwards."""
    return value + (rounded - value).detach()


def block_numbers(shape):
    """The block of each weight of {out, in ...}: the same 9 rows and 8 output channels."""
    rows, columns = math.prod(shape[1:]), shape[0]
    row_blocks = torch.arange(rows) // BLOCK_ROWS
    column_blocks = torch.arange(columns) // BLOCK_COLUMNS
    return (column_blocks[:, None] * (row_blocks[-1] + 1) + row_blocks).reshape(-1)


class PlaneWeight(nn.Module):
    """A layer's weights as planes {weight, plane}, least significant first; `low` and `high` bound
    the planes that each group has kept."""

    def __init__(self, values, groups):
        super().__init__()
        self.shape = values.shape
        self.scale = (values.abs().max() / (2**BITS - 1)).item()
        count = values.numel()
        self.group = torch.zeros(count, dtype=torch.long) if groups == "layer" \
            else block_numbers(values.shape)
        self.sizes = torch.bincount(self.group).float()
        self.low = torch.zeros(len(self.sizes), dtype=torch.long)
        self.high = torch.full_like(self.low, BITS)
        self.latent = None  # real steps of the scale, once planes are settled
        integers = torch.round(values.reshape(-1) / self.scale)
        shifts = torch.arange(BITS)
        self.positive, self.negative = (
            nn.Parameter(((sign * integers).clamp(min=0).long()[:, None] >> shifts & 1).float())
            for sign in (1, -1))

    def on_grid(self, steps):
        """The nearest integers whose planes are all kept."""
        unit = (2.0**self.low)[self.group]
        most = (2.0**self.high)[self.group] - unit
        return torch.minimum(torch.maximum(torch.round(steps / unit) * unit, -most), most)

    def steps(self):
        if self.latent is not None:
            return self.latent
        return ((self.positive - self.negative) * 2.0 ** torch.arange(BITS)).sum(1)

    def integers(self):
        return self.on_grid(self.steps()).detach().reshape(self.shape)

    def forward(self):
        steps = self.steps()
        return self.scale * straight_through(steps, self.on_grid(steps)).reshape(self.shape)

    def gain(self):
        """How far a real weight moves where each of its planes does by its own gradient."""
        return self.scale**2 * (4**BITS - 1) / 3

    def root_mean_squares(self):
        squares = self.positive.detach()**2 + self.negative.detach()**2
        sums = torch.zeros(len(self.sizes), BITS).index_add_(0, self.group, squares)
        return torch.sqrt(sums / self.sizes[:, None])

    @torch.no_grad()
    def shrink(self):
        """The proximal step of the group lasso, then BSQ's range of a plane."""
        rms = self.root_mean_squares()
        every = torch.arange(BITS)
        kept = (every >= self.low[:, None]) & (every < self.high[:, None])
        factor = ((1.0 - STRENGTHS / rms.clamp(min=1e-9)).clamp(min=0.0) * kept)[self.group]
        for planes in (self.positive, self.negative):
            planes.mul_(factor).clamp_(0, 2)

    @torch.no_grad()
    def trim(self):
        """Cuts off planes at both ends of each group that are as good as empty; from now on its
        weights are rounded and limited to what is kept. Planes that stay keep their real values,
        so that the penalty goes on where it stopped."""
        is_full = self.root_mean_squares() >= EMPTY
        every = torch.arange(BITS).expand_as(is_full)
        self.low = torch.where(is_full, every, BITS).amin(1)
        self.high = torch.where(is_full, every + 1, 0).amax(1)
        self.low = torch.minimum(self.low, self.high)
        kept = (every >= self.low[:, None]) & (every < self.high[:, None])
        for planes in (self.positive, self.negative):
            planes.mul_(kept[self.group])

    @torch.no_grad()
    def settle(self):
        self.latent = nn.Parameter(self.on_grid(self.steps()))

    def kept_bits(self):
        """Means over the weights: kept planes, and of these bounds."""
        shares = self.sizes / self.sizes.sum()
        low, high = ((each * shares).sum().item() for each in (self.low, self.high))
        return f"{high - low:.2f} ({low:.2f} to {high:.2f})"


class BitSparseDigits(QuantizedDigits):
    """The network with weights of planes."""

    def __init__(self, layers, groups, images):
        super().__init__(layers)
        with torch.no_grad():
            inputs = [x.numpy() for x in self.inputs_and_logits(images)[0]]
        self.input_steps = [input_steps(x, bits, index == 0)
                            for index, (x, bits) in enumerate(zip(inputs, FOUR_BITS[1]))]
        self.planes = nn.ModuleList([PlaneWeight(w.detach(), groups) for w in self.weights])
        del self.weights  # each pass makes them of the planes

    def inputs_and_logits(self, x):
        if "planes" in self._modules:
            self.weights = [each() for each in self.planes]
        return super().inputs_and_logits(x)

    def quantized_layers(self):
        found = []
        for planes, bias, name, steps in zip(self.planes, self.biases, NAMES, self.input_steps):
            scale = np.float32(planes.scale)
            found.append(QuantizedLayer(name, planes.integers().numpy() * scale,
                                        bias.detach().numpy(), Steps(scale, BITS + 1, True, True),
                                        steps))
        return found


def train_epochs(model, images, labels, optimizer, epochs, generator, bound):
    """With a bound of the running loss, the group lasso; without, learning rates that fall to
    zero."""
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    steps = epochs * math.ceil(len(images) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 1.0 if bound else 1.0 - step / steps)
    running = bound or 0.0
    for _ in range(epochs):
        for chosen in torch.randperm(len(images), generator=generator).split(BATCH):
            optimizer.zero_grad()
            loss = loss_of(model(shifted(images[chosen], generator)), labels[chosen])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), MOST_GRADIENT)
            optimizer.step()
            schedule.step()
            running = 0.9 * running + 0.1 * loss.item()
            if running < (bound or 0.0):
                for planes in model.planes:
                    planes.shrink()


def train(model, images, labels, bound, report):
    generator = torch.Generator().manual_seed(SEED)
    for _ in range(ROUNDS):
        # Planes are new parameters after each trimming, so the optimizer begins anew.
        optimizer = torch.optim.SGD(
            [{"params": list(model.biases)}] +
            [{"params": [planes.positive, planes.negative], "lr": RATE / planes.gain()}
             for planes in model.planes], lr=RATE, momentum=0.9)
        train_epochs(model, images, labels, optimizer, ROUND_EPOCHS, generator, bound)
        for planes in model.planes:
            planes.trim()
        report("trimmed")
    for planes in model.planes:
        planes.settle()
    # A step of a latent weight counts as much in every layer: rates are in real values.
    optimizer = torch.optim.Adam(
        [{"params": list(model.biases), "lr": FINETUNE_RATE}] +
        [{"params": [planes.latent], "lr": FINETUNE_RATE / planes.scale}
         for planes in model.planes])
    train_epochs(model, images, labels, optimizer, FINETUNE_EPOCHS, generator, None)
    report("trained on")


def density_lines(planes, name):
    """Shares of ones of each plane, most significant first, as sign and magnitude and in two's
    complement, and shares of 9x8 blocks of a plane without any."""
    integers = planes.integers().reshape(-1).long()
    blocks = block_numbers(planes.shape)
    lines = []
    for form, values in (("sign-magnitude", integers.abs()), ("two's complement", integers & 255)):
        planes_of = range(BITS - 1 + (form != "sign-magnitude"), -1, -1)
        ones = [(values >> plane & 1) for plane in planes_of]
        density = " ".join(f"{100 * each.float().mean():5.1f}" for each in ones)
        empty = " ".join(f"{100 * (torch.bincount(blocks, each.double()) == 0).float().mean():5.1f}"
                         for each in ones)
        lines += [f"{name:6}{form:17}ones %        {density}",
                  f"{'':23}empty 9x8 %   {empty}"]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", choices=("layer", "block"), required=True)
    parser.add_argument("--bound", type=float, default=0.45,
                        help="running loss above which the group lasso rests (default: 0.45)")
    parser.add_argument("--to", type=str, help="the file to write, without .onnx")
    arguments = parser.parse_args()
    name = "digits_cnn_bsq" if arguments.groups == "layer" else "digits_cnn_bwq"
    target = ROOT / "configs/networks" / name if arguments.to is None else arguments.to

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    start = time.monotonic()
    images, test_images, labels, test_labels = map(torch.from_numpy, load_split())
    layers = float_layers(ROOT / "configs/networks/digits_cnn.onnx")
    model = BitSparseDigits(layers, arguments.groups, images[:64])

    def report(what):
        bits = ", ".join(f"{layer} {planes.kept_bits()}"
                         for layer, planes in zip(NAMES, model.planes))
        with torch.no_grad():
            right = 100 * accuracy(model, images, labels)
        print(f"{time.monotonic() - start:5.0f} s  {what}: magnitude bits {bits}; training images "
              f"{right:.2f} %", flush=True)

    report("8 bits")
    train(model, images, labels, arguments.bound, report)
    for layer, planes in zip(NAMES, model.planes):
        print("\n".join(density_lines(planes, layer)))
    right = accuracy(model, test_images, test_labels)
    print(f"{len(test_images)} test images: accuracy {100 * right:.2f} %")

    graph = qonnx_network(model.quantized_layers(), name, "qonnx.custom_op.general", False)
    replace_file(type(ROOT)(f"{target}.onnx"),
                 lambda file: file.write(graph.SerializeToString(deterministic=True)))
    replace_file(type(ROOT)(f"{target}.npz"), lambda file: np.savez_compressed(
        file, images=test_images.numpy(), labels=test_labels.numpy()))
    print(f"written: {target}.onnx, {target}.npz")


if __name__ == "__main__":
    main()
