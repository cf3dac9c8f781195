"""The encoder in torch, with low-rank changes that learn (LoRA, arXiv:2106.09685); see `teach.py`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from kulanz.nlp.tokens import token_numbers
from kulanz.nlp.weights import HEADS, HIDDEN, LAYERS, weights

RANK = 32
FROZEN = 4  # the first layers know letters and words, which stay as they are
LENGTH = 48  # tokens
DROPOUT = 0.1


def _tensor(name: str) -> Any:
    return torch.tensor(weights().floats(name))


def _norm(name: str, learns: bool) -> Any:
    made = nn.LayerNorm(HIDDEN, eps=1e-12)
    made.weight.data, made.bias.data = _tensor(f"{name}.w"), _tensor(f"{name}.b")
    return made.requires_grad_(learns)


class Linear(nn.Module):  # type: ignore[misc]
    """A published matrix that stays, and a low-rank one beside it that learns."""

    def __init__(self, layer: int, part: str) -> None:
        super().__init__()
        learns = layer >= FROZEN
        matrix = torch.tensor(weights().matrix(layer, part)).bfloat16()
        self.weight = nn.Parameter(matrix, requires_grad=False)
        self.bias = nn.Parameter(_tensor(f"l{layer}.{part}.b"), requires_grad=learns)
        outside, inside = matrix.shape
        self.inner = nn.Parameter(torch.randn(RANK, inside) / math.sqrt(inside)) if learns else None
        self.outer = nn.Parameter(torch.zeros(outside, RANK)) if learns else None

    def forward(self, x: Any) -> Any:
        y = functional.linear(x, self.weight, self.bias)
        return y if self.inner is None else y + functional.linear(functional.linear(x, self.inner), self.outer)


class Layer(nn.Module):  # type: ignore[misc]
    """Attention and feed-forward, each added to what came in and normalised."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({part: Linear(number, part) for part in ("q", "k", "v", "ao", "fi", "fo")})
        self.aln, self.oln = (_norm(f"l{number}.{name}", number >= FROZEN) for name in ("aln", "oln"))
        self.dropout = nn.Dropout(DROPOUT if number >= FROZEN else 0.0)

    def forward(self, x: Any, mask: Any) -> Any:
        texts, length, _ = x.shape
        shape = (texts, length, HEADS, HIDDEN // HEADS)
        query, key, value = (self.parts[part](x).view(shape).transpose(1, 2) for part in "qkv")
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.aln(x + self.dropout(self.parts["ao"](seen.transpose(1, 2).reshape(texts, length, HIDDEN))))
        return self.oln(x + self.dropout(self.parts["fo"](functional.gelu(self.parts["fi"](x)))))


class Network(nn.Module):  # type: ignore[misc]
    """From texts to unit vectors, (n, 384)."""

    def __init__(self) -> None:
        super().__init__()
        self.words = _tensor("emb.word").reshape(-1, HIDDEN)
        self.places = _tensor("emb.pos").reshape(-1, HIDDEN) + _tensor("emb.type")[:HIDDEN]
        self.norm = _norm("emb.ln", False)
        self.layers = nn.ModuleList(Layer(number) for number in range(LAYERS))

    def forward(self, texts: list[str]) -> Any:
        numbers, mask = _tokens(texts)
        x = self.norm(self.words[numbers] + self.places[: numbers.shape[1]])
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :] == 1)
        return functional.normalize((x * mask[..., None]).sum(1).float(), dim=1)

    def learnt(self) -> Mapping[str, Any]:
        """What learnt, as arrays under the names that `embedder.taught_changes` knows; the factors in 16 bits."""
        found = {}
        for number, layer in enumerate(self.layers):
            if number < FROZEN:
                continue
            for part, linear in layer.parts.items():
                found[f"l{number}.{part}.A"] = linear.inner.detach().numpy().astype(np.float16)
                found[f"l{number}.{part}.B"] = linear.outer.detach().numpy().astype(np.float16)
                found[f"l{number}.{part}.b"] = linear.bias.detach().numpy()
            for name in ("aln", "oln"):
                found[f"l{number}.{name}.w"] = getattr(layer, name).weight.detach().numpy()
                found[f"l{number}.{name}.b"] = getattr(layer, name).bias.detach().numpy()
        return found


def _tokens(texts: list[str]) -> tuple[Any, Any]:
    """Token numbers (n, tokens) and their mask."""
    known = weights().vocabulary
    rows = [[known.begin, *token_numbers(f"query: {text}")[: LENGTH - 2], known.end] for text in texts]
    numbers = torch.full((len(rows), max(map(len, rows))), known.end)
    mask = torch.zeros(numbers.shape)
    for i, row in enumerate(rows):
        numbers[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return numbers, mask
