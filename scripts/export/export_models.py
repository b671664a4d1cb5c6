#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Exports well-known networks from torch as ONNX files, as their users would.

For every network: NAME.onnx (opset 13, batch 1, inference, random weights from a fixed seed), and
NAME.counts.json beside it with what count_model.py found in torch: `weights`, `macs`,
`attention_macs` (matmuls of two computed operands) and `layers`. The files are large (VGG-16:
553 MB) and not kept in the repository.

Needs python3-torch and python3-torchvision.
"""

import argparse
import gc
import json
import os
import time
import warnings
from pathlib import Path

import torch
import torchvision.models
from count_model import count_model
from transformers import Bert, Decoder

SEED = 1
OPSET = 13
IMAGE_SIZES = {"resnet18": 224, "vgg16": 224, "mobilenet_v2": 224, "alexnet": 224,
               "googlenet": 224, "inception_v3": 299, "densenet121": 224, "vit_b_16": 224,
               "shufflenet_v2_x1_0": 224, "efficientnet_b0": 224}
# The heads that only training uses are left out; the slow initialization, too.
OPTIONS = {"googlenet": {"aux_logits": False, "init_weights": False},
           "inception_v3": {"aux_logits": False, "init_weights": False}}
TRANSFORMERS = ("bert_base", "decoder")
NAMES = (*IMAGE_SIZES, *TRANSFORMERS)
BERT_TOKENS = 128
DECODER_TOKENS, DECODER_WORDS = 64, 1000


def build(name):
    """A network, its inputs by name, and the names of its outputs."""
    torch.manual_seed(SEED)
    if name == "bert_base":
        words = torch.randint(0, 30522, (1, BERT_TOKENS))
        inputs = {"input_ids": words, "token_type_ids": torch.zeros_like(words),
                  "attention_mask": torch.ones_like(words)}
        return Bert(), inputs, ["last_hidden_state", "pooler_output"]
    if name == "decoder":
        words = torch.randint(0, DECODER_WORDS, (1, DECODER_TOKENS))
        return Decoder(words=DECODER_WORDS, tokens=DECODER_TOKENS), {"input_ids": words}, ["logits"]
    model = getattr(torchvision.models, name)(weights=None, **OPTIONS.get(name, {}))
    size = IMAGE_SIZES[name]
    return model, {"image": torch.rand(1, 3, size, size)}, ["logits"]


def replace_file(path, write):
    """Writes beside `path` and renames, so that an interrupted run leaves the old file whole."""
    temporary = path.with_name(path.name + ".tmp")
    with open(temporary, "wb") as file:
        write(file)
    os.replace(temporary, path)


def export(name, folder):
    """Writes both files of one network and says so."""
    started = time.monotonic()
    model, inputs, outputs = build(name)
    model.eval()
    counts = count_model(model, tuple(inputs.values()))
    path = folder / f"{name}.onnx"
    replace_file(path, lambda file: torch.onnx.export(
        model, tuple(inputs.values()), file, opset_version=OPSET, input_names=list(inputs),
        output_names=outputs))
    text = json.dumps(counts._asdict(), indent=2) + "\n"
    replace_file(folder / f"{name}.counts.json", lambda file: file.write(text.encode()))
    print(f"{name:<20} {path.stat().st_size:>12} bytes  {counts.weights:>12} weights "
          f"{counts.macs:>14} MACs {counts.attention_macs:>12} attention MACs "
          f"{counts.layers:>4} layers  {time.monotonic() - started:>6.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=Path("."), metavar="DIR",
                        help="folder to write to (default: the current one)")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME",
                        help="export only these: " + ", ".join(NAMES))
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    # torchvision asserts shapes while it is traced; here they are fixed.
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning, module=r"torch(vision)?\b")
    arguments.to.mkdir(parents=True, exist_ok=True)
    for name in arguments.only:
        export(name, arguments.to)
        gc.collect()


if __name__ == "__main__":
    main()
