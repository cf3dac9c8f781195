"""`kulanz process FILE --out FILE`: messages through the whole pipeline, as if customers had written them.

The conversations are real: what is handed over waits at the desk. For a trial, name a data folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tqdm import tqdm

from kulanz.cli.database import database, ready_django
from kulanz.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the file. Rows with the same `conversation` follow each other in one conversation."""

    id: str
    text: str
    customer: str
    conversation: str


def run(options: argparse.Namespace) -> int:
    rows = list(read_rows(options.file))
    with database(options):
        ready_django()
        partial = options.out.with_name(options.out.name + ".part")
        try:
            with partial.open("w", encoding="utf-8") as out:
                for line in tqdm(_process(rows), total=len(rows), unit="msg", dynamic_ncols=True):
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise InvalidInput(f"{options.out} can't be written: {error.strerror}. Name another --out.") from error
        partial.replace(options.out)
    return 0


def read_rows(file: Path) -> Iterator[Row]:
    """The messages of a JSONL file. Raises InvalidInput that names the line, before anything is processed."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} can't be read as UTF-8 text: {error}.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            text = data["text"]
            if not isinstance(text, str):
                raise TypeError("text must be a string")
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f'{file}, line {number}: {error}. Each line is a JSON object {{"id", "text"}}; nothing was processed.'
            ) from error
        name = str(data.get("id", number))
        yield Row(name, text, str(data.get("customer") or ""), str(data.get("conversation") or f"row {number}"))


def _process(rows: list[Row]) -> Iterator[dict[str, Any]]:
    from kulanz.inbox.conversations import Claims, do_open_conversation
    from kulanz.nlp.languages import text_language

    opened: dict[str, UUID] = {}
    for row in rows:
        if row.conversation not in opened:
            claims = Claims(email=row.customer) if "@" in row.customer else Claims(external_id=row.customer)
            language = text_language(row.text)
            language = language if language in {"de", "en"} else "en"
            conversation, _ = do_open_conversation("api", language, claims)
            opened[row.conversation] = conversation.id
        yield _one(row, opened[row.conversation])


def _one(row: Row, conversation_id: UUID) -> dict[str, Any]:
    """One message, received and answered. A text that the inbox refuses is reported, not dropped."""
    from kulanz.core.message import InboundMessage
    from kulanz.inbox.receive import receive
    from kulanz.turns.customer_turn import customer_turn

    try:
        message, _ = receive(InboundMessage(str(conversation_id), os.urandom(12).hex(), row.text), token=None)
    except InvalidInput as error:
        return {"id": row.id, "error": str(error)}
    customer_turn(conversation_id)
    return {"id": row.id, "conversation": str(conversation_id), **_outcome(message.id)}


def _outcome(message_id: UUID) -> dict[str, Any]:
    """What was decided on this message, as stored: also right where a running worker was faster."""
    from kulanz.decision.models import StoredDecision

    made = StoredDecision.objects.select_related("message__reading", "reply").get(message_id=message_id)
    reply, read = made.reply, made.message and made.message.reading
    return {
        "reading": read.data if read else None,
        "decision": {"kind": made.kind, **{k: v for k, v in made.data.items() if k not in {"kind", "reasons", "seen"}}},
        "reasons": made.data["reasons"],
        "reply": reply.text if reply else None,
        "sources": reply.sources if reply else [],
        "milliseconds": round(made.milliseconds, 1),
    }
