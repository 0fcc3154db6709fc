"""A reply that was kept about more items than it speaks of: of the others nothing is left of it but that it was so."""

import datetime as dt

import pytest

from letters.domain import extending, news, payloads, releases, replies, reply_flow, retractions, sending, workflow
from letters.domain.clocks import office_today
from letters.domain.reply_flow import Word, read_reply
from letters.errors import NotAllowed, StaleVersion
from letters.models import Answer, Event, Letter, Reminder, Response, Tasking
from letters.reminders.sweep import sweep
from tests import factories
from tests.domain.refusals import refused
from tests.factories import fresh, told

CAME = dt.date(2023, 5, 2)
WEEK_LATE = dt.date(2023, 5, 31)
AGAIN = "take the whole reply back and record it again about the others"


def kept(*taskings: Tasking, by, said: str = "") -> Response:
    words = [Word(fresh(tasking), said=said) for tasking in taskings]
    return reply_flow.record_reply(by=by, agency=taskings[0].agency, received_on=CAME, words=words)


def off(*taskings: Tasking) -> dict:
    return {"not_about": [Word(fresh(tasking)) for tasking in taskings]}


def chased() -> set:
    """The items of which somebody is told that their day has come or gone, or that no word came."""
    rows = Reminder.objects.filter(rule__in=["due", "one_week", "no_acknowledgement"])
    return set(rows.values_list("tasking", flat=True))


@pytest.fixture
def items(reference) -> list[Tasking]:
    return [factories.item() for _ in range(3)]


def test_of_what_it_says_nothing_about_it_is_taken_off(items, staff):
    about, *others = items
    response = kept(*items, by=staff)
    sweep(today=WEEK_LATE)
    assert (Tasking.objects.unread().count(), chased()) == (3, set())
    before = {one.pk: fresh(one).version for one in others}
    read_reply(response, by=staff, words=[Word(fresh(about), said="looking")], **off(*others))
    assert [answer.tasking for answer in response.answers.all()] == [about]
    assert (fresh(about).status, Tasking.objects.unread().count()) == ("considering", 0)
    for one in others:
        now = fresh(one)
        assert (now.status, now.acknowledged_on, now.answered_on) == ("awaiting", None, None)
        assert (now.due_on, now.ack_due_on) == (one.due_on, one.ack_due_on)
        assert now.version > before[one.pk]
        event = one.events.get(kind="response_in_error")
        assert (event.by_user, event.reason) == (staff, "Somebody looked at the reply: it says nothing about this one.")
        assert (told(event)["response"], told(event)["not_about"]) == (str(response.pk), True)
    # a reply that speaks of no such item silences nobody about it
    sweep(today=WEEK_LATE)
    assert chased() >= {one.pk for one in others}
    counted = news.changed(Tasking.objects.all(), factories.STARTED - dt.timedelta(days=1), None)
    assert counted["replied"] == 1
    response.refresh_from_db()
    assert response.in_error_at is None


def test_it_may_be_taken_off_before_anybody_reads_the_rest(items, staff):
    response = kept(*items, by=staff)
    read_reply(response, by=staff, words=[], **off(items[0]))
    assert (response.answers.count(), set(response.answers.values_list("coverage", flat=True))) == (2, {None})
    assert response.kind == "interim"
    # and be found to speak of it all the same
    read_reply(response, by=staff, words=[Word(fresh(items[0]), said="looking")])
    assert fresh(items[0]).status == "considering"
    retractions.retract_response(response, by=staff, reason="TEST not theirs")
    assert fresh(items[0]).status == "awaiting"


def test_another_reply_is_still_their_first_word(items, staff):
    first, later = kept(*items, by=staff), dt.date(2023, 5, 9)
    words = [Word(fresh(items[0]), said="received")]
    reply_flow.record_reply(by=staff, agency=items[0].agency, received_on=later, words=words)
    assert fresh(items[0]).acknowledged_on == CAME
    read_reply(first, by=staff, words=[], **off(items[0]))
    assert (fresh(items[0]).acknowledged_on, fresh(items[0]).status) == (later, "acknowledged")


def test_what_was_read_of_an_item_goes_with_the_whole_reply_alone(items, staff):
    ended, read, unread = items
    response = kept(*items, by=staff)
    read_reply(response, by=staff, words=[Word(fresh(ended), said="answered"), Word(fresh(read), said="looking")])
    assert refused(read_reply, response, words=[], by=staff, **off(ended, read, unread)) == {
        f"{ended.pk}.not_about": f"{ended}: It is answered, and this reply was read to say so. Reopen it with a reason, then {AGAIN}.",
        f"{read.pk}.not_about": f"{read}: Somebody has read already what the reply says about it. Read it again; or, if it says "
        f"nothing, {AGAIN}.",
        "bearings": "A reply is about at least one item. If it says nothing about any of these, take the whole reply back.",
    }  # fmt: skip
    assert Answer.objects.count() == 3


def test_nothing_else_is_taken_off(items, staff, manager, reference):
    response = kept(*items[:2], by=staff)
    elsewhere = f"{items[2]}: The reply is not about this item, so there is nothing to take off."
    assert refused(read_reply, response, words=[], by=staff, **off(items[2])) == {f"{items[2].pk}.not_about": elsewhere}
    both = {"words": [Word(fresh(items[0]), said="looking")], **off(items[0])}
    said = f"{items[0]}: Say what they said about it, or that it is nothing; not both."
    assert refused(read_reply, response, by=staff, **both) == {f"{items[0].pk}.not_about": said}
    secret = factories.item(access="restricted")
    spans = kept(items[0], secret, by=manager)
    with pytest.raises(NotAllowed):
        read_reply(spans, by=staff, words=[], **off(secret))
    retractions.retract_response(spans, by=manager, reason="TEST")
    assert list(refused(read_reply, spans, words=[], by=manager, **off(secret))) == ["bearings"]


def test_a_public_reply_leaves_a_letter_that_it_says_nothing_of(staff, manager, reference):
    about, other = (factories.item(released=True) for _ in range(2))
    response = kept(about, other, by=staff)
    read_reply(response, by=staff, words=[Word(fresh(about), said="looking")])
    releases.release_part(response, by=manager)
    read_reply(response, by=staff, words=[], **off(other))
    response.refresh_from_db()
    assert response.released_at is None
    last = Event.objects.filter(letter=other.ask.letter, public_payload__isnull=False).order_by("sequence").last()
    assert last.kind == "response_withdrawn"
    assert last.public_payload["corrected"]["replies"] == []


def test_who_read_another_state_of_the_item_is_told(items, staff):
    response = kept(*items, by=staff)
    seen = fresh(items[0]).version
    workflow.transition(fresh(items[0]), to="acknowledged", by=staff)
    stale = [Word(items[0], version=seen)]
    assert list(refused(read_reply, response, words=[], by=staff, not_about=stale)) == ["version"]


def test_who_has_the_item_open_is_not_told_that_the_reply_was_an_error(items, staff):
    response = kept(*items, by=staff)
    seen = fresh(items[0]).version
    read_reply(response, by=staff, words=[], **off(items[0]))
    told = refused(workflow.lock, items[0], expected_version=seen, error=StaleVersion)["version"]
    change = "a reply that says nothing about it was taken off. What you typed is below; compare and save again."
    assert told.split(": ", 1)[1] == change


def test_what_rests_on_it_unread_goes_first(items, staff):
    proven, later, _ = items
    response = kept(*items, by=staff)
    proof = replies.add_evidence(fresh(proven), by=staff, kind="response", response=response)
    until = office_today() + dt.timedelta(days=30)
    extending.extend(fresh(later), by=staff, to=until, by_notice=True, response=response)
    assert refused(read_reply, response, words=[], by=staff, **off(proven, later)) == {
        f"{proven.pk}.not_about": f"{proven}: This reply is kept as evidence of its outcome. Mark that evidence as entered in "
        "error first.",
        f"{later.pk}.not_about": f"{later}: It was given more time because of this reply. Take back the time given first.",
    }  # fmt: skip
    retractions.retract_evidence(proof, by=staff, reason="TEST")
    extending.take_back_extension(fresh(later), by=staff, reason="TEST")
    read_reply(response, by=staff, words=[], **off(proven, later))
    now = fresh(later)
    assert (now.extended_to, now.acknowledged_on, now.due_on) == (None, None, later.due_on)
    assert response.answers.count() == 1


def test_what_a_reply_of_which_nothing_is_read_is_as_a_whole_is_refused(items, staff):
    response = kept(*items, by=staff)
    told = refused(read_reply, response, words=[], by=staff, kind="declination", **off(items[0]))
    assert told == {
        "kind": "What the reply is as a whole is said together with what it says of an item. Say that of one, too, or leave "
        "this as it is."
    }  # fmt: skip


def test_a_status_that_waited_for_it_alone_is_public_at_once(items, staff, manager):
    public = factories.item(released=True)
    unread = kept(public, items[0], by=staff)
    read = kept(public, by=staff, said="looking")
    for part in (read, read.answers.get()):
        releases.release_part(part, by=manager)
    assert (fresh(public).status, fresh(public).public_status) == ("considering", "awaiting")
    read_reply(unread, by=staff, words=[], **off(public))
    assert fresh(public).public_status == "considering"
    last = Event.objects.filter(letter=public.ask.letter, public_payload__isnull=False).order_by("sequence").last()
    now = payloads.public_letter(Letter.objects.get(pk=public.ask.letter_id))
    assert (last.kind, last.public_payload["corrected"]) == ("letter_amended", now)
    assert last.reason == "What the public sees follows the replies about an item: one says nothing about it after all."


def test_an_item_that_ends_in_the_same_reading_is_told_as_it_is(reference, staff):
    letter = factories.draft(agencies=("commerce",))
    ask = factories.ask(letter, "commerce", consulted=("bis",))
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    lead, consulted = (Tasking.objects.get(ask=ask, role=role) for role in ("lead", "consulted"))
    words = [Word(fresh(one)) for one in (lead, consulted)]
    response = reply_flow.record_reply(by=staff, agency=consulted.agency, received_on=CAME, words=words)
    before = fresh(consulted).version
    read_reply(response, by=staff, words=[Word(fresh(lead), said="answered")], **off(consulted))
    now = fresh(consulted)
    assert (fresh(lead).status, now.status, now.version) == ("answered", "overtaken", before + 2)
    assert told(now.events.get(kind="response_in_error"))["status"] == "overtaken"
