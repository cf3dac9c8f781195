"""The examples people teach with: every change is logged and can be undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kulanz.core.errors import InvalidInput, NotFound
from kulanz.trust.audit import record
from kulanz.understanding.emotion import EMOTIONS
from kulanz.understanding.intents import NONE_OF_THEM
from kulanz.understanding.models import MAX_EXAMPLE, MAX_TITLE, Change, EmotionExample, Intent, IntentExample
from kulanz.understanding.vectors import forget_vectors

Row = tuple[str, str, str, str, str]
"""(text, language, intent before, intent after, source); an empty intent: there is no such example."""

FELT = "emotion"
"""The source of a row that is about an emotion instead of an intent."""

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
LOGGED = 200  # changes that the page lists


def check_intent(name: str) -> str:
    """The name as it is stored. Raises `InvalidInput`."""
    clean = " ".join(name.split())
    if not _NAME.fullmatch(clean):
        raise InvalidInput(_("An intent needs a name of 1 to 80 characters."))
    return clean


def check_example(text: str) -> str:
    """The text as it is stored. Raises `InvalidInput` for what no example can be."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text).strip()
    clean = clean.encode("utf-8", "ignore").decode()
    if not any(c.isalnum() for c in clean):
        raise InvalidInput(_("An example needs at least one word."))
    if len(clean) > MAX_EXAMPLE:
        too_long = _("An example may have {limit} characters; this one has {length}.")
        raise InvalidInput(too_long.format(limit=MAX_EXAMPLE, length=len(clean)))
    return clean


def do_add(actor: str, intent: str, texts: Iterable[str], language: str = "", source: str = "curator") -> int:
    """Adds examples; those that stand there already add nothing. Returns how many are new."""
    intent = check_intent(intent)
    wanted = list(dict.fromkeys(check_example(text) for text in texts))
    known = set(IntentExample.objects.filter(intent=intent, text__in=wanted).values_list("text", flat=True))
    return do_change(actor, "added", [(text, language, "", intent, source) for text in wanted if text not in known])


def do_remove(actor: str, ids: Sequence[int]) -> int:
    rows = [(e.text, e.language, e.intent, "", e.source) for e in IntentExample.objects.filter(pk__in=ids)]
    return do_change(actor, "removed", rows)


def do_relabel(actor: str, ids: Sequence[int], intent: str) -> int:
    """Moves examples to another intent."""
    intent = check_intent(intent)
    moved = IntentExample.objects.filter(pk__in=ids).exclude(intent=intent)
    return do_change(actor, "relabelled", [(e.text, e.language, e.intent, intent, e.source) for e in moved])


def do_change(actor: str, act: str, rows: Sequence[Row]) -> int:
    """Carries rows out, with their entry in the log and the audit trail, in one transaction. Returns how many."""
    if not rows:
        return 0
    with transaction.atomic():
        _apply(rows)
        change = Change.objects.create(actor=actor, act=act, rows=[list(row) for row in rows])
        _audit(actor, f"examples_{act}", change.pk, rows)
    return len(rows)


def do_undo(change_id: int, actor: str) -> Change:
    """Inverts a change; doing it again changes nothing. Raises `NotFound`."""
    with transaction.atomic():
        change = Change.objects.select_for_update().filter(pk=change_id).first()
        if change is None:
            raise NotFound(_("There is no such change."))
        if change.undone_at is None:
            rows = [(text, language, after, before, source) for text, language, before, after, source in change.rows]
            _apply(rows)
            change.undone_at = timezone.now()
            change.save(update_fields=["undone_at"])
            _audit(actor, "examples_undone", change.pk, rows)
    return change


def named_change(text: str, emotion: str, language: str = "") -> Row:
    """The row that names the emotion of a text (or, empty, forgets it). Raises `InvalidInput`."""
    if emotion and emotion not in EMOTIONS:
        raise InvalidInput(_("Please choose one of the emotions."))
    before = EmotionExample.objects.filter(text=text).values_list("emotion", flat=True).first()
    return (text, language, before or "", emotion, FELT)


def do_name_emotion(actor: str, ids: Sequence[int], emotion: str) -> int:
    """Names another emotion of examples, or, where it is empty, removes them. Returns how many."""
    found = EmotionExample.objects.filter(pk__in=ids).exclude(emotion=emotion)
    rows = [named_change(one.text, emotion, one.language) for one in found]
    return do_change(actor, "relabelled" if emotion else "removed", rows)


def _apply(rows: Sequence[Row]) -> None:
    for text, language, _before, after, source in rows:
        if source == FELT and after:
            fields = {"emotion": after, "language": language}
            EmotionExample.objects.update_or_create(text=text, defaults=fields)
        elif source == FELT:
            EmotionExample.objects.filter(text=text).delete()
    _apply_intents([row for row in rows if row[4] != FELT])
    forget_vectors(row[0] for row in rows if not row[3])


def _apply_intents(rows: Sequence[Row]) -> None:
    for text, before in ((row[0], row[2]) for row in rows):
        if before:
            IntentExample.objects.filter(text=text, intent=before).delete()
    new = [IntentExample(text=t, language=la, intent=after, source=so) for t, la, __, after, so in rows if after]
    IntentExample.objects.bulk_create(new, ignore_conflicts=True, batch_size=1_000)


def _audit(actor: str, act: str, change: int, rows: Sequence[Row]) -> None:
    intents = sorted({intent for row in rows for intent in row[2:4] if intent})
    record(actor, act, None, change=change, examples=len(rows), intents=intents[:20])


def do_describe(actor: str, name: str, **words: str) -> Intent:
    """Sets `title_de`, `title_en`, `description_de`, `description_en` of an intent. Raises `InvalidInput`."""
    name = check_intent(name)
    clean = {field: " ".join(words.get(field, "").split()) for field in _WORDS}
    for field, text in clean.items():
        limit = MAX_TITLE if field.startswith("title") else MAX_EXAMPLE
        if len(text) > limit:
            too_long = _("{length} characters are too many here; {limit} are possible.")
            raise InvalidInput(too_long.format(length=len(text), limit=limit))
    with transaction.atomic():
        before = Intent.objects.filter(pk=name).first()
        intent, __ = Intent.objects.update_or_create(pk=name, defaults=clean)
        record(actor, "described_intent", None, intent=name)
        if before:
            forget_vectors(text for text in (before.description_de, before.description_en) if text)
    return intent


_WORDS = ("title_de", "title_en", "description_de", "description_en")


def intent_names() -> list[str]:
    """Every intent that has examples or a description, in order; `oos` last, if there is any."""
    names = set(IntentExample.objects.values_list("intent", flat=True).distinct())
    names |= set(Intent.objects.values_list("name", flat=True))
    return sorted(names, key=lambda name: (name == NONE_OF_THEM, name))


def titles(language: str) -> dict[str, str]:
    """Intent → its title in a language, for those that have one there."""
    field = "title_de" if language == "de" else "title_en"
    return dict(Intent.objects.exclude(**{field: ""}).values_list("name", field))


def emotion_examples() -> list[EmotionExample]:
    return list(EmotionExample.objects.order_by("emotion", "text"))


def examples_named(intent: str) -> list[IntentExample]:
    return list(IntentExample.objects.filter(intent=intent).order_by("language", "text"))


def newest_changes(most: int = LOGGED) -> list[Change]:
    return list(Change.objects.order_by("-pk")[:most])
