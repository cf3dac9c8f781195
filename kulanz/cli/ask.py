"""`kulanz ask "…"`: what the knowledge answers, from which passages, and why the others lost."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING

from kulanz.cli.database import database, ready_django

if TYPE_CHECKING:
    from kulanz.turns.ask import Asked


def run(options: argparse.Namespace) -> int:
    with database(options):
        ready_django()
        from kulanz.core.knowledge import Audience
        from kulanz.turns.ask import ask

        print(_report(ask(options.question, language=options.language, audience=Audience(options.audience))))
    return 0


def _report(asked: Asked) -> str:
    used = {source.passage_id for source in asked.reply.sources}
    lines = [_answer(asked), "", "Passages, best first (chance that it answers the question):"]
    for passage in asked.passages:
        chosen = passage.passage_id in used
        lines.append(f"  {passage.confidence:.2f}  {passage.title}  {passage.url}")
        lines.append(f"        {'chosen' if chosen else 'not chosen: ' + asked.lost(passage)}")
        lines += textwrap.wrap(passage.text, 96, initial_indent=" " * 8, subsequent_indent=" " * 8, max_lines=3)
    if not asked.passages:
        lines.append("  none; `kulanz import knowledge PATH` brings articles in")
    return "\n".join(lines)


def _answer(asked: Asked) -> str:
    if asked.answer is None:
        decision = asked.decision
        would = "hand over to a person" if decision.kind == "answer" else _WOULD[decision.kind]
        return f"No answer from the knowledge; the assistant would {would} ({decision.reasons[0].code})."
    quoted = textwrap.indent(asked.text, "  ")
    names = " and ".join(f"“{title}”" for title in dict.fromkeys(s.title for s in asked.reply.sources))
    return f"Answer in {asked.answer.language}, from {names}:\n{quoted}{_worded(asked)}"


def _worded(asked: Asked) -> str:
    """What a language model did with it, where one is set."""
    if not asked.worded:
        return ""
    if asked.worded["used"]:
        return "\n\n(worded by the language model; every sentence was checked)"
    refused = [f"\n  refused ({r['code']}, {r['detail']}): {r['sentence']}" for r in asked.worded["refused"]]
    return "\n\n(quoted; the language model gave nothing usable)" + "".join(refused)


_WOULD = {
    "answer": "answer in its own words",
    "ask": "ask back",
    "act": "act",
    "hand_over": "hand over to a person",
    "stay_silent": "stay silent",
}
