"""People, the sweep and the feed lock in one order, or without getting in each other's way: nobody is told "deadlock"."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from letters.domain import (
    drafting,
    items,
    letter_desk,
    not_repeated,
    releases,
    renewals,
    replies,
    reply_flow,
    retractions,
    sending,
    workflow,
    worksheets,
)
from letters.domain.feed import start_epoch
from letters.domain.in_error_many import enter_many_in_error
from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner
from letters.models import Event, Letter, LetterLink, Response, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.api.conftest import writing
from tests.concurrency.beside import Beside
from tests.web.test_put_right import hidden

DAY = dt.date(2023, 6, 1)


def done_while_held(work: Callable[[], object], letter: Letter, *held: Tasking) -> Any:
    """What came of it, begun while somebody else holds the letter, who then comes for the items."""
    other = Beside(work)
    with transaction.atomic():
        drafting.lock_letter(letter)
        other.begin()
        workflow.hold(held)
    return other.came_to()


def test_replies_and_contacts_about_the_same_items_in_any_order(reference, staff, manager, together):
    one, two = factories.item(), factories.item()

    def reply(by, *taskings):
        bearings = [replies.Bearing(tasking) for tasking in taskings]
        return lambda: replies.record_response(
            by=by, agency=one.agency, kind="interim", received_on=DAY, text="TEST", bearings=bearings
        )

    def contact(by, *taskings):
        return lambda: items.log_contact(
            by=by, agency=one.agency, taskings=taskings, channel="call", outcome="TEST", on=DAY
        )

    for _ in range(4):
        answers = together(
            [reply(staff, one, two), reply(manager, two, one), contact(staff, two, one), contact(manager, one, two)]
        )
        assert [type(answer).__name__ for answer in answers] == ["Response", "Response", "Contact", "Contact"]
    assert Response.objects.count() == 8


def test_a_letter_corrected_while_the_sweep_is_at_it(reference, staff, together):
    for day in range(4):
        letter = factories.sent(agencies=["treasury", "commerce", "state"], subject=f"TEST letter {day}")
        date = dt.date(2023, 5, 10 + day)
        corrected, swept = together(
            [
                lambda letter=letter, date=date: sending.amend(letter, by=staff, reason="TEST", deadline_on=date),
                lambda: sweep(today=dt.date(2023, 7, 1)),
            ]
        )
        assert not isinstance(swept, Exception), str(swept)
        assert (corrected.deadline_on, swept.taken) == (date, False)
    sweep(today=dt.date(2023, 7, 1))
    assert Event.objects.filter(kind="past_due", due_on__lt=dt.date(2023, 5, 20)).count() == 12
    assert Tasking.objects.filter(due_basis="letter").count() == 12


def test_a_letter_that_repeats_an_item_and_not_while_it_is_corrected(reference, staff, together):
    """Both hold the letter first, then its items and those that it repeats."""
    for day in range(3):
        old = factories.item()
        new = factories.item(sent_on=dt.date(2023, 5, 9), subject=f"TEST again {day}")
        letter = new.ask.letter
        dates = iter([dt.date(2023, 6, 10 + day), dt.date(2023, 6, 20 + day)])

        def corrected(letter=letter, dates=dates):
            return sending.amend(letter, by=staff, reason="TEST", deadline_on=next(dates))

        def repeats(old=old, new=new, letter=letter):
            return renewals.renew(old, by=staff, letter=letter, instead_of=new)

        def does_not(old=old, letter=letter):
            return not_repeated.take_back_renewal(old, by=staff, letter=letter, reason="TEST")

        assert [type(one).__name__ for one in together([repeats, corrected])] == ["Renewal", "Letter"]
        assert [type(one).__name__ for one in together([does_not, corrected])] == ["Tasking", "Letter"]
        assert Tasking.objects.get(pk=new.pk).due_on == dt.date(2023, 6, 20 + day)


def test_a_letter_logged_anew_that_repeats_what_the_first_one_does_holds_that_letter_before_the_item(reference, staff):
    """Who takes the first one back meanwhile, or corrects it, holds it and comes for what it repeats."""
    item = factories.item(kind_code="briefing")
    first = factories.sent(sent_on=dt.date(2023, 5, 9))
    renewals.renew(item, by=staff, letter=first)
    plan = Plan(
        facts={"subject": "TEST copy", "letter_date": first.letter_date, "access": "office"},
        signers=(PlannedSigner("signers-0", "Bill Hagerty", "", "H000601", True, True),),
        addressees=(PlannedAddressee("addressees-0", "treasury", "TEST Secretary"),),
        asks=(PlannedAsk("asks-0", "briefing", summary="TEST", responsible=("treasury",)),),
    )
    typed = {"subject": "TEST copy", "access": "office", worksheets.COPIED_FROM: str(first.pk)}
    sheet = worksheets.save_worksheet(None, by=staff, typed=typed)

    def send():
        return worksheets.send_worksheet(sheet, by=staff, plan=plan, repeats=[str(item.pk)])

    done = done_while_held(send, first, item)
    assert isinstance(done, Letter), done
    anew = Letter.objects.latest("reference")
    assert list(item.renewals.values_list("letter", flat=True).order_by("letter__reference")) == [first.pk, anew.pk]
    assert LetterLink.objects.filter(letter=anew, to_letter=first, kind="supersedes").exists()


def test_a_letter_that_repeats_one_is_corrected_while_that_one_is_taken_back_and_goes_on_in_its_copy(
    reference, staff, manager, together
):
    """The one takes back what the other repeats: each holds that letter before its items, and the copy's."""
    for day in range(3):
        first, copy = factories.item(), factories.item(subject=f"TEST copy {day}")
        letter_desk.link_anew(
            copy.ask.letter, by=staff, first=first.ask.letter, asks={str(copy.ask_id): str(first.ask_id)}
        )
        later = factories.item(sent_on=dt.date(2023, 5, 9), subject=f"TEST again {day}")
        renewals.renew(first, by=staff, letter=later.ask.letter, instead_of=later)
        corrected, taken_back = together(
            [
                lambda later=later, day=day: sending.amend(
                    later.ask.letter, by=manager, reason="TEST", deadline_on=dt.date(2023, 6, 10 + day)
                ),
                lambda first=first: sending.enter_in_error(first.ask.letter, by=staff, reason="TEST"),
            ]
        )
        assert [type(one).__name__ for one in (corrected, taken_back)] == ["Letter", "Letter"], (corrected, taken_back)
        now = Tasking.objects.get(pk=copy.pk)
        assert (now.due_on, now.renewals.get().letter) == (dt.date(2023, 6, 10 + day), later.ask.letter)
        assert Tasking.objects.get(pk=later.pk).status_event.payload["repeats"] == str(copy.pk)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("how", ["its page", "with many"])
def test_who_takes_a_letter_back_holds_what_is_linked_to_it_before_the_items(reference, staff, how):
    """Who says that a later letter repeats the item holds that letter, and comes for the item."""
    first, copy = factories.item(), factories.item(subject="TEST copy")
    letter_desk.link_anew(copy.ask.letter, by=staff, first=first.ask.letter, asks={str(copy.ask_id): str(first.ask_id)})
    later, linked = (factories.item(sent_on=dt.date(2023, 5, 9 + day), subject="TEST again") for day in range(2))
    renewals.renew(first, by=staff, letter=later.ask.letter, instead_of=later)
    letter_desk.link_letters(linked.ask.letter, by=staff, to=first.ask.letter, kind="follow_up_to")
    back, client = f"/letters/{first.ask.letter.reference}/take-back/", factories.client(staff)
    typed = hidden(client.get(back)) | {"reason": "TEST"}

    def take_back():
        if how == "its page":
            return client.post(back, typed).status_code
        return enter_many_in_error([Letter.objects.get(pk=first.ask.letter_id)], by=staff, reason="TEST")

    done = done_while_held(take_back, linked.ask.letter, first)
    assert done == (302 if how == "its page" else None)
    assert Tasking.objects.get(pk=copy.pk).renewals.get().letter == later.ask.letter


def test_letters_made_public_and_restricted_while_replies_speak_of_both(reference, staff, manager, together):
    letters = [factories.sent(agencies=["treasury", "commerce"], released=True, subject=f"TEST {n}") for n in range(2)]
    items_of = [Tasking.objects.filter(ask__letter=one).select_related("ask", "agency") for one in letters]
    both = [found.get(agency__slug="treasury") for found in items_of]

    def reply(by):
        bearings = [replies.Bearing(tasking, coverage="full") for tasking in both]
        return lambda: replies.record_response(
            by=by, agency=both[0].agency, kind="interim", received_on=DAY, text="TEST", bearings=bearings
        )

    for _ in range(4):
        said = reply(staff)()
        releases.release_part(said, by=manager)
        hidden = [
            lambda one=one: sending.change_access(one, by=manager, access="restricted", reason="TEST")
            for one in letters
        ]
        answers = together([*hidden, reply(staff), reply(manager)])
        assert [type(answer).__name__ for answer in answers] == ["Letter", "Letter", "Response", "Response"], answers
        opened = [lambda one=one: sending.change_access(one, by=manager, access="office") for one in letters]
        assert [type(answer).__name__ for answer in together([*opened, reply(staff)])] == [
            "Letter",
            "Letter",
            "Response",
        ]
        public = [lambda one=one: sending.release(one, by=manager) for one in letters]
        assert [type(answer).__name__ for answer in together([*public, reply(staff)])] == [
            "Letter",
            "Letter",
            "Response",
        ]


@pytest.mark.parametrize("what", ["statute", "renewals/remove"])
def test_a_key_that_says_what_it_saw_holds_the_letter_before_the_item(reference, staff, what):
    """The ETag is the item's; the verb holds its letter, or the one that repeats it, and other items. Who corrects that
    letter meanwhile holds it and comes for the items."""
    start_epoch()
    old = factories.item()
    again = factories.item(sent_on=dt.date(2023, 5, 9), subject="TEST again")
    renewals.renew(old, by=staff, letter=again.ask.letter, instead_of=again)
    letter = again.ask.letter if what == "renewals/remove" else old.ask.letter
    body = {"letter": str(letter.pk)} if what == "renewals/remove" else {"statute": "global-magnitsky-1263d"}
    writer = writing(staff)
    seen = writer.get(f"taskings/{old.pk}/").headers["ETag"]

    def write():
        return writer.post(f"taskings/{old.pk}/{what}/", body | {"reason": "TEST"}, If_Match=seen)

    answer = done_while_held(write, letter, old, again)
    assert answer.status == 200, answer


def test_an_item_added_to_a_reply_while_it_is_taken_back_is_settled_with_it(reference, staff):
    """Two connections: one takes the reply back and waits for its item, the other adds another item meanwhile."""
    one, two = factories.item(), factories.item()
    reply = factories.reply(one, coverage=None)
    other = Beside(lambda: retractions.retract_response(Response.objects.get(pk=reply.pk), by=staff, reason="TEST"))
    with transaction.atomic():
        workflow.lock(one)
        other.begin()
        reply_flow.read_reply(reply, by=staff, words=[reply_flow.Word(two, said="looking")])
    assert isinstance(other.came_to(), Response)
    now = Tasking.objects.get(pk=two.pk)
    assert (now.status, now.acknowledged_on, now.events.filter(kind="response_in_error").count()) == (
        "awaiting",
        None,
        1,
    )
