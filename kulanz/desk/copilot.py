"""What became of suggestions: judged by what was sent, so that nobody has to say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from kulanz.desk.copilot_models import Suggestion
from kulanz.inbox.models import Message

TAKEN = 0.95
EDITED = 0.5
"""Likeness (Ratcliff and Obershelp's, of lower-case words) from which a reply is the suggestion, or made from it."""
AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Figures:
    """How many suggestions for replies that were sent were used, since a moment."""

    taken: int
    edited: int
    ignored: int

    @property
    def judged(self) -> int:
        return self.taken + self.edited + self.ignored


def do_judge(open_ones: Iterable[Suggestion] | None = None) -> int:
    """Judges suggestions whose message has been answered by an agent since; returns how many. Without a list: the
    newest open ones."""
    wanted = list(open_ones if open_ones is not None else _open()[:AT_ONCE])
    replies = _replies({suggestion.conversation_id for suggestion in wanted})
    judged = 0
    for suggestion in wanted:
        reply = next((m for m in replies.get(suggestion.conversation_id, ()) if m.seq > suggestion.seq), None)
        if reply is None:
            continue
        suggestion.likeness = likeness(suggestion.text, reply.text)
        suggestion.outcome, suggestion.reply = outcome_of(suggestion.likeness), reply
        suggestion.save(update_fields=["likeness", "outcome", "reply"])
        judged += 1
    return judged


def likeness(suggested: str, sent: str) -> float:
    """How much of the suggestion is in what was sent, 0 to 1; a greeting before and after takes nothing off."""
    one, other = suggested.casefold().split(), sent.casefold().split()
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return round(same / len(one), 3) if one else 0.0


def outcome_of(like: float) -> str:
    outcome = Suggestion.Outcome
    return outcome.TAKEN if like >= TAKEN else outcome.EDITED if like >= EDITED else outcome.IGNORED


def figures(since: datetime) -> Figures:
    counted = Suggestion.objects.filter(created_at__gte=since).aggregate(
        **{name: Count("pk", filter=Q(outcome=name)) for name in ("taken", "edited", "ignored")}
    )
    return Figures(counted["taken"], counted["edited"], counted["ignored"])


def to_review(limit: int = 100) -> list[Suggestion]:
    """The newest suggestions from articles that were changed or not used, with what was sent instead."""
    wanted = Suggestion.objects.filter(
        basis=Suggestion.Basis.ARTICLE, outcome__in=[Suggestion.Outcome.EDITED, Suggestion.Outcome.IGNORED]
    )
    return list(wanted.select_related("reply", "conversation").order_by("-created_at")[:limit])


def _open() -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(outcome=Suggestion.Outcome.OPEN).order_by("-created_at")


def _replies(conversations: Iterable[UUID]) -> dict[UUID, list[Message]]:
    found: dict[UUID, list[Message]] = {}
    for message in Message.objects.filter(conversation__in=list(conversations), author="agent").order_by("seq"):
        found.setdefault(message.conversation_id, []).append(message)
    return found
