"""What daily work proposes to learn: kept masked, shown in groups, decided by a curator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models.functions import MD5
from django.utils import timezone

from kulanz.nlp.grouping import clustered
from kulanz.trust.audit import record
from kulanz.understanding.examples import Row, check_example, check_intent, do_change, named_change
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.models import (
    MAX_EXAMPLE,
    ExampleProposal,
    IntentExample,
    StoredReading,
)
from kulanz.understanding.vectors import Floats, kept_vectors, packed, readable, unpacked

State, Kind = ExampleProposal.State, ExampleProposal.Kind
OPEN_AT_ONCE = 500
"""Newest open proposals that are looked at together."""

SAME_MATTER = 0.9  # cosine from which two texts say the same, where too few examples are there to measure it
_REJECTED_LOOKED_AT = 400
_MEASURED = 400  # examples


@dataclass(frozen=True, slots=True)
class Group:
    """Proposals that suggest the same and say nearly the same."""

    kind: str
    suggested: str
    members: tuple[ExampleProposal, ...]


@dataclass(frozen=True, slots=True)
class RejectedText:
    """A reading that was none of the intents."""

    reading: UUID
    conversation: UUID
    text: str
    language: str


def do_propose(message_id: UUID, kind: str, text: str, *, actor: str, **about: str) -> ExampleProposal | None:
    """Proposes a message's masked text; `about`: `language`, `read_as`, `suggested`, `reason`.

    One message has one proposal of a kind: an agent's word replaces the system's and their own earlier one, the system
    replaces nothing. None where nothing changed, or where a curator has decided already.
    """
    fields = {"text": text[:MAX_EXAMPLE].strip(), "proposed_by": actor, **about}
    with transaction.atomic():
        known = ExampleProposal.objects.select_for_update().filter(message_id=message_id, kind=kind).first()
        if known is None:
            proposal = ExampleProposal.objects.create(message_id=message_id, kind=kind, **fields)
        elif known.state != State.OPEN or actor == "system":
            return None
        else:
            ExampleProposal.objects.filter(pk=known.pk).update(**fields)
            proposal = known
        record(actor, "proposed_example", None, proposal=str(proposal.pk), suggested=about.get("suggested", ""))
    return proposal


def open_groups() -> list[Group]:
    """The open proposals: those of one suggestion together, split into what says nearly the same; larger first."""
    rows = (
        ExampleProposal.objects.filter(state=State.OPEN)
        .select_related("message")
        .order_by("-proposed_at")[:OPEN_AT_ONCE]
    )
    found: dict[tuple[str, str], list[ExampleProposal]] = {}
    for row in rows:
        found.setdefault((row.kind, row.suggested), []).append(row)
    groups, near = [], same_matter()
    for (kind, suggested), members in found.items():
        placed = [m for m in members if readable(m.vector)]
        vectors = np.array([unpacked(m.vector or b"") for m in placed])
        parts = [[placed[i] for i in part] for part in clustered(vectors, near)] if placed else []
        if waiting := [m for m in members if not readable(m.vector)]:
            parts.append(waiting)
        groups += [Group(kind, suggested, tuple(part)) for part in parts]
    return sorted(groups, key=lambda g: (-len(g.members), g.suggested))


def corrections_of(message_id: UUID) -> list[ExampleProposal]:
    """What agents have said about the reading of a message."""
    return list(ExampleProposal.objects.filter(message_id=message_id, reason="corrected").order_by("kind"))


def count_open() -> int:
    return ExampleProposal.objects.filter(state=State.OPEN).count()


def do_accept(ids: Sequence[UUID], actor: str, suggested: str = "", text: str | None = None) -> int:
    """Makes examples of open proposals, of `suggested` where it is given (relabelling), and with another wording
    where `text` is given for a single one. Returns how many. Raises `InvalidInput`."""
    with transaction.atomic():
        rows = list(ExampleProposal.objects.select_for_update().filter(pk__in=ids, state=State.OPEN))
        if text is not None and len(rows) == 1:
            rows[0].text = text
        changes: list[Row] = []
        for row in rows:
            label, words = suggested or row.suggested, check_example(row.text)
            if row.kind == Kind.EMOTION:
                changes.append(named_change(words, label, row.language))
            elif not IntentExample.objects.filter(text=words, intent=check_intent(label)).exists():
                changes.append((words, row.language, "", check_intent(label), "proposal"))
            row.suggested, row.text = label, words
        do_change(actor, "accepted", list(dict.fromkeys(changes)))
        _decide(rows, State.ACCEPTED, actor)
    return len(rows)


def do_reject(ids: Sequence[UUID], actor: str) -> int:
    """Declines open proposals; they are not proposed again. Returns how many."""
    with transaction.atomic():
        rows = list(ExampleProposal.objects.select_for_update().filter(pk__in=ids, state=State.OPEN))
        _decide(rows, State.REJECTED, actor)
    return len(rows)


def _decide(rows: list[ExampleProposal], state: str, actor: str) -> None:
    for row in rows:
        row.state, row.decided_by, row.decided_at = state, actor, timezone.now()
    ExampleProposal.objects.bulk_update(rows, ["state", "decided_by", "decided_at", "suggested", "text"])
    if rows:
        record(actor, f"proposals_{state}", None, proposals=[str(row.pk) for row in rows][:50])


def do_embed_waiting() -> int:
    """Gives open proposals and the newest rejected readings their vectors; returns how many were missing."""
    newest = ExampleProposal.objects.filter(state=State.OPEN).order_by("-proposed_at")[:OPEN_AT_ONCE]
    proposals = [row for row in newest if not readable(row.vector)]
    for row, vector in zip(proposals, _computed([row.text for row in proposals]), strict=True):
        row.vector = packed(vector)
    ExampleProposal.objects.bulk_update(proposals, ["vector"], batch_size=200)
    readings = [row for row in _rejected_rows()[:_REJECTED_LOOKED_AT] if not readable(row.vector)]
    for reading, vector in zip(readings, _computed([r.data["text"] for r in readings]), strict=True):
        reading.vector = packed(vector)
    StoredReading.objects.bulk_update(readings, ["vector"], batch_size=200)
    return len(proposals) + len(readings)


def _computed(texts: list[str]) -> Floats:
    from kulanz.nlp.embedder import reader

    return reader().vectors(texts) if texts else np.zeros((0, 384), np.float32)


def _rejected_rows() -> Any:
    """Newest first; what is small talk or a wish for a person is no matter that an intent is missing for."""
    return StoredReading.objects.filter(data__rejected=True, data__signals=[]).order_by("-id")


def rejected_groups() -> list[tuple[RejectedText, ...]]:
    """The newest rejected messages that have a vector, in groups that say nearly the same, the largest first."""
    rows = _rejected_rows().exclude(vector=None)[:_REJECTED_LOOKED_AT].select_related("message")
    found = [
        (RejectedText(r.pk, r.message.conversation_id, r.data["text"], r.data["language"]["value"]), r.vector)
        for r in rows
        if readable(r.vector)
    ]
    if not found:
        return []
    vectors = np.array([unpacked(data) for _, data in found])
    return [tuple(found[i][0] for i in part) for part in clustered(vectors, same_matter())]


def same_matter(unmeasured: float = SAME_MATTER) -> float:
    """The cosine from which two texts probably want the same: what hardly any pair of examples of different intents
    reaches (one in 500). Measured on the examples, because every network has a scale of its own;
    `unmeasured` where there are too few of them."""
    rows = (
        IntentExample.objects.exclude(intent=NONE_OF_THEM)
        .order_by(MD5("text"))
        .values_list("text", "intent")[:_MEASURED]
    )
    intents = dict(rows)
    kept = kept_vectors(list(intents))
    if len(kept) < _MEASURED // 10:
        return unmeasured
    vectors, names = np.array(list(kept.values())), np.array([intents[text] for text in kept])
    other = (vectors @ vectors.T)[names[:, None] != names[None]]
    return float(np.quantile(other, 0.998)) if other.size else unmeasured
