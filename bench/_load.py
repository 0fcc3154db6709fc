"""A record of any size in seconds: INSERT ... SELECT from a series, triggers off. Every word of it says TEST.

Eight items a letter (four asks, each put to two agencies). Whole letters are open or closed, and the open ones lie
evenly among the others. An open item is the same whatever else is stored, so that two sizes with the same open
items differ in nothing but what is closed.
"""

from django.db import connection, models
from django.utils import timezone

from bench._ground import sql, without_triggers
from letters.models import (
    Addressee,
    Answer,
    Ask,
    AskTarget,
    DueDate,
    Event,
    FeedEntry,
    Letter,
    Reminder,
    Response,
    Signature,
    Target,
    Tasking,
    User,
)

PER_LETTER = 8
SHARE_OPEN = 5  # one in five
TARGETS, OWNERS = 200, 6
# The last day of every tenth letter's date: more than a page of ties there.
DAYS = 1500

# A letter's place: `o` counts the open ones (and what stands after each), `r` is 0 for open.
LETTERS = """(SELECT l, l / {every} AS o, l % {every} AS r,
    current_date - 40 - CASE WHEN l / {every} % 10 = 9 THEN 300 ELSE (l / {every}) * 7919 % {days} END AS sent
    FROM generate_series(0, {letters} - 1) AS l) AS letters"""
ITEMS = LETTERS.replace("\n", " ") + " CROSS JOIN generate_series(0, 7) AS i"
ASKS = LETTERS.replace("\n", " ") + " CROSS JOIN generate_series(0, 3) AS a"
OPEN = "(ARRAY['awaiting','acknowledged','awaiting','considering','awaiting','clarification','awaiting','partly_addressed'])[i + 1]"
CLOSED = "(ARRAY['answered','implemented','declined','not_implemented','answered','overtaken','answered','withdrawn'])[i + 1]"
STATUS = f"CASE WHEN r = 0 THEN {OPEN} ELSE {CLOSED} END"
IS_LEAD = "(o + i) % 16 <> 15"
# Two in three open ones are past their date, which the sweep has recorded and reminded of.
DUE = "sent + CASE WHEN (o + i) % 3 = 0 THEN 2000 ELSE 31 END"
BASIS = "CASE WHEN (o + i) % 5 = 0 THEN 'letter' ELSE 'yardstick' END"
HAS_ANSWER = "(r > 0 AND i IN (0, 2, 4, 6)) OR (r = 0 AND i = 0 AND o % 3 = 0)"


def load(taskings: int, *, open_taskings: int | None = None) -> None:
    """Fill the present, empty database: `taskings` stored, of which `open_taskings` open (a fifth when not said)."""
    every = max(1, taskings // (open_taskings or taskings // SHARE_OPEN))
    series = {"letters": taskings // PER_LETTER, "every": every, "days": DAYS}
    letters, items, asks = (words.format(**series) for words in (LETTERS, ITEMS, ASKS))
    departments = "(SELECT array_agg(id ORDER BY slug) AS agencies FROM letters_agency WHERE kind = 'department') AS d"
    kinds = "(SELECT array_agg(id ORDER BY code) AS kinds FROM letters_askkind) AS k"
    members = "(SELECT array_agg(id ORDER BY bioguide) AS members FROM letters_legislator) AS m"
    agency = "agencies[1 + (o * 5 + r * 3 + i % 2) % array_length(agencies, 1)]"
    with without_triggers():
        _insert(User, f"generate_series(0, {OWNERS - 1}) AS n", id=_id("owner", "n"), username="'TEST-owner-' || n")
        _insert(
            Target,
            f"generate_series(0, {TARGETS - 1}) AS n",
            id=_id("target", "n"), slug="'test-company-' || n", name="'TEST Company ' || n", kind="'company'",
        )  # fmt: skip
        _insert(
            Letter,
            letters,
            id=_id("letter", "l"), state="'sent'", subject="'TEST letter ' || l", text="repeat('TEST text of a letter. ', 10)",
            reference="to_char(2010 + l % 16, 'FM0000') || '-' || to_char(l, 'FM0000000')",
            letter_date="sent", sent_on="sent", sent_at="sent + time '12:00' AT TIME ZONE 'UTC'", congress="118",
            released_at="CASE WHEN o % 2 = 0 THEN sent + time '13:00' AT TIME ZONE 'UTC' END",
        )  # fmt: skip
        _insert(
            Signature,
            f"{letters} CROSS JOIN generate_series(0, 2) AS i CROSS JOIN {members}",
            letter_id=_id("letter", "l"), position="i + 1", printed_name="'TEST Signer ' || i", is_lead="i = 0", match="'confirmed'",
            legislator_id="members[1 + (l * 3 + i) % array_length(members, 1)]",
        )  # fmt: skip
        _insert(
            Addressee,
            f"{letters} CROSS JOIN generate_series(0, 1) AS i CROSS JOIN {departments}",
            letter_id=_id("letter", "l"), position="i + 1", printed_name="'TEST Secretary ' || i", agency_id=agency,
        )  # fmt: skip
        _insert(
            Ask,
            f"{asks} CROSS JOIN {kinds}",
            id=_id("ask", "l * 4 + a"), letter_id=_id("letter", "l"), number="a + 1",
            kind_id="kinds[1 + (o + a) % array_length(kinds, 1)]", summary="'TEST ask ' || (l * 4 + a)",
            quote="repeat('TEST quote of an ask. ', 5)",
        )  # fmt: skip
        _insert(
            AskTarget,
            f"{asks} CROSS JOIN generate_series(1, 2) AS p",
            ask_id=_id("ask", "l * 4 + a"), target_id=_id("target", f"(o * 3 + a + p) % {TARGETS}"), position="p",
        )  # fmt: skip
        _insert(
            Event,
            items,
            id=_id("event", "l * 8 + i"), sequence="l * 8 + i + 1", kind="'status_changed'", by_process="'setup'",
            occurred_at="sent + time '12:00' AT TIME ZONE 'UTC'", recorded_at="sent + time '12:00' AT TIME ZONE 'UTC'", letter_id=_id("letter", "l"),
            tasking_id=_id("tasking", "l * 8 + i"), from_status="'draft'", to_status=STATUS, reason="'TEST'",
            payload="""'{"status": "TEST"}'::jsonb""",
        )  # fmt: skip
        _insert(FeedEntry, items, stream="'office'", position="l * 8 + i + 1", event_id=_id("event", "l * 8 + i"))
        _insert(
            Tasking,
            f"{items} CROSS JOIN {departments}",
            id=_id("tasking", "l * 8 + i"), ask_id=_id("ask", "l * 4 + i / 2"), agency_id=agency,
            role=f"CASE WHEN {IS_LEAD} THEN 'lead' ELSE 'consulted' END", status=STATUS, public_status="'awaiting'",
            status_event_id=_id("event", "l * 8 + i"), asked_on="sent",
            due_on=f"CASE WHEN {IS_LEAD} THEN {DUE} END",
            due_basis=f"CASE WHEN {IS_LEAD} THEN {BASIS} END",
            past_due_recorded=f"CASE WHEN {IS_LEAD} AND {DUE} < current_date THEN {DUE} END",
            owner_id=f"CASE WHEN (o + i) % 7 > 0 THEN {_id('owner', f'(o + i) % {OWNERS}')} END",
            touched_at="now() - (o + i) % 200 * interval '1 day'",
            # nothing more fires today: each open one waits in the index of the sweep for a later day
            check_on=f"CASE WHEN r = 0 AND {IS_LEAD} THEN current_date + 30 + (o + i) % 60 END",
        )  # fmt: skip
        _insert(
            DueDate,
            f"{items} WHERE {IS_LEAD}",
            tasking_id=_id("tasking", "l * 8 + i"), revision="1", value=DUE, basis=BASIS,
            explanation=f"""jsonb_build_object('due_on', {DUE}, 'basis', {BASIS}, 'start_on', sent, 'start_event', 'Sent',
                'rule', 'TEST', 'business_days', CASE WHEN {BASIS} = 'yardstick' THEN 21 END, 'skipped', '[]'::jsonb,
                'pauses', '[]'::jsonb)""",
        )  # fmt: skip
        _insert(
            Reminder,
            f"{items} WHERE {IS_LEAD} AND {DUE} < current_date",
            tasking_id=_id("tasking", "l * 8 + i"), rule="'past_due'", due_on=DUE, fired_on="current_date",
        )  # fmt: skip
        _insert(
            Response,
            f"{letters} CROSS JOIN (SELECT 0 AS i) AS first CROSS JOIN {departments}",
            id=_id("response", "l"), agency_id=agency, channel="'letter'", kind="'substantive'", received_on="sent + 20",
            text="'TEST reply'",
        )  # fmt: skip
        _insert(
            Answer,
            f"{items} WHERE {HAS_ANSWER}",
            response_id=_id("response", "l"), tasking_id=_id("tasking", "l * 8 + i"),
            coverage="CASE WHEN r > 0 THEN 'full' END", assessed_at="CASE WHEN r > 0 THEN now() END",
        )  # fmt: skip
    for sequence in ("letters_event_sequence", "letters_feed_office", "letters_feed_released"):
        sql(f"SELECT setval('{sequence}', %s)", taskings + 1)
    sql("VACUUM ANALYZE")


def _id(kind: str, number: str) -> str:
    """The key of the row of this number: known without looking it up, and in no order, as random ones are."""
    return f"md5('{kind} ' || ({number}))::uuid"


def _insert(model: type[models.Model], source: str, **given: str) -> None:
    """One row for each of `source`. `given` is SQL by column; the other columns get what the model gives them."""
    columns, expressions, values = [], [], []
    for field in model._meta.local_concrete_fields:
        column = field.column
        if column in given:
            expression, value = given[column], None
        elif field.generated or field.null or field.has_db_default() or isinstance(field, models.AutoField):
            continue  # the database's own
        elif isinstance(field, models.UUIDField) and field.primary_key:
            expression, value = "gen_random_uuid()", None
        elif isinstance(field, models.DateTimeField):
            expression, value = "%s", timezone.now()
        else:
            expression, value = "%s", field.get_db_prep_save(field.get_default(), connection)
        columns.append(column)
        expressions.append(expression.replace("%", "%%") if value is None else expression)
        values += [] if value is None else [value]
    if missing := set(given) - set(columns):
        raise ValueError(f"{model.__name__} has no column {', '.join(sorted(missing))}")
    names = ", ".join(f'"{column}"' for column in columns)
    source = source.replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(expressions)} FROM {source}", values
        )
