"""The desk's data set for `kulanz bench desk`: a year of conversations made of the demo company's questions."""

from __future__ import annotations

import json
import random
from importlib.resources import files
from typing import Any

from django.db import connection, transaction

from kulanz.accounts.models import Team, User
from kulanz.core.reading import Entity, Evidence, Finding, Reading
from kulanz.desk.sorting_models import COLOURS, Tag
from kulanz.inbox.models import Conversation, Status

NAMES = (
    "Anna Ben Clara David Emma Finn Greta Hannes Ida Jonas Klara Leon Mia Noah Olga Paul Petra Ralf Sofie Tom",
    "Müller Schmidt Weber Fischer Wagner Becker Hoffmann Koch Bauer Richter Klein Wolf Neumann Schwarz Braun Krüger "
    "Hartmann Lange Werner Krause Meier Lehmann Huber Kaiser Fuchs Peters Scholz Möller Weiß Jung",
)
SEARCHES = (
    "Bestellung", "return", "Rechnung", "kaputt", "Lieferung verspätet", "refund invoice", "Müller", "Petra Krüger",
    "wo ist mein Paket", "cancel order", "Gutschein", "broken", "ML-1{n:04}", "ML-2{n:04}", "1{n:04}",
    "anna.mueller{n}@example.com", "petra.kr", "Rücksendung Rechnung {n}", "Xylophon", "order", "Bezahlung Kreditkarte",
)  # fmt: skip
MESSAGES = """
    insert into inbox_message (id, conversation_id, seq, author, agent_id, text, sources, actions, choices, files,
        decision, fingerprint, created_at)
    select uuidv7(c.created_at - now() + n * interval '7 minutes'), c.id, n,
        (array['customer', 'assistant', 'customer', 'agent', 'customer'])[(n - 1) %% 5 + 1],
        case when (n - 1) %% 5 = 3 then c.agent_id end,
        a.text || case when n %% 5 = 1 then ' ML-' || 10000 + (random() * 89999)::int else ' ' || b.text end,
        '[]', '[]', '[]', '[]', case when (n - 1) %% 5 = 1 then 'answer' else '' end, '',
        c.created_at + n * interval '7 minutes'
    from (select *, (random() * 1e9)::int as dice from inbox_conversation) c cross join generate_series(1, 5) n
    join bench_text a on a.id = (c.dice + n * 7919) %% %(texts)s
    join bench_text b on b.id = (c.dice / 7 + n * 104729) %% %(texts)s
"""
CONVERSATIONS = """
    insert into inbox_conversation (id, customer_id, channel, language, token_digest, status, agent_id, subject,
        emotion, urgency, answered_seq, last_seq, resolution, resolved_at, created_at, updated_at, is_demo)
    select uuidv7(at - now()), p.id, (array['web_chat', 'web_chat', 'api'])[i %% 3 + 1],
        (array['de', 'de', 'en'])[i %% 3 + 1], md5(i::text) || md5('x' || i),
        status, case when status in ('agent', 'resolved') then %(first_agent)s + i / %(open_each)s %% %(agents)s end,
        (array['order_status', 'cancel_order', 'return_item', 'invoice_copy'])[i %% 4 + 1],
        (array['neutral', 'neutral', 'neutral', 'worried', 'frustrated'])[i / 20 %% 5 + 1],
        case when i / 20 %% 11 = 0 then 'high' else 'normal' end, 5, 5,
        case when status = 'resolved' then 'unconfirmed' else '' end, case when status = 'resolved' then at end,
        at, at + interval '35 minutes', false
    from (select i, now() - interval '1 hour' - (%(count)s - i) * interval '365 days' / %(count)s as at,
        case when i < %(count)s - 2 * %(count)s / %(open_each)s or i %% 2 = 0 then 'resolved'
             else (array['assistant', 'waiting', 'agent', 'agent'])[i / 2 %% 4 + 1] end as status
        from generate_series(1, %(count)s) i) as made
    join bench_person p on p.number = i %% %(people)s
"""
READINGS = """
    insert into understanding_storedreading (id, message_id, data)
    select gen_random_uuid(), m.id, jsonb_set(%(reading)s::jsonb, '{text}', to_jsonb(m.text))
    from inbox_message m join inbox_conversation c on c.id = m.conversation_id
    where c.status <> 'resolved' and m.author = 'customer';
    insert into decision_storeddecision (id, conversation_id, message_id, reply_id, kind, data, policy_version,
        milliseconds, created_at)
    select gen_random_uuid(), m.conversation_id, asked.id, m.id, 'answer', %(decision)s::jsonb, '1', 5, m.created_at
    from inbox_message m join inbox_conversation c on c.id = m.conversation_id
    join inbox_message asked on asked.conversation_id = m.conversation_id and asked.seq = m.seq - 1
    where c.status <> 'resolved' and m.author = 'assistant'
"""
HANDOVERS = """
    insert into desk_handover (id, conversation_id, reason, agent_id, state, message, promised_by, requested_at,
        accepted_at)
    select gen_random_uuid(), id, 'wish', agent_id, case when status = 'agent' then 'accepted' else 'waiting' end, '',
        case when random() < 0.7 then now() + (random() * 240 - 60) * interval '1 minute' end, updated_at,
        case when status = 'agent' then updated_at end
    from inbox_conversation where status in ('waiting', 'agent')
"""
TAGGED = """
    insert into desk_conversationtag (conversation_id, tag_id, created_at)
    select id, %(first_tag)s + (random() * 29)::int, now() from inbox_conversation where random() < 0.3;
    insert into desk_rest (conversation_id, until, seq, created_at)
    select id, now() + (random() * 48 - 12) * interval '1 hour', 5, now() from inbox_conversation
    where status = 'agent' and random() < 0.2
"""
WORDS = "insert into inbox_conversationwords select id, kulanz_words_of(id), updated_at from inbox_conversation"


def filled() -> bool:
    return Conversation.objects.exists()


def do_fill(count: int, open_each: int, agents: int) -> None:
    """Writes so many conversations, one of `open_each` open, for so many agents: statements over whole tables, without
    triggers, and the search index at the end."""
    team = Team.objects.create(name="Bench")
    staff = [User(email=f"agent{n}@bench.example", name=f"Agent {n}", team=team) for n in range(agents)]
    first = min(user.pk for user in User.objects.bulk_create(staff))
    tags = [Tag(name=f"Tag {n}", colour=COLOURS[n % len(COLOURS)]) for n in range(30)]
    first_tag = min(tag.pk for tag in Tag.objects.bulk_create(tags))
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("set local maintenance_work_mem = '256MB'")
        texts = _copy_texts(cursor)
        people = _copy_people(cursor, max(1, count // 3))
        given: dict[str, Any] = {
            "count": count, "open_each": open_each, "agents": agents, "first_agent": first, "first_tag": first_tag,
            "texts": texts, "people": people, "reading": json.dumps(_reading().to_json()),
            "decision": json.dumps(DECISION),
        }  # fmt: skip
        for statement in (CONVERSATIONS, MESSAGES, READINGS, HANDOVERS, TAGGED):
            for one in statement.split(";\n"):
                cursor.execute(one, given)
        cursor.execute("drop index conversation_words")
        cursor.execute(WORDS)
        cursor.execute("create index conversation_words on inbox_conversationwords using gin (words)")


DECISION = {
    "kind": "answer", "confidence": 0.9, "policy_version": "1", "alternatives": [],
    "reasons": [{"code": "unclear", "evidence": [], "detail": ""}],
}  # fmt: skip


def _reading() -> Reading:
    words = Evidence("Wo", 0, 2)
    return Reading(
        text="", language=Finding("de", 0.99), intents=(Finding("order_status", 0.9, (words,)),), none_of_them=0.1,
        rejected=False, entities=(Entity("order_number", "ML-10234", 0.99, words),),
        emotion=Finding("worried", 0.8, (words,)), urgency=Finding("normal", 0.9), signals=(),
    )  # fmt: skip


def _copy_texts(cursor: Any) -> int:
    demo = files("kulanz") / "demo"
    lines = [line for name in ("questions.jsonl", "intents.jsonl") for line in _lines(demo / name)]
    texts = [json.loads(line)["text"] for line in lines]
    cursor.execute("create temporary table bench_text (id int primary key, text text)")
    with cursor.copy("copy bench_text from stdin") as into:
        for number, text in enumerate(texts):
            into.write_row((number, text))
    cursor.execute("analyze bench_text")
    return len(texts)


def _lines(file: Any) -> list[str]:
    text: str = file.read_text(encoding="utf-8")
    return text.splitlines()


def _copy_people(cursor: Any, count: int) -> int:
    first, last = (names.split() for names in NAMES)
    spelled = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss"})
    cursor.execute("create temporary table bench_given (number int, name text, email text)")
    with cursor.copy("copy bench_given from stdin") as into:
        for n in range(count):
            name = f"{first[n % len(first)]} {last[n // len(first) % len(last)]}"
            into.write_row((n, name, f"{name.replace(' ', '.').lower().translate(spelled)}{n}@example.com"))
    cursor.execute("create temporary table bench_person as select uuidv7() as id, * from bench_given")
    cursor.execute(
        "insert into inbox_customer (id, external_id, name, email, created_at)"
        " select id, '', name, email, now() from bench_person"
    )
    return count


def addresses(requests: int) -> dict[str, list[str]]:
    """The pages that are asked for: `requests` of each kind, in a fixed order."""
    dice = random.Random(6)  # noqa: S311 - a fixed order, not a secret
    opened = list(
        Conversation.objects.exclude(status=Status.RESOLVED)
        .order_by("token_digest")
        .values_list("pk", flat=True)[:requests]
    )
    lists = [f"/desk/list/?{query}" for query in LISTS]
    searches = [
        f"/desk/list/?q={search.format(n=dice.randrange(9999))}" for _ in range(requests) for search in SEARCHES
    ]
    return {
        "list": (lists * requests)[:requests],
        "open_conversation": [f"/desk/c/{pk}/?list=waiting" for pk in opened],
        "search": searches[:requests],
    }


LISTS = ("list=waiting", "list=mine", "list=colleagues", "list=assistant", "list=resolved", "list=waiting&page=3")
