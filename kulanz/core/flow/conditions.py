"""Conditions of `if` and `check`: `order.status == 'shipped' and order.total <= 50`.

Read with Python's own parser, of which only comparisons, `and`, `or`, `not`, `in`, paths and literals are taken.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from kulanz.core.errors import InvalidInput
from kulanz.core.flow.texts import lookup

LONGEST = 500  # characters
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def check_condition(condition: str) -> None:
    """Raises InvalidInput where the condition can't be read."""
    _check(_parsed(condition), condition)


def paths_of(condition: str) -> list[str]:
    """The values that a condition looks at."""
    found = [node for node in ast.walk(_parsed(condition)) if isinstance(node, ast.Attribute | ast.Name)]
    inner = {id(node.value) for node in found if isinstance(node, ast.Attribute)}
    return [_path(node) for node in found if id(node) not in inner and _literal_name(node) is None]


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether a checked condition is true. Amounts compare as numbers, dates in ISO form as dates; what is missing
    is not true and neither larger nor smaller than anything."""
    return bool(_value(_parsed(condition), values))


@lru_cache(maxsize=512)
def _parsed(condition: str) -> ast.expr:
    if len(condition) > LONGEST:
        raise InvalidInput(f"a condition may have {LONGEST} characters")
    try:
        return ast.parse(condition.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidInput(_remedy(condition)) from error


def _remedy(condition: str) -> str:
    return f"`{condition}` can't be read. Use paths, texts in quotes, numbers, == != < <= > >= in, and, or, not"


def _check(node: ast.AST, condition: str) -> None:
    if isinstance(node, ast.Compare):
        usable = all(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                     for op in node.ops) and len(node.ops) == 1  # fmt: skip
        parts: list[ast.expr] = [node.left, *node.comparators]
    elif isinstance(node, ast.BoolOp):
        usable, parts = True, node.values
    elif isinstance(node, ast.UnaryOp):
        usable, parts = isinstance(node.op, ast.Not | ast.USub), [node.operand]
    elif isinstance(node, ast.List | ast.Tuple):
        usable, parts = True, node.elts
    elif isinstance(node, ast.Attribute):
        _path(node)
        usable, parts = True, []
    else:
        usable, parts = isinstance(node, ast.Name | ast.Constant), []
    if not usable:
        raise InvalidInput(_remedy(condition))
    for part in parts:
        _check(part, condition)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.BoolOp):
        results = (bool(_value(part, values)) for part in node.values)
        return all(results) if isinstance(node.op, ast.And) else any(results)
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, values)
        if isinstance(node.op, ast.Not):
            return not value
        return -value if isinstance(value, int | float) else None  # what is no number has no negative
    if isinstance(node, ast.Compare):
        return _compared(_value(node.left, values), node.ops[0], _value(node.comparators[0], values))
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(part, values) for part in node.elts]
    if isinstance(node, ast.Constant):
        return node.value
    named = _literal_name(node)
    return named[0] if named else lookup(_path(node), values)


def _literal_name(node: ast.expr) -> tuple[Any] | None:
    """`true`, `false` and `none` as YAML writers spell them."""
    known = {"true": True, "false": False, "none": None, "null": None}
    return (known[node.id],) if isinstance(node, ast.Name) and node.id in known else None


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_path(node.value)}.{node.attr}"
    if isinstance(node, ast.Name):
        return node.id
    raise InvalidInput(_remedy(ast.unparse(node)))


def _compared(left: Any, op: ast.cmpop, right: Any) -> bool:
    if isinstance(op, ast.In | ast.NotIn):
        inside = isinstance(right, list | tuple | str) and (
            str(left) in right if isinstance(right, str) else any(_same(left, part) for part in right)
        )
        return inside is isinstance(op, ast.In)
    if isinstance(op, ast.Eq | ast.NotEq):
        return _same(left, right) is isinstance(op, ast.Eq)
    if left is None or right is None:
        return False
    numbers = _number(left), _number(right)
    pair = (str(left), str(right)) if None in numbers else numbers
    return _ORDER[type(op)](*pair)


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return bool(left == right)
    numbers = _number(left), _number(right)
    return str(left) == str(right) if None in numbers else numbers[0] == numbers[1]


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).split(" ")[0])
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
