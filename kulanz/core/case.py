"""The words of a decision: what it may look at, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from kulanz.core.knowledge import Passage
from kulanz.core.policy import CustomerFacts, Policy, Tier
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.core.timeline import Holder, Timeline, Tries

Kind = Literal["answer", "ask", "act", "hand_over", "stay_silent"]
Tone = Literal["plain", "calm"]
OFFER = "offers_person"
"""The code of the reason that stands for an offer: the reply says that a person is one word away."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code that is worded for its reader when shown, and the exact words it rests on."""

    code: str
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else was possible, how much spoke for it (0 to 1), and why it was not chosen."""

    kind: Kind
    subject: str
    score: float
    rejected_because: str


@dataclass(frozen=True, slots=True)
class Also:
    """What happens to a further wish of the same message.

    `answer` stands in the same reply (`subject` is the passage), `act` begins when the flow at hand has ended
    (`subject` is the flow), `hand_over` is what a person takes. `words` are the customer's own, `known` the entities
    (kind, value) that belong to this wish.
    """

    kind: Literal["answer", "act", "hand_over"]
    subject: str
    wish: str
    words: str = ""
    confidence: float = 1.0
    known: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`subject` is the passage id, the flow, or the kind of question or handover, depending on `kind`.

    `tier` names the careful tier whose first sentence the reply begins with; `tone` chooses between wordings.
    """

    kind: Kind
    subject: str
    reasons: tuple[Reason, ...]
    policy_version: str
    confidence: float = 1.0
    alternatives: tuple[Alternative, ...] = ()
    suggestions: tuple[str, ...] = ()
    tone: Tone = "plain"
    tier: str = ""
    also: tuple[Also, ...] = ()

    @property
    def offers_person(self) -> bool:
        return any(reason.code == OFFER for reason in self.reasons)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A flow that waits for the customer. `awaits` is slot or confirm; `fits` says whether the message at hand
    answers it; `asked` counts how often the open question has been put.

    `corrects`: the message changes something that the flow has been told before, and the flow allows it. `amount` is
    the largest one that the open confirmation shows, in the shop's currency. `later` are wishes that wait for its end.
    `unknowing`: the customer says that they do not know or have what the flow asks for.
    `names`: the message names one of the answers that the flow offered, or is `only` that and nothing else.
    """

    name: str
    awaits: Literal["slot", "confirm"]
    fits: bool
    asked: int
    corrects: bool = False
    amount: float | None = None
    later: tuple[str, ...] = ()
    names: Literal["", "one", "only"] = ""
    unknowing: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """How a flow is offered: its title in the customer's language, and the kinds of numbers that it asks for."""

    title: str
    kinds: frozenset[str]


Undo = Literal["nothing", "possible", "already", "too_late"]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision may look at besides the reading."""

    timeline: Timeline
    holder: Holder
    flows: Mapping[str, str] = field(default_factory=dict)
    """Intent → the flow that solves it."""
    open_flow: OpenFlow | None = None
    passages: tuple[Passage, ...] = ()
    """What the knowledge offers for the whole message, the best first."""
    customer: CustomerFacts = field(default_factory=CustomerFacts)
    people_available: bool = True
    available_from: datetime | None = None
    """When people are there again (with a time zone), where they are not there now; None if never."""
    wish_passages: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    """Intent of one of several wishes → what the knowledge offers for its part of the message."""
    undo: Undo = "nothing"
    """Whether the last thing that was done here can be taken back now."""
    starts: Mapping[str, Start] = field(default_factory=dict)
    """Flow → how it is offered; empty where the message names no number and chooses nothing."""
    declined: frozenset[str] = frozenset()
    """Flows that ended with the customer's no in this conversation."""
    awaits_approval: str = ""
    """The flow whose action was agreed to and waits for a person, if there is one."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case before the rules: `policy` as it holds for this customer, `tries` counted, `tier` the careful tier
    that the text falls under, with the words."""

    reading: Reading
    situation: Situation
    policy: Policy
    tries: Tries
    tier: tuple[Tier, tuple[Evidence, ...]] | None
    course: str

    def decide(self, kind: Kind, subject: str, *reasons: Reason, confidence: float = 1.0) -> Decision:
        return Decision(kind, subject, reasons, self.policy.version, round(confidence, 4))

    @property
    def fresh(self) -> tuple[Passage, ...]:
        """Passages that this customer has not read in this conversation."""
        return self.unread(self.situation.passages)

    def unread(self, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        quoted = self.situation.timeline.quoted
        return tuple(p for p in passages if p.passage_id not in quoted)

    @property
    def understood(self) -> Finding | None:
        """The accepted intent, where it is certain enough to act on. Few words say little of what they are about
        ("what about ML-10234?"): the thing that they name does, where a flow for the likeliest intent asks for it."""
        intent = self.reading.intent or self._by_what_is_named
        return intent if intent and intent.probability >= self.policy.intent_from else None

    @property
    def _by_what_is_named(self) -> Finding | None:
        likeliest = None if self.situation.open_flow else next(iter(self.reading.intents), None)
        start = self.situation.starts.get(self.situation.flows.get(likeliest.value, "")) if likeliest else None
        named = {entity.kind for entity in self.reading.entities}
        return likeliest if start and start.kinds & named else None

    @property
    def wanted(self) -> tuple[str, Finding] | None:
        """The flow that solves the wish, with the wish."""
        intent = self.understood
        if intent and intent.value in self.situation.flows:
            return self.situation.flows[intent.value], intent
        return None

    @property
    def corrects(self) -> bool:
        """The message changes what the open flow was told, and is no wish of its own."""
        flow, intent = self.situation.open_flow, self.understood
        if flow is None or not flow.corrects:
            return False
        own = intent is None or flow.names or self.situation.flows.get(intent.value) == flow.name
        return bool(own) or self.reading.signal("corrects") is not None

    @property
    def names_answer(self) -> bool:
        """The message is one of the answers that the open flow offers, as if it had been clicked."""
        flow = self.situation.open_flow
        return flow is not None and flow.names == "only"

    def intents_of(self, flow: str) -> frozenset[str]:
        return frozenset(intent for intent, name in self.situation.flows.items() if name == flow)
