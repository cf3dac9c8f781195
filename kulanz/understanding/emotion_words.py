"""Words and signs that tell how somebody feels, German and English."""

from __future__ import annotations

import re


def _words(source: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{source})(?!\w)", re.IGNORECASE)


LEXICON: dict[str, tuple[tuple[float, re.Pattern[str]], ...]] = {
    "frustrated": (
        (2.6, _words(
            r"(?:stink|stock)?sauer|wütend|stinkwütend|frustrier\w*|genervt|nerv(?:t|en|ig\w*)|unverschämt\w*|frechheit|unfassbar|unmöglich(?! zu)"
            r"|lächerlich|inakzeptabel|unzumutbar|zumutung|saftladen|schei(?:ß|ss)\w*|verdammt\w*|verarsch\w*|idiot\w*|mistladen|so ein mist|katastroph\w*|sauerei|schweinerei"
            r"|reicht(?:'s| es)?(?: mir)?(?: jetzt)?|(?:die )?schnauze voll|geduld (?:ist )?am ende|keine geduld mehr|(?:zum )?(?:dritten|vierten|fünften|x-?ten|hundertsten) mal|das (?:kann|darf) (?:doch )?(?:ja )?nicht wahr sein"
            r"|abzocke|betrug|betrüger|anwalt|pfui|dumm\w*|blöd\w*|dämlich\w*|unerträglich|zum kotzen|was soll (?:das|der mist|der scheiß)|hallo\s*\?{2,}|endlich mal|schon ewig|seit wochen")),
        (2.6, _words(
            r"angry|furious|frustrat\w*|annoy\w*|fed up|sick (?:and tired )?of|unacceptable|ridiculous|outrageous|pathetic|useless|stupid|idiots?|moron\w*|wtf|damn|bullshit|shit|crap|fuck\w*|bloody"
            r"|(?:absolute )?joke|rip-?off|scam\w*|fraud|lawyer|incompetent|how many times|(?:third|fourth|fifth|tenth|hundredth) time|enough is enough|had enough|lost (?:my )?patience|waste of (?:my )?time|terrible|horrible|disgrace\w*|hate")),
    ),
    "disappointed": (
        (2.6, _words(r"enttäusch\w*|schade|traurig|leider (?:gar )?nicht zufrieden|unzufrieden|nicht zufrieden|hätte mehr erwartet|mehr erwartet|nie wieder|bedauerlich\w*|ernüchter\w*|vertrauen verloren|schlechte[rns]? (?:qualität|service|erfahrung)|minderwertig\w*")),
        (2.6, _words(r"disappoint\w*|let down|sad(?:ly)?|unhappy|dissatisfied|not (?:happy|satisfied|impressed)|expected (?:more|better)|unfortunate\w*|never again|regret\w*|poor quality|such a (?:shame|pity)|what a (?:shame|pity)|lost (?:my )?trust|bad experience")),
    ),
    "worried": (
        (2.4, _words(r"sorgen?|besorgt|angst|befürchte\w*|fürchte|unsicher|beunruhig\w*|panik|verzweifelt|hoffentlich|nervös|bange|mir ist mulmig|gehackt|(?:karte|konto|daten) (?:wurde |wurden )?(?:gestohlen|missbraucht|geklaut)|verdächtig\w*")),
        (2.4, _words(r"worr(?:y|ied|ying|ies)|afraid|scared|anxious|nervous|concern(?:ed|s|ing)?|panic\w*|desperate\w*|fear\w*|frightened|hacked|stolen|suspicious|uneasy|i hope (?:it|this|my|nothing)")),
    ),
    "confused": (
        (2.2, _words(r"verwirr\w*|versteh(?:e|en)? (?:\w+ ){0,3}nicht|nicht verstanden|kapier\w*|unklar|blicke? (?:da )?nicht (?:mehr )?durch|werde (?:daraus )?nicht schlau|keine ahnung|ratlos|weiß nicht (?:mehr )?(?:weiter|wie|was|wo)|was (?:bedeutet|heißt) das|wie meinen sie|durcheinander|komisch|seltsam|wundere? mich|hä+|wie bitte")),
        (2.2, _words(r"confus\w*|don'?t (?:really |quite )?understand|do not understand|didn'?t understand|unclear|not clear|no idea|makes? no sense|doesn'?t make sense|puzzled|what does (?:that|this|it) mean|what do you mean|don'?t get it|lost here|not sure (?:how|what|why|where|if)|weird|strange|huh")),
    ),
    "pleased": (
        (2.4, _words(r"danke(?:schön)?|vielen dank|super|toll\w*|prima|klasse|großartig|perfekt|wunderbar|spitze|freu\w*|begeistert|zufrieden|sehr gut|ausgezeichnet|hervorragend|lieb von (?:ihnen|dir)|genial|cool|bestens|glücklich|hat (?:mir )?(?:sehr )?geholfen|top|hilfreich")),
        (2.4, _words(r"thank(?:s| you)|great|awesome|perfect|wonderful|excellent|amazing|love(?:ly|d)?|happy|glad|pleased|delighted|brilliant|fantastic|appreciate\w*|well done|good job|cheers|helpful|nice")),
    ),
}  # fmt: skip
FACES = {
    "frustrated": re.compile(r"[😠😡🤬😤👿💢]|>:\("),
    "disappointed": re.compile(r"[😞😔😢😭🙁☹💔]|:['-]?\("),
    "worried": re.compile(r"[😟😰😨😱😥😬]"),
    "confused": re.compile(r"[😕🤔😵🤷]|\?{3,}"),
    "pleased": re.compile(r"[😀😁😃😄😊🙂😍🥰🎉👍❤🤗😇🙏]|:-?\)"),
}
NEGATION = re.compile(
    r"(?:\b(?:nicht|kein\w*|nie|niemals|not|no|never|nicht (?:sehr|so|wirklich|besonders|gerade))|n't)"
    r"(?: (?:sehr|so|wirklich|gerade|ganz|very|so|really|that|too|be|at all))? ?$",
    re.IGNORECASE,
)
SHOUT = re.compile(r"(?<![\w-])[A-ZÄÖÜ]{4,}(?![\w-])")
MARKS = re.compile(r"!{2,}|[!?]*!\?[!?]*|\?!")
