"""The same act on several conversations, each in a transaction of its own: one that is refused holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from kulanz.accounts.models import Team, User
from kulanz.core.errors import InvalidInput, NotFound
from kulanz.desk.resting import do_rest
from kulanz.desk.tags import do_tag
from kulanz.inbox.models import Conversation, Status
from kulanz.turns.agent_turn import do_accept, do_resolve, do_transfer

MOST = 200  # conversations at once
Act = Callable[[UUID], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many were done, are held by others, were refused for another reason, or are gone; `why` tells the first
    other reason."""

    done: int = 0
    held: int = 0
    refused: int = 0
    gone: int = 0
    why: str = ""


def do_in_bulk(keys: Iterable[UUID], agent: User, act: Act, *, whoever_holds: bool = False) -> Outcome:
    """Does `act` to each of these conversations, each once, at most 200. Those that somebody else holds are left alone,
    for supervisors as well, unless it is an act for `whoever_holds` them: taking over is decided one by one."""
    done = held = refused = gone = 0
    why = ""
    for key in list(dict.fromkeys(keys))[:MOST]:
        if not whoever_holds and _held_by_others(key, agent):
            held += 1
            continue
        try:
            act(key)
            done += 1
        except NotFound:
            gone += 1
        except InvalidInput as error:
            refused, why = refused + 1, why or str(error)
    return Outcome(done, held, refused, gone, why)


def accepting(agent: User) -> Act:
    return lambda key: do_accept(key, agent)


def resolving(agent: User) -> Act:
    return lambda key: do_resolve(key, agent)


def tagging(agent: User, name: str) -> Act:
    return lambda key: do_tag(key, agent, name)


def letting_rest(agent: User, until: datetime) -> Act:
    return lambda key: do_rest(key, agent, until)


def passing_to(agent: User, team: Team) -> Act:
    """Each passing on has a key of its own: pressing the button again finds the conversation with the team already."""
    return lambda key: do_transfer(key, agent, team, "", f"bulk-{uuid4()}")


def _held_by_others(key: UUID, agent: User) -> bool:
    return Conversation.objects.filter(pk=key, status=Status.AGENT).exclude(agent=agent).exists()
