"""CSV as PostgreSQL writes it (COPY): whole rows come one by one, and neither side holds the table.

A cell of words never becomes a formula in a spreadsheet: one that looks like it begins with an apostrophe.
"""

from collections.abc import Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Func, OuterRef, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from letters.api.links import Links
from letters.enums import Scope
from letters.models import AskTarget
from letters.reports.queue_export import FORMULA

BLOCK = 64 * 1024  # bytes written at once
MOST_MINUTES = 30  # that a reader may take: whoever stops reading must not keep the database from cleaning up
TARGETS = AskTarget.objects.filter(ask=OuterRef("ask_id")).order_by("position", "pk").values("target__slug")

# heading: column; `!` marks words that somebody typed, `?` a yes or no.
OFFICE = {
    "id": "pk", "status": "status", "role": "role", "stance": "stance", "due_on": "due_on", "due_basis": "due_basis",
    "late": "?days_past", "days_past": "days_past", "asked_on": "asked_on", "answered_on": "answered_on",
    "promised_on": "promised_on", "snoozed_until": "snoozed_until", "has_unread_reply": "?has_unread",
    "owner": "!owner__username", "kind": "ask__kind__code", "agency": "agency__slug",
    "agency_name": "!agency__short_name", "acting_agency": "acting_agency__slug", "targets": "targets",
    "ask": "ask_id", "ask_number": "ask__number", "summary": "!ask__summary", "quote": "!ask__quote",
    "instrument": "!ask__instrument", "requested_list": "!ask__requested_list", "requested_by": "ask__requested_by",
    "letter": "ask__letter_id", "reference": "ask__letter__reference", "subject": "!ask__letter__subject",
    "sent_on": "ask__letter__sent_on", "version": "version", "url": "url", "page_url": "page_url",
}  # fmt: skip
# Of the public, only what a row of the public list has.
PUBLIC = {
    "id": "pk", "status": "public_status", "role": "role", "due_on": "public_due_on", "due_basis": "public_due_basis",
    "kind": "ask__kind__code", "agency": "agency__slug", "agency_name": "!agency__short_name",
    "acting_agency": "acting_agency__slug", "targets": "targets", "ask": "ask_id", "ask_number": "ask__number",
    "summary": "!ask__summary", "quote": "!ask__quote", "instrument": "!ask__instrument",
    "requested_list": "!ask__requested_list", "letter": "ask__letter_id", "subject": "!ask__letter__subject",
    "sent_on": "ask__letter__sent_on", "url": "url",
}  # fmt: skip


class Guarded(Func):
    """Words as a cell may have them (`reports.queue_export.guarded`, in SQL). Most begin with a letter: these are safe."""

    template = (
        "CASE WHEN %(words)s COLLATE \"C\" BETWEEN 'A' AND 'zzz' THEN %(words)s "
        "WHEN %(words)s ~ %(pattern)s THEN '''' || %(words)s ELSE %(words)s END"
    )
    output_field = TextField()

    def as_sql(self, compiler, connection, **_):
        words, given = compiler.compile(self.source_expressions[0])
        pattern, looked_for = compiler.compile(Value(FORMULA.pattern))
        return self.template % {"words": words, "pattern": pattern}, [*given * 3, *looked_for, *given * 2]


def write(scope: str, items: QuerySet, links: Links) -> Iterator[bytes]:
    """The heading, then the rows. Lines end in LF, text is UTF-8 without a mark, yes and no are true and false."""
    columns = PUBLIC if scope == Scope.RELEASED else OFFICE
    yield (",".join(columns) + "\n").encode()
    address = {
        name: Concat(Value(before), Cast("pk", CharField()), Value("/"), output_field=CharField())
        for name, before in {"url": links.to("taskings", "")[:-1], "page_url": links.item_page("")[:-1]}.items()
    }
    cells = {
        "targets": Func(ArraySubquery(TARGETS), Value(" "), function="array_to_string", output_field=TextField()),
        **address,
    }
    rows = items.values_list(*(_cell(column, cells) for column in columns.values()))
    sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    with transaction.atomic(), connection.cursor() as outer:
        outer.execute(f"SET LOCAL statement_timeout = '{MOST_MINUTES}min'")
        cursor = outer.cursor  # psycopg's own: Django's knows no COPY
        block: list[bytes] = []
        size = 0
        with cursor.copy(f"COPY ({cursor.mogrify(sql, parameters)}) TO STDOUT WITH (FORMAT csv)".encode()) as lines:
            for line in lines:
                block.append(bytes(line))
                size += len(line)
                if size > BLOCK:
                    yield b"".join(block)
                    block, size = [], 0
        yield b"".join(block)


def _cell(column: str, cells: dict[str, Combinable]) -> Combinable:
    if column.startswith("!"):
        return Guarded(F(column[1:]))
    if column == "?days_past":
        return Case(When(days_past__isnull=False, then=Value("true")), default=Value("false"))
    if column.startswith("?"):
        return Cast(F(column[1:]), TextField())
    return cells.get(column) or F(column)
