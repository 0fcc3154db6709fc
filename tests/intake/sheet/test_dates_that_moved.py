"""More time that was given, and the days on which a letter came, as a sheet tells them."""

import datetime as dt

from letters.domain.clocks import office_today
from letters.intake.sheet.applying import apply
from letters.intake.sheet.columns import guess
from letters.models import Addressee, Letter, Tasking
from letters.reminders.hush import hush
from tests.intake.sheet.conftest import BY, brought_in, checked, said

ITEMS = "Date|Subject|Signed by|Agency|Request|Status|Extended to|Extension granted|Extended by|Response date|Response type|Status date|Reason"
LETTER = "Date|Subject|Signed by|Addressees|Addressed agencies|Agency|Deadline in days|Date delivered|Date acknowledged|Control number"


def item(subject: str, to: str, on: str = "", by: str = "", *rest: str) -> tuple[str, ...]:
    return (
        "4/25/2023",
        f"TEST {subject}",
        "Hagerty, Bill",
        "Treasury",
        "TEST ask",
        "",
        to,
        on,
        by,
        *rest,
        *[""] * (4 - len(rest)),
    )


def test_headers_of_offices_are_known():
    headers = [
        "New Due Date",
        "Extension Date",
        "Date Delivered",
        "Date Acknowledged",
        "Agency Control Number",
        "Due Date",
    ]
    assert guess(headers) == [
        "extended_to",
        "extended_on",
        "delivered_on",
        "acknowledged_on",
        "control_numbers",
        "deadline_on",
    ]


def test_more_time_comes_in_with_its_day_and_who_said_so(reference, sheet):
    closed = list(item("closed", "7/14/2023", "5/20/2023", "they"))
    closed[5], closed[-2], closed[-1] = "withdrawn", "8/1/2023", "TEST"
    data = sheet(
        ITEMS, item("agreed", "7/14/2023", "5/20/2023"), item("told", "7/14/2023", "5/20/2023", "They told us."),
        item("by their reply", "7/14/2023", "", "", "5/22/2023", "extension notice"), closed,
    )  # fmt: skip
    batch = checked(data)
    assert said(batch) == []
    apply(batch, by=BY, hush=hush)
    rows = Tasking.objects.order_by("ask__letter__reference").values_list(
        "status", "due_on", "original_due_on", "extended_to", "acknowledged_on"
    )
    to, usual = dt.date(2023, 7, 14), dt.date(2023, 5, 24)
    assert list(rows) == [
        ("awaiting", to, usual, to, None), ("awaiting", to, usual, to, dt.date(2023, 5, 20)),
        ("awaiting", to, usual, to, dt.date(2023, 5, 22)), ("withdrawn", to, usual, to, dt.date(2023, 5, 20)),
    ]  # fmt: skip
    told = Tasking.objects.get(ask__letter__subject="TEST told").due_dates.get(clock="substantive", revision=2)
    assert told.explanation["notes"] == ["More time, to July 14, 2023: Treasury told us on May 20, 2023"]


def test_what_more_time_lacks_is_said_and_nothing_made_up(reference, sheet):
    tomorrow = f"{office_today() + dt.timedelta(days=1):%Y-%m-%d}"
    batch = checked(
        sheet(
            ITEMS, item("no day", "7/14/2023"), item("no later date", "", "5/20/2023", "they"), item("no more", "5/24/2023", "5/20/2023"),
            item("who", "7/14/2023", "5/20/2023", "TEST"), item("ahead", "7/14/2023", tomorrow), item("before", "7/14/2023", "4/1/2023"),
        )
    )  # fmt: skip
    assert [(number, words.split(", ")[0]) for number, _, words in said(batch, blocks=False)] == [
        (2, "More time to: nobody says when it was given"), (3, "More time given on: left out"), (3, "More time by: left out"),
        (4, "More time to: May 24"), (5, "More time by: “TEST” is neither “they told us” nor “we agreed”. It comes in as “we agreed”."),
    ]  # fmt: skip
    assert [(number, field) for number, field, _ in said(batch, blocks=True)] == [
        (6, "extended_on"),
        (7, "extended_on"),
    ]
    apply(batch, by=BY, leave_out_problems=True, hush=hush)
    extended = Tasking.objects.filter(extended_to__isnull=False).values_list("ask__letter__subject", flat=True)
    assert list(extended) == ["TEST who"]


def test_days_and_numbers_stand_one_for_each_addressee(reference, sheet):
    def row(subject: str, *told: str) -> tuple[str, ...]:
        return (
            "4/25/2023",
            f"TEST {subject}",
            "Hagerty, Bill",
            "TEST One; cc: TEST Two",
            "Treasury; State",
            "Treasury",
            "within 30 days of receipt",
            *told,
        )

    data = sheet(LETTER, row("each", "5/8/2023; -", "-; 5/9/2023", "T-1; S-2"), row("one", "5/8/2023", "", ""))
    batch = checked(data)
    assert [(number, words) for number, _, words in said(batch)] == [
        (3, "Received by them: “5/8/2023” is taken for each of the 2 addressees. Give one for each, “-” for none.")
    ]
    apply(batch, by=BY, hush=hush)
    noted = [
        [(a.delivered_at and f"{a.delivered_at:%m-%d}", a.acknowledged_at and f"{a.acknowledged_at:%m-%d}", a.control_number) for a in letter.addressees.order_by("position")]
        for letter in Letter.objects.order_by("reference")
    ]  # fmt: skip
    assert noted == [[("05-08", None, "T-1"), (None, "05-09", "S-2")], [("05-08", None, ""), ("05-08", None, "")]]
    assert set(Tasking.objects.values_list("due_on", flat=True)) == {dt.date(2023, 6, 7)}
    wrong = said(checked(sheet(LETTER, row("wrong", "4/1/2023; 5/8/2023", "1; 2; 3", f"{'T' * 61}; -"))), blocks=True)
    assert [(field, words.split("(")[0].split(".")[0]) for _, field, words in wrong] == [
        ("delivered_on", "The day it was delivered "), ("acknowledged_on", "Receipt acknowledged: 3 parts, but Addressees has 2"),
        ("control_numbers", "Control numbers has 61 characters; at most 60 fit"),
    ]  # fmt: skip
    assert brought_in(data).here == 2
    assert Addressee.objects.count() == 4
