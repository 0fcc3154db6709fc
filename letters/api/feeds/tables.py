"""CSV as PostgreSQL writes it (COPY): whole rows come one by one, and neither side holds the table.

A cell of words never becomes a formula in a spreadsheet: one that looks like it begins with an apostrophe.

What is asked for with filters may be a few rows: the companies of each are looked up. Of everything they are joined, made
once for each ask: looked up row by row they took six times as long as all the rest.
"""

from collections.abc import Iterator, Mapping

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Func, OuterRef, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from letters.api.links import Links
from letters.domain.guarded import FORMULA
from letters.enums import Scope
from letters.models import AskTarget

BLOCK = 64 * 1024  # bytes written at once
SORTING = "32MB"  # of the server's memory for each sort or hash of a whole table; what is larger goes by disk
MOST_MINUTES = 30  # that a reader may take: whoever stops reading must not keep the database from cleaning up
TARGETS = AskTarget.objects.filter(ask=OuterRef("ask_id")).order_by("position", "pk").values("target__slug")
# The same of all asks: a whole table is joined with it. It names no value, so it is the same text whatever is asked.
ALL_TARGETS = (
    AskTarget.objects.order_by()
    .values("ask_id")
    .annotate(slugs=StringAgg("target__slug", " ", order_by=("position", "pk")))
    .values_list("ask_id", "slugs")
)

# heading: column; `!` marks words that somebody typed, `?` a yes or no.
OFFICE = {
    "id": "pk", "status": "status", "role": "role", "stance": "stance", "due_on": "due_on", "due_basis": "due_basis",
    "original_due_on": "original_due_on", "extended_to": "extended_to", "acknowledgement_due_on": "ack_due_on",
    "acknowledged_on": "acknowledged_on", "late": "?days_past", "days_past": "days_past", "asked_on": "asked_on", "answered_on": "answered_on",
    "promised_on": "promised_on", "review_on": "review_on", "snoozed_until": "snoozed_until", "has_unread_reply": "?has_unread",
    "owner": "!owner__username", "kind": "ask__kind__code", "agency": "agency__slug",
    "agency_name": "!agency__short_name", "acting_agency": "acting_agency__slug", "targets": "targets",
    "ask": "ask_id", "ask_number": "ask__number", "summary": "!ask__summary", "quote": "!ask__quote",
    "instrument": "!ask__instrument", "requested_list": "!ask__requested_list", "requested_by": "ask__requested_by", "statute": "ask__statute__code",
    "letter": "ask__letter_id", "reference": "ask__letter__reference", "subject": "!ask__letter__subject",
    "sent_on": "ask__letter__sent_on", "passed_to": "passed_to_id", "version": "version", "url": "url", "page_url": "page_url",
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
    """Words as a cell may have them (`domain.guarded.guarded`, in SQL). Most are empty or begin with a letter: these are safe."""

    template = (
        "CASE WHEN %(words)s = '' THEN '' WHEN %(words)s COLLATE \"C\" BETWEEN 'A' AND 'zzz' THEN %(words)s "
        "WHEN %(words)s ~ %(pattern)s THEN '''' || %(words)s ELSE %(words)s END"
    )
    output_field = TextField()

    def as_sql(self, compiler, connection, **_):
        words, given = compiler.compile(self.source_expressions[0])
        pattern, looked_for = compiler.compile(Value(FORMULA.pattern))
        return self.template % {"words": words, "pattern": pattern}, [*given * 4, *looked_for, *given * 2]


def write(scope: str, items: QuerySet, links: Links, *, whole: bool) -> Iterator[bytes]:
    """The heading, then the rows. Lines end in LF, text is UTF-8 without a mark, yes and no are true and false.

    `whole`: of all rows, or a large part of them.
    """
    columns = PUBLIC if scope == Scope.RELEASED else OFFICE
    yield (",".join(columns) + "\n").encode()
    with transaction.atomic(), connection.cursor() as outer:
        outer.execute(f"SET LOCAL statement_timeout = '{MOST_MINUTES}min'; SET LOCAL work_mem = '{SORTING}'")
        sql = _whole(items, columns, links) if whole else _looked_up(items, columns, links)
        cursor = outer.cursor  # psycopg's own: Django's knows no COPY
        block: list[bytes] = []
        size = 0
        with cursor.copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv)".encode()) as lines:
            for line in lines:
                block.append(bytes(line))
                size += len(line)
                if size > BLOCK:
                    yield b"".join(block)
                    block, size = [], 0
        yield b"".join(block)


def _looked_up(items: QuerySet, columns: Mapping[str, str], links: Links) -> str:
    """The rows with the companies of each looked up."""
    targets = Func(ArraySubquery(TARGETS), Value(" "), function="array_to_string", output_field=TextField())
    return _sql(items.values_list(*(_cell(column, links, targets) for column in columns.values())))


def _whole(items: QuerySet, columns: Mapping[str, str], links: Links) -> str:
    """The same rows, joined with the companies of all asks, and asked of all unread replies at once."""
    if "has_unread" in items.query.annotations:
        items = items.annotate(has_unread=items.unread_answer())
    rows = items.order_by().values_list(*(_cell(column, links, Value("")) for column in columns.values()))
    names = ", ".join(f'"{name}"' for name in columns)
    shown = ", ".join("coalesce(named.slugs, '')" if name == "targets" else f'items."{name}"' for name in columns)
    # whatever has an order has the list's: the soonest date first
    order = ' ORDER BY items."due_on" NULLS LAST, items."id"' if items.ordered else ""
    return (
        f"SELECT {shown} FROM ({_sql(rows)}) AS items({names}) "  # noqa: S608 - our own columns; values are Django's to quote
        f'LEFT JOIN ({_sql(ALL_TARGETS.all())}) AS named(ask, slugs) ON named.ask = items."ask"{order}'
    )


def _sql(rows: QuerySet) -> str:
    # Filters that no item can pass are SQL, too: COPY then writes the heading alone.
    sql, parameters = rows.query.get_compiler(connection=connection, elide_empty=False).as_sql()
    with connection.cursor() as cursor:
        return cursor.cursor.mogrify(sql, parameters)


def _cell(column: str, links: Links, targets: Combinable) -> Combinable:
    if column.startswith("!"):
        return Guarded(F(column[1:]))
    match column:
        case "targets":
            return targets
        case "url":
            return _address(links.to("taskings", "")[:-1])
        case "page_url":
            return _address(links.item_page("")[:-1])
        case "?days_past":
            return Case(When(days_past__isnull=False, then=Value("true")), default=Value("false"))
    return Cast(F(column[1:]), TextField()) if column.startswith("?") else F(column)


def _address(before: str) -> Combinable:
    return Concat(Value(before), Cast("pk", CharField()), Value("/"), output_field=CharField())
