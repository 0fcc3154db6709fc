"""What each answer to "What did they say?" does to an item: the whole table, for each kind of ask. Invariant 3 above all."""

import datetime as dt
import itertools

import pytest
import time_machine

from letters.domain import items, said, workflow
from letters.domain.deadlines import long_date
from letters.domain.reply_flow import read_reply, record_reply
from letters.domain.reply_steps import Proof, Word
from letters.domain.transitions import allowed_next
from letters.enums import OPEN_STATUSES, ClosesAs, Coverage, ResponseKind, Said, Status
from letters.errors import TransitionRefused
from letters.models import Letter, Reminder, Tasking
from letters.reminders.sweep import sweep
from letters.web.reply_form import ItemWordForm
from letters.web.reply_words import effect_words, effects
from tests import factories, kept
from tests.domain.refusals import refused

TODAY = dt.date(2023, 6, 1)
NOON = dt.datetime(2023, 6, 1, 16, tzinfo=dt.UTC)
RECEIVED = dt.date(2023, 5, 30)
PROMISED = dt.date(2023, 9, 1)
# A deed, words, either.
KINDS = {"sanction": ClosesAs.IMPLEMENTED, "briefing": ClosesAs.ANSWERED, "other": ClosesAs.EITHER}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(scope="module")
def _kept_ones(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=False):
        for kind_code in KINDS:
            kept.make(f"said_{kind_code}", lambda kind_code=kind_code: made(kind_code))


@pytest.fixture
def reference(_kept_ones, reference) -> None:
    """With it, an item of each kind, alone in the record: see `one`."""


def one(kind_code: str = "other", **how) -> Tasking:
    """An open item about a company; the first of a record is a copy of one that was made once."""
    if how or kind_code not in KINDS or Letter.objects.exists():
        return made(kind_code, **how)
    kept.put_back(f"said_{kind_code}")
    return Tasking.objects.get()


def made(kind_code: str, **how) -> Tasking:
    return factories.item(kind_code=kind_code, ask_facts={"targets": [factories.target()]}, **how)


def say(tasking: Tasking, choice: str, by, **how):
    needed = {
        Said.PROMISED: {"promised_on": PROMISED},
        Said.OTHER_AGENCY: {"passed_to": factories.agency("commerce")},
    }
    word = Word(tasking, said=choice, **{**needed.get(Said(choice), {}), **how})
    return record_reply(by=by, agency=tasking.agency, received_on=RECEIVED, words=[word])


def now(tasking: Tasking) -> Tasking:
    return Tasking.objects.get(pk=tasking.pk)


ANY = dict.fromkeys(KINDS)
EXPECTED = {
    # choice: (kind of reply, coverage, stance, status, answered on), for any kind of ask or for each
    "received": ("acknowledgement", "evades", "unknown", "acknowledged", None),
    "looking": ("interim", "evades", "unknown", "considering", None),
    "done": {
        "sanction": ("official_action", "full", "concurs", "implemented", RECEIVED),
        "briefing": ("substantive", "full", "concurs", "answered", RECEIVED),
        "other": ("official_action", "full", "concurs", "implemented", RECEIVED),
    },
    "promised": ("substantive", "partial", "concurs", "promised", None),
    "partly": ("substantive", "partial", "partly_concurs", "partly_addressed", None),
    "refused": ("declination", "full", "does_not_concur", "declined", RECEIVED),
    "no_position": ("no_position", "evades", "no_position", "considering", None),
    "needs_us": ("clarification_request", "evades", "unknown", "clarification", None),
    "other_agency": ("referral", "evades", "unknown", "transferred", None),
    "answered": {
        "sanction": ("substantive", "partial", "unknown", "partly_addressed", None),
        "briefing": ("substantive", "full", "unknown", "answered", RECEIVED),
        "other": ("substantive", "full", "unknown", "answered", RECEIVED),
    },
}


def test_every_choice_is_in_the_table():
    assert list(EXPECTED) == Said.values == list(said.TABLE)


@pytest.mark.parametrize("kind_code", KINDS)
@pytest.mark.parametrize("choice", Said.values)
def test_what_a_choice_does(reference, staff, choice, kind_code):
    tasking = one(kind_code)
    response = say(tasking, choice, staff)
    after, answer = now(tasking), response.answers.get()
    expected = EXPECTED[choice]
    expected = expected[kind_code] if isinstance(expected, dict) else expected
    assert (response.kind, answer.coverage, answer.stance, after.status, after.answered_on) == expected
    assert (answer.said, answer.assessed_by) == (choice, staff)
    assert after.stance == answer.stance
    assert after.review_on == (TODAY + dt.timedelta(days=90) if choice == "no_position" else None)
    assert after.pauses.count() == (1 if choice == "needs_us" else 0)
    assert (after.due_on, after.due_basis) == (
        (PROMISED, "promise") if choice == "promised" else (dt.date(2023, 5, 24), "yardstick")
    )
    # only what stops the clock takes the item off the late list
    runs = choice in ("received", "looking", "partly") or (choice, kind_code) == ("answered", "sanction")
    assert Tasking.objects.filter(pk=tasking.pk).late(TODAY).exists() is runs
    # nothing is left to be read
    assert not Tasking.objects.filter(pk=tasking.pk).unread().exists()


@pytest.mark.parametrize("choice", ["received", "looking", "needs_us", "other_agency", "no_position"])
def test_nothing_ends_on_words_that_answer_nothing(reference, staff, choice):
    """Also where the same reply refuses another item, and so is a refusal as a whole."""
    letter = factories.sent(agencies=["treasury"])
    other = one()
    mine = Tasking.objects.get(ask__letter=letter)
    words = [
        Word(mine, said=choice, passed_to=factories.agency("state"), status=mine.status),
        Word(other, said="refused"),
    ]
    response = record_reply(by=staff, agency=mine.agency, received_on=RECEIVED, words=words)
    assert response.kind == "declination"
    assert now(mine).answered_on is None
    assert now(other).status == "declined"
    if choice == "no_position":
        return  # it says something about the ask, so that a person may take it for a refusal
    assert list(refused(workflow.transition, now(mine), to="declined", by=staff, error=TransitionRefused)) == ["reply"]


def test_a_reply_that_says_several_things_is_the_strongest_of_them(reference, staff):
    choices = ["received", "looking", "no_position", "refused"]
    items = [one() for _ in choices]
    for upto, kind in enumerate(["acknowledgement", "interim", "no_position", "declination"], start=1):
        words = [Word(one(), said=choice) for choice in choices[:upto]]
        assert record_reply(by=staff, agency=items[0].agency, received_on=RECEIVED, words=words).kind == kind


def test_strength_names_every_kind_once():
    assert sorted(said.STRENGTH) == sorted(ResponseKind)
    assert said.strongest([]) == said.UNREAD_KIND


@pytest.mark.parametrize(
    ("status", "choice", "after"),
    [
        ("considering", "received", "considering"),
        ("promised", "looking", "promised"),
        ("clarification", "looking", "considering"),
        ("considering", "no_position", "considering"),
        ("promised", "refused", "declined"),
        ("withdrawn", "done", "withdrawn"),
    ],
)
def test_where_an_item_stands_counts(reference, staff, status, choice, after):
    tasking = factories.moved(one(), status)
    say(tasking, choice, staff)
    moved = now(tasking)
    assert moved.status == after
    assert moved.review_on == (TODAY + dt.timedelta(days=90) if choice == "no_position" else None)


def test_another_date_moves_what_is_promised(reference, staff):
    tasking = one()
    say(tasking, "promised", staff)
    later = dt.date(2023, 12, 1)
    say(now(tasking), "promised", staff, promised_on=later)
    moved = now(tasking)
    assert (moved.status, moved.promised_on, moved.due_on, moved.due_basis) == ("promised", later, later, "promise")
    assert moved.due_dates.filter(clock="substantive").first().moved_by.kind == "due_date_moved"


def test_the_review_date_is_the_person_s_to_choose(reference, staff):
    tasking = one()
    say(tasking, "no_position", staff, review_on=dt.date(2023, 7, 4))
    assert now(tasking).review_on == dt.date(2023, 7, 4)


def test_who_looks_into_it_after_all_is_waited_for_again(reference, staff):
    tasking = one()
    say(tasking, "no_position", staff)
    assert not Tasking.objects.late(TODAY).exists()
    assert "runs again" in effect_words("looking", now(tasking), TODAY)
    say(now(tasking), "looking", staff)
    assert (now(tasking).status, now(tasking).review_on) == ("considering", None)
    assert Tasking.objects.late(TODAY).exists()


def test_done_rests_on_the_reply_or_on_what_the_person_names(reference, staff):
    first, second = one("sanction"), one("sanction")
    response = say(first, "done", staff)
    assert [(e.kind, e.response, e.targets.count()) for e in first.evidence.all()] == [("response", response, 1)]
    say(second, "done", staff, proof=Proof("list_entry", citation="TEST SDN 1"))
    assert [(e.kind, e.citation) for e in second.evidence.all()] == [("list_entry", "TEST SDN 1")]


def test_done_for_some_of_the_companies_is_partly_done_until_the_rest_follow(reference, staff):
    targets = [factories.target() for _ in range(3)]
    tasking = factories.item(kind_code="sanction", ask_facts={"targets": targets})
    response = say(tasking, "done", staff, targets=targets[:1])
    assert (now(tasking).status, response.answers.get().coverage) == ("partly_addressed", "partial")
    assert [list(e.targets.all()) for e in tasking.evidence.all()] == [targets[:1]]
    response = say(now(tasking), "done", staff, targets=targets[1:])
    assert (now(tasking).status, response.answers.get().coverage) == ("implemented", "full")


def test_what_earlier_replies_gave_counts_of_an_ask_for_words_too(reference, staff):
    targets = [factories.target() for _ in range(2)]
    tasking = factories.item(kind_code="documents", ask_facts={"targets": targets})
    first = say(tasking, "done", staff, targets=targets[:1])
    # read anew, it does not cover besides what it was found to cover before
    read_reply(first, by=staff, words=[Word(now(tasking), said="done", targets=targets[1:])])
    assert (now(tasking).status, now(tasking).answered_on) == ("partly_addressed", None)
    response = say(now(tasking), "done", staff, targets=targets[:1])
    assert (now(tasking).status, response.answers.get().coverage, now(tasking).answered_on) == ("answered", "full", RECEIVED)  # fmt: skip


def test_nine_of_thirteen_answered_is_partly_done_until_the_rest_follow(reference, staff):
    letter = factories.draft()
    ask = factories.ask(letter, "treasury", kind_code="written_answers", questions=[f"TEST {n}?" for n in range(13)])
    tasking = Tasking.objects.get(ask=ask)
    factories.sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    tasking, questions = now(tasking), list(ask.questions.all())
    response = say(tasking, "answered", staff, questions=questions[:9])
    assert (now(tasking).status, response.answers.get().coverage, now(tasking).answered_on) == ("partly_addressed", "partial", None)  # fmt: skip
    response = say(now(tasking), "answered", staff, questions=questions[9:])
    assert (now(tasking).status, response.answers.get().coverage, now(tasking).answered_on) == ("answered", "full", RECEIVED)  # fmt: skip


def test_each_part_may_be_changed(reference, staff):
    tasking = one()
    response = say(tasking, "partly", staff, coverage="evades", stance="does_not_concur", status="considering")
    answer = response.answers.get()
    assert (answer.said, answer.coverage, answer.stance) == ("partly", "evades", "does_not_concur")
    assert now(tasking).status == "considering"
    tasking = one()
    say(tasking, "refused", staff, status=tasking.status)  # it stays where it is
    assert now(tasking).status == "awaiting"


def test_passing_on_says_why_even_where_nobody_typed_it(reference, staff):
    tasking = one()
    say(tasking, "other_agency", staff)
    passed = now(tasking)
    assert (passed.status, passed.passed_to.agency.slug) == ("transferred", "commerce")
    assert passed.status_event.reason == "Treasury pointed us to Commerce."


def test_what_is_left_unticked_is_said_before_it_is_saved(reference):
    tasking = one("written_answers")
    lines = {(line["code"], line["when"]): line["words"] for line in effects(tasking, TODAY)}
    assert lines["answered", "whole"] == "→ answered (answered)"
    assert lines["answered", "part"] == "→ partly done, unless what is not ticked was covered before"
    assert {code for code, when in lines if when} == {"answered", "done"}


# --- what is said before it is saved

OTHERWISE = {
    "promised": "promised by the date you give",
    "transferred": "passed to the agency you name, asked since the same day",
}


@pytest.mark.parametrize("kind_code", KINDS)
@pytest.mark.parametrize("choice", Said.values)
def test_what_is_said_before_is_what_is_recorded(reference, staff, choice, kind_code):
    """Each part of the sentence against the record, and each part of the record against the sentence."""
    before = one(kind_code)
    becomes, *more = effect_words(choice, before, TODAY).split("; ")
    say(before, choice, staff)
    after = now(before)
    label = OTHERWISE.get(after.status, str(after.get_status_display()))
    done = f" ({before.ask.kind.done_word})" if after.status in ("implemented", "answered") else ""
    assert becomes == f"→ {label}{done}"
    parts = {
        f"their words: {after.get_stance_display()}": after.stance != "unknown",
        f"we look again on {long_date(TODAY + dt.timedelta(days=90))}": after.review_on
        == TODAY + dt.timedelta(days=90),
        "it is due on that day instead of on May 24, 2023, and reminders count from it": (
            (after.due_on, after.due_basis, after.promised_on) == (PROMISED, "promise", PROMISED)
        ),
        "the clock stops: the ball is with us": after.pauses.filter(ended_on=None).exists(),
        "the reply clock runs on": after.status == "acknowledged",
        "words are not yet the deed": (choice, after.status) == ("answered", "partly_addressed"),
    }
    assert more == [words for words, is_so in parts.items() if is_so]


def test_reminders_count_from_the_day_that_was_promised(reference, staff):
    tasking = items.assign(one(), by=staff, owner=staff)
    say(tasking, "promised", staff)
    for day in (TODAY, dt.date(2023, 8, 25), PROMISED, PROMISED + dt.timedelta(days=7)):
        sweep(today=day)
    fired = Reminder.objects.filter(tasking=tasking, quiet=False).order_by("fired_on").values_list("due_on", "fired_on")
    assert list(fired) == [(PROMISED, PROMISED), (PROMISED, PROMISED + dt.timedelta(days=7))]


@pytest.mark.parametrize(
    ("status", "choice", "words"),
    [
        ("withdrawn", "promised", "stays “withdrawn”: reopen it, with a reason, if this changes that; their words: agrees"),
        (
            "promised", "promised",
            "→ promised by the new date you give; their words: agrees; it is due on that day instead of on June 30, 2023, and "
            "reminders count from it",
        ),
        ("promised", "looking", "stays “promised”"),
        ("considering", "received", "stays “looking into it”; the reply clock runs on"),
        ("clarification", "received", "stays “waiting on us”"),
        ("partly_addressed", "partly", "stays “partly done”; their words: partly agrees"),
        ("answered", "no_position", "stays “answered”: reopen it, with a reason, if this changes that; their words: takes no position"),
        ("acknowledged", "needs_us", "→ waiting on us; the clock stops: the ball is with us"),
        ("considering", "other_agency", "→ passed to the agency you name, asked since the same day"),
    ],
)  # fmt: skip
def test_where_an_item_stands_is_said_before_too(reference, staff, status, choice, words):
    tasking = factories.item()
    if status == "promised":
        say(tasking, "promised", staff, promised_on=dt.date(2023, 6, 30))
    else:
        factories.moved(tasking, status)
    assert effect_words(choice, now(tasking), TODAY) == words


def test_who_is_consulted_is_due_on_no_day(reference, staff):
    letter = factories.draft(agencies=("treasury", "state"))
    factories.ask(letter, "treasury", consulted=("state",))
    factories.sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    tasking = Tasking.objects.get(role="consulted")
    assert effect_words("promised", tasking, TODAY) == "→ promised by the date you give; their words: agrees"
    say(tasking, "promised", staff)
    assert (now(tasking).status, now(tasking).due_on) == ("promised", None)


def test_a_status_is_chosen_in_the_words_of_the_screen(reference, staff):
    tasking = factories.item(kind_code="briefing")

    def offered(one: Tasking) -> list[str]:
        return [str(label) for _, label in ItemWordForm(tasking=now(one), by=staff).fields["status"].choices]

    assert offered(tasking) == [
        "as the table says", "stays “no reply recorded”", "receipt acknowledged", "looking into it", "waiting on us",
        "partly done", "promised", "answered", "refused", "lapsed", "no longer needed", "withdrawn", "passed on",
        "entered in error",
    ]  # fmt: skip
    factories.moved(tasking, "considering")
    assert offered(tasking)[1] == "stays “looking into it”"
    assert "no reply recorded" not in offered(tasking)
    factories.moved(now(tasking), "withdrawn")
    assert offered(tasking) == ["as the table says", "stays “withdrawn”"]


# --- refusals


@pytest.mark.parametrize(
    ("choice", "how", "name", "sentence"),
    [
        ("promised", {"promised_on": None}, "promised_on", "The date they promised is missing. Enter the day they named."),
        (
            "promised", {"promised_on": dt.date(2023, 4, 1)}, "promised_on",
            "The promised date (April 1, 2023) is before the day it was asked (April 25, 2023). Enter April 25, 2023 or a later day.",
        ),
        ("no_position", {"review_on": TODAY}, "review_on", "The review date has to come: enter a day after today."),
        ("other_agency", {"passed_to": None}, "agency", "Name the agency they pointed us to."),
        ("done", {"targets": []}, "targets", "Tick the companies, persons or programs for which it is done."),
        (
            "done", {"proof": Proof("federal_register")}, "citation",
            "The citation is missing. Give it as printed, for example “85 FR 51596” or the list and entry number.",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_for_its_item_and_nothing_is_written(reference, staff, choice, how, name, sentence):
    tasking, fine = one("sanction"), one("sanction")

    def record():
        needed = {"promised_on": PROMISED} if choice == "promised" else {}
        words = [Word(fine, said="looking"), Word(tasking, said=choice, **{**needed, **how})]
        record_reply(by=staff, agency=tasking.agency, received_on=RECEIVED, words=words)

    assert refused(record) == {f"{tasking.pk}.{name}": f"{tasking}: {sentence}"}


def test_what_is_wrong_with_the_reply_and_with_an_item_is_said_together(reference, staff):
    tasking = one()
    told = refused(
        record_reply, by=staff, agency=tasking.agency, received_on=None, words=[Word(tasking, said="promised")]
    )
    assert list(told) == ["received_on", f"{tasking.pk}.promised_on"]


def test_that_it_came_is_no_full_answer(reference, staff):
    tasking = one()
    assert list(refused(say, tasking, "received", staff, coverage="full")) == ["coverage"]


def test_a_choice_never_offers_a_move_that_the_workflow_refuses():
    ways = itertools.product(Said, ClosesAs, [s for s in Status if s is not Status.DRAFT], [True, False])
    for choice, closes_as, status, complete in ways:
        found = said.effect(choice, closes_as=closes_as, status=status, complete=complete)
        assert found.status is None or found.status in allowed_next(status, closes_as=closes_as)
        assert complete or found.coverage != Coverage.FULL or choice == "refused"
    # nor where it is counted from the status that an earlier reading moved
    later = [status for status in OPEN_STATUSES if status is not Status.AWAITING]
    for choice, closes_as, status, before in itertools.product(Said, ClosesAs, later, OPEN_STATUSES):
        found = said.effect(choice, closes_as=closes_as, status=status, before=before)
        assert found.status is None or found.status in allowed_next(status, closes_as=closes_as)


def test_that_our_letter_came_lets_no_clock_run_that_stands_still(reference, staff):
    waits, runs, none = one(), one(), one()
    say(waits, "needs_us", staff)
    say(none, "no_position", staff)
    ends = [
        effect_words("received", now(tasking), TODAY).endswith("the reply clock runs on")
        for tasking in (waits, runs, none)
    ]
    assert ends == [False, True, False]
