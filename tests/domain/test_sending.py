"""A letter as a whole: sent once, corrected with a reason, made public or taken back, marked as a mistake."""

import datetime as dt

import pytest
import time_machine

from letters.domain import drafting, sending
from letters.domain.history import acting
from letters.errors import NotAllowed
from letters.models import Ask, Letter, Tasking
from tests import factories
from tests.domain.refusals import refused

SENT = dt.date(2023, 4, 25)


@pytest.fixture
def draft(reference) -> Letter:
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    return letter


def test_sending_gives_a_number_and_starts_every_clock(draft, staff):
    letter = sending.send_letter(draft, by=staff, sent_on=SENT)
    assert (letter.state, letter.reference, letter.sent_on, letter.congress) == ("sent", "2023-0001", SENT, 118)
    assert letter.sent_at.isoformat() == "2023-04-25T12:00:00-04:00"  # noon: only the day is known
    assert list(
        Tasking.objects.filter(ask__letter=letter).order_by("role").values_list(
            "role", "status", "asked_on", "due_on", "due_basis", "public_status"
        )
    ) == [
        ("consulted", "awaiting", SENT, None, None, "awaiting"),
        ("lead", "awaiting", SENT, dt.date(2023, 5, 24), "yardstick", "awaiting"),
    ]  # fmt: skip
    last = [(event.kind, event.by_user) for event in letter.events.order_by("sequence")][-3:]
    assert last == [("letter_sent", staff), ("status_changed", staff), ("status_changed", staff)]
    sent = letter.events.get(kind="letter_sent")
    assert (sent.occurred_at, factories.told(sent)) == (
        letter.sent_at,
        {
            "letter": str(letter.pk),
            "reference": "2023-0001",
            "subject": "TEST letter",
            "sent_on": "2023-04-25",
            "agencies": ["treasury", "state"],
        },
    )


def test_sent_today_it_was_sent_now(draft, staff):
    now = dt.datetime(2023, 4, 26, 1, 30, tzinfo=dt.UTC)  # still April 25 in Washington
    with time_machine.travel(now, tick=False):
        letter = sending.send_letter(draft, by=staff)
    assert (letter.sent_on, letter.sent_at) == (SENT, now)


def test_the_year_of_the_number_is_that_of_sending(reference, staff):
    numbers = []
    for sent_on in (dt.date(2022, 12, 31), dt.date(2023, 1, 2), dt.date(2022, 12, 31)):
        letter = factories.draft(letter_date=dt.date(2022, 12, 30))
        numbers.append(sending.send_letter(letter, by=staff, sent_on=sent_on).reference)
    assert numbers == ["2022-0001", "2023-0001", "2022-0002"]


@pytest.mark.parametrize(
    ("day", "congress"),
    [(dt.date(2023, 1, 2), 117), (dt.date(2023, 1, 3), 118), (dt.date(2025, 1, 2), 118), (dt.date(2025, 1, 3), 119)],
)
def test_the_congress_is_that_of_the_letters_date(reference, day, congress):
    assert factories.sent(sent_on=day).congress == congress


def test_our_usual_wait_counts_from_the_day_it_was_sent_not_from_its_date(reference, staff):
    letter = factories.draft(letter_date=dt.date(2023, 5, 1))
    factories.ask(letter, "treasury")
    sending.send_letter(letter, by=staff, sent_on=dt.date(2023, 5, 10))
    tasking = Tasking.objects.get(ask__letter=letter)
    explained = tasking.due_dates.get(clock="substantive").explanation
    # 21 business days after May 10, Memorial Day not among them
    assert (tasking.asked_on, tasking.due_on, tasking.ack_due_on, explained["start_on"]) == (
        dt.date(2023, 5, 10), dt.date(2023, 6, 9), dt.date(2023, 6, 9), "2023-05-10",
    )  # fmt: skip


def test_a_letter_without_an_ask_asks_for_a_reply_of_each_it_is_addressed_to(reference, staff):
    letter = factories.draft(agencies=["treasury", "state"])
    drafting.address(letter, by=staff, agency=factories.agency("treasury"), printed_name="TEST Deputy")
    drafting.address(letter, by=staff, agency=factories.agency("commerce"), printed_name="TEST", delivery="cc")
    sending.send_letter(letter, by=staff, sent_on=SENT)
    ask = Ask.objects.get(letter=letter)
    assert (ask.number, ask.kind.code, ask.summary) == (1, "reply", "Reply to this letter")
    assert sorted(ask.taskings.values_list("agency__slug", "status")) == [
        ("state", "awaiting"),
        ("treasury", "awaiting"),
    ]


def test_an_own_date_of_an_ask_a_date_of_the_letter_and_our_usual_wait(reference, staff):
    letter = factories.draft(deadline_on=dt.date(2023, 5, 12))
    factories.ask(letter, "treasury", requested_by=dt.date(2023, 5, 1))
    factories.ask(letter, "treasury")
    sending.send_letter(letter, by=staff, sent_on=SENT)
    dates = Tasking.objects.filter(ask__letter=letter).order_by("ask__number").values_list("due_on", "due_basis")
    assert list(dates) == [(dt.date(2023, 5, 1), "letter"), (dt.date(2023, 5, 12), "letter")]


# --- what a letter must have


def test_a_letter_that_lacks_everything_says_so_at_once(reference, staff):
    letter = drafting.draft_letter(by=staff, subject="TEST")
    assert refused(sending.send_letter, letter, by=staff) == {
        "letter_date": "The letter’s date is missing. Enter the day it was signed.",
        "addressees": "The letter is addressed to nobody. Add at least one addressee.",
        "signatures": "Nobody has signed the letter. Add at least one signature.",
    }


def test_an_ask_put_to_nobody_is_named(reference, staff):
    letter = factories.draft(agencies=["treasury"])
    factories.ask(letter, consulted=["treasury"], summary="TEST what")
    assert refused(sending.send_letter, letter, by=staff, sent_on=SENT) == {
        "taskings": "Ask 1 (“TEST what”) is put to no responsible agency. Choose at least one."
    }


@pytest.mark.parametrize(
    ("how", "field", "sentence"),
    [
        (
            {"sent_on": dt.date(2023, 4, 24)},
            "sent_on",
            "The day it was sent (April 24, 2023) is before the letter’s date (April 25, 2023). "
            "Enter April 25, 2023 or a later day.",
        ),
        (
            {"sent_on": dt.date(2023, 5, 13)},
            "sent_on",
            "The day it was sent is May 13, 2023, which is after today (May 12, 2023). Enter a day up to today.",
        ),
        (
            {"sent_on": dt.date(2023, 5, 12)},
            "deadline_on",
            "The date the letter sets (May 10, 2023) is before the day it was sent (May 12, 2023). "
            "Enter May 12, 2023 or a later day.",
        ),
    ],
)
def test_dates_out_of_order_are_refused(reference, staff, how, field, sentence):
    letter = factories.draft(deadline_on=dt.date(2023, 5, 10) if field == "deadline_on" else None)
    with time_machine.travel(dt.datetime(2023, 5, 12, 16, tzinfo=dt.UTC), tick=False):
        assert refused(sending.send_letter, letter, by=staff, **how) == {field: sentence}


def test_an_asks_own_date_before_sending_is_refused(reference, staff):
    letter = factories.draft()
    factories.ask(letter, "treasury", requested_by=dt.date(2023, 4, 26))
    assert refused(sending.send_letter, letter, by=staff, sent_on=dt.date(2023, 4, 27)) == {
        "asks-1-requested_by": "The date of ask 1 (April 26, 2023) is before the day it was sent (April 27, 2023). "
        "Enter April 27, 2023 or a later day."
    }


def test_a_letter_is_sent_once(seed, staff):
    assert refused(sending.send_letter, seed, by=staff) == {"state": "2023-0001 is sent already."}


# --- giving up and mistakes


def test_a_discarded_draft_is_out_of_every_list_and_keeps_its_history(draft, staff):
    letter = sending.discard_draft(draft, by=staff)
    assert (letter.state, letter.reference) == ("discarded", None)
    assert set(Tasking.objects.filter(ask__letter=letter).values_list("status", flat=True)) == {"withdrawn"}
    last = letter.events.order_by("-sequence").first()
    assert (last.kind, last.by_user, factories.told(last)) == ("letter_discarded", staff, {"letter": str(letter.pk)})
    assert refused(sending.send_letter, letter, by=staff) == {"state": "This draft is draft discarded already."}


def test_a_sent_letter_is_not_discarded(seed, staff):
    assert refused(sending.discard_draft, seed, by=staff) == {
        "state": "2023-0001 was sent and is kept. Mark it as entered in error instead."
    }


def test_a_public_letter_is_entered_in_error_by_a_manager(seed, staff):
    assert list(refused(sending.enter_in_error, seed, by=staff, reason="TEST", error=NotAllowed)) == ["by"]


def test_staff_enter_in_error_what_is_not_public(reference, staff):
    assert sending.enter_in_error(factories.sent(), by=staff, reason="TEST").state == "entered_in_error"


def test_a_letter_entered_in_error_leaves_every_count_and_keeps_its_number(seed, manager):
    factories.moved(Tasking.objects.get(ask__letter=seed, ask__number=1), "withdrawn")
    letter = sending.enter_in_error(seed, by=manager, reason="TEST logged twice")
    assert (letter.state, letter.reference, letter.is_released) == ("entered_in_error", "2023-0001", False)
    assert sorted(Tasking.objects.values_list("status", flat=True)) == ["entered_in_error"] * 7 + ["withdrawn"]
    assert (Letter.objects.sent().count(), Tasking.objects.open().count()) == (0, 0)
    last = letter.events.order_by("-sequence").first()
    assert (last.kind, last.by_user, last.reason) == ("letter_entered_in_error", manager, "TEST logged twice")
    assert [e.to_status for e in letter.events.filter(kind="status_changed", reason="TEST logged twice")] == [
        "entered_in_error"
    ] * 7
    again = factories.sent()
    assert again.reference == "2023-0002"


def test_entering_in_error_needs_a_reason_and_a_sent_letter(draft, seed, staff):
    assert refused(sending.enter_in_error, seed, by=staff, reason=" ") == {
        "reason": "The reason is missing. Say what was wrong."
    }
    assert refused(sending.enter_in_error, draft, by=staff, reason="TEST") == {
        "state": "Only a sent letter can be entered in error; this one is draft."
    }


# --- corrections


def test_a_correction_keeps_what_stood_before(seed, staff):
    letter = sending.amend(
        seed, by=staff, reason="TEST misprint", printed_date=dt.date(2022, 4, 25), on_behalf_of="TEST Committee"
    )
    rows = [(a.field, a.before, a.after, a.reason) for a in letter.amendments.order_by("field")]
    assert rows == [
        ("on_behalf_of", "", "TEST Committee", "TEST misprint"),
        ("printed_date", "2023-04-25", "2022-04-25", "TEST misprint"),
    ]
    event = letter.events.get(kind="letter_amended")
    assert (event.by_user, event.payload["changed"], event.reason) == (
        staff,
        ["printed_date", "on_behalf_of"],
        "TEST misprint",
    )
    assert event.public_payload is None  # neither is among what the public sees
    shown = sending.amend(letter, by=staff, reason="TEST misprint", subject="TEST right")
    event = shown.events.filter(kind="letter_amended").latest("sequence")
    assert event.public_payload["corrected"]["subject"] == "TEST right"


def test_a_correction_of_a_letter_that_is_not_public_has_no_public_words(reference, staff):
    letter = sending.amend(factories.sent(), by=staff, reason="TEST", subject="TEST right")
    assert letter.events.get(kind="letter_amended").public_payload is None


def test_a_corrected_deadline_moves_the_dates_that_rest_on_it(seed, staff):
    letter = sending.amend(seed, by=staff, reason="TEST overlooked", deadline_on=dt.date(2023, 5, 10))
    lead = Tasking.objects.filter(ask__letter=letter, role="lead")
    assert set(lead.values_list("due_on", "due_basis")) == {(dt.date(2023, 5, 10), "letter")}
    tasking = lead.first()
    assert list(
        tasking.due_dates.filter(clock="substantive").values_list("revision", "value", "basis", "moved_by__kind")
    ) == [
        (2, dt.date(2023, 5, 10), "letter", "due_date_moved"),
        (1, dt.date(2023, 5, 24), "yardstick", None),
    ]
    moved = tasking.events.get(kind="due_date_moved")
    assert (moved.by_user, moved.payload["from"], moved.payload["to"]) == (staff, "2023-05-24", "2023-05-10")
    assert lead.first().history.count() > 0


def test_a_corrected_date_corrects_the_congress(seed, staff):
    assert sending.amend(seed, by=staff, reason="TEST", letter_date=dt.date(2023, 1, 2)).congress == 117


def test_state_and_party_of_the_signers_follow_a_corrected_date(reference, staff):
    """In 2018 Hagerty did not sit; what the letter prints of a signer is no seat that we looked up."""
    letter = factories.draft(letter_date=dt.date(2018, 2, 1))
    for name, bioguide, seat in (
        ("Bill Hagerty", "H000601", {}),
        ("Thom Tillis", "T000476", {}),
        ("Ted Budd", "B001305", {"state": "ZZ", "party": "TEST"}),
    ):
        drafting.sign(letter, by=staff, printed_name=name, bioguide=bioguide, **seat)
    factories.ask(letter, "treasury")
    letter = sending.send_letter(letter, by=staff, sent_on=dt.date(2023, 4, 25))

    def seats() -> list[tuple]:
        return list(letter.signatures.order_by("position").values_list("state", "party"))

    none = ("", "")
    assert seats() == [none, none, ("NC", "Republican"), ("ZZ", "TEST")]
    letter = sending.amend(letter, by=staff, reason="TEST typed wrong", letter_date=dt.date(2023, 4, 25))
    assert seats() == [none, ("TN", "Republican"), ("NC", "Republican"), ("ZZ", "TEST")]
    assert sorted(letter.amendments.values_list("field", "before", "after", "reason")) == [
        ("letter_date", "2018-02-01", "2023-04-25", "TEST typed wrong"),
        ("signer 2, party", "", "Republican", "TEST typed wrong"),
        ("signer 2, state", "", "TN", "TEST typed wrong"),
    ]
    event = letter.events.get(kind="letter_amended")
    assert event.payload["changed"] == ["letter_date", "signer 2, state", "signer 2, party"]
    letter = sending.amend(letter, by=staff, reason="TEST", letter_date=dt.date(2018, 2, 1))
    assert seats()[1] == none
    with acting(factories.SETUP):  # as a person took it out
        letter.signatures.filter(state="NC").update(state="", party="")
    sending.amend(letter, by=staff, reason="TEST", letter_date=letter.letter_date, subject="TEST the day as it was")
    assert seats()[2] == none


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"subject": ""}, "subject", "The subject is missing. Say in a few words what the letter is about."),
        ({"letter_date": None}, "letter_date", "The letter’s date is missing. Enter the day it was signed."),
        (
            {"letter_date": dt.date(2023, 4, 26)},
            "letter_date",
            "The letter’s date (April 26, 2023) is after the day it was sent (April 25, 2023). "
            "Enter that day or an earlier one; or correct the day it was sent, too.",
        ),
        (
            {"deadline_on": dt.date(2023, 4, 24)},
            "deadline_on",
            "The date the letter sets (April 24, 2023) is before the day it was sent (April 25, 2023). "
            "Enter April 25, 2023 or a later day.",
        ),
        ({"subject": "Huawei Cloud and other PRC cloud computing services"}, "subject", "Nothing was changed, so there is nothing to correct."),
    ],
)  # fmt: skip
def test_a_correction_that_is_wrong_is_refused(seed, staff, facts, field, sentence):
    told = refused(sending.amend, seed, by=staff, reason="TEST", **facts)
    assert told[field] == sentence


@pytest.mark.parametrize("field", ["reference", "sent_at", "state", "access", "congress", "released_at"])
def test_what_was_fixed_at_sending_is_not_corrected(seed, staff, field):
    told = refused(sending.amend, seed, by=staff, reason="TEST", **{field: None})
    assert told[field].startswith(f"“{field}” cannot be corrected. What can: subject, printed_date, ")


def test_a_correction_needs_a_reason_and_a_sent_letter(draft, seed, staff):
    assert refused(sending.amend, seed, by=staff, reason="", subject="TEST") == {
        "reason": "The reason is missing. Say why the record is corrected."
    }
    assert refused(sending.amend, draft, by=staff, reason="TEST", subject="TEST") == {
        "state": "Only a sent letter is corrected; this one is draft."
    }
