"""The counts people read first, of the seed letter and of what is done about it."""

import datetime as dt

import pytest

from letters.domain import tallies, worklists
from letters.models import Tasking
from tests import factories

DUE = dt.date(2023, 5, 24)


def headline(today=DUE) -> worklists.Headline:
    return worklists.headline(Tasking.objects.all(), today)


def test_seven_open_items_from_five_asks_with_three_agencies(seed):
    now = headline()
    assert (now.open, now.asks, now.agencies, now.unread, now.unassigned) == (7, 5, 3, 0, 7)
    assert now.late == {"letter": 0, "promise": 0, "statute": 0, "yardstick": 0}


def test_late_from_the_day_after(seed):
    now = headline(dt.date(2023, 5, 25))
    assert (now.late["yardstick"], now.longest["yardstick"]) == (7, 1)
    assert headline(dt.date(2024, 5, 24)).longest["yardstick"] == 366


def test_lateness_is_counted_apart_by_basis(reference):
    factories.item()
    factories.item(deadline_on=dt.date(2023, 5, 1))
    factories.moved(factories.item(), "promised")
    now = headline(dt.date(2023, 7, 1))
    assert now.late == {"letter": 1, "promise": 1, "statute": 0, "yardstick": 1}
    assert now.longest == {"letter": 61, "promise": 7, "statute": 0, "yardstick": 38}


def test_closed_answered_and_paused_items_are_not_late(reference):
    factories.moved(factories.item(), "withdrawn")
    factories.reply(factories.item())
    factories.moved(factories.item(), "clarification")
    now = headline(dt.date(2024, 1, 1))
    assert (now.open, sum(now.late.values())) == (2, 0)


def test_unread_and_untouched(reference, staff):
    factories.reply(factories.item(), coverage=None)
    factories.item()
    assert headline().unread == 1
    assert headline(dt.date(2090, 1, 1)).untouched == 2


def test_by_agency_and_by_kind_the_most_come_first(seed):
    today = dt.date(2023, 5, 25)
    rows = tallies.tables(Tasking.objects.all(), today, ["agency"])["agency"]
    assert [(row.key, row.label, row.open, row.late["yardstick"], row.first_asked) for row in rows] == [
        ("commerce", "Commerce", 3, 3, factories.SENT_ON),
        ("treasury", "Treasury", 3, 3, factories.SENT_ON),
        ("state", "State", 1, 1, factories.SENT_ON),
    ]
    kinds = tallies.tables(Tasking.objects.all(), today, ["kind"])["kind"]
    assert next((row.key, row.open) for row in kinds) == ("investigation", 3)


@pytest.mark.parametrize(
    ("days_past", "line"),
    [(0, "in_time"), (1, "to_30"), (30, "to_30"), (31, "to_90"), (90, "to_90"), (91, "to_365"), (365, "to_365"), (366, "over_365")],
)  # fmt: skip
def test_each_item_is_in_one_line_of_ages(seed, days_past, line):
    today = DUE + dt.timedelta(days=days_past)
    rows = tallies.by_age(Tasking.objects.all(), today)
    assert {key: number for key, _, number, _ in rows} == {
        name: 7 if name == line else 0 for name, *_ in worklists.AGES
    }
    listed = Tasking.objects.open().filter(worklists.age_condition(line, today))
    assert listed.count() == 7


def test_a_page_asks_of_its_own_rows_whether_a_reply_is_unread(reference):
    """By EXISTS PostgreSQL collects all unread replies of the office for a page of a hundred items: at a million items
    150 of 155 milliseconds."""
    rows = Tasking.objects.all().with_clock(DUE)
    assert "EXISTS" not in str(rows.query)
    item = factories.item()
    factories.reply(item, coverage=None)
    other = factories.item()
    assert dict(rows.values_list("pk", "has_unread")) == {item.pk: True, other.pk: False}
