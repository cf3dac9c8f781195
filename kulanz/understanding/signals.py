"""What a message does in the conversation: asks for a person, says yes or no, thanks, stops, complains."""

from __future__ import annotations

import re

from kulanz.core.reading import Evidence, Finding
from kulanz.understanding.clean import evidence, same_length
from kulanz.understanding.person_patterns import NOT_PERSON, PERSON

_LOOKED_AT = 2_000  # characters; a wish for a person stands at the beginning or at the end
_SHORT = 60  # characters: up to here "ja" answers; in longer texts it may be filler

_FILL = (
    r"(?:bitte|danke|dankeschön|please|thanks|thank you|then|dann|so|mal|es|it|that|jetzt|now|und|and|ich|schon|auch|einfach|sehr"
    r"|vielen dank|das|(?:a )?lot|very much)"
)
_MARKS = r"[\s,.!:;)🙂😊-]"
_YES = (  # several words before their first word: the pattern never goes back
    r"(?:ja ich will|ich bestätige|na klar|klar doch|in ordnung|genau so|mach(?:en sie)?|geht klar|auf jeden fall|that'?s (?:right|correct)"
    r"|of course|go ahead|go for it|do it|please do|i confirm|sounds good|all right"
    r"|ja+(?:wohl|ha)?|jo+|jep|jap|klar|sicher|natürlich|gerne?|okay|oki?|okey|einverstanden|genau|stimmt|richtig|korrekt|passt|tu|bestätigt"
    r"|bestätige|perfekt|unbedingt|doch|yes+|yeah|yep|yup|ye|y|sure|certainly|absolutely|definitely|correct|right|exactly|confirm(?:ed)?|fine"
    r"|alright|agreed|👍|✅)"
)
_NO = (
    r"(?:auf keinen fall|lieber nicht|bloß nicht|doch nicht|stimmt nicht|rather not|not really|no way|do not"
    r"|nein+|nö+|nee+|ne|nicht|nie(?:mals)?|keinesfalls|falsch|no+|nope|nah|not|don'?t|never|wrong|incorrect|❌|👎)"
)


def _rules(*rules: tuple[float, str]) -> tuple[tuple[float, re.Pattern[str]], ...]:
    return tuple((probability, re.compile(source, re.IGNORECASE)) for probability, source in rules)


def _only(words: str) -> str:
    """A message of nothing but `words` and courtesies. Possessive: overlapping alternatives can't make it slow."""
    return rf"\A(?={_MARKS}*+(?>{_FILL}\b{_MARKS}*+)*+{words})(?>{words}(?!\w)|{_FILL}\b|{_MARKS})++\Z"


_BUT = re.compile(
    r"\b(?:aber|jedoch|but|however|außer|except|nur wenn|only if|erst wenn|warte|wait)\b|\?", re.IGNORECASE
)
_ANY_NO = re.compile(rf"(?<!\w){_NO}\b(?! (?:problem|worries))", re.IGNORECASE)
_AFFIRMS = _rules((0.97, _only(_YES)), (0.94, r"\A\s*no (?:problem|worries)\W*\Z"))
_AFFIRMS_LONGER = _rules(
    (0.85, r"\A\s*(?:ja+(?:wohl)?|jep|yes|yeah|yep|sure|genau|okay|ok|klar|gerne?|natürlich|of course)\b[ ,.!\n]")
)
_DENIES = _rules(
    (0.97, _only(_NO)),
    (
        0.9,
        r"\A\s*(?:(?:nein|nö|nee|nope|nah)\b|no(?=\s*[,.!;\n]|\s+(?:i|it|that|thank|don't|please|not|we|you|this)\b))",
    ),
    (0.85, r"\A\s*(?:lieber|bitte|doch|please) (?:nicht|don't|do not)\b"),
)
_STOPS = _rules(
    (0.95, _only(r"(?:stop+|abbrechen|abbruch|brich ab|cancel|quit|exit|abort|beenden|schluss|halt|aufhören)")),
    (0.95, r"\b(?:vergiss (?:es|das)|vergessen sie (?:es|das)|lass(?:en sie)?(?: es| das)?(?: mal)? (?:gut sein|bleiben|sein)|egal,? vergiss"
           r"|schon gut|hat sich erledigt|nicht so wichtig|never ?mind|forget (?:it|about it|that)|leave it|drop it|stop (?:this|that|it|here)"
           r"|ich (?:will|möchte) (?:hier )?(?:abbrechen|aufhören)|(?:das|den vorgang|hier) (?:bitte )?abbrechen|doch nicht mehr|let'?s stop|start over)\b"),
)  # fmt: skip
_THANKS = _rules(
    (0.95, r"\b(?:danke(?:schön)?|dank(?:e)? (?:ihnen|dir|euch)|vielen dank|besten dank|herzlichen dank|merci|thanks|thank you|thx|ty|tysm|cheers|much appreciated|appreciate it)\b|🙏"),
)  # fmt: skip
_NOT_THANKS = re.compile(
    r"\b(?:nein danke|no,? thanks|no,? thank you|thanks for nothing|danke für nichts|(?:im )?voraus)\b", re.I
)
_GREETS = _rules(
    (0.95, r"\A\W*(?:hallo|hallöchen|hi|hey|hello|hiya|moin(?: moin)?|servus|grüß (?:gott|dich)|grüezi|guten? (?:tag|morgen|abend)|tach|good (?:morning|afternoon|evening|day)"
           r"|greetings|sehr geehrte\w*|liebes? (?:team|damen|musterladen)|dear \w+|mahlzeit|huhu)\b|\A\W*👋"),
)  # fmt: skip
_BYES = _rules(
    (0.95, r"\b(?:tschüss|tschüß|tschau|ciao|auf wiedersehen|wiederhören|bis (?:bald|dann|später)|mach'?s gut|schönen? (?:tag|abend)(?: noch)?|good ?bye|bye(?: bye)?|see (?:you|ya)|have a (?:nice|good|great) (?:day|one|evening|weekend)|take care|cya)\b"),
)  # fmt: skip
_NOT_HELPED = _rules(
    (0.95, r"\b(?:(?:hilft|half|bringt|nützt|nutzt)(?: mir| uns)?(?: das| es| leider| auch| jetzt| gar| überhaupt| so)* (?:nicht|nichts|kein\w*|nix|wenig)"
           r"|nicht (?:hilfreich|geholfen|weitergeholfen|beantwortet|meine frage|was ich (?:wissen wollte|meinte|gefragt|meine|wissen will))|keine (?:hilfe|antwort auf)"
           r"|(?:hat|haben|hast)(?: mir| sie| du| das| leider)* (?:nicht|nichts|überhaupt nicht) (?:geholfen|gebracht|genutzt|genützt|verstanden)"
           r"|(?:war|ist|wollte|meine|meinte)(?: das| ich| aber| so)* nicht (?:meine|die) frage|(?:das|so) (?:meinte|wollte|habe?) ich (?:aber )?nicht|beantwortet(?: meine| die)? frage nicht"
           r"|verstehst mich nicht|verstehen (?:sie )?mich nicht|falsche antwort|immer dasselbe|schon wieder dasselbe|geht am thema vorbei|unbrauchbar|funktioniert (?:trotzdem|immer noch|leider) nicht)\b"),
    (0.95, r"(?:\bdoes|\bdid|\bdo|\bis|\bwas|\bhas|\bhave)(?:n'?t|nt| not)(?: really| actually| even)? (?:help|answer|solve|work for me|helpful|useful|what i (?:asked|meant|wanted)|my question|an answer)"
           r"|\b(?:not|n't) (?:very |at all |really )?(?:helpful|useful|answer\w*|what i (?:asked|meant|wanted|mean|need)|helping|my question|of (?:any )?help)\b"
           r"|\b(?:no help|unhelpful|useless|wrong answer|misunderst\w+ me|not getting (?:it|me)|don'?t understand me|that'?s no(?:t an)? (?:answer|help)|same answer again|of no use|still (?:not working|doesn'?t work))\b"),
)  # fmt: skip
_COMPLAINS = _rules(
    (0.93, r"\b(?:beschwer\w*|beschwere|reklam(?:ation|ier\w*)|unverschämt\w*|frechheit|unmöglich(?! zu)|inakzeptabel|unzumutbar|sauerei|abzocke|betrug|betrüger|lächerlich|katastroph\w*|anwalt"
           r"|verbraucherzentrale|skandal|zumutung|saftladen|schweinerei|nie wieder|schlechter (?:service|kundenservice|support)|enttäuscht\w*|verarscht|verarschen|so ein mist|reicht mir|(?:stink)?sauer|nervt)\b"),
    (0.93, r"\b(?:complain\w*|complaint|outrageous|unacceptable|ridiculous|scam\w*|fraud|rip-?off|disgrace\w*|appalling|terrible (?:service|experience|support)|worst|lawyer|never (?:again|order\w*)|disappoint\w*"
           r"|(?:absolute )?joke|pathetic|fed up|sick of|awful|disgusting|poor service|bad service)\b"),
)  # fmt: skip


def find_signals(text: str) -> tuple[Finding, ...]:
    """Every signal found, with its probability and the words it rests on. Offsets hold for `text`."""
    view = same_length(text)[:_LOOKED_AT]
    found = {
        "wants_person": _person(view),
        "affirms": _affirms(view),
        "denies": _best(view, _DENIES) if len(view.strip()) <= 200 else None,
        "stops": _best(view, _STOPS),
        "thanks": None if _NOT_THANKS.search(view) else _best(view, _THANKS),
        "greets": _best(view, _GREETS),
        "says_bye": _best(view, _BYES),
        "not_helped": _best(view, _NOT_HELPED),
        "complains": _best(view, _COMPLAINS),
    }
    return tuple(
        Finding(name, probability, (evidence(text, start, end),))
        for name, hit in found.items()
        if hit
        for probability, start, end in [hit]
    )


_Hit = tuple[float, int, int]


def _best(view: str, rules: tuple[tuple[float, re.Pattern[str]], ...]) -> _Hit | None:
    hits = [(p, m.start(), m.end()) for p, rule in rules if (m := rule.search(view)) and m[0].strip()]
    return max(hits, key=lambda hit: (hit[0], hit[1] - hit[2]), default=None)


def _person(view: str) -> _Hit | None:
    for story in NOT_PERSON:
        view = story.sub(lambda words: " " * len(words[0]), view)
    return _best(view, PERSON)


def _affirms(view: str) -> _Hit | None:
    """A yes with nothing against it: "ja, aber nicht die Lampe" confirms nothing."""
    if _BUT.search(view) or _ANY_NO.search(view):
        return None
    return _best(view, _AFFIRMS) or (_best(view, _AFFIRMS_LONGER) if len(view.strip()) <= _SHORT else None)


def evidence_of(findings: tuple[Finding, ...], name: str) -> tuple[Evidence, ...]:
    """The words that the signal `name` rests on; empty where it wasn't found."""
    return next((finding.evidence for finding in findings if finding.value == name), ())
