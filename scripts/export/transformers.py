# SPDX-License-Identifier: Apache-2.0
"""Two transformers, as plain as they can be said: an encoder with the sizes of BERT-base (Devlin et
al. 2019) and a small decoder like GPT-2 (Radford et al. 2019). No dropout, for they only infer."""

import math

import torch
from torch import nn

MASKED_SCORE = -10000.0


class Product(nn.Module):
    """The matmul of two computed operands; a module, so that hooks see it."""

    def forward(self, a, b):
        return a @ b


def split_heads(x, heads):
    """[batch, tokens, width] -> [batch, heads, tokens, width / heads]"""
    batch, tokens, width = x.shape
    return x.view(batch, tokens, heads, width // heads).transpose(1, 2)


def join_heads(x):
    """[batch, heads, tokens, head width] -> [batch, tokens, width]"""
    batch, heads, tokens, width = x.shape
    return x.transpose(1, 2).reshape(batch, tokens, heads * width)


class Attention(nn.Module):
    """softmax(q k^T / sqrt(d) + mask) v, with a projection for each of q, k and v."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.scale = heads, math.sqrt(width // heads)
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.output = nn.Linear(width, width), nn.Linear(width, width)
        self.score, self.mix = Product(), Product()

    def forward(self, x, added_mask):
        q, k, v = (split_heads(project(x), self.heads)
                   for project in (self.query, self.key, self.value))
        scores = self.score(q, k.transpose(-1, -2)) / self.scale
        return self.output(join_heads(self.mix(torch.softmax(scores + added_mask, -1), v)))


class CausalAttention(nn.Module):
    """The same with one projection for q, k and v together; no token sees those after it."""

    def __init__(self, width, heads, tokens):
        super().__init__()
        self.heads, self.scale = heads, math.sqrt(width // heads)
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.score, self.mix = Product(), Product()
        self.register_buffer("hidden", torch.ones(tokens, tokens, dtype=torch.bool).triu(1))

    def forward(self, x):
        tokens, width = x.shape[1:]
        q, k, v = (split_heads(part, self.heads) for part in self.qkv(x).split(width, dim=2))
        scores = self.score(q, k.transpose(-1, -2)) / self.scale
        scores = scores.masked_fill(self.hidden[:tokens, :tokens], -math.inf)
        return self.output(join_heads(self.mix(torch.softmax(scores, -1), v)))


class EncoderLayer(nn.Module):
    """Attention and two linear layers, each normalized after its sum."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.attention, self.attention_norm = Attention(width, heads), nn.LayerNorm(width, 1e-12)
        self.rise, self.fall = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.gelu = nn.GELU()

    def forward(self, x, added_mask):
        x = self.attention_norm(x + self.attention(x, added_mask))
        return self.norm(x + self.fall(self.gelu(self.rise(x))))


class DecoderLayer(nn.Module):
    """Causal attention and two linear layers, each normalized before."""

    def __init__(self, width, heads, tokens):
        super().__init__()
        self.attention_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = CausalAttention(width, heads, tokens)
        self.rise, self.fall = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gelu = nn.GELU(approximate="tanh")

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x))
        return x + self.fall(self.gelu(self.rise(self.norm(x))))


class Bert(nn.Module):
    """BERT-base without a task on top: the last hidden state and the pooled first token."""

    def __init__(self, layers=12, width=768, heads=12, hidden=3072, words=30522, tokens=512):
        super().__init__()
        self.word, self.position = nn.Embedding(words, width), nn.Embedding(tokens, width)
        self.segment = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.layers = nn.ModuleList(EncoderLayer(width, heads, hidden) for _ in range(layers))
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids, token_type_ids, attention_mask):
        positions = torch.arange(input_ids.shape[1])[None, :]
        x = self.word(input_ids) + self.position(positions) + self.segment(token_type_ids)
        x = self.norm(x)
        added_mask = (1.0 - attention_mask[:, None, None, :].float()) * MASKED_SCORE
        for layer in self.layers:
            x = layer(x, added_mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


class Decoder(nn.Module):
    """GPT-2 in small. A tied head is the word embedding read the other way round."""

    def __init__(self, layers=4, width=256, heads=4, words=1000, tokens=64, tied=True):
        super().__init__()
        self.word, self.position = nn.Embedding(words, width), nn.Embedding(tokens, width)
        self.layers = nn.ModuleList(DecoderLayer(width, heads, tokens) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, words, bias=False)
        if tied:
            self.head.weight = self.word.weight

    def forward(self, input_ids):
        x = self.word(input_ids) + self.position(torch.arange(input_ids.shape[1]))[None, :, :]
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))
