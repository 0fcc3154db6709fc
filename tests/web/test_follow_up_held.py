"""What a follow-up does not ask for unless a person ticks it: what came yesterday, what they have time for, what waits on us."""

import datetime as dt

import pytest
import time_machine

from letters.domain import extending, items, workflow
from letters.models import Tasking
from tests import factories
from tests.web.test_pages import words

TODAY = dt.datetime(2023, 7, 3, 16, tzinfo=dt.UTC)
ADDRESS = "/follow-ups/new/?agency=treasury"


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(TODAY, tick=False):
        yield


def unread(item, staff):
    factories.reply(item, coverage=None)


def answered(item, staff):
    factories.reply(item)


def promised(item, staff):
    workflow.transition(item, to="promised", by=staff, promised_on=dt.date(2023, 7, 3))


def given_time(item, staff):
    extending.extend(item, by=staff, to=dt.date(2023, 7, 14), by_notice=True)


def waits_on_us(item, staff):
    workflow.transition(item, to="clarification", by=staff)


def put_off(item, staff):
    items.snooze(item, by=staff, until=dt.date(2023, 7, 4))


def called(item, staff):
    for day, next_on in ((1, dt.date(2023, 7, 1)), (2, dt.date(2023, 7, 4))):
        items.log_contact(
            by=staff, agency=item.agency, taskings=[item], channel="call", outcome="TEST", on=dt.date(2023, 6, day), next_on=next_on
        )  # fmt: skip


def no_position(item, staff):
    items.set_review(workflow.transition(item, to="considering", by=staff), by=staff, on=dt.date(2023, 8, 1))


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (unread, "a reply came that nobody has read yet"),
        (answered, "substantive reply received May 2, 2023"),
        (promised, "promised for July 3, 2023"),
        (given_time, "they have time to July 14, 2023"),
        (waits_on_us, "waiting on us"),
        (put_off, "remind me on July 4, 2023"),
        (called, "after our contact: next on July 4, 2023"),
        (no_position, "they take no position: we look again on August 1, 2023"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_one_would_not_chase_today_is_not_ticked_and_says_why(reference, as_staff, staff, happened, why):
    owed, held = factories.item(subject="TEST owed"), factories.item(subject="TEST held")
    happened(held, staff)
    page = as_staff.get(ADDRESS)
    assert page.context["form"]["items"].value() == [str(owed.pk)]
    assert f"TEST ask ({held.ask.letter.reference}, 69 days): {why}" in words(page)
    assert ("TEST owed" in page.context["text"], "TEST held" in page.context["text"]) == (True, False)


def test_a_date_that_has_passed_is_chased_again(reference, as_staff, staff):
    with time_machine.travel(dt.datetime(2023, 5, 2, 16, tzinfo=dt.UTC)):
        late = factories.item()
        workflow.transition(late, to="promised", by=staff, promised_on=dt.date(2023, 7, 2))
        extended = factories.item()
        extending.extend(extended, by=staff, to=dt.date(2023, 7, 2), by_notice=False)
        reminded = factories.item()
        items.snooze(reminded, by=staff, until=dt.date(2023, 7, 3))  # today: the day has come
    ticked = as_staff.get(ADDRESS).context["form"]["items"].value()
    assert set(ticked) == {str(pk) for pk in Tasking.objects.values_list("pk", flat=True)}


def test_where_nothing_would_be_chased_the_page_says_so_and_refuses_nothing(reference, as_staff, staff):
    item = factories.item()
    unread(item, staff)
    page = as_staff.get(ADDRESS)
    assert page.status_code == 200
    assert "Nothing that is open there would be chased today." in words(page)
    form = {"items": [str(item.pk)], "addressee": "TEST", "subject": "TEST", "signers": "TEST"}
    assert "TEST letter" in as_staff.post(ADDRESS, form).context["text"]
