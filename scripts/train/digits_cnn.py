#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the small convolutional network that is shipped as configs/networks/digits_cnn.onnx.

Data: scikit-learn's copy of the UCI "Optical Recognition of Handwritten Digits" test set, 1797
images of 8x8 pixels with values 0..16. A stratified 360 of them are held out; nothing, not even
the number of epochs, is chosen on those.

Writes the model (ONNX opset 13, batch normalization folded into the convolutions, dynamic batch),
the held-out images (NPZ, uncompressed: `images` float32 [360, 1, 8, 8] = pixel / 16,
`labels` int64 [360]), and the first 64 training images, to calibrate quantizers on. The same library versions on the same processor give the same bytes.

Needs python3-torch, python3-sklearn and python3-onnx.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
TEST_IMAGES = 360
CALIBRATION_IMAGES = 64
PIXEL_RANGE = 16.0


class DigitsCnn(nn.Module):
    """Four 3x3 convolutions, two poolings, one linear layer: 35,114 parameters once folded."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.conv3, self.bn3 = nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.conv4, self.bn4 = nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(64 * 2 * 2, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.pool(torch.relu(self.bn2(self.conv2(x))))
        x = torch.relu(self.bn3(self.conv3(x)))
        x = self.pool(torch.relu(self.bn4(self.conv4(x))))
        return self.fc(self.dropout(torch.flatten(x, 1)))


def load_split():
    digits = load_digits()
    images = (digits.images / PIXEL_RANGE).astype(np.float32)[:, None, :, :]
    labels = digits.target.astype(np.int64)
    return train_test_split(images, labels, test_size=TEST_IMAGES, stratify=labels,
                            random_state=SEED)


def shifted(images, generator):
    """Every image moved by -1, 0 or 1 pixel in each direction, background filled in."""
    padded = nn.functional.pad(images, (1, 1, 1, 1))
    offsets = torch.randint(0, 3, (len(images), 2), generator=generator).tolist()
    return torch.stack([image[:, dy:dy + 8, dx:dx + 8]
                        for image, (dy, dx) in zip(padded, offsets)])


def train(model, images, labels, epochs, batch=64):
    generator = torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-2)
    steps = epochs * ((len(images) + batch - 1) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        for chosen in order.split(batch):
            optimizer.zero_grad()
            loss = loss_of(model(shifted(images[chosen], generator)), labels[chosen])
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()


def accuracy(model, images, labels):
    with torch.no_grad():
        return (model(images).argmax(1) == labels).double().mean().item()


def name_layers(model):
    """Names nodes and constants after the layers, in place of the exporter's counters."""
    counts, renamed = {}, {}
    constants = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        kind = {"Conv": "conv", "Gemm": "fc", "MaxPool": "pool"}.get(node.op_type,
                                                                    node.op_type.lower())
        counts[kind] = counts.get(kind, 0) + 1
        unnumbered = kind in ("fc", "flatten")
        node.name = kind if unnumbered else f"{kind}{counts[kind]}"
        for source, role in zip(node.input[1:], ("weight", "bias")):
            if source in constants:
                renamed[source] = f"{node.name}.{role}"
        for output in node.output:
            if output not in {value.name for value in model.graph.output}:
                renamed[output] = node.name
    for node in model.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    for tensor in model.graph.initializer:
        tensor.name = renamed.get(tensor.name, tensor.name)
    return model


def replace_file(path, write):
    """Writes beside `path` and renames, so that an interrupted run leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        write(file)
    os.replace(temporary, path)


def export(model, path):
    def write(file):
        torch.onnx.export(model, torch.zeros(1, 1, 8, 8), file, opset_version=13,
                          input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    replace_file(path, write)
    named = name_layers(onnx.load(path))
    named.graph.name = "digits_cnn"
    named = onnx.shape_inference.infer_shapes(named)
    onnx.checker.check_model(named)
    replace_file(path, lambda file: file.write(named.SerializeToString(deterministic=True)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--model", type=Path, default=ROOT / "configs/networks/digits_cnn.onnx")
    parser.add_argument("--images", type=Path, default=ROOT / "configs/networks/digits_cnn.npz")
    parser.add_argument("--calibration", type=Path,
                        default=ROOT / "tests/data/digits_calibration.npz",
                        help="where the first training images go, to calibrate quantizers on")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)

    train_images, test_images, train_labels, test_labels = load_split()
    model = DigitsCnn()
    start = time.monotonic()
    train(model, torch.from_numpy(train_images), torch.from_numpy(train_labels),
          arguments.epochs)
    seconds = time.monotonic() - start

    export(model, arguments.model)
    replace_file(arguments.images,
                 lambda file: np.savez(file, images=test_images, labels=test_labels))
    replace_file(arguments.calibration,
                 lambda file: np.savez_compressed(file, images=train_images[:CALIBRATION_IMAGES]))
    train_accuracy = accuracy(model, torch.from_numpy(train_images),
                              torch.from_numpy(train_labels))
    test_accuracy = accuracy(model, torch.from_numpy(test_images), torch.from_numpy(test_labels))
    print(f"{len(train_images)} training images: accuracy {100 * train_accuracy:.2f} %")
    print(f"{len(test_images)} test images: accuracy {100 * test_accuracy:.2f} %")
    print(f"{arguments.epochs} epochs in {seconds:.1f} s")
    for path in (arguments.model, arguments.images, arguments.calibration):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
