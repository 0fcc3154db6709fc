"""A status that a reply brought is no more public than that reply, though anybody could have seen one of its name."""

import datetime as dt

import pytest

from letters.domain import payloads, releases, retractions, sending, workflow
from letters.domain.reply_flow import Word, record_reply
from letters.enums import Status
from letters.models import Letter, Response, Tasking
from tests import factories
from tests.domain.refusals import refused


def seen(letter: Letter) -> dict[str, str]:
    """The status of each agency's item, as the public has it."""
    asks = payloads.public_letter(Letter.objects.get(pk=letter.pk))["asks"]
    return {tasking["agency"]: tasking["status"] for ask in asks for tasking in ask["taskings"]}


def say(item: Tasking, choice: str, by, **how) -> Response:
    word = Word(factories.fresh(item), said=choice, **how)
    return record_reply(by=by, agency=item.agency, received_on=dt.date(2023, 5, 2), words=[word])


def make_public(response: Response, by) -> None:
    for part in (response, *response.answers.all()):
        releases.release_part(part, by=by)


def told(letter: Letter) -> list[str]:
    return [event.kind for event in letter.events.filter(public_payload__isnull=False).order_by("sequence")]


@pytest.fixture
def passed_on(reference, staff):
    """A public letter whose one item was passed to Commerce by a reply that is not public."""
    item = factories.item(released=True)
    return item.ask.letter, item, say(item, "other_agency", staff, passed_to=factories.agency("commerce"))


def test_passed_on_by_a_reply_is_public_with_the_reply(passed_on, staff, manager):
    letter, item, response = passed_on
    successor = factories.fresh(item).passed_to
    assert (item.agency.slug, factories.fresh(item).status, successor.status) == ("treasury", "transferred", "awaiting")
    assert (seen(letter), told(letter)) == ({"treasury": "awaiting"}, ["letter_released"])
    # nor does what becomes of the other item tell that there is one
    workflow.close(successor, to=Status.OVERTAKEN, by=staff, reason="TEST")
    assert (seen(letter), told(letter)) == ({"treasury": "awaiting"}, ["letter_released"])
    releases.release_part(response, by=manager)
    assert seen(letter) == {"treasury": "awaiting"}
    releases.release_part(response.answers.get(), by=manager)
    assert seen(letter) == {"treasury": "transferred", "commerce": "overtaken"}
    releases.withdraw_part(response, by=manager, reason="TEST")
    assert seen(letter) == {"treasury": "awaiting"}


def test_nothing_is_made_public_about_an_item_that_the_public_does_not_know(passed_on, staff, manager):
    letter, item, response = passed_on
    successor = factories.fresh(item).passed_to
    theirs = factories.reply(successor, by=staff)
    workflow.close(factories.fresh(successor), to=Status.ANSWERED, by=staff)
    releases.release_part(theirs, by=manager)
    assert list(refused(releases.release_part, theirs.answers.get(), by=manager)) == ["tasking"]
    make_public(response, manager)
    releases.release_part(theirs.answers.get(), by=manager)
    assert seen(letter) == {"treasury": "transferred", "commerce": "answered"}
    # and where the first word is taken back, neither the item nor what was said about it is there
    releases.withdraw_part(response, by=manager, reason="TEST")
    (reply,) = payloads.public_letter(Letter.objects.get(pk=letter.pk))["replies"]
    assert (seen(letter), reply["id"], reply["answers"]) == ({"treasury": "awaiting"}, str(theirs.pk), [])


@pytest.mark.parametrize("status", ["overtaken", "not_implemented", "withdrawn", "entered_in_error"])
def test_an_end_that_a_reply_brought_is_public_with_the_reply(reference, staff, manager, status):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    letter = sending.release(sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON), by=manager)
    item = Tasking.objects.get(ask__letter=letter, role="lead")
    response = say(item, "looking", staff, status=status, reason="TEST")
    assert seen(letter) == {"treasury": "awaiting", "state": "awaiting"}
    make_public(response, manager)
    ended = {} if status == "entered_in_error" else {"treasury": status}
    assert seen(letter) == {**ended, "state": "overtaken"}
    # a reopening that rests on a reply, with the consulted item that goes with it, likewise
    again = say(item, "looking", staff, status="awaiting", reason="TEST")
    assert factories.fresh(item).status == "awaiting"
    assert seen(letter) == {**ended, "state": "overtaken"}
    make_public(again, manager)
    assert seen(letter) == {"treasury": "awaiting", "state": "awaiting"}


def test_what_a_person_says_is_public_at_once(reference, staff):
    item = factories.item(released=True)
    workflow.transfer(item, to_agency=factories.agency("commerce"), by=staff, reason="TEST")
    assert seen(item.ask.letter) == {"treasury": "transferred", "commerce": "awaiting"}


def test_a_status_that_rests_on_a_mistaken_reply_is_public_no_longer(passed_on, staff, manager):
    letter, _, response = passed_on
    make_public(response, manager)
    assert seen(letter) == {"treasury": "transferred", "commerce": "awaiting"}
    retractions.retract_response(response, by=staff, reason="TEST")
    assert seen(letter) == {"treasury": "awaiting"}
    assert letter.events.filter(kind="response_withdrawn").get().public_payload["corrected"] == (
        payloads.public_letter(Letter.objects.get(pk=letter.pk))
    )
    # an earlier reply that is public does not carry what the mistaken one brought
    other = factories.item(released=True)
    make_public(factories.reply(other, by=staff, kind="acknowledgement"), manager)
    mistaken = say(other, "looking", staff)
    make_public(mistaken, manager)
    assert seen(other.ask.letter) == {"treasury": "considering"}
    retractions.retract_response(mistaken, by=staff, reason="TEST")
    assert (factories.fresh(other).status, seen(other.ask.letter)) == ("considering", {"treasury": "awaiting"})
    assert told(other.ask.letter)[-1] == "response_withdrawn"  # once: the public had it all with that


def test_a_private_reply_entered_in_error_no_longer_hides_what_a_public_one_says(reference, staff, manager):
    item = factories.item(released=True)
    mistaken = factories.reply(item, by=staff, kind="acknowledgement")
    make_public(say(item, "looking", staff), manager)
    assert seen(item.ask.letter) == {"treasury": "awaiting"}
    retractions.retract_response(mistaken, by=staff, reason="TEST")
    assert seen(item.ask.letter) == {"treasury": "considering"}
    last = item.ask.letter.events.filter(public_payload__isnull=False).order_by("sequence").last()
    assert (last.kind, last.public_payload["corrected"]["asks"][0]["taskings"][0]["status"]) == (
        "letter_amended",
        "considering",
    )


def test_a_refusal_logged_twice_is_public_with_the_reply_that_stands(reference, staff, manager):
    item = factories.item(released=True)
    first, twin = say(item, "refused", staff), say(item, "refused", staff)
    retractions.retract_response(first, by=staff, reason="TEST")
    assert (factories.fresh(item).status, seen(item.ask.letter)) == ("declined", {"treasury": "awaiting"})
    make_public(twin, manager)
    assert seen(item.ask.letter) == {"treasury": "declined"}
