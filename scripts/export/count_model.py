# SPDX-License-Identifier: Apache-2.0
"""Counts the weights and multiply-accumulates of a torch model while it runs once.

Weights are those of Conv2d and Linear layers, biases left out; a layer that never runs counts
nothing, and weights used by two layers or twice by one count once. MACs are weights times the
positions they are applied to. The matmuls of two computed operands, as in attention, stand apart.
Nothing is read from an exported file, so that the figures can be held against one.
"""

from typing import NamedTuple

import torch
from torch import nn
from transformers import Product

# Whose parameters do no multiply-accumulate: look-ups, and scales of one factor a channel.
UNCOUNTED = (nn.Embedding, nn.LayerNorm, nn.modules.batchnorm._BatchNorm)


class Counts(NamedTuple):
    weights: int
    macs: int
    attention_macs: int
    layers: int


class Counter:
    """Adds up what the hooks of one run tell it."""

    def __init__(self):
        self.macs = self.attention_macs = self.layers = 0
        self.weights = {}

    def add(self, weight, positions, layers=1):
        self.weights[weight.data_ptr()] = weight.numel()
        self.macs += weight.numel() * positions
        self.layers += layers

    def conv(self, layer, _, output):
        self.add(layer.weight, output.numel() // layer.out_channels)

    def linear(self, layer, _, output):
        self.add(layer.weight, output.numel() // layer.out_features)

    def product(self, _, operands, output):
        self.attention_macs += output.numel() * operands[0].shape[-1]

    def attention(self, layer, query, key, value):
        """One call of nn.MultiheadAttention: three projections out of `in_proj_weight`, q k^T,
        attention times v, and the output projection."""
        if layer.in_proj_weight is None or layer.bias_k is not None or layer.add_zero_attn:
            raise TypeError("MultiheadAttention with other widths for k and v, or with tokens of "
                            "its own, is not counted")
        queries, keys, values = (x.numel() // layer.embed_dim for x in (query, key, value))
        for part, tokens in zip(layer.in_proj_weight.chunk(3), (queries, keys, values)):
            self.add(part, tokens, layers=0)
        self.layers += 1
        self.add(layer.out_proj.weight, queries)
        self.attention_macs += 2 * queries * keys * layer.embed_dim


def wrap_attention(layer, counter):
    """nn.MultiheadAttention uses its weights without calling a module, and gets its operands by
    name, which hooks of this torch are not told: its forward() is wrapped instead."""
    forward = layer.forward

    def counted(query, key, value, *rest, **named):
        counter.attention(layer, query, key, value)
        return forward(query, key, value, *rest, **named)

    layer.forward = counted


def watch(model, counter):
    """Hooks `counter` to every layer and returns the hooks; refuses layers it cannot count."""
    hooks = []
    inside_attention = set()
    for name, layer in model.named_modules():
        if layer in inside_attention:
            continue
        if isinstance(layer, nn.MultiheadAttention):
            inside_attention.update(layer.modules())
            wrap_attention(layer, counter)
        elif isinstance(layer, nn.Conv2d):
            hooks.append(layer.register_forward_hook(counter.conv))
        elif isinstance(layer, nn.Linear):
            hooks.append(layer.register_forward_hook(counter.linear))
        elif isinstance(layer, Product):
            hooks.append(layer.register_forward_hook(counter.product))
        elif hasattr(layer, "weight") and not isinstance(layer, UNCOUNTED):
            raise TypeError(f"{name}: no rule to count a {type(layer).__name__}")
    return hooks


def count_model(model, inputs):
    """The counts of `model` for `inputs`, a tuple; what is counted is the model in eval mode."""
    # Gradients make torch take the way through the modules and not a fused kernel no hook sees.
    if not all(parameter.requires_grad for parameter in model.parameters()):
        raise ValueError("a model with frozen parameters is not counted")
    counter = Counter()
    was_training = model.training
    model.eval()
    hooks = watch(model, counter)
    try:
        with torch.enable_grad():
            model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for layer in model.modules():
            if isinstance(layer, nn.MultiheadAttention):
                layer.__dict__.pop("forward", None)
        model.train(was_training)
    return Counts(sum(counter.weights.values()), counter.macs, counter.attention_macs,
                  counter.layers)
