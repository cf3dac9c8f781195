import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = r"""
-- Only words and numbers, apart from each other: ML-10234, ml10234 and 10234 meet, and so do the parts of an address.
-- The limit keeps a vector far below the megabyte that PostgreSQL allows.
create function kulanz_plain(said text) returns text immutable parallel safe language sql as $$
    select regexp_replace(regexp_replace(
        translate(left(said, 60000), '-_.,:;@/\+#*()[]{}<>="''`~|&!?^%$', repeat(' ', 32)),
        '([[:alpha:]])(?=[0-9])', '\1 ', 'g'), '([0-9])(?=[[:alpha:]])', '\1 ', 'g')
$$;

-- Both languages always: customers change between them, and the language of a conversation is known only later.
create function kulanz_words(said text) returns tsvector immutable parallel safe language sql as $$
    select to_tsvector('pg_catalog.german', plain) || to_tsvector('pg_catalog.english', plain)
    from (select kulanz_plain(said) as plain) as p
$$;

-- A name is found as it is written, too: "Will" is no word of a sentence.
create function kulanz_person(customer uuid) returns tsvector stable language sql as $$
    select setweight(to_tsvector('pg_catalog.simple', plain) || to_tsvector('pg_catalog.german', plain)
        || to_tsvector('pg_catalog.english', plain), 'A')
    from (select kulanz_plain(concat_ws(' ', name, email, external_id)) as plain
          from inbox_customer where id = customer) as p
$$;

create function kulanz_with_words(known tsvector, more tsvector) returns tsvector immutable language sql as $$
    select case when octet_length(known::text) > 300000 then known else known || more end
$$;

create function kulanz_words_of(conversation uuid) returns tsvector stable language sql as $$
    select coalesce(kulanz_person(c.customer_id), '') || kulanz_words(coalesce((
        select string_agg(m.text, ' ' order by m.seq desc) from inbox_message m
        where m.conversation_id = c.id and m.author <> 'system'), ''))
    from inbox_conversation c where c.id = conversation
$$;

create function kulanz_messages_added() returns trigger language plpgsql as $$
begin
    insert into inbox_conversationwords as known (conversation_id, words, at)
    select said.conversation_id, case when there.conversation_id is null
        then coalesce(kulanz_person(c.customer_id), '') || said.words else said.words end, said.at
    from (select conversation_id, kulanz_words(string_agg(text, ' ')) as words, max(created_at) as at
          from added where author <> 'system' group by conversation_id) as said
    join inbox_conversation c on c.id = said.conversation_id
    left join inbox_conversationwords there on there.conversation_id = said.conversation_id
    on conflict (conversation_id) do update
        set words = kulanz_with_words(known.words, excluded.words), at = greatest(known.at, excluded.at);
    return null;
end $$;

create function kulanz_messages_changed() returns trigger language plpgsql as $$
begin
    insert into inbox_conversationwords as known (conversation_id, words, at)
    select c.id, kulanz_words_of(c.id), c.updated_at from inbox_conversation c where c.id in (
        select changed.conversation_id from later changed join earlier before using (id)
        where (changed.text, changed.conversation_id) is distinct from (before.text, before.conversation_id)
        union
        select before.conversation_id from later changed join earlier before using (id)
        where changed.conversation_id is distinct from before.conversation_id)
    on conflict (conversation_id) do update set words = excluded.words;
    return null;
end $$;

-- Only brings what is there up to date: whoever erases a conversation may have removed its row here before.
create function kulanz_messages_removed() returns trigger language plpgsql as $$
begin
    update inbox_conversationwords set words = kulanz_words_of(conversation_id)
    where conversation_id in (select conversation_id from removed);
    return null;
end $$;

create function kulanz_customer_changed() returns trigger language plpgsql as $$
begin
    update inbox_conversationwords set words = kulanz_words_of(conversation_id)
    where conversation_id in (select id from inbox_conversation where customer_id = new.id);
    return null;
end $$;

create function kulanz_conversation_moved() returns trigger language plpgsql as $$
begin
    update inbox_conversationwords set words = kulanz_words_of(conversation_id) where conversation_id = new.id;
    return null;
end $$;

create trigger kulanz_words_added after insert on inbox_message
    referencing new table as added for each statement execute function kulanz_messages_added();
create trigger kulanz_words_changed after update on inbox_message
    referencing old table as earlier new table as later
    for each statement execute function kulanz_messages_changed();
create trigger kulanz_words_removed after delete on inbox_message
    referencing old table as removed for each statement execute function kulanz_messages_removed();
create trigger kulanz_words_customer after update of name, email, external_id on inbox_customer for each row
    when ((old.name, old.email, old.external_id) is distinct from (new.name, new.email, new.external_id))
    execute function kulanz_customer_changed();
create trigger kulanz_words_moved after update of customer_id on inbox_conversation for each row
    when (old.customer_id is distinct from new.customer_id)
    execute function kulanz_conversation_moved();
"""
KNOWN = """
insert into inbox_conversationwords (conversation_id, words, at)
select c.id, kulanz_words_of(c.id), c.updated_at from inbox_conversation c
where exists (select from inbox_message m where m.conversation_id = c.id)
"""
REMOVE = """
drop trigger kulanz_words_added on inbox_message;
drop trigger kulanz_words_changed on inbox_message;
drop trigger kulanz_words_removed on inbox_message;
drop trigger kulanz_words_customer on inbox_customer;
drop trigger kulanz_words_moved on inbox_conversation;
drop function kulanz_messages_added, kulanz_messages_changed, kulanz_messages_removed, kulanz_customer_changed,
    kulanz_conversation_moved, kulanz_words_of, kulanz_with_words, kulanz_person, kulanz_words, kulanz_plain;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0002_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversationWords",
            fields=[
                ("conversation", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="words", serialize=False, to="inbox.conversation")),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="conversation_words"), models.Index(fields=["-at"], name="conversation_words_at")],
            },
        ),
        migrations.RunSQL(FUNCTIONS + KNOWN, REMOVE),
    ]
