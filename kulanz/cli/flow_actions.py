"""`kulanz flows actions` and `kulanz flows call`: what flows may do, and one of it tried."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from kulanz.core.errors import InvalidInput, NotFound


def add_subcommands(commands: Any) -> None:
    """Both, among the others of `kulanz flows`."""
    text = "list the actions with their rules, and what their back offices offer"
    listing = commands.add_parser("actions", help=text, description=text)
    listing.add_argument("--fetch", action="store_true", help="first ask the back offices what they offer now")
    listing.add_argument("--json", action="store_true", help="one JSON object instead of the list")
    listing.set_defaults(do=do_list)
    text = "try an action: print its request without sending it; a reading one may be sent"
    trial = commands.add_parser("call", help=text, description=text)
    trial.add_argument("--dry-run", action="store_true", help="print the request, its secrets hidden (the default)")
    trial.add_argument("--send", action="store_true", help="send it, if it only reads, and print the answer")
    trial.add_argument("action")
    trial.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="NAME=VALUE",
        help="the arguments as a flow gives them: texts, or JSON after `:=`, such as days:=[1,2]",
    )  # fmt: skip
    trial.set_defaults(do=do_call)


def do_list(options: argparse.Namespace) -> int:
    """Prints everything that is usable, and every mistake. Exit status 1 where there is one."""
    _django()
    from kulanz.flows.actions import action_books, do_fetch_descriptions

    problems = do_fetch_descriptions() if options.fetch else []
    books = action_books()
    if options.json:
        actions = {name: _as_json(action) for book in books for name, action in book.actions.items()}
        offices = {name: _offers_json(known) for book in books for name, known in book.offices.items()}
        mistakes = [str(mistake) for book in books for mistake in book.mistakes]
        print(json.dumps({"actions": actions, "back_offices": offices, "mistakes": mistakes}, ensure_ascii=False))
        return 1 if mistakes or problems else 0
    for book in books:
        for action in book.actions.values():
            print("\n".join(_action_lines(action)))
        for name, known in book.offices.items():
            if known:
                print("\n".join(_office_lines(name, *known)))
    if not books:
        print("There is no actions.yaml yet. docs/back-offices.md shows how to write one.")
    wrong = [*(str(mistake) for book in books for mistake in book.mistakes), *problems]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


def do_call(options: argparse.Namespace) -> int:
    """Prints the request of an action, or sends it if it reads. Raises KulanzError."""
    flags = {word for word in options.arguments if word in {"--send", "--dry-run"}}
    send = (options.send or "--send" in flags) and not (options.dry_run or "--dry-run" in flags)
    arguments = dict(_argument(word) for word in options.arguments if word not in flags)
    _django()
    from kulanz.flows.actions import actions
    from kulanz.flows.calls import read_call
    from kulanz.flows.unsent import request_of

    action = actions().get(options.action)
    if action is None:
        raise NotFound(f"There is no action {options.action}. Known: {', '.join(actions()) or 'none'}.")
    if not send:
        print(json.dumps(request_of(action, arguments), ensure_ascii=False, indent=2))
        print("Not sent.", file=sys.stderr)
        return 0
    if action.writes:
        raise InvalidInput(f"{action.name} writes: it is sent by a flow alone, after the customer's yes. Not sent.")
    result = read_call(action, arguments)
    print(json.dumps({"status": result.status, "data": result.data}, ensure_ascii=False, indent=2))
    return 0 if result.status == "done" else 1


def _django() -> None:
    import django

    django.setup()


def _argument(word: str) -> tuple[str, Any]:
    name, sign, value = word.partition("=")
    if not sign or not name.rstrip(":"):
        raise InvalidInput(f"{word!r} is no argument. Write name=value.")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], json.loads(value)
    except ValueError as error:
        raise InvalidInput(f"{word!r}: what stands after := is no JSON.") from error


def _action_lines(action: Any) -> Iterator[str]:
    yield f"{action.name}  (at {action.office})" if action.office else action.name
    yield f"    {'; '.join(_rules(action))}"


def _rules(action: Any) -> Iterator[str]:
    """What holds for an action, in words."""
    ways = {"key": "duplicates told apart by their key", "reference": "duplicates told apart by a reference",
            "none": "duplicates not told apart"}  # fmt: skip
    yield "writes" if action.writes else "reads"
    yield f"{action.tier} risk"
    yield f"for customers who are {action.level} or better"
    if not action.writes:
        return
    yield ways[action.duplicates]
    if action.operation.can_look_up:
        yield "can be looked up"
    if action.at_most is not None:
        yield f"at most {action.at_most:g}"
    if action.approve_above is not None:
        yield f"a person agrees above {action.approve_above:g}"
    if action.per_day is not None:
        yield f"{action.per_day} times a day"
    yield f"undone by {action.undo.action} within {action.undo.seconds / 3600:g} h" if action.undo else "no undo"


def _office_lines(name: str, kind: Any, connected: Any) -> Iterator[str]:
    offers = connected.offers()
    usable = [offer for offer in offers if not offer.problem]
    told = f": {len(usable)} of {len(offers)} can be used" if offers else ": its requests are written out here"
    yield f"\n{name}  ({kind.word}){told}"
    for offer in offers:
        needed = [n if n in offer.required else f"[{n}]" for n in offer.arguments]
        yield _shown(f"  {'-' if offer.problem else '+'} {offer.name} {' '.join(needed)}".rstrip())
        if offer.title:
            yield _shown(f"      {offer.title}")
        if offer.problem:
            yield _shown(f"      can't be used: {offer.problem}")
        for note in offer.notes:
            yield _shown(f"      note: {note}")


def _shown(line: str) -> str:
    """What comes from outside can't steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in line)


def _as_json(action: Any) -> dict[str, Any]:
    return {
        "at": action.office, "writes": action.writes, "tier": action.tier, "level": action.level,
        "duplicates": action.duplicates, "looked_up": action.operation.can_look_up, "at_most": action.at_most,
        "approve_above": action.approve_above, "per_day": action.per_day,
        "undo": action.undo.action if action.undo else None,
    }  # fmt: skip


def _offers_json(known: Any) -> Mapping[str, Any] | None:
    if known is None:
        return None
    kind, connected = known
    offers = [
        {"name": o.name, "title": o.title, "arguments": o.arguments, "required": o.required, "problem": o.problem,
         "notes": o.notes}
        for o in connected.offers()
    ]  # fmt: skip
    return {"kind": kind.word, "offers": offers}
