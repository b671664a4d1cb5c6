#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the network descriptors in configs/networks/.

    scripts/make_networks.py            write them
    scripts/make_networks.py --check    only say whether they are up to date
"""

import argparse
import pathlib
import sys
import textwrap

from network_layers import (IMAGENET_STEM, bert, cifar_stem, llama, mobilenet_v2, resnet, resnet50,
                            vgg)

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "configs" / "networks"


def folded(key, text, indent=0):
    pad = " " * indent
    body = textwrap.fill(text, 96 - indent, initial_indent=pad + "  ", subsequent_indent=pad + "  ")
    return f"{pad}{key}: >-\n{body}"


def rule(name, source, exclude=(), with_bias=(), macs=None):
    lines = [f"  {name}:", folded("source", source, 4)]
    if exclude:
        lines.append('    exclude: ["' + '", "'.join(exclude) + '"]')
    if with_bias:
        lines.append('    with_bias: ["' + '", "'.join(with_bias) + '"]')
    if macs:
        lines.append("    macs:")
        lines += [f"      {key}: {value}" for key, value in macs.items()]
    return "\n".join(lines)


AD = "Vasquez et al., DATE 2021, arXiv 2101.04354 (\"AD\")"

AD_VGG19 = rule(
    "ad_date21",
    AD + ": the published 16-bit energy of VGG19 on CIFAR-10, 110.154 uJ at 276.676 fJ a MAC, is "
    "398,136,320 MACs: every output position of every convolution, and the last layer. This is the "
    "standard count.")

# A 1x1 shortcut of an identity block, alike in every stage: 32*32 * 64*64 = 4*4 * 512*512.
AD_SKIP = 4_194_304
AD_CONV2 = 37_748_736
AD_RESNET18 = rule(
    "ad_date21",
    AD + ": an inference, not a statement of the paper. The published 16-bit energy of ResNet18 on "
    "CIFAR-100, 159.501 uJ at 276.676 fJ a MAC, needs about 576.49 million MACs. Counting a 1x1 "
    "shortcut convolution in all eight blocks, also in the five whose shortcut is the identity, and "
    "a last layer of 512 x 200 gives 576,491,520 and the published figure. Each extra shortcut is "
    "counted with the conv2 of its block.",
    macs={f"layer{s}.{b}.conv2": AD_CONV2 + AD_SKIP
          for s, b in [(1, 0), (1, 1), (2, 1), (3, 1), (4, 1)]} | {"fc": 512 * 200})

BSQ_RESNET20 = rule(
    "bsq",
    "BSQ, ICLR 2021, the reported compression in github.com/yanghr/BSQ: 32 bits a parameter against "
    "the stored bits; first convolution, block convolutions and the last layer with its biases; "
    "without shortcut convolutions and batch normalization. 268,346 parameters.",
    exclude=["*.downsample.*"], with_bias=["fc"])

CLADO_RESNET56 = rule(
    "clado",
    "CLADO, arXiv 2307.05657, the size constraint in github.com/JamesTuna/CLADO_MPQ: the searched "
    "layers only, which are all but the first convolution and the last layer; no biases. "
    "850,432 parameters.",
    exclude=["conv1", "fc"])

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
VGG19 = [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"]
VGG8 = [128, 128, "M", 256, 256, "M", 512, 512, "M"]

HE = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016"
VGG_SOURCE = "Simonyan and Zisserman, ICLR 2015, with batch normalization and one linear layer, "

NETWORKS = {
    "vgg8": (
        "VGG-8 for CIFAR-10, the network of the DNN+NeuroSim examples; no batch normalization and "
        "no biases there.",
        "github.com/neurosim/DNN_NeuroSim_V1.3, Inference_pytorch/models/VGG.py",
        32, vgg(VGG8, False, 10, 1024), []),
    "vgg16_cifar": (
        "VGG16 for CIFAR-10 with one linear layer.",
        VGG_SOURCE + "as is usual on 32x32 images",
        32, vgg(VGG16, True, 10), []),
    "vgg19_cifar": (
        "VGG19 for CIFAR-10 with one linear layer.",
        VGG_SOURCE + "as the MAC count behind the energies of arXiv 2101.04354 shows",
        32, vgg(VGG19, True, 10), [AD_VGG19]),
    "resnet18_cifar100": (
        "ResNet-18 for CIFAR-100: a 3x3 first convolution of stride 1, no max pool.",
        HE + ", in the usual form for 32x32 images; names as in torchvision",
        32, resnet(cifar_stem(64), [64, 128, 256, 512], 2, 100), [AD_RESNET18]),
    "resnet18_imagenet": (
        "ResNet-18 for ImageNet.",
        HE + "; layers and names as in torchvision's resnet18",
        224, resnet(IMAGENET_STEM, [64, 128, 256, 512], 2, 1000), []),
    "resnet20_cifar": (
        "ResNet-20 for CIFAR-10 with 1x1 projection shortcuts.",
        "github.com/yanghr/BSQ, models/cifar",
        32, resnet(cifar_stem(16), [16, 32, 64], 3, 10), [BSQ_RESNET20]),
    "resnet56_cifar": (
        "ResNet-56 for CIFAR-100 with 1x1 projection shortcuts.",
        "github.com/JamesTuna/CLADO_MPQ, CIFAR100",
        32, resnet(cifar_stem(16), [16, 32, 64], 9, 100), [CLADO_RESNET56]),
    "resnet18_imagenet_bit_sparse": (
        "ResNet-18 for ImageNet, the layers of resnet18_imagenet, with synthetic weights whose bit "
        "planes are empty block by block.",
        HE + "; layers and names as in torchvision's resnet18",
        224, resnet(IMAGENET_STEM, [64, 128, 256, 512], 2, 1000), []),
    "resnet50_imagenet": (
        "ResNet-50 for ImageNet.",
        HE + "; layers and names as in torchvision's resnet50, whose 3x3 convolutions have the "
        "strides",
        224, resnet50(), []),
    "mobilenet_v2": (
        "MobileNetV2 for ImageNet.",
        "Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, CVPR 2018; layers "
        "and names as in torchvision's mobilenet_v2",
        224, mobilenet_v2(), []),
    "bert_base": (
        "BERT base, encoder and pooler, on 128 tokens. The input is what its embeddings give: they "
        "are looked up, not multiplied, and are left out.",
        "Devlin et al., BERT, NAACL 2019; names as in Hugging Face's BertModel",
        [128, 768], bert(12, 768, 3072, 12, 128), []),
    "llama2_7b": (
        "Llama 2 with 7 billion parameters: one new token at the end of a context of 512. The "
        "input is its embedding, which is looked up, not multiplied, and is left out. Keys and "
        "values of the earlier tokens count as operands of attention; reading them from where "
        "they are kept is left out.",
        "Touvron et al., Llama 2, arXiv 2307.09288; names as in Hugging Face's LlamaForCausalLM",
        [1, 4096], llama(32, 4096, 11008, 32, 32000, 512), []),
}

# Lines in place of the gaussian weights.
WEIGHTS = {
    "resnet18_imagenet_bit_sparse": """\
# Synthetic: no weight here was trained. assumed: 1.5 significant bits a block, of 7, and nine of
# ten rows. BWQ (arXiv 2310.12182) trains networks for CIFAR-10 to fewer than 4 bits a block on
# average; ImageNet's would keep more. Its blocks are its operation units, 9 rows by 8 columns.
weights:
  {distribution: bit_sparse, seed: 1, block: [9, 8], significant_bits: 1.5, plane_presence: 1,
   row_density: 0.9}""",
}


def text_of(name):
    description, source, size, layers, rules = NETWORKS[name]
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        "# Written by scripts/make_networks.py.",
        "schema: pimento/network/1",
        f"name: {name}",
        folded("description", description),
        folded("source", source),
        f"input: {{shape: {size if isinstance(size, list) else [3, size, size]}, bits: 8}}",
        WEIGHTS.get(name, "weights: {distribution: gaussian, seed: 1}"),
    ]
    if rules:
        lines += ["counting_rules:", *rules]
    return "\n".join([*lines, "layers:", *layers]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    arguments = parser.parse_args()
    stale = []
    for name in NETWORKS:
        path = OUTPUT / f"{name}.yaml"
        text = text_of(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(("out of date: " if arguments.check else "written: ") + ", ".join(stale))
    return 1 if stale and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
