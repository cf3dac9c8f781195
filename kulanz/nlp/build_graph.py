"""Writes `encoder.onnx`, the network of multilingual-e5-small without its weights: `python -m kulanz.nlp.build_graph`.

Only for whoever changes the network; needs `pip install onnx`. A BERT encoder (arXiv:1810.04805) whose matrix products
run in 8 bits (dynamic quantisation: weights one scale a column, activations one scale a product). The weights are
named, but come from `weights.py` when the network is loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kulanz.nlp.weights import FEED_FORWARD, HEADS, HIDDEN, LAYERS

GRAPH = Path(__file__).with_name("encoder.onnx")
_EPSILON = 1e-12


class _Network:
    """The nodes so far; every method adds some and returns the name of its result."""

    def __init__(self) -> None:
        from onnx import helper

        self.helper = helper
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def weight(self, name: str, kind: str, *shape: int) -> str:
        """A weight that is given when the network is loaded."""
        from onnx import TensorProto

        tensor = TensorProto(name=name, data_type=getattr(TensorProto, kind), dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", "given-when-loaded"
        self.weights.append(tensor)
        return name

    def constant(self, name: str, kind: str, *values: float) -> str:
        from onnx import TensorProto

        shape = [] if len(values) == 1 and kind == "FLOAT" else [len(values)]
        self.weights.append(self.helper.make_tensor(name, getattr(TensorProto, kind), shape, values))
        return name

    def quantised(self, x: str) -> tuple[str, str, str]:
        """`x` in 8 bits, with its scale and zero point."""
        name = f"n{len(self.nodes)}"
        results = [name, f"{name}_scale", f"{name}_zero"]
        self.nodes.append(self.helper.make_node("DynamicQuantizeLinear", [x], results, name=name))
        return results[0], results[1], results[2]

    def linear(self, x: tuple[str, str, str], name: str, inside: int, outside: int) -> str:
        value, scale, zero = x
        weight = self.weight(f"{name}.w", "INT8", inside, outside)
        of_weight = self.weight(f"{name}.scale", "FLOAT", outside)
        product = self.node("MatMulInteger", [value, weight, zero, self.weight(f"{name}.zero", "INT8", outside)])
        scales = self.node("Mul", [scale, of_weight])
        product = self.node("Mul", [self.node("Cast", [product], to=1), scales])
        return self.node("Add", [product, self.weight(f"{name}.b", "FLOAT", outside)])

    def norm(self, x: str, name: str) -> str:
        weight, bias = self.weight(f"{name}.w", "FLOAT", HIDDEN), self.weight(f"{name}.b", "FLOAT", HIDDEN)
        return self.node("LayerNormalization", [x, weight, bias], axis=-1, epsilon=_EPSILON)

    def attention(self, x: str, layer: str) -> str:
        given = self.quantised(x)
        query, key, value = (
            self.node("Reshape", [self.linear(given, f"{layer}.{part}", HIDDEN, HIDDEN), "heads"]) for part in "qkv"
        )
        query, value = (self.node("Transpose", [part], perm=[0, 2, 1, 3]) for part in (query, value))
        scores = self.node("MatMul", [query, self.node("Transpose", [key], perm=[0, 2, 3, 1])])
        scores = self.node("Add", [self.node("Mul", [scores, "head_scale"]), "hidden_from_sight"])
        seen = self.node("MatMul", [self.node("Softmax", [scores], axis=-1), value])
        seen = self.node("Reshape", [self.node("Transpose", [seen], perm=[0, 2, 1, 3]), "joined"])
        return self.linear(self.quantised(seen), f"{layer}.ao", HIDDEN, HIDDEN)

    def layer(self, x: str, layer: str) -> str:
        x = self.norm(self.node("Add", [x, self.attention(x, layer)]), f"{layer}.aln")
        wide = self.node("Gelu", [self.linear(self.quantised(x), f"{layer}.fi", HIDDEN, FEED_FORWARD)])
        return self.norm(
            self.node("Add", [x, self.linear(self.quantised(wide), f"{layer}.fo", FEED_FORWARD, HIDDEN)]),
            f"{layer}.oln",
        )


def build() -> bytes:
    """The network from embedded tokens (texts, tokens, 384) and their mask (texts, tokens) to means (texts, 384)."""
    from onnx import TensorProto, helper

    net = _Network()
    net.constant("heads", "INT64", 0, 0, HEADS, HIDDEN // HEADS)
    net.constant("joined", "INT64", 0, 0, HIDDEN)
    net.constant("head_scale", "FLOAT", (HIDDEN // HEADS) ** -0.5)
    net.constant("one", "FLOAT", 1.0)
    net.constant("far", "FLOAT", 1e9)
    net.constant("masked_axes", "INT64", 1, 2)
    net.constant("last_axis", "INT64", 2)
    net.constant("token_axis", "INT64", 1)
    hidden = net.node("Mul", [net.node("Sub", ["mask", "one"]), "far"])
    net.nodes.append(helper.make_node("Unsqueeze", [hidden, "masked_axes"], ["hidden_from_sight"], name="hide"))
    x = net.norm("tokens", "emb.ln")
    for number in range(LAYERS):
        x = net.layer(x, f"l{number}")
    weight = net.node("Unsqueeze", ["mask", "last_axis"])
    total = net.node("ReduceSum", [net.node("Mul", [x, weight]), "token_axis"], keepdims=0)
    count = net.node("ReduceSum", [weight, "token_axis"], keepdims=0)
    net.nodes.append(helper.make_node("Div", [total, count], ["means"], name="means"))
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["texts", "length", HIDDEN]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", "length"]),
    ]
    output = helper.make_tensor_value_info("means", TensorProto.FLOAT, ["texts", HIDDEN])
    graph = helper.make_graph(net.nodes, "e5-small", inputs, [output], net.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    data: bytes = model.SerializeToString()
    return data


if __name__ == "__main__":
    GRAPH.write_bytes(build())
    sys.stdout.write(f"{GRAPH.name}: {GRAPH.stat().st_size} bytes\n")
