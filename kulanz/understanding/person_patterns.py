"""Wordings of "I want a person", German and English, and the phrases that only look like it.

Built from parts, as customers do: a person (or a team), a way to reach one, a wish. Gaps are bounded, so that no text
makes a pattern slow.
"""

from __future__ import annotations

import re

_PARTS = {
    # few words between two parts of one clause
    "gap": r"(?:[^.!?\n]{0,45}?)",
    "short": r"(?:[^.!?,\n]{0,18}?)",
    "bot": r"(?:chat-?)?(?:bots?|robotern?|maschinen?|computern?|ki|automaten?|programm|algorithmus|machines?|robots?|ai)",
    "real": r"(?:echte|richtige|wirkliche|lebendige|menschliche|reale)[nrms]?",
    "person_de": (
        r"(?:mensch(?:en|lichen?r?)?|person|mitarbeiter(?:in|n)?|kolleg(?:e|en|in)|(?:kunden)?berater(?:in)?"
        r"|ansprechpartner(?:in)?|sachbearbeiter(?:in)?|vorgesetzte[nrm]?|chef(?:in)?|gesch[äa]e?ftsf[üu]e?hrer(?:in)?"
        r"|agent(?:en|in)?|supporter|betreuer(?:in)?|operator|service-?mitarbeiter(?:in)?)"
    ),
    "team_de": r"(?:kundenservice|kundendienst|kundensupport|support|hotline|service(?:-?team)?|team|personal)",
    "someone_de": r"(?:jemand(?:en|em|es)?|irgendjemand(?:en|em)?|wen|einem? (?:eurer|ihrer|deiner) leuten?)",
    "reach_de": (
        r"(?:sprechen|spreche|reden|rede|verbinden?|verbind|weiterleiten|weiterverbinden?|weitergeleitet|durchstellen"
        r"|chatten|schreiben|telefonieren|erreichen?|kontaktieren|kontakt(?: aufnehmen)?|(?:ü|ue)bergeben|weitergeben"
        r"|besprechen|kl[äa]e?ren|unterhalten|weiterleitung)"
    ),
    "wish_de": (
        r"(?:ich (?:will|m[öo]e?chte?|w[üu]e?rde|brauche?|verlange|ben[öo]e?tige|h[äa]e?tte?|w[üu]e?nsche|bestehe|muss)|will"
        r"|m[öo]e?chte|brauche|k[öo]e?nnte ich|kann ich|darf ich|k[öo]e?nnen sie|kannst du|k[öo]e?nntest du|k[öo]e?nnten sie"
        r"|bitte|gib mir|geben sie mir|gebt mir|hol(?:en sie|t)? mir|lass(?:en sie)? mich|lieber|nur noch|endlich)"
    ),
    "person_en": (
        r"(?:humans?(?: beings?)?|persons?|real people|actual people|agents?|representatives?|reps?|advis[eo]rs?|employees?"
        r"|operators?|supervisors?|managers?|clerks?|colleagues?|staff(?: members?)?|members? of (?:the )?(?:staff|team)"
        r"|team members?|support (?:person|staff)|consultants?)"
    ),
    "team_en": r"(?:customer (?:service|support|care)|(?:the )?support(?: team)?|(?:the )?service team|(?:the )?hotline|help ?desk)",
    "someone_en": r"(?:someone|somebody|anyone|anybody|one of your people|whoever is in charge|people)",
    "reach_en": (
        r"(?:speak(?:ing)?|talk(?:ing)?|chat(?:ting)?|connect(?:ed)?|transfer(?:red)?|get through|write|phone|call|hand(?:ed)?"
        r"(?: me| this| it)? over|pass(?:ed)?(?: me| this| it)? on|reach|contact|get (?:a )?hold of|discuss|escalated?|forward(?:ed)?"
        r"|put (?:me )?(?:through|in touch)|deal with|message)"
    ),
    "wish_en": (
        r"(?:i (?:really |just |only )?(?:want|need|wanna|demand|insist|require|must)|i(?:'d| would)(?: really| much| rather)*"
        r"(?: like| prefer| love)?|can i|could i|may i|can you|could you|would you|let me|get me|give me|please|find me"
        r"|bring me|prefer|rather|just want|how (?:can|do) i|is there)"
    ),
    "call_me_de": r"(?:rufen sie mich|ruf(?:t)? mich|mich\b[^.!?\n]{0,20}(?:anrufen|zur[üu]e?ckrufen)|um (?:einen )?r[üu]e?ckruf|r[üu]e?ckruf bitte)",
    "call_me_en": r"(?:(?:call|ring|phone) me\b|give me a (?:call|ring)|request a call ?back|call ?back (?:please|requested))",
}


def _expand(source: str) -> re.Pattern[str]:
    for _ in range(2):
        source = re.sub(r"\{([a-z_]+)\}", lambda part: _PARTS[part[1]], source)
    return re.compile(source, re.IGNORECASE)


_COURTESY = r"(?:hallo|hi|hey|hello|nein|no|ok|bitte|please|ein(?:en|er|em|e)?|a|an|the|live|now|jetzt|sofort|echte[nrms]?|richtige[nrms]?|real|actual|human|menschliche[nr]?|persönliche[nr]?|danke|thanks|[\s,.!?-])"

PERSON: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (probability, _expand(source))
    for probability, source in (
        # the whole message is the person
        (0.95, rf"\A{_COURTESY}*\b(?:{{person_de}}|{{team_de}}|{{person_en}}|{{team_en}})\b{_COURTESY}*\Z"),
        (0.93, r"\b{real} (?:{person_de}|hilfe)\b|\b(?:jemand|someone|somebody) (?:echte[sn]|real|human)\b|\bmenschliche[nr]? hilfe\b"),
        (0.9, r"\b(?:real|actual|live|human|flesh[- ]and[- ]blood) (?:human|person|agent|people|representative|help|operator|support|rep|being)\b"),
        # a wish, a way, a person
        (0.96, r"\b{wish_de}\b{gap}\b(?:{person_de}|{team_de}|{someone_de})\b{gap}\b{reach_de}\b"),
        (0.96, r"\b(?:{wish_de}|verbind\w*|leite\w*|stell\w*)\b{short}\b(?:mich|mir|das|es)?\b{short}\b(?:mit|an|zu|zum|zur)\b{short}\b(?:{person_de}|{team_de}|{someone_de})\b"),
        (0.9, r"\b{reach_de}\b{short}\b(?:mit|an|zu)\b{short}\b(?:{person_de}|{team_de})\b"),
        (0.9, r"\b(?:mit|an)\b{short}\b(?:{person_de}|{team_de}|{someone_de})\b{short}\b{reach_de}\b"),
        (0.9, r"\b(?:wo|wie)\b{short}\b{reach_de}\b{short}\b(?:{person_de}|{team_de}|{someone_de})\b"),
        (0.94, r"\b{wish_de}\b{short}\b{person_de}\b"),
        (0.9, r"\b(?:gibt ?(?:e?s)?|ist)\b(?: (?:hier|da|denn|bei ihnen|auch|mal|noch|vielleicht))+(?: ein(?:en?)?| {real})* {person_de}\b"),
        (0.9, r"\b(?:kann|k[öo]e?nnte)\b{short}\b(?:{person_de}|jemand)\b{gap}\b(?:antworten|helfen|k[üu]e?mmern|[üu]e?bernehmen|anschauen|ansehen)\b"),
        (0.85, r"\bjemand(?:en|em)? (?:,? ?der|die|mit ahnung)\b"),
        (0.93, r"\b(?:rede|spreche|schreibe|chatte|diskutiere)\b{short}\bnicht (?:mehr )?mit\b{short}\b{bot}\b"),
        (0.95, r"\b{call_me_de}\b"),
        (0.92, r"\bdurchstellen\b|\bweiterleitung an\b|\blive-?chat mit\b"),
        # English
        (0.96, r"\b{wish_en}\b{gap}\b{reach_en}\b{short}\b(?:{person_en}|{team_en}|{someone_en})\b"),
        (0.95, r"\b(?:connect|transfer|put|hand|pass|forward|escalate)\b{short}\b(?:to|with|through|over|on)\b{short}\b(?:{person_en}|{team_en}|{someone_en})\b"),
        (0.93, r"\b(?:speak|talk|chat|write)\b (?:to|with)\b{short}\b(?:{person_en}|{team_en}|{someone_en})\b"),
        (0.94, r"\b{wish_en}(?: to)?\b(?: (?:get|have|see))?{short}\b{person_en}\b"),
        (0.9, r"\b(?:is|are) there (?:(?:an?|any|some|real|actual|no) )*(?:{person_en}|(?:any|some)(?:one|body) (?:i can|to talk|to speak))\b"),
        (0.9, r"\bany (?:real |actual )?(?:humans?|agents?|people) (?:here|around|there|available|in here)\b"),
        (0.9, r"\b(?:can|could|will)\b{short}\b(?:{person_en}|{someone_en})\b{short}\b(?:answer|help|look|handle|take over|call|phone|deal)\b"),
        (0.88, r"\b(?:get|give|find) me\b{short}\b{someone_en}\b|\bhave (?:someone|somebody) (?:call|phone|contact)\b"),
        (0.93, r"(?:n't|\bnot|\bnever)\b{short}\b(?:talk|speak|chat|deal)(?:ing)? (?:to|with)\b{short}\b{bot}\b"),
        (0.95, r"\b{call_me_en}"),
        (0.92, r"\bput me through\b|\bescalate (?:this|it|my)\b"),
    )
)  # fmt: skip

NOT_PERSON: tuple[re.Pattern[str], ...] = tuple(
    _expand(source)
    for source in (
        # what somebody did or said is a story, not a wish
        r"\b(?:habe?|hat|haben|hatte|wurde)\b[^.!?\n]{0,80}?\b(?:ge(?:sprochen|redet|chattet|schrieben|sagt|antwortet|klingelt|beten|holfen|geben)"
        r"|telefoniert|versprochen|kontaktiert|erreicht|weitergeleitet|abgegeben|verbunden|angerufen|gestohlen|versichert)\b",
        r"\b(?:spoke|talked|chatted|wrote|told|promised|said|called|contacted|asked|phoned|was|were|replied|answered)\b[^.!?\n]{0,60}",
        r"\b(?:{person_de}|{person_en}|{team_de}|{team_en})\b[^.!?\n]{0,30}\b(?:war|waren|ist|sind|is|was|were|are|told|said|promised)\b(?! there)[^.!?\n]{0,40}",
        # refused, or about something else
        r"\b(?:kein(?:e|en|em|er)?|ohne|niemand(?:em|en)?)(?: echte[nrms]?)? (?:{person_de}|{team_de})\b",
        r"\bnicht (?:mit|an|zu)\b{short}\b(?:{person_de}|{team_de}|{someone_de})\b[^.!?,\n]{0,25}",
        r"\b(?:do not|don't|dont|didn't|never|not|no|without) (?:(?:want|need|have|like|talk|speak|to|with|an?|any|the) ?){0,7}(?:{person_en}|{team_en}|{someone_en})\b",
        r"\b(?:bist du|sind sie|bin ich|are you|am i)\b[^.!?\n]{0,60}",
        r"\b(?:andere[nrms]?|another|other|different|jede|per|pro|one|eine|a) person\b(?= (?:um\w+|wechsel\w*|liefern|abgeben|zu hause|in|at|to|be|need|have))",
        r"\b(?:andere[nrms]?|another|other|different) person\b[^.!?\n]{0,20}",
        r"\b(?:werde|become|becoming|bewerb\w*|apply)\b[^.!?\n]{0,40}",
        r"\b(?:rabatt|discount|mitarbeiterrabatt|staff discount|employee discount)\b[^.!?\n]{0,40}",
        r"\b(?:von|by|for|für|mein|meine[nrm]?|my) (?:real |actual |echte[nr]? )?(?:menschen|humans?|people|chef(?:in)?|manager|kolleg(?:e|en|in)|colleagues?|boss)\b[^.!?\n]{0,40}",
        r"\b(?:wann|when)\b[^.!?\n]{0,30}\b(?:{team_de}|{team_en})\b[^.!?\n]{0,30}",
        r"\b(?:human|menschliche[nrs]?) (?:hair|body|rights|haare?|rechte)\b",
    )
)  # fmt: skip
