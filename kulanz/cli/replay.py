"""`kulanz replay --policy FILE [--model ID]`: past conversations decided again; what would be different."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from kulanz.cli.database import database
from kulanz.core.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    since = _day(options.since)
    with database(options):
        _read_only()
        from kulanz.decision.policies import active_policy, load_policy
        from kulanz.turns.replay import replay

        policy = load_policy(options.policy) if options.policy else active_policy()
        result = replay(policy, _classifier(options.model), since)
        if options.json:
            print(json.dumps(_as_json(result, policy.version), ensure_ascii=False, default=str))
        else:
            print("\n".join(_as_text(result, options.language)))
    return 0


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(f"--since {text} is no day. Write it like 2026-01-31.") from error


def _read_only() -> None:
    """Django on the live database, in which this process can't change anything."""
    import django

    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise InvalidInput("The database is not of this version yet: run kulanz prepare.")
    with connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = on")


def _classifier(model: int | None) -> Any:
    from kulanz.understanding.candidates import load
    from kulanz.understanding.models import IntentModel

    if model is None:
        return None
    row = IntentModel.objects.filter(pk=model).first()
    if row is None:
        known = ", ".join(str(pk) for pk in IntentModel.objects.order_by("pk").values_list("pk", flat=True))
        raise InvalidInput(f"There is no intent model {model}. Known: {known or 'none'}.")
    return load(row)


def _as_json(result: Any, version: str) -> dict[str, Any]:
    return {
        "policy": version,
        "turns": result.turns,
        "skipped": result.skipped,
        "old": dict(result.old),
        "new": dict(result.new),
        "differences": [
            {**asdict(d), "old": list(d.old), "new": {**asdict(d.new), "alternatives": []}} for d in result.differences
        ],
    }


def _as_text(result: Any, language: str) -> Iterator[str]:
    from django.utils.translation import gettext as _
    from django.utils.translation import override

    with override(language):
        certain = sum(d.certain for d in result.differences)
        yield _("{turns} turns decided again; {count} would be decided otherwise.").format(
            turns=result.turns, count=len(result.differences)
        )
        yield from _sums(result)
        if result.skipped:
            yield _("{count} turns were left out: decided before Kulanz kept what a replay needs.").format(
                count=result.skipped
            )
        if result.differences:
            yield ""
            yield _(
                "{certain} of them are the first difference of their conversation and certain. Those marked with ~ "
                "come after one: the customer might have written something else by then."
            ).format(certain=certain)
        for difference in result.differences:
            yield ""
            yield from _one(difference)


def _kinds() -> dict[str, str]:
    from django.utils.translation import gettext as _

    return {
        "answer": _("answer"),
        "ask": _("ask"),
        "act": _("act"),
        "hand_over": _("hand over"),
        "stay_silent": _("stay silent"),
    }


def _sums(result: Any) -> Iterator[str]:
    from django.utils.translation import gettext as _

    for kind, name in _kinds().items():
        change = result.new[kind] - result.old[kind]
        if change:
            text = _("{kind}: {count} more") if change > 0 else _("{kind}: {count} fewer")
            yield "  " + text.format(kind=name, count=abs(change))


def _one(difference: Any) -> Iterator[str]:
    from django.utils import timezone
    from django.utils.translation import gettext as _

    until_now, then = _("until now"), _("then")
    mark = " " if difference.certain else "~"
    at, words = timezone.localtime(difference.at), _("“{text}”").format(text=_short(difference.words))
    yield f"{mark} {at:%Y-%m-%d %H:%M}  {str(difference.conversation)[-8:]}  {words}"
    (kind, subject), new = difference.old, difference.new
    yield f"    {until_now}: {_decided(kind, subject, list(difference.old_reasons))}"
    yield f"    {then}: {_decided(new.kind, new.subject, [asdict(reason) for reason in new.reasons])}"


def _decided(kind: str, subject: str, reasons: list[dict[str, Any]]) -> str:
    """What was done, with which article, flow or handover, and why. What has no name (a kind of question) is told by
    its reason, and an article that is gone by the title it had."""
    from kulanz.decision.explain import reason_text
    from kulanz.desk.wording import handover_reason, intent_label
    from kulanz.turns.replay import title

    named = {"hand_over": handover_reason, "act": intent_label}.get(kind, title)(subject)
    gone = next((reason["detail"] for reason in reasons if reason["code"] == "passage"), "")
    parts = [_kinds()[kind], gone if named == subject and kind in {"answer", "ask"} else named]
    why = " ".join(map(reason_text, reasons))
    return " · ".join(part for part in parts if part) + (f"  ({why})" if why else "")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:157] + "…"
