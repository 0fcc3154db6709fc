"""A reply that nobody has read is called a reply, and nothing more, wherever it is named."""

import datetime as dt
import re

import pytest
import time_machine

from letters.domain import files, replies, workflow
from letters.domain.history import acting
from letters.models import Response
from tests import factories, made_files
from tests.web.test_brief import TODAY, brief
from tests.web.test_pages import words

PLACES = {
    "/replies/{reply}/": r"(interim reply|reply) from treasury, june 5",  # the title
    "/search/?q=quollreply": r"(interim reply|reply) from treasury",
    "/search/?q=quollanswer": r"(interim reply|reply) from treasury",
    "/search/?q=TEST-R-7": r"(interim reply|reply) from treasury",
    "/agencies/treasury/": r"(interim reply|reply) by letter, received june 5",
    "/letters/{letter}/": r"last word: (interim reply|reply), june 5",
}


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def unread(reference) -> Response:
    """As the form keeps what is to be read later: of a kind, since it has to have one."""
    reply = factories.reply(
        factories.item(), kind="interim", coverage=None, received_on=dt.date(2023, 6, 5), text="TEST quollreply",
        control_number="TEST-R-7",
    )  # fmt: skip
    with acting(factories.SETUP):
        reply.answers.update(quote="TEST quollanswer")
    return reply


def called(client, reply: Response) -> set[str]:
    """What each place calls it."""
    at = {"reply": reply.pk, "letter": reply.answers.get().tasking.ask.letter.reference}
    pages = {place: words(client.get(place.format(**at))).lower() for place in PLACES}
    found = {re.search(PLACES[place], text)[1] for place, text in pages.items()}
    for version in ("", "?version=theirs"):
        (said,) = brief(client, version)["letters"][0]["asks"][0]["said"]
        found.add(said["citation"].partition(" by letter")[0].lower())
    return found


def test_it_is_an_interim_reply_only_once_somebody_has_read_it(unread, as_staff, staff):
    files.attach(by=staff, file=made_files.PNG, name="reply.png", response=unread)
    answer = unread.answers.get()
    assert called(as_staff, unread) == {"reply"}
    letter = words(as_staff.get(f"/letters/{answer.tasking.ask.letter.reference}/"))
    assert "with reply from Treasury, June 5, 2023" in letter
    replies.assess(answer, by=staff, coverage="evades", said="looking")
    assert called(as_staff, unread) == {"interim reply"}


def test_only_the_kind_that_stands_for_unread_is_kept_back_and_only_while_somebody_can_read_it(
    reference, as_staff, staff
):
    reply = factories.reply(factories.item(), kind="declination", coverage=None)
    item = reply.answers.get().tasking
    for place in (f"/replies/{reply.pk}/", f"/items/{item.pk}/"):
        assert f"{reply.get_kind_display()} from treasury" in words(as_staff.get(place)).lower(), place
    workflow.transition(item, to="entered_in_error", by=staff, reason="TEST twice")
    assert not Response.objects.with_unread_by(staff).get().is_unread
