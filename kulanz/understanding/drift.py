"""Whether customers write differently than they did: two windows of readings compared, as pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

RECENT_DAYS, BEFORE_DAYS = 7, 28
LEAST = (50, 100)
"""Readings needed in the recent and in the earlier window; with fewer there is nothing to say."""

PSI_LARGE = 0.25
"""A population stability index that calls for action; below 0.1 nothing has changed (Siddiqi, Credit Risk Scorecards,
2006). Small windows reach it by chance: its expected scatter is chi-squared, `chi2(bins - 1) * (1/n + 1/m)` (Yurdakul
and Naranjo, Statistical properties of the population stability index, 2020), and must be exceeded too."""

SURE = 3.0
"""Standard errors a share or mean must have moved: by chance once in 740 looks in the direction that matters."""

LEAST_CHANGE = 0.05
"""… and by at least so much, because with enough readings the smallest change is certain."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading: was it none of the intents, the share of its words that no example holds, the probability of the
    best intent, and the accepted intent ("" where rejected)."""

    rejected: bool
    unseen: float
    sureness: float
    intent: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A measure (`rejected`, `unseen`, `sureness` as means; `intents` as stability index) that has drifted.

    `by` counts standard errors; for `intents` `before` is the threshold, `now` the index and `by` their quotient;
    `most` names the intents that grew or shrank most, in percentage points."""

    measure: str
    before: float
    now: float
    by: float
    most: tuple[tuple[str, float], ...] = ()


def drifted(recent: Sequence[Seen], before: Sequence[Seen]) -> tuple[Moved, ...]:
    """What has moved for the worse: more rejections, more unseen words, less sure, another mix of intents."""
    if len(recent) < LEAST[0] or len(before) < LEAST[1]:
        return ()
    measures = (
        _shift("rejected", [float(s.rejected) for s in recent], [float(s.rejected) for s in before], 1),
        _shift("unseen", [s.unseen for s in recent], [s.unseen for s in before], 1),
        _shift("sureness", [s.sureness for s in recent], [s.sureness for s in before], -1),
        _mix([s.intent for s in recent], [s.intent for s in before]),
    )
    return tuple(moved for moved in measures if moved)


def _shift(measure: str, recent: Sequence[float], before: Sequence[float], worse: int) -> Moved | None:
    """Welch's test for two means, in the direction `worse` (1 or -1)."""
    now, then = sum(recent) / len(recent), sum(before) / len(before)
    error = sqrt(_variance(recent, now) / len(recent) + _variance(before, then) / len(before))
    change = worse * (now - then)
    by = change / max(error, 1e-6)
    return Moved(measure, then, now, by) if by >= SURE and change >= LEAST_CHANGE else None


def _variance(values: Sequence[float], mean: float) -> float:
    return sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)


def _mix(recent: Sequence[str], before: Sequence[str]) -> Moved | None:
    from scipy.special import chdtri  # heavy, and only curators look

    bins = _bins(recent, before)
    now, then = Counter(bins[i] for i in recent), Counter(bins[i] for i in before)
    names = sorted(set(bins.values()))
    n, m = len(recent), len(before)
    index = stability_index([now[name] for name in names], [then[name] for name in names])
    chance = float(chdtri(max(1, len(names) - 1), 0.001)) * (1 / n + 1 / m)
    threshold = max(PSI_LARGE, chance)
    if index < threshold:
        return None
    changes = sorted(((name, now[name] / n - then[name] / m) for name in names), key=lambda pair: -abs(pair[1]))
    return Moved("intents", threshold, index, index / threshold, tuple(changes[:3]))


def _bins(recent: Sequence[str], before: Sequence[str]) -> dict[str, str]:
    """Intents too rare to be a bin of their own (fewer than 5 expected in the smaller window) are one: `…`."""
    together = Counter(recent) + Counter(before)
    share = min(len(recent), len(before)) / (len(recent) + len(before))
    return {name: name if count * share >= 5 else "…" for name, count in together.items()}


def stability_index(now: Sequence[int], then: Sequence[int]) -> float:
    """The population stability index of two histograms over the same bins: `Σ (p - q) ln(p / q)`, each count half an
    observation larger, so that an empty bin does not make it infinite."""
    n, m = sum(now) + len(now) / 2, sum(then) + len(then) / 2
    shares = [((a + 0.5) / n, (b + 0.5) / m) for a, b in zip(now, then, strict=True)]
    return sum((p - q) * log(p / q) for p, q in shares)
