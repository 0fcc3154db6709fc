"""Statements that are compiled once and planned once give what the ORM gives."""

import datetime as dt
import uuid

import pytest
from django.db import DataError, connection

from letters.domain import prepared
from letters.models import Agency, FeedEntry, Letter
from tests import factories


def names(statement: prepared.Statement, *given) -> list[str]:
    return [name for (name,) in prepared.fetch(statement, given)]


def test_values_stand_in_it_and_marks_are_given_each_time(reference):
    named = Agency.objects.filter(slug="the mark").values_list("short_name")
    statement = prepared.compiled(named, ["the mark"])
    assert [names(statement, slug) for slug in ("treasury", "state", "100% no")] == [["Treasury"], ["State"], []]
    fixed = prepared.compiled(Agency.objects.filter(slug="treasury").values_list("short_name"))
    assert (names(fixed), fixed.places, "'treasury'" in fixed.sql) == (["Treasury"], (), True)


@pytest.mark.parametrize("make", [lambda: dt.date(1, 1, 1), lambda: uuid.UUID(int=1)])
def test_a_value_that_equals_a_mark_is_none(reference, make):
    mark, field = make(), "pk" if isinstance(make(), uuid.UUID) else "letter_date"
    rows = Letter.objects.values_list("pk")
    assert prepared.compiled(rows.filter(**{field: make()}), [mark]).places == ()
    assert prepared.compiled(rows.filter(**{f"{field}__gt": mark}, subject="TEST"), [mark]).places == (0,)


def test_what_excludes_itself_gives_nothing(reference):
    rows = Agency.objects.filter(slug__in=[]).values_list("pk")
    assert prepared.fetch(prepared.compiled(rows)) == []


def test_a_number_is_a_mark_as_well(reference):
    rows = FeedEntry.objects.filter(position__gt=-1).values_list("position")[:1]
    statement = prepared.compiled(rows, [-1])
    assert (statement.places, "-1" in statement.sql) == ((0,), False)


@pytest.mark.parametrize("subject", ["TEST 100%", "TEST %s and %%", "TEST 'quoted' \\ é"])
def test_percent_signs_and_quotes_are_kept_with_and_without_marks(reference, subject):
    factories.draft(subject=subject)
    for name, marks, given in (("subject", (), ()), ("subject__contains", (dt.date(1, 1, 1),), ("2023-04-25",))):
        found = Letter.objects.filter(**{name: subject, "letter_date__lte": marks[0] if marks else factories.SENT_ON})
        assert names(prepared.compiled(found.values_list("subject"), marks), *given) == [subject]


def test_keys_and_days_come_as_text(seed):
    statement = prepared.compiled(Letter.objects.values_list("pk", "sent_on", "congress"))
    assert prepared.fetch(statement) == [(str(seed.pk), "2023-04-25", 118)]


def test_the_database_plans_it_once_and_nothing_else_is_prepared(reference, run_sql):
    statement = prepared.compiled(Agency.objects.filter(slug="treasury").values_list("pk"))
    for _ in range(3):
        prepared.fetch(statement)
        Agency.objects.get(slug="treasury")
    kept = run_sql("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
    assert [runs for text, runs in kept if text == statement.sql] == [3]
    assert connection.connection.prepare_threshold is None


def test_what_the_database_refuses_is_django_s_own_error(reference):
    day = dt.date(1, 1, 1)
    statement = prepared.compiled(Letter.objects.filter(letter_date=day).values_list("pk"), [day])
    with pytest.raises(DataError):
        prepared.fetch(statement, ["not a day"])
