"""A flow as a picture: an SVG of its steps from top to bottom, with the ways of a step side by side.

A flow is a tree of lists, so each list is laid out by itself and put below its step; no graph layout is needed.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.core.flow.engine import kind_of
from kulanz.flows.actions import Action
from kulanz.flows.hints import part_ends
from kulanz.flows.places import Step, ways
from kulanz.flows.sources import Source

WIDTH, LINE, PAD, GAP, BESIDE = 256, 16, 9, 30, 22  # CSS pixels
LETTERS = 34
"""Of one line in a box: narrower fonts leave a little room."""
MOST_LINES = 4
STYLE = """
:root{color-scheme:light dark;--surface:#fff;--ground:#f4f5f7;--text:#1a2129;--quiet:#55606c;--line-strong:#7c8793;
--accent:#1b5e8c;--accent-ground:#e3eff8;--warn:#7a4b00;--warn-ground:#fdf0d5;--good:#1d6b3c;--good-ground:#e2f3e8;
--bad:#a3251d;--assistant-ground:#f0ebfa;--assistant-text:#553c92}
@media(prefers-color-scheme:dark){:root{--surface:#1a2027;--ground:#12161b;--text:#e6eaee;--quiet:#a3aeb9;
--line-strong:#7f8b98;--accent:#7cbdeb;--accent-ground:#1b3346;--warn:#f2c879;--warn-ground:#37290f;--good:#7fd19d;
--good-ground:#17301f;--bad:#f5a29b;--assistant-ground:#2a2440;--assistant-text:#c9b8f5}}
svg.flow{background:var(--ground)}
"""
RULES = """
.flow{font:12.5px system-ui,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.flow rect{fill:var(--surface);stroke:var(--line-strong)}
.flow text{fill:var(--text)}
.flow .kind,.flow .way{fill:var(--quiet);font-size:11px}
.flow path{fill:none;stroke:var(--line-strong)}
.flow .tip{fill:var(--line-strong);stroke:none}
.flow .asks rect{fill:var(--accent-ground);stroke:var(--accent)}
.flow .asks .kind{fill:var(--accent)}
.flow .writes rect{fill:var(--warn-ground);stroke:var(--warn)}
.flow .writes .kind{fill:var(--warn)}
.flow .person rect{fill:var(--assistant-ground);stroke:var(--assistant-text)}
.flow .person .kind{fill:var(--assistant-text)}
.flow .begins rect,.flow .ends rect{fill:var(--good-ground);stroke:var(--good)}
.flow .begins .kind,.flow .ends .kind{fill:var(--good)}
.flow .figure{fill:var(--bad);font-weight:600;font-size:11px}
"""
"""The picture's own rules; `kulanz/web/static/flows/flows.css` holds the same for pictures in a page."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A box with lines of text, a line (points), or a word beside a line."""

    kind: str
    x: float
    y: float
    points: tuple[tuple[float, float], ...] = ()
    lines: tuple[str, ...] = ()
    label: str = ""
    figure: str = ""

    def moved(self, dx: float, dy: float) -> _Shape:
        points = tuple((x + dx, y + dy) for x, y in self.points)
        return replace(self, x=self.x + dx, y=self.y + dy, points=points)


@dataclass(frozen=True, slots=True)
class _Block:
    """Something laid out; `axis` is where its line enters and leaves, `open` whether a way leads out of it."""

    width: float
    height: float
    axis: float
    shapes: tuple[_Shape, ...] = ()
    open: bool = True


@dataclass(frozen=True, slots=True)
class _Drawer:
    language: str
    actions: Mapping[str, Action]
    others: Mapping[str, Source]
    figures: Mapping[str, str]


def draw(
    source: Source, others: Mapping[str, Source], language: str, actions: Mapping[str, Action],
    *, figures: Mapping[str, str] | None = None, alone: bool = True,
) -> str:  # fmt: skip
    """A flow without errors as SVG, its texts in `language`. `others` are all flows by name, `figures` short remarks at
    steps by their path. `alone`: a file of its own with its colours, not part of a page."""
    drawer, flow = _Drawer(language, actions, others, figures or {}), source.data
    with override(language):
        block = _list(drawer, flow["steps"], "", _beginning(flow, language))
        name = escape(flow["title"][language])
        body = "".join(_svg(shape.moved(PAD, PAD)) for shape in block.shapes)
    width, height = round(block.width + 2 * PAD), round(block.height + 2 * PAD)
    style = f"<style>{STYLE}{RULES}</style>" if alone else ""
    space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    return (
        f'<svg{space} class="flow" role="img" aria-label="{name}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}">{style}{body}</svg>'
    )


def _beginning(flow: Mapping[str, Any], language: str) -> _Block:
    starts = [*flow.get("intents", ()), *flow.get("events", ())]
    begins = _("begins with") if starts else _("part of other flows")
    return _box("begins", begins, f"{flow['title'][language]}: {', '.join(starts)}".rstrip(": "))


def _box(kind: str, label: str, text: str, figure: str = "") -> _Block:
    lines = textwrap.wrap(" ".join(text.split()), LETTERS, break_long_words=True) or [""]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: LETTERS - 1]}…"]
    height = 2 * PAD + LINE * (1 + len(lines)) - 2
    shape = _Shape(kind, 0, 0, ((WIDTH, height),), tuple(lines), label, figure)
    return _Block(WIDTH, height, WIDTH / 2, (shape,))


def _list(drawer: _Drawer, steps: Sequence[Step], path: str, first: _Block | None = None) -> _Block:
    """The steps one below the other, their axes in one line."""
    blocks = [first] if first else []
    for number, step in enumerate(steps):
        blocks.append(_step(drawer, step, f"{path}/{number}"))
        if not blocks[-1].open:  # what stands behind can't be reached
            break
    axis = max(block.axis for block in blocks)
    width = axis + max(block.width - block.axis for block in blocks)
    shapes: list[_Shape] = []
    y = 0.0
    for number, block in enumerate(blocks):
        if number:
            if blocks[number - 1].open:
                shapes.append(_arrow((axis, y), (axis, y + GAP)))
            y += GAP
        shapes += [shape.moved(axis - block.axis, y) for shape in block.shapes]
        y += block.height
    return _Block(width, y, axis, tuple(shapes), all(block.open for block in blocks))


def _step(drawer: _Drawer, step: Step, path: str) -> _Block:
    kind = kind_of(step)
    box = _box(_look(drawer, step), _label(kind), _text(drawer, step), drawer.figures.get(path, ""))
    if kind in {"end", "hand_over"} or (kind == "do" and part_ends(step["do"], drawer.others)):
        return replace(box, open=False)
    columns = [(label, _list(drawer, steps, f"{path}/{word}")) for label, word, steps in _ways(drawer, step)]
    if not columns:
        return box
    if kind == "confirm":  # a no ends the flow, whatever its steps
        columns = [(label, replace(block, open=False)) for label, block in columns]
    if main := _main_way(step):
        columns.insert(1 if kind == "if" and step.get("then") else 0, (main, _Block(40, 0, 20)))
    return _with_columns(box, columns)


def _with_columns(box: _Block, columns: Sequence[tuple[str, _Block]]) -> _Block:
    """The ways below a box; the box stands above the first one that leads on."""
    lefts, x = [], 0.0
    for label, block in columns:
        room = max(block.width, block.axis + 8 + 6.2 * len(label))
        lefts.append(x)
        x += room + BESIDE
    axes = [left + block.axis for left, (_label, block) in zip(lefts, columns, strict=True)]
    going_on = [axis for axis, (_label, block) in zip(axes, columns, strict=True) if block.open]
    axis = going_on[0] if going_on else (axes[0] + axes[-1]) / 2
    shift = max(0.0, box.axis - axis)
    top = box.height + GAP + 8
    bottom = top + max(block.height for _label, block in columns)
    shapes = [shape.moved(shift + axis - box.axis, 0) for shape in box.shapes]
    fork = box.height + 12
    for (label, block), left, at in zip(
        columns, (left + shift for left in lefts), (a + shift for a in axes), strict=True
    ):
        shapes.append(
            _arrow((axis + shift, box.height), (axis + shift, fork), (at, fork), (at, top), tip=bool(block.height))
        )
        shapes.append(_Shape("way", at + 6, fork + 15, label=label))
        shapes += [shape.moved(left, top) for shape in block.shapes]
        if block.open:
            end = ((at, bottom + 8), (axis + shift, bottom + 8)) if len(going_on) > 1 else ((at, bottom + 8),)
            shapes.append(_arrow((at, top + block.height), *end, tip=False))
    width = max(shift + x - BESIDE, shift + axis - box.axis + box.width)
    return _Block(width, bottom + 8, axis + shift, tuple(shapes), bool(going_on))


def _arrow(*points: tuple[float, float], tip: bool = True) -> _Shape:
    return _Shape("arrow" if tip else "line", 0, 0, points)


def _ways(drawer: _Drawer, step: Step) -> Iterator[tuple[str, str, Sequence[Step]]]:
    """The ways with steps of their own: how each is called, its place in the path, its steps."""
    names = {
        "then": _("yes"), "else": _("no"), "declined": _("no"), "on_refused": _("refused"),
        "on_unknown": _("outcome unknown"), "on_repeated": _("done meanwhile"), "on_declined": _("not approved"),
        "none": _("nothing to choose"), "late": _("too late"),
    }  # fmt: skip
    happened = {"then": _("it happened")} if "wait_for" in step else {}
    for word, place, steps in ways(step):
        option = step["options"][word]["label"][drawer.language] if "choose" in step else ""
        yield option or happened.get(word) or names.get(word, word), place, steps


def _main_way(step: Step) -> str:
    """What the way without steps of its own is called, '' where there is none."""
    if "confirm" in step:
        return _("yes")
    if "call" in step:
        return _("done")
    if "if" in step:
        return "" if step.get("else") and step.get("then") else _("no") if step.get("then") else _("yes")
    if "choose" in step:
        return "" if all(option.get("then") for option in step["options"].values()) else _("another answer")
    if "wait_for" in step:
        return "" if step.get("then") else _("it happened")
    return _("answer")


def _look(drawer: _Drawer, step: Step) -> str:
    kind = kind_of(step)
    if kind == "call":
        action = drawer.actions.get(step["call"])
        return "writes" if action and action.writes else "reads"
    looks = {"ask": "asks", "choose": "asks", "confirm": "asks", "hand_over": "person", "end": "stops"}
    return "ends" if step.get("end") == "solved" else looks.get(kind, kind)


def _label(kind: str) -> str:
    labels = {
        "say": _("says"), "ask": _("asks"), "choose": _("lets choose"), "call": _("calls"), "set": _("notes"),
        "confirm": _("asks for a yes"), "if": _("checks"), "do": _("does"), "wait_for": _("waits for"),
        "hand_over": _("a person goes on"), "end": _("ends"),
    }  # fmt: skip
    return labels[kind]


def _text(drawer: _Drawer, step: Step) -> str:
    kind, language = kind_of(step), drawer.language
    if kind in {"say", "confirm"}:
        return str(step[kind][language])
    if kind in {"ask", "choose"}:
        return str(step["text"][language])
    if kind == "set":
        return ", ".join(f"{name} = {value}" for name, value in step["set"].items())
    if kind == "do":
        return str(drawer.others[step["do"]].data["title"][language])
    if kind == "wait_for":
        return f"{step['wait_for']} {step.get('at_most', '')}"
    outcomes = {"solved": _("solved"), "declined": _("declined by the customer"), "refused": _("refused")}
    return outcomes.get(str(step[kind]), str(step[kind])) if kind == "end" else str(step[kind])


def _svg(shape: _Shape) -> str:
    if shape.kind in {"line", "arrow"}:
        track = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shape.points)
        x, y = shape.points[-1]
        tip = f'<path class="tip" d="M{x - 4:.1f} {y - 7:.1f}h8l-4 7z"/>' if shape.kind == "arrow" else ""
        return f'<path d="{track}"/>{tip}'
    if shape.kind == "way":
        return f'<text class="way" x="{shape.x:.1f}" y="{shape.y:.1f}">{escape(shape.label)}</text>'
    ((right, bottom),) = shape.points
    width, height = right - shape.x, bottom - shape.y
    x, y = shape.x + PAD, shape.y + PAD + 9
    lines = "".join(
        f'<text x="{x:.1f}" y="{y + LINE * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(shape.lines, 1)
    )
    figure = f'<text class="figure" x="{right - PAD:.1f}" y="{y:.1f}" text-anchor="end">{escape(shape.figure)}</text>'
    round_ = 16 if shape.kind in {"begins", "ends", "stops"} else 6
    return (
        f'<g class="{shape.kind}"><rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{round_}"/><text class="kind" x="{x:.1f}" y="{y:.1f}">{escape(shape.label)}</text>{lines}'
        f"{figure if shape.figure else ''}</g>"
    )
