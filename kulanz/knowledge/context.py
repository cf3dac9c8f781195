"""What a follow-up question is about: "und wie lange dauert das?" after a question on refunds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

FURTHEST = 3
"""Messages that are looked back on at most."""
LONGEST = 12
"""Words of a question that can lack its matter; who writes more has named it."""
LONGEST_MATTER = 300
"""Characters of the earlier question that are taken along."""

_WORD = re.compile(r"[\w'’-]+")

# Words that name no matter: function words, and what can be asked of anything ("how long does that take?").
_EMPTY = frozenset(
    # German
    "ab aber alle allem allen aller alles also alternativ am an andere anderen anderes auch auf aus außerhalb "  # noqa: SIM905
    "bedeutet bei beides beim bekomme bin bis bitte bloß brauche brauchen bräuchte da dabei dafür dagegen "
    "daher damit danach danke dann daran darauf darf darum darüber das dass dauern dauert davon davor dazu "
    "dem den denn der des deswegen die dies diese diesem diesen dieser dieses doch dort dran du dürfen "
    "eigentlich ein eine einem einen einer eines einfach er es etwa etwas euch eure extra fall falls frage "
    "fragen früher funktionieren funktioniert für gar gehen geht gelten genau genauer genauso gern gibt gilt "
    "habe haben hallo hat heißt hier hätte ich ihm ihn ihnen ihr ihre ihren im immer in innerhalb irgendwie "
    "ist ja je jede jemand jetzt kann kannst kein keine klappt kommt kosten kostet kriege können könnte "
    "könnten lang lange länger läuft mache machen macht mal man mehr mein meine meinem meinen meiner mich mir "
    "mit muss möchte möglich möglichst müssen nach nein nicht nichts noch nochmal nun nur ob oder oft ohne ok "
    "okay online passieren passiert pro sagen schnell schneller schon sehr sein seit sich sie sind so sobald "
    "sofort soll sollte somit sonst sonstige spät später spätestens stattdessen stimmt teuer tun um und uns "
    "unser unter viel viele vielen vom von vor vorher wann war warum was weil welche welchem welchen welcher "
    "welches wem wen wenn wer werde werden wie wieder wieso wieviel will wir wird wo wofür woher wohin womit "
    "wozu wurde würde zu zum zur zusätzlich zusätzliche zwischen über überhaupt "
    # English
    "a about above additionally after again all alternatively always and another any anyone anything are "
    "aren't as ask at be because been before being both but by can can't cannot charge cost costs could did "
    "didn't do does doesn't doing don't during each either else ever every exactly expensive fast faster few "
    "for free from further get gets getting give go goes got had happen happened happens has have haven't "
    "having he hello help her here him his how i i'd i'll i'm i've if instead into is isn't it it's its just "
    "know later less like long longer make makes many may me mean means might mine more most much must my "
    "need no not now of off often on once one ones only or other others otherwise our out over own per please "
    "possible possibly quick quickly rather really same say she should since some someone something soon "
    "sooner still such sure take takes taking tell than thank thanks that that's the their them then there "
    "these they thing this those though through time times to too under until up us use usually very want way "
    "we well were what what's when where whether which while who whom why with within without won't work "
    "works would yes yet you your yours".split()
)
_GOES_ON = frozenset("und aber oder also and but or also plus auch".split())  # noqa: SIM905
_POINTS_BACK = frozenset(
    "das dies dieses diese dieser diesen diesem dafür damit davon daran dazu dabei darauf danach darüber "  # noqa: SIM905
    "dagegen dort es ihn ihm der den dem die this that these those it them they there one ones he she him".split()
)
_WHAT_ABOUT = re.compile(
    r"(?:und |and )?(?:what about|how about|was ist mit|wie ist es (?:mit|bei)|wie sieht es (?:mit|bei))\b"
)
_CLAUSE = re.compile(r"[,.;:!?\n]+|\b(?:but|aber|and|und|or|oder)\b")
_NOTHING_BEHIND = re.compile(  # "es" and "it" that stand for nothing
    r"\b(?:gibt es|es gibt|ist es möglich|wäre es|geht es|is it (?:possible|ok|okay|true|allowed)|is there|are there|"
    r"there (?:is|are)|would it be|do i have it right)\b"
)


def in_context(question: str, earlier: Sequence[str]) -> str:
    """What to search for: `question`, led in by the customer's own earlier words where it does not name its matter.

    `earlier` holds what the same customer wrote before, oldest first. A question that names a matter of its own is
    returned as it is, so that a new topic is not pulled back to the old one. Rules on word lists of German and English;
    a question in another language is left alone."""
    if not lacks_matter(question):
        return question
    for text in list(earlier)[: -FURTHEST - 1 : -1]:
        if _matter(text) and not lacks_matter(text):
            return f"{text.strip()[:LONGEST_MATTER]}\n{question}"
    return question


def lacks_matter(question: str) -> bool:
    """Whether a question can't be understood without what was said before: it names nothing, or one thing while it
    goes on ("und per Express?") or points back ("geht das auch ohne Kassenbon?")."""
    words = _WORD.findall(question.casefold())
    if not words or len(words) > LONGEST:
        return False
    named = _matter(question)
    if not named:
        return any(word in _EMPTY for word in words)
    if len(named) > 2:
        return False
    goes_on = words[0] in _GOES_ON or _WHAT_ABOUT.match(question.casefold())
    return _points_back(question.casefold()) or (len(named) == 1 and bool(goes_on) and len(words) <= 5)


def _matter(text: str) -> list[str]:
    """The words that name something."""
    return [word for word in _WORD.findall(text.casefold()) if word not in _EMPTY and len(word) > 1]


def _points_back(question: str) -> bool:
    """A pronoun that stands for something said before: not an article ("das" before "Paket"), and not for what the
    same message has named in another clause."""
    for clause in _CLAUSE.split(_NOTHING_BEHIND.sub(" ", question)):
        words = _WORD.findall(clause)
        if any(word in _POINTS_BACK and not _matter(after) for word, after in pairwise([*words, ""])):
            return True
        if _matter(clause):
            return False
    return False
