"""People, the sweep and the feed lock in one order, or without getting in each other's way: nobody is told "deadlock"."""

import datetime as dt
import threading
import time

from django.db import connection, transaction

from letters.domain import (
    items,
    not_repeated,
    releases,
    renewals,
    replies,
    reply_flow,
    retractions,
    sending,
    workflow,
)
from letters.models import Event, Response, Tasking
from letters.reminders.sweep import sweep
from tests import factories

DAY = dt.date(2023, 6, 1)


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


def test_an_item_added_to_a_reply_while_it_is_taken_back_is_settled_with_it(reference, staff):
    """Two connections: one takes the reply back and waits for its item, the other adds another item meanwhile."""
    one, two = factories.item(), factories.item()
    reply = factories.reply(one, coverage=None)
    done: list = []

    def take_back():
        try:
            done.append(retractions.retract_response(Response.objects.get(pk=reply.pk), by=staff, reason="TEST"))
        except Exception as error:
            done.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=take_back, daemon=True)
    with transaction.atomic():
        workflow.lock(one)
        thread.start()
        with connection.cursor() as cursor:
            for _ in range(3000):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone() != (0,):
                    break
                time.sleep(0.01)
        reply_flow.read_reply(reply, by=staff, words=[reply_flow.Word(two, said="looking")])
    thread.join(30)
    assert [type(one).__name__ for one in done] == ["Response"]
    now = Tasking.objects.get(pk=two.pk)
    assert (now.status, now.acknowledged_on, now.events.filter(kind="response_in_error").count()) == (
        "awaiting",
        None,
        1,
    )
