"""The report of a simulation, for a support manager to read, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from kulanz.simulation.dialogue import Turn
from kulanz.simulation.figures import STATES, Figures, figures
from kulanz.simulation.judge import RIGHT, Judgement, Verdict

ORDER: tuple[Verdict, ...] = (
    "resolved",
    "handed_over",
    "handed_over_needlessly",
    "handed_over_late",
    "wrongly_closed",
    "gave_up",
)
"""As shown, the worst last."""
Missed = Sequence[tuple[str, float, str, float]]


def as_json(judgements: Sequence[Judgement], missed: Missed) -> dict[str, Any]:
    """`figures`, those `by_subject`, every dialogue with its name and seed, and what is `missed`."""
    subjects = sorted({j.dialogue.scenario.subject for j in judgements})
    return {
        "figures": _figures_json(figures(judgements)),
        "by_subject": {s: _figures_json(figures(_of(judgements, s))) for s in subjects},
        "dialogues": [_dialogue_json(j) for j in judgements],
        "missed": [{"figure": n, "reached": round(v, 4), "demanded": {side: b}} for n, v, side, b in missed],
    }


def _figures_json(got: Figures) -> dict[str, Any]:
    return {**asdict(got), "shares": {name: round(got.share(name), 4) for name in ("right", *got.counts)}}


def _of(judgements: Sequence[Judgement], subject: str) -> list[Judgement]:
    return [j for j in judgements if j.dialogue.scenario.subject == subject]


def _dialogue_json(judgement: Judgement) -> dict[str, Any]:
    d = judgement.dialogue
    return {
        "scenario": d.scenario.name,
        "language": d.language,
        "seed": d.seed,
        "verdict": judgement.verdict,
        "reason_differs": judgement.reason_differs,
        "state": judgement.state,
        "changes": sorted(d.changes),
        "breaches": [asdict(b) for b in judgement.breaches],
        "turns": [
            {"customer": list(t.line.texts), "means": t.line.intention, "decision": [t.seen.kind, t.seen.subject],
             "replies": [{"author": author, "text": text} for author, text in t.seen.replies]}
            for t in d.turns
        ],
    }  # fmt: skip


def as_text(judgements: Sequence[Judgement], missed: Missed, language: str, worst: int) -> str:
    """The report in words: sums, a line for each subject, broken rules, and the `worst` dialogues in full."""
    with override(language):
        parts = [_sums(figures(judgements)), _subjects(judgements)]
        if any(j.state for j in judgements):
            parts.append(_states(judgements))
        broken = [j for j in judgements if j.breaches]
        if broken:
            parts.append("\n".join([_("Rules that always hold were broken:"), *map(_broken, broken)]))
        if wrong := [j for j in judgements if j.verdict not in RIGHT or j.state in {"missing", "wrong"}]:
            parts.append("\n".join([_("Not as it should be:"), *map(_one_line, wrong)]))
        parts += [_in_full(j) for j in sorted(broken + [w for w in wrong if w not in broken], key=_badness)[:worst]]
        parts += [_missed_line(*line) for line in missed]
    return "\n\n".join(parts)


def verdict_names() -> Mapping[str, str]:
    return {
        "resolved": _("solved rightly"),
        "wrongly_closed": _("wrongly closed"),
        "handed_over": _("handed over rightly"),
        "handed_over_needlessly": _("handed over needlessly"),
        "handed_over_late": _("handed over too late"),
        "gave_up": _("customer gave up"),
        "right": _("right in all"),
        "turns_p95": _("turns, 95th percentile"),
        "state_right": _("back office as wanted"),
        "state_missing": _("wanted, but not done"),
        "state_wrong": _("done, but not wanted"),
    }


def rule_names() -> Mapping[str, str]:
    return {
        "person_not_granted": _("the wish for a person was not granted in the same turn"),
        "two_questions_in_row": _("two clarifying questions in a row"),
        "too_many_questions": _("more than two clarifying questions"),
        "sensitive_answered": _("automatic answer in a sensitive matter"),
        "done_twice": _("an action was done twice"),
        "done_unconfirmed": _("an action was done without a yes"),
        "reply_repeated": _("the same reply twice"),
    }


def _sums(got: Figures) -> str:
    names = verdict_names()
    lines = [_("{count} dialogues with simulated customers").format(count=got.dialogues), ""]
    lines += [f"  {names[verdict]:<28}{count:>5}  {got.share(verdict):>6.1%}" for verdict, count in got.counts.items()]
    lines.append(f"  {names['right']:<28}{'':>5}  {got.share('right'):>6.1%}")
    turns = _("{median} (median), {p95} (95 of 100 need no more)").format(median=got.turns_median, p95=got.turns_p95)
    rows = {
        _("turns of the customer"): turns,
        _("clarifying questions"): got.questions,
        _("repeated replies"): got.repeated,
        _("broken rules"): sum(got.breaches.values()),
        _("person for another reason"): got.reason_differs,
    }
    lines += ["", *(f"  {name:<28}{value:>5}" for name, value in rows.items())]
    return "\n".join(lines)


def _subjects(judgements: Sequence[Judgement]) -> str:
    heads = (_("subject"), _("all"), _("solved"), _("person"), _("needless"), _("late"), _("closed"), _("gave up"))
    widths = [max(10, len(head) + 2) for head in heads[1:]]
    rows = [f"  {heads[0]:<16}" + "".join(f"{head:>{width}}" for head, width in zip(heads[1:], widths, strict=True))]
    for subject in sorted({j.dialogue.scenario.subject for j in judgements}):
        got = figures(_of(judgements, subject))
        counts = (got.dialogues, *(got.counts[name] for name in ORDER))
        cells = (f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))
        rows.append(f"  {subject:<16}" + "".join(cells))
    return "\n".join(rows)


def _states(judgements: Sequence[Judgement]) -> str:
    """How the back office stood in the end, for each subject."""
    names, looked = verdict_names(), [j for j in judgements if j.state]
    subject_head, every = _("subject"), _("all")
    heads = (every, *(names[f"state_{state}"] for state in STATES))
    widths = [max(8, len(head) + 2) for head in heads]
    rows = [f"  {subject_head:<20}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for subject in (*sorted({j.dialogue.scenario.subject for j in looked}), ""):
        got = figures(_of(looked, subject) if subject else looked)
        cells = (got.dialogues, *(got.states[state] for state in STATES))
        rows.append(f"  {subject or every:<20}" + "".join(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True)))
    shares = figures(looked)
    rows += ["", *(f"  {names[f'state_{s}']:<28}{'':>5}  {shares.share(f'state_{s}'):>6.1%}" for s in STATES)]
    return "\n".join(rows)


def _play_again(judgement: Judgement) -> str:
    d = judgement.dialogue
    return f"--only {d.scenario.name} --in {d.language} --seed {d.seed}"


def _broken(judgement: Judgement) -> str:
    names, turn = rule_names(), _("turn")
    rules = "; ".join(f"{names[b.rule]} ({turn} {b.turn})" for b in judgement.breaches)
    return f"  {_play_again(judgement)}: {rules}"


def _one_line(judgement: Judgement) -> str:
    last = judgement.dialogue.turns[-1].seen
    state = {"missing": _("wanted, but not done"), "wrong": _("done, but not wanted")}.get(judgement.state, "")
    ending = f"[{last.kind} {_subject(last)}]" + (f" {state}" if state else "")
    return f"  {verdict_names()[judgement.verdict]:<26} {_play_again(judgement)}  {ending}"


def _subject(seen: Any) -> str:
    return "/".join(seen.articles) or str(seen.subject)


def _badness(judgement: Judgement) -> tuple[bool, int, int, int]:
    """The worst first: what was done unwanted, then broken rules, then what looks solved and is not, then lost
    customers, then the rest."""
    return (
        judgement.state != "wrong",
        -len(judgement.breaches),
        -ORDER.index(judgement.verdict),
        -len(judgement.dialogue.turns),
    )


def _in_full(judgement: Judgement) -> str:
    d = judgement.dialogue
    lines = [f"── {d.scenario.name} · {verdict_names()[judgement.verdict]} · {_play_again(judgement)}"]
    lines += [line for turn in d.turns for line in told(turn)]
    if judgement.state in {"missing", "wrong"}:
        lines.append("   " + _("Wanted in the back office: {lines}").format(lines=", ".join(d.state or ()) or "–"))
        lines.append("   " + _("New in the back office: {lines}").format(lines=", ".join(sorted(d.changes)) or "–"))
    return "\n".join(lines)


def told(turn: Turn) -> Iterator[str]:
    """One turn as lines: what the customer wrote, what was decided and said."""
    customer = _("Customer")
    who = {"assistant": _("Assistant"), "system": _("System"), "agent": _("Agent")}
    for text in turn.line.texts:
        yield f"   {customer}: {text}"
    reasons = ", ".join(turn.seen.reasons[:2])
    yield f"      → {turn.seen.kind} {_subject(turn.seen)}" + (f" ({reasons})" if reasons else "")
    for author, text in turn.seen.replies:
        yield f"   {who.get(author, author)}: {text}"


def _missed_line(name: str, value: float, side: str, bound: float) -> str:
    shown, demanded = (f"{v:.0f}" if name == "turns_p95" else f"{v:.1%}" for v in (value, bound))
    text = _("Too low: {figure} is {value}, at least {bound} is demanded.")
    if side == "at_most":
        text = _("Too high: {figure} is {value}, at most {bound} is allowed.")
    return text.format(figure=verdict_names()[name], value=shown, bound=demanded)
