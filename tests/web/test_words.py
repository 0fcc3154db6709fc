"""The record in the words of the screen: office days, long American dates, what a date was counted with."""

import datetime as dt
import re

import pytest
import time_machine

from letters.domain import history, items, sending, workflow
from letters.enums import Basis, Clock, EventKind, Status
from letters.models import (
    Closure,
    Contact,
    DueDate,
    Event,
    Letter,
    Pause,
    Reminder,
    Renewal,
    Response,
    Tasking,
)
from letters.web.happened import timeline
from tests import factories
from tests.web.test_pages import item, words

DAY = dt.date(2023, 5, 2)


def test_a_letter_sent_late_in_the_evening_keeps_the_office_s_day():
    nine_in_the_evening = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
    [line] = timeline(
        [Event(kind=EventKind.LETTER_SENT, occurred_at=nine_in_the_evening, payload={"agencies": ["treasury"]})]
    )
    assert line["when"] == "November 23, 2026"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Closure(day=DAY, name="TEST snow"), "May 2, 2023: TEST snow"),
        (Renewal(renewed_on=DAY), "asked again May 2, 2023"),
        (Contact(channel="email", on=DAY), "e-mail on May 2, 2023"),
        (Pause(started_on=DAY), "May 2, 2023 to now"),
        (Pause(started_on=DAY, ended_on=dt.date(2023, 5, 4)), "May 2, 2023 to May 4, 2023"),
        (Reminder(rule="TEST", due_on=DAY), "TEST May 2, 2023"),
    ],
)
def test_a_row_says_its_day_as_americans_do(row, said):
    assert str(row) == said


def test_replies_and_dates_say_their_day_as_americans_do(seed):
    tasking = item(1, "treasury")
    factories.reply(tasking, kind="acknowledgement", coverage=None)
    assert str(Response.objects.get()) == "acknowledgment of receipt from Treasury, May 2, 2023"
    assert not re.search(r"\d{4}-\d\d", str(DueDate.objects.filter(tasking=tasking).first()))
    value = DueDate(clock=Clock.SUBSTANTIVE, basis=Basis.YARDSTICK, value=DAY)
    assert "May 2, 2023" in str(value)


def test_the_timeline_says_replies_and_contacts_in_american_words(as_staff, seed, staff):
    tasking = item(1, "treasury")
    factories.reply(tasking, kind="acknowledgement", coverage=None)
    items.log_contact(
        by=staff, agency=tasking.agency, taskings=[tasking], channel="email", outcome="TEST wrote", on=DAY
    )
    page = words(as_staff.get(f"/items/{tasking.pk}/"))
    assert "Acknowledgment of receipt recorded, received May 2, 2023" in page
    assert "Our e-mail on May 2, 2023" in page
    assert "cknowledgement" not in page


def test_who_changed_it_at_a_time_as_written_in_an_office(seed, staff):
    tasking = item(1, "treasury")
    with time_machine.travel("2026-11-23T09:05:00-05:00", tick=False):
        items.assign(tasking, by=staff, owner=staff)
    assert "staff changed this item at 9:05 a.m. on November 23:" in history.who_changed(tasking.events.all(), "item")


def test_a_date_says_the_wait_it_was_counted_with_though_the_agency_s_was_changed_since(as_staff, seed):
    tasking = item(1, "treasury")
    with history.acting(factories.SETUP):
        type(tasking.agency).objects.filter(pk=tasking.agency_id).update(yardstick_days=30)
    for address in ["/", f"/items/{tasking.pk}/"]:
        page = words(as_staff.get(address))
        assert "due May 24, 2023, 21 business days after April 25, 2023" in page
        assert "30 business days" not in page


def test_a_date_says_what_was_paused(as_staff, seed, staff):
    tasking = item(1, "treasury")
    with time_machine.travel("2023-05-09T12:00:00-04:00", tick=False):
        workflow.transition(tasking, to=Status.CLARIFICATION, by=staff)
    with time_machine.travel("2023-05-11T12:00:00-04:00", tick=False):
        workflow.transition(tasking, to=Status.CONSIDERING, by=staff)
    said = "due May 26, 2023, 21 business days after April 25, 2023 and 2 days paused"
    assert said in words(as_staff.get(f"/items/{tasking.pk}/"))
    assert words(as_staff.get("/")).count(said) == 1


def test_the_letter_explains_each_date_its_open_items_have(as_staff, seed, staff):
    tasking = item(1, "treasury")
    page = words(as_staff.get("/letters/2023-0001/"))
    assert page.count("Why May 24, 2023?") == 1
    assert "Why May 24, 2023? (ask" not in page
    workflow.transition(tasking, to=Status.PROMISED, by=staff, promised_on=dt.date(2023, 6, 30))
    page = words(as_staff.get("/letters/2023-0001/"))
    assert "Why June 30, 2023? (ask 1, Treasury)" in page
    assert re.search(r"Why May 24, 2023\? \(ask \d, [^)]*, and 5 more items\)", page)


def test_a_group_s_heading_counts_the_group_on_whichever_page_it_stands(as_staff, seed, monkeypatch):
    assert "Treasury 3 items" in words(as_staff.get("/?group=agency"))
    monkeypatch.setattr("letters.web.queue.PAGE", 2)
    first = as_staff.get("/?group=agency")
    assert "Commerce 3 items" in words(first)
    following = re.search(r'href="(\?[^"]*cursor=[^"]*)" rel="next"', first.content.decode())[1].replace("&amp;", "&")
    assert "Commerce 3 items" in words(as_staff.get(f"/{following}"))


def test_the_list_of_letters_counts_open_items_of_its_page_only(as_staff, seed):
    from letters.web.letter import OPEN_ITEMS

    factories.moved(item(4, "treasury"), Status.IMPLEMENTED)
    other = factories.sent(agencies=["state"])
    listed = Letter.objects.sent().annotate(open_items=OPEN_ITEMS)
    assert {letter.reference: letter.open_items for letter in listed} == {"2023-0001": 6, other.reference: 1}
    # no grouping of the whole list: the count is a subplan of each row that is shown
    assert not listed.query.group_by
    assert 'data-count="6"' in as_staff.get("/letters/").content.decode()


def test_an_item_of_a_discarded_draft_does_not_exist(as_staff, manager, reference):
    draft = factories.draft()
    factories.ask(draft, "treasury")
    sending.discard_draft(draft, by=manager)
    tasking = Tasking.objects.get(ask__letter=draft)
    assert as_staff.get(f"/items/{tasking.pk}/").status_code == 404
