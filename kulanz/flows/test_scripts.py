"""Scripted conversations: what goes otherwise is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kulanz.core.errors import InvalidInput
from kulanz.core.reading import Evidence, Finding, Reading
from kulanz.flows.definitions import definition_of, sources_in
from kulanz.flows.scripts import Played, play, read_script
from kulanz.flows.test_definitions import ACTIONS, HEAD, YES

FLOW = f"""{HEAD}slots: {{why: {{entity: text}}}}
steps:
  - ask: why
    text: {{de: "Warum?", en: "Why?"}}
    again: {{de: "Aus welchem Grund?", en: "For which reason?"}}
{YES}  - call: cancel_order
    with: {{number: 7, why: "{{why}}"}}
  - say: {{de: Erledigt., en: "Done, {{why}}."}}
"""
SCRIPT = """conversations:
  - name: Cancelled
    answers: {cancel_order: {receipt: 1}}
    talk:
      - said: Hello
      - expects: {de: "Warum?", en: "Why?"}
      - said: Too late
      - said: Yes
      - expects: {de: Erledigt, en: "Done, Too late"}
    calls:
      - cancel_order: {number: 7}
    ends: solved
"""


def read(text: str, language: str) -> Reading:
    """The first word tells."""
    found = {"yes": "affirms", "no": "denies", "stop": "stops", "person": "wants_person"}.get(text.casefold())
    signals = (Finding(found, 1.0, (Evidence(text, 0, len(text)),)),) if found else ()
    plain = Finding("neutral", 1.0)
    return Reading(text, Finding(language, 1.0), (), 1.0, True, (), plain, plain, signals)


def played(folder: Path, script: str = SCRIPT) -> list[Played]:
    (folder / "f.yaml").write_text(FLOW)
    (folder / "f.test.yaml").write_text(script)
    sources = sources_in(folder)  # without the script
    return [*play(read_script(folder / "f.test.yaml"), definition_of(sources["f"], sources), ACTIONS, read)]


def test_a_conversation_is_played_in_both_languages(tmp_path: Path) -> None:
    assert played(tmp_path) == [Played("Cancelled", "de"), Played("Cancelled", "en")]


@pytest.mark.parametrize(
    ("old", "new", "failure"),
    [
        ('en: "Why?"', 'en: "When?"', "f.test.yaml:6: en: The reply does not contain “When?”. It was: “Why?”"),
        ("ends: solved", "ends: refused", "f.test.yaml:12: en: It should end as refused, but it has ended as solved."),
        ("{number: 7}", "{number: 8}", "f.test.yaml:11: en: `cancel_order` was called with other arguments: number: 7"),
        ("    calls:\n      - cancel_order: {number: 7}\n", "", "`cancel_order` was called (number: 7"),
        ("{cancel_order: {receipt: 1}}", "{}", "f.test.yaml:3: en: `cancel_order` is called and has no answer here."),
        ("said: Yes", "said: No", "`cancel_order` was not called."),
        ("said: Yes", "said: Stop", "it has ended as declined"),
        ("said: Yes", "said: Person", "it has ended as handed_over wants_person"),
        ("{receipt: 1}", "{unknown: {}}", "it has ended as handed_over"),
        ("{number: 7}", "{number: [}", "no valid YAML"),
        ("said: Yes", "shouted: Yes", "f.test.yaml:8: "),
    ],
)
def test_what_goes_otherwise_is_named(tmp_path: Path, old: str, new: str, failure: str) -> None:
    try:
        failures = [
            str(one) for conversation in played(tmp_path, SCRIPT.replace(old, new)) for one in conversation.failures
        ]
    except InvalidInput as error:
        failures = [str(error)]
    assert any(failure in told for told in failures), failures


def test_an_unclear_answer_is_asked_again_and_then_handed_over(tmp_path: Path) -> None:
    script = SCRIPT.split("      - said: Yes", maxsplit=1)[0] + (
        "      - said: Maybe\n      - expects: {de: Ja, en: 'Yes'}\n      - said: Maybe\n"
        "    ends: {handed_over: flow_unclear}\n"
    )
    assert [one.failures for one in played(tmp_path, script)] == [(), ()]
