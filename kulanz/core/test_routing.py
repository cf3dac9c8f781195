"""Routing keeps its promises, whatever waits and whoever is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kulanz.core.routing import ANY, MOST_MINUTES, NOBODY, Agent, Rules, Waiting, assign, in_order

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LANGUAGES, CHANNELS = ("de", "en", "fr"), ("web_chat", "email")
minutes = st.integers(0, 600)
waiting_one = st.builds(
    Waiting,
    id=st.uuids(),
    since=minutes.map(lambda m: NOW - timedelta(minutes=m)),
    language=st.sampled_from(LANGUAGES),
    channel=st.sampled_from(CHANNELS),
    team=st.sampled_from([None, 1, 2]),
    subject=st.sampled_from(["", "refund_status", "technician_visit"]),
    urgency=st.sampled_from(["normal", "high", "critical"]),
    emotion=st.sampled_from(["neutral", "frustrated"]),
    sensitive=st.booleans(),
    promised_by=st.none() | minutes.map(lambda m: NOW + timedelta(minutes=m - 300)),
    last_agent=st.none() | st.integers(1, 6),
    not_for=st.frozensets(st.integers(1, 6), max_size=2),
)
queue = st.lists(waiting_one, max_size=12, unique_by=lambda one: one.id)
agent = st.builds(
    Agent,
    id=st.integers(1, 6),
    teams=st.frozensets(st.integers(1, 2)),
    languages=st.frozensets(st.sampled_from(LANGUAGES)),
    skills=st.frozensets(st.sampled_from(["refund_status", "technician_visit"])),
    capacity=st.dictionaries(st.sampled_from([*CHANNELS, ANY]), st.integers(0, 3)),
    load=st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4)),
    present=st.booleans(),
    away_until=st.none() | st.integers(-60, 60).map(lambda m: NOW + timedelta(minutes=m)),
)
team = st.lists(agent, max_size=6, unique_by=lambda one: one.id)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work runs beside the tests
worth = st.integers(0, MOST_MINUTES)
rules = st.builds(Rules, worth, worth, worth, worth, worth, st.integers(0, 60), st.dictionaries(st.just(1), worth))


@unhurried
@given(queue, team, rules)
def test_everybody_is_given_once_or_kept_and_the_order_they_come_in_does_not_matter(
    waiting: list[Waiting], agents: list[Agent], by: Rules
) -> None:
    done = assign(waiting, agents, by, NOW)
    assert sorted([g.waiting.id for g in done.given] + [k.waiting.id for k in done.kept]) == sorted(
        w.id for w in waiting
    )
    assert assign(waiting[::-1], agents[::-1], by, NOW) == done


@unhurried
@given(queue, team, rules)
def test_nobody_gets_more_than_they_can_take_or_anything_while_away(
    waiting: list[Waiting], agents: list[Agent], by: Rules
) -> None:
    done = assign(waiting, agents, by, NOW)
    for one in agents:
        gets = [g.waiting for g in done.given if g.agent == one.id]
        if gets:
            assert one.present
            assert one.away_until is None or one.away_until <= NOW
            assert all(w.team is None or w.team in one.teams for w in gets)
        for channel in CHANNELS:
            more = sum(w.channel == channel for w in gets)
            assert not more or one.load.get(channel, 0) + more <= one.capacity.get(channel, one.capacity.get(ANY, 0))


@unhurried
@given(queue, team, rules)
def test_nobody_gets_what_they_did_not_react_to_and_the_last_of_those_is_an_alarm(
    waiting: list[Waiting], agents: list[Agent], by: Rules
) -> None:
    done = assign(waiting, agents, by, NOW)
    assert all(given.agent not in given.waiting.not_for for given in done.given)
    for kept in done.kept:
        mates = [a for a in agents if a.is_there(NOW) and (kept.waiting.team is None or kept.waiting.team in a.teams)]
        if mates and {a.id for a in mates} <= kept.waiting.not_for:
            assert kept.why in NOBODY


@unhurried
@given(queue, team, rules)
def test_the_language_fits_wherever_somebody_in_the_team_has_it(
    waiting: list[Waiting], agents: list[Agent], by: Rules
) -> None:
    for one in assign(waiting, agents, by, NOW).given:
        mates = [a for a in agents if one.waiting.team is None or one.waiting.team in a.teams]
        exists = any(one.waiting.language in a.languages for a in mates)
        speaks = any(a.id == one.agent and one.waiting.language in a.languages for a in mates)
        assert speaks == exists
        assert ("speaks" in one.why) == speaks
        assert ("no_speaker" in one.why) == (not speaks)


@unhurried
@given(queue, team, rules)
def test_nobody_is_passed_over_for_an_agent_they_could_have_had(
    waiting: list[Waiting], agents: list[Agent], by: Rules
) -> None:
    """Whoever is kept would still be kept if everybody behind them were not there."""
    done = assign(waiting, agents, by, NOW)
    ahead = [one for one, __ in in_order(waiting, by, NOW)]
    for kept in done.kept:
        front = ahead[: ahead.index(kept.waiting) + 1]
        assert kept.waiting in [k.waiting for k in assign(front, agents, by, NOW).kept]


@unhurried
@given(waiting_one, waiting_one, rules, st.integers(1, 600))
def test_an_order_once_reached_by_waiting_stays(first: Waiting, second: Waiting, by: Rules, later: int) -> None:
    """Two who differ in nothing but their arrival never change places."""
    second = replace(first, id=second.id, since=first.since - timedelta(minutes=later))
    assert next(one.id for one, __ in in_order([first, second], by, NOW)) == second.id


@unhurried
@given(st.lists(waiting_one, min_size=1, max_size=30, unique_by=lambda one: one.id), st.integers(1, 3), rules)
def test_with_room_freed_again_and_again_everybody_is_served(waiting: list[Waiting], room: int, by: Rules) -> None:
    waiting = [replace(one, team=1, not_for=frozenset()) for one in waiting]
    worker = Agent(1, frozenset({1}), frozenset(LANGUAGES), capacity={ANY: room})
    rounds = 0
    while waiting:
        served = {g.waiting.id for g in assign(waiting, [worker], by, NOW).given}
        waiting = [one for one in waiting if one.id not in served]
        rounds += 1
        assert served
    assert rounds <= 30


def test_even_among_ever_more_who_are_angrier_nobody_starves() -> None:
    """One place, and every minute somebody new comes for whom every rule speaks."""
    by = Rules(angry=30, sensitive=20, critical=10, promise=0)
    patient = Waiting(UUID(int=1), NOW, "de", "web_chat", 1)
    worker, queued, minute = Agent(1, frozenset({1}), frozenset({"de"}), capacity={ANY: 1}), [patient], 0
    while patient in queued:
        now = NOW + timedelta(minutes=minute)
        loud = replace(
            patient, id=UUID(int=minute + 2), since=now, emotion="frustrated", sensitive=True, urgency="critical"
        )
        queued.append(loud)
        queued.remove(assign(queued, [worker], by, now).given[0].waiting)
        minute += 1
        assert minute <= 62, "60 minutes are all that the rules add"
    assert minute > 55, "the rules do count"


def one(**fields: object) -> Waiting:
    whole = {"id": UUID(int=9), "since": NOW, "language": "de", "channel": "web_chat", "team": 1, **fields}
    return Waiting(**whole)  # type: ignore[arg-type]


def at_desk(number: int, **fields: object) -> Agent:
    whole = {"id": number, "teams": frozenset({1}), "languages": frozenset({"de"}), "capacity": {ANY: 2}, **fields}
    return Agent(**whole)  # type: ignore[arg-type]


def who(waiting: Waiting, *agents: Agent) -> tuple[int, tuple[str, ...]] | str:
    done = assign([waiting], agents, Rules(), NOW)
    return (done.given[0].agent, done.given[0].why) if done.given else done.kept[0].why


def test_the_last_agent_goes_on_if_they_are_there_and_have_room() -> None:
    waiting = one(last_agent=2, subject="returns")
    expert = at_desk(1, skills=frozenset({"returns"}))
    assert who(waiting, expert, at_desk(2)) == (2, ("last_agent", "speaks"))
    for gone in (at_desk(2, present=False), at_desk(2, load={"web_chat": 2})):
        assert who(waiting, expert, gone) == (1, ("speaks", "skilled", "least_busy"))


def test_skills_first_then_anybody_of_the_team() -> None:
    waiting = one(subject="returns")
    expert, other = at_desk(2, skills=frozenset({"returns"}), load={"web_chat": 1}), at_desk(1)
    assert who(waiting, other, expert) == (2, ("speaks", "skilled", "least_busy"))
    assert who(waiting, other, replace(expert, present=False)) == (1, ("speaks", "team", "least_busy"))


def test_why_nobody_gets_it() -> None:
    french = at_desk(3, languages=frozenset({"fr"}), present=False)
    assert who(one(), at_desk(1, teams=frozenset({2}))) == "no_agent"
    assert who(one(), at_desk(1, present=False)) == "nobody_there"
    assert who(one(), at_desk(1, away_until=NOW + timedelta(days=1))) == "nobody_there"
    assert who(one(language="fr"), at_desk(1), french) == "no_speaker_there"
    assert who(one(), at_desk(1, load={"web_chat": 2})) == "full"
    assert assign([one()], [at_desk(1)], Rules(closed=frozenset({1})), NOW).kept[0].why == "closed"


def test_whoever_did_not_react_never_gets_it_again() -> None:
    waiting = one(not_for=frozenset({1}))
    assert who(waiting, at_desk(1), at_desk(2))[0] == 2
    assert who(waiting, at_desk(1)) == "no_reaction"
    assert who(waiting, at_desk(1), at_desk(2, present=False)) == "no_reaction"
    assert who(waiting, at_desk(1), at_desk(2, load={"web_chat": 2})) == "full"
    both = one(not_for=frozenset({1, 2}))
    assert who(both, at_desk(1), at_desk(2)) == "no_reaction"
    assert who(both, at_desk(1, load={"web_chat": 2}), at_desk(2)) == "no_reaction"
    assert who(both, at_desk(1), at_desk(2), at_desk(3))[0] == 3


def test_a_capacity_per_channel_and_one_for_all_others() -> None:
    busy = at_desk(1, capacity={"web_chat": 1, ANY: 5}, load={"web_chat": 1})
    assert who(one(), busy) == "full"
    assert who(one(channel="email"), busy) == (1, ("speaks", "team", "least_busy"))
