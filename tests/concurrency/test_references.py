"""Numbers of letters: gapless and never twice, whoever sends at once and whoever rolls back."""

import datetime as dt

from django.db import transaction

from letters.domain import sending
from letters.models import Letter, ReferenceCounter
from tests import factories


class Changed(Exception):
    """Thrown inside a transaction to roll it back."""


def test_twelve_senders_of_whom_a_third_roll_back_leave_no_gap(reference, together):
    drafts = [factories.draft() for _ in range(12)]

    def send(place: int) -> str | None:
        try:
            with transaction.atomic():
                letter = sending.send_letter(drafts[place], by=factories.SETUP, sent_on=factories.SENT_ON)
                if place % 3 == 0:
                    raise Changed
                return letter.reference
        except Changed:
            return None

    given = together([lambda place=place: send(place) for place in range(12)])
    assert sorted(filter(None, given)) == [f"2023-{number:04}" for number in range(1, 9)]
    assert sorted(Letter.objects.sent().values_list("reference", flat=True)) == sorted(filter(None, given))
    assert ReferenceCounter.objects.get(year=2023).last_number == 8


def test_two_first_letters_of_two_years(reference, together):
    days = [dt.date(2022, 6, 1), dt.date(2023, 6, 1)] * 2
    drafts = [factories.draft(letter_date=day) for day in days]
    sends = [
        lambda letter=letter, day=day: sending.send_letter(letter, by=factories.SETUP, sent_on=day).reference
        for letter, day in zip(drafts, days, strict=True)
    ]
    assert sorted(together(sends)) == ["2022-0001", "2022-0002", "2023-0001", "2023-0002"]


def test_one_letter_sent_by_two_at_once_is_sent_once(reference, together):
    letter = factories.draft()
    send = lambda: sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON).reference  # noqa: E731
    answers = sorted(map(str, together([send, send])))
    assert answers == ["2023-0001", "2023-0001 is sent already."]
    assert letter.events.filter(kind="letter_sent").count() == 1
