"""What all rows of the record share: random public keys, row-level history, and a named author."""

import datetime as dt
import uuid

import pghistory
import pgtrigger
from django.db import models

MAX_TEXT = 200_000  # characters; a tsvector holds 1 MB, and the longest real letter we know has 12,000


class Identified(models.Model):
    """A row whose key says nothing: random, so that it can be shown to anyone who may see the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Retractable(models.Model):
    """A row that somebody may mark as entered in error: it stays, with the reason, and counts for nothing."""

    in_error_at = models.DateTimeField(null=True, blank=True)
    in_error_reason = models.TextField(blank=True, max_length=2000)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(in_error_at__isnull=True, in_error_reason="")
                | (models.Q(in_error_at__isnull=False) & ~models.Q(in_error_reason="")),
                name="%(class)s_in_error_has_reason",
            ),
        ]


class NamesItsAuthor(pgtrigger.Trigger):
    """Refuses a write that names neither a user nor a system process (invariant 2).

    Once a statement, not once a row: the author is a property of the transaction.
    """

    name = "names_its_author"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("who", "jsonb")]
    func = """
        who := NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb;
        IF COALESCE(who->>'user', who->>'process') IS NULL THEN
            RAISE EXCEPTION 'a write to % names neither a user nor a system process', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', HINT = 'wrap it in letters.domain.history.acting()';
        END IF;
        RETURN NULL;
    """


class NeverTruncated(pgtrigger.Trigger):
    """Refuses TRUNCATE, which row triggers do not see; only test connections open it, to flush."""

    name = "never_truncated"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    func = """
        IF COALESCE(current_setting('letters.allow_truncate', true), '') <> 'on' THEN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """


class AppendOnly(pgtrigger.Trigger):
    """Refuses UPDATE and DELETE: what was written stays as it was written."""

    name = "append_only"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete
    func = """
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    """


def audited(model: type[models.Model]) -> type[models.Model]:
    """Keep every version of the model's rows, with author and reason, in `<Model>History`. Neither table is ever emptied."""
    pgtrigger.register(NamesItsAuthor(), NeverTruncated())(model)
    return pghistory.track(
        pghistory.InsertEvent("insert"),
        pghistory.UpdateEvent("update"),
        pghistory.DeleteEvent("delete"),
        model_name=f"{model.__name__}History",
        app_label="letters",
        meta={"triggers": [NeverTruncated()]},
    )(model)


def one_of(field: str, choices) -> models.CheckConstraint:
    """The database knows the vocabulary too: a typo in raw SQL or a bulk load is refused."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": list(choices.values)}),
        name=f"%(class)s_{field}_known",
    )


def american(day: dt.date | None) -> str:
    """A day as the screen says it: May 24, 2023."""
    return f"{day:%B} {day.day}, {day.year}" if day else "no date"


def both_or_neither(first: str, second: str, name: str) -> models.CheckConstraint:
    """Two nullable fields that only mean something together."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | models.Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
        name=name,
    )
