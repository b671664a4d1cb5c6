#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the digits network with bit-level sparsity, as BSQ does (Yang et al., ICLR 2021, arXiv
2102.10462), and saves a checkpoint in BSQ's format for scripts/import/bsq.py.

A tensor of N bits is scale * q / (2^N - 1), and q a sum of bit planes that are trained as real
numbers between 0 and 2, one set for its positive and one for its negative part. A group lasso over
each plane of each layer drives planes to zero. At intervals the planes are made whole again, and
empty ones are cut off at both ends, so that each layer finds its own number of bits. At the end the
bits are frozen and the integers trained on.

Activations have 4 bits (`ACTIVATION_BITS`), x = m * round(15 x / m) / 15 with m the maximum of one
image's tensor, behind every ReLU. BSQ takes the maximum over a batch, which would make a result
depend on which images come together. Images are whole numbers of 1/16 and need no rounding.

Other than in BSQ: rates and the weight of the penalty are for the 920 steps that look for the bits
here, not for BSQ's 137,000; Adam in place of SGD in the last part; no shortcuts.

Data, split and the held-out images are those of digits_cnn.py; nothing is chosen on the latter.
Needs python3-torch, python3-sklearn and python3-onnx (which digits_cnn.py imports).
"""

import argparse
import math
import time
from collections import OrderedDict
from pathlib import Path

import torch
from digits_cnn import SEED, DigitsCnn, accuracy, load_split, replace_file, shifted, train
from torch import nn

START_BITS = 8
ACTIVATION_BITS = 4
FLOAT_EPOCHS, SPARSE_EPOCHS, ADJUST_EVERY, FINETUNE_EPOCHS = 20, 40, 10, 25
PLANE_RATE, SCALE_RATE, FINETUNE_RATE = 0.02, 1e-3, 2e-3
SMALLEST_SCALE = 1e-3
BATCH = 64


def straight_through(value, rounded):
    """`rounded` forwards, the gradient of `value` backwards."""
    return value + (rounded - value).detach()


def quantized_activation(x):
    top = 2**ACTIVATION_BITS - 1
    largest = x.detach().abs().amax(dim=tuple(range(1, x.dim())), keepdim=True)
    step = torch.where(largest > 0, largest, torch.ones_like(largest)) / top
    return straight_through(x, torch.round(x / step) * step)


class BitTensor(nn.Module):
    """A tensor made of bit planes, most significant first; or, once frozen, of whole numbers."""

    def __init__(self, values):
        super().__init__()
        largest = values.abs().max()
        self.scale = nn.Parameter(largest.clone())
        self.frozen = None
        self.set_integers(torch.round(values / largest * (2**START_BITS - 1)), START_BITS)

    def set_integers(self, integers, bits):
        shifts = torch.arange(bits - 1, -1, -1)
        positive, negative = (((sign * integers).clamp(min=0).long().unsqueeze(-1) >> shifts) & 1
                              for sign in (1, -1))
        self.bits = bits
        self.positive = nn.Parameter(positive.float())
        self.negative = nn.Parameter(negative.float())

    @property
    def top(self):
        return 2**self.bits - 1

    def fraction(self):
        """The tensor without its scale, unrounded."""
        if self.frozen is not None:
            return self.frozen
        powers = 2.0 ** torch.arange(self.bits - 1, -1, -1) / self.top
        return ((self.positive - self.negative) * powers).sum(-1)

    def forward(self):
        fraction = self.fraction()
        rounded = torch.round(fraction.clamp(-1, 1) * self.top) / self.top
        return self.scale * straight_through(fraction, rounded)

    def limit(self):
        """Keeps the planes in BSQ's range, and the scale from changing its sign."""
        self.positive.data.clamp_(0, 2)
        self.negative.data.clamp_(0, 2)
        self.scale.data.clamp_(min=SMALLEST_SCALE)

    def penalty(self):
        """The group lasso of all planes, times what the tensor takes: values times bits."""
        squares = (self.positive**2 + self.negative**2).flatten(0, -2).sum(0)
        return torch.sqrt(squares + 1e-8).sum() * self.count() * self.bits

    def count(self):
        return self.positive[..., 0].numel()

    @torch.no_grad()
    def adjust(self):
        """Makes the planes whole, takes on a bit where they outgrew theirs, and cuts off empty
        planes at both ends. One step of the integers keeps its size but for cut low planes."""
        step = self.scale / self.top
        integers = torch.round(self.fraction() * self.top)
        if integers.abs().max() > self.top and self.bits < START_BITS:
            self.bits += 1
        integers, bits = integers.clamp(-self.top, self.top), self.bits
        while bits > 1 and integers.abs().max() < 2**(bits - 1):
            bits -= 1
        while bits > 1 and not (integers % 2).any():
            integers, step, bits = integers / 2, step * 2, bits - 1
        self.set_integers(integers, bits)
        self.scale.data = step * self.top

    @torch.no_grad()
    def freeze(self):
        self.frozen = nn.Parameter(self.fraction())

    @torch.no_grad()
    def thaw(self):
        integers = torch.round(self.frozen.clamp(-1, 1) * self.top)
        self.frozen = None
        self.set_integers(integers, self.bits)


class BitLayer(nn.Module):
    """A convolution or linear layer with weights, and biases if any, of BitTensors."""

    def __init__(self, layer, bias):
        super().__init__()
        self.padding = getattr(layer, "padding", None)
        self.weight = BitTensor(layer.weight.data)
        self.bias = BitTensor(layer.bias.data) if bias else None

    def forward(self, x):
        bias = None if self.bias is None else self.bias()
        if self.padding is None:
            return nn.functional.linear(x, self.weight(), bias)
        return nn.functional.conv2d(x, self.weight(), bias, padding=self.padding)


class BitDigitsCnn(DigitsCnn):
    """DigitsCnn with BitLayers and quantized activations. Convolutions lose their biases, which
    the norms behind them take over."""

    def __init__(self, model):
        super().__init__()
        self.load_state_dict(model.state_dict())
        for number in range(1, 5):
            conv, norm = getattr(self, f"conv{number}"), getattr(self, f"bn{number}")
            norm.running_mean -= conv.bias.data
            setattr(self, f"conv{number}", BitLayer(conv, bias=False))
        self.fc = BitLayer(self.fc, bias=True)

    def forward(self, x):
        x = quantized_activation(torch.relu(self.bn1(self.conv1(x))))
        x = self.pool(quantized_activation(torch.relu(self.bn2(self.conv2(x)))))
        x = quantized_activation(torch.relu(self.bn3(self.conv3(x))))
        x = self.pool(quantized_activation(torch.relu(self.bn4(self.conv4(x)))))
        return self.fc(self.dropout(torch.flatten(x, 1)))

    def layers(self):
        return {name: layer for name, layer in self.named_children()
                if isinstance(layer, BitLayer)}

    def tensors(self):
        return [module for module in self.modules() if isinstance(module, BitTensor)]

    def penalty(self):
        tensors = self.tensors()
        return sum(each.penalty() for each in tensors) / sum(each.count() for each in tensors)


def train_epochs(model, images, labels, optimizer, epochs, generator, decay):
    """Trains with the penalty times `decay`; the learning rate falls to zero over the epochs
    when there is none."""
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    steps = epochs * math.ceil(len(images) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 1.0 if decay else 1.0 - step / steps)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        for chosen in order.split(BATCH):
            optimizer.zero_grad()
            loss = loss_of(model(shifted(images[chosen], generator)), labels[chosen])
            if decay:
                loss = loss + decay * model.penalty()
            loss.backward()
            optimizer.step()
            schedule.step()
            for tensor in model.tensors():
                tensor.limit()
    model.eval()


def train_sparse(model, images, labels, decay, report):
    """The part that finds the bits, then the part that trains the integers on."""
    generator = torch.Generator().manual_seed(SEED + 1)
    for _ in range(SPARSE_EPOCHS // ADJUST_EVERY):
        # Planes are new parameters after each adjustment, so the optimizer begins anew.
        scales = [tensor.scale for tensor in model.tensors()]
        others = [each for each in model.parameters() if all(each is not one for one in scales)]
        optimizer = torch.optim.SGD([{"params": others, "weight_decay": 1e-4},
                                     {"params": scales, "lr": SCALE_RATE}],
                                    lr=PLANE_RATE, momentum=0.9)
        train_epochs(model, images, labels, optimizer, ADJUST_EVERY, generator, decay)
        for tensor in model.tensors():
            tensor.adjust()
        report("planes trained")
    for tensor in model.tensors():
        tensor.freeze()
    optimizer = torch.optim.Adam(model.parameters(), lr=FINETUNE_RATE)
    train_epochs(model, images, labels, optimizer, FINETUNE_EPOCHS, generator, 0.0)
    for tensor in model.tensors():
        tensor.thaw()
    report("finetuned")


def bits_of(model):
    """BSQ's Nbit_dict: the bits of weights and of biases, 0 where there are none."""
    return {name: [layer.weight.bits, layer.bias.bits if layer.bias else 0]
            for name, layer in model.layers().items()}


def checkpoint(model, epoch, test_accuracy):
    """What BSQ saves at the end, under the names that DataParallel gives."""
    state = OrderedDict()
    for name, layer in model.layers().items():
        for what, scale in (("weight", "scale"), ("bias", "biasscale")):
            tensor = getattr(layer, what)
            if tensor is not None:
                state[f"module.{name}.p{what}"] = tensor.positive.data
                state[f"module.{name}.n{what}"] = tensor.negative.data
                state[f"module.{name}.{scale}"] = tensor.scale.data
    for name, value in model.state_dict().items():
        if name.startswith("bn"):
            state[f"module.{name}"] = value
    return {"Nbit_dict": bits_of(model), "epoch": epoch, "state_dict": state,
            "acc": 100 * test_accuracy, "best_acc": 100 * test_accuracy, "optimizer": {}}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True, metavar="CHECKPOINT.pth.tar")
    parser.add_argument("--decay", type=float, default=0.4,
                        help="weight of the penalty on bit planes, BSQ's alpha (default: 0.4)")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    start = time.monotonic()
    images, test_images, labels, test_labels = map(torch.from_numpy, load_split())

    float_model = DigitsCnn()
    train(float_model, images, labels, FLOAT_EPOCHS)
    model = BitDigitsCnn(float_model).eval()

    def report(what):
        bits = ", ".join(f"{name} {weights}" for name, (weights, _) in bits_of(model).items())
        print(f"{time.monotonic() - start:5.0f} s  {what}: bits {bits}; training images "
              f"{100 * accuracy(model, images, labels):.2f} %")

    report("8 bits")
    train_sparse(model, images, labels, arguments.decay, report)
    test_accuracy = accuracy(model, test_images, test_labels)
    epochs = SPARSE_EPOCHS + FINETUNE_EPOCHS
    replace_file(arguments.to, lambda file: torch.save(
        checkpoint(model, epochs, test_accuracy), file, _use_new_zipfile_serialization=False))
    counts = [(layer.weight.count(), layer.weight.bits) for layer in model.layers().values()]
    mean = sum(count * bits for count, bits in counts) / sum(count for count, _ in counts)
    print(f"{len(test_images)} test images: accuracy {100 * test_accuracy:.2f} %; "
          f"{mean:.2f} bits a weight")
    print(f"written: {arguments.to}")


if __name__ == "__main__":
    main()
