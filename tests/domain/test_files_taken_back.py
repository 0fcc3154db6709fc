"""A file that was attached by mistake: taken back with a reason, kept whole, opened by managers alone, put back by them."""

import datetime as dt

import pytest
from django.utils import timezone

from letters.domain import files, replies
from letters.domain.deadlines import long_date
from letters.domain.withheld import without_hidden_reasons
from letters.errors import NotAllowed
from letters.models import Attachment, Tasking
from tests import factories, made_files
from tests.domain.refusals import refused

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def letter(reference):
    return factories.sent()


@pytest.fixture
def wrong(letter, staff) -> Attachment:
    return files.attach(by=staff, file=made_files.PDF, name="wrong.pdf", letter=letter)


def test_it_stays_with_its_reason_and_its_bytes_are_for_managers_alone(letter, wrong, viewer, staff, manager, admin):
    files.retract_attachment(wrong, by=staff, reason=" TEST of another letter ")
    kept = Attachment.objects.get()
    assert (kept.in_error_at is not None, kept.in_error_reason, kept.name) == (
        True,
        "TEST of another letter",
        "wrong.pdf",
    )
    assert list(Attachment.objects.standing()) == []
    for reader in (viewer, staff, None):
        with pytest.raises(files.TakenBack, match="attached by mistake and taken back"):
            files.open_kept(kept, reader)
    for reader in (manager, admin):
        with files.open_kept(kept, reader) as opened:
            assert opened.read() == made_files.PDF
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.by_user, event.reason, event.public_payload) == (
        "attachment_in_error", staff, "TEST of another letter", None,
    )  # fmt: skip
    assert factories.told(event) == {
        "letter": str(letter.pk), "attachment": str(kept.pk), "response": None, "reason": "TEST of another letter",
    }  # fmt: skip


def test_it_is_taken_back_once_with_words_by_who_may_change_the_letter(wrong, viewer, staff):
    assert refused(files.retract_attachment, wrong, by=staff, reason=" ") == {
        "reason": "The reason is missing. Say what was wrong with it."
    }
    assert list(refused(files.retract_attachment, wrong, by=viewer, reason="TEST", error=NotAllowed)) == ["by"]
    files.retract_attachment(wrong, by=staff, reason="TEST")
    assert refused(files.retract_attachment, Attachment.objects.get(), by=staff, reason="TEST again") == {
        "in_error_at": "This file was taken back already. There is nothing left to do."
    }


def test_a_manager_puts_it_back(letter, wrong, viewer, staff, manager):
    assert refused(files.put_back, wrong, by=manager, reason="TEST") == {
        "in_error_at": "This file was not taken back, or was put back meanwhile. There is nothing left to do."
    }
    files.retract_attachment(wrong, by=staff, reason="TEST")
    assert refused(files.put_back, wrong, by=staff, reason="TEST", error=NotAllowed) == {
        "by": "Your role (Staff) may not put back what was taken back. Ask a manager or an administrator, who may open it."
    }
    assert refused(files.put_back, wrong, by=manager, reason="") == {
        "reason": "The reason is missing. Say why it belongs here."
    }
    files.put_back(wrong, by=manager, reason="TEST it is the right one")
    kept = Attachment.objects.get()
    assert (kept.in_error_at, kept.in_error_reason) == (None, "")
    files.open_kept(kept, viewer).close()
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.reason, event.payload["put_back"]) == (
        "attachment_added",
        "TEST it is the right one",
        True,
    )


def test_the_same_bytes_do_not_come_back_by_being_sent_again(letter, wrong, staff):
    files.retract_attachment(wrong, by=staff, reason="TEST private")
    day = long_date(timezone.localdate())
    assert refused(files.attach, by=staff, file=made_files.PDF, name="again.pdf", letter=letter) == {
        "file": f"“again.pdf” was with this letter, and was taken back on {day} (TEST private). If it belongs here after all, "
        "a manager puts it back where the letter’s files are listed."
    }
    elsewhere = files.attach(by=staff, file=made_files.PDF, name="right.pdf", letter=factories.sent())
    files.open_kept(elsewhere, staff).close()


def test_of_a_reply_each_letter_is_told_and_why_only_who_sees_them_all(reference, viewer, staff, manager):
    letters = [factories.sent(), factories.sent(access="restricted")]
    response = replies.record_response(
        by=factories.SETUP, agency=factories.agency("treasury"), kind="substantive", received_on=dt.date(2023, 5, 2),
        bearings=[replies.Bearing(Tasking.objects.get(ask__letter=letter)) for letter in letters],
    )  # fmt: skip
    kept = files.attach(by=manager, file=made_files.PDF, name="wrong.pdf", response=response)
    assert list(refused(files.retract_attachment, kept, by=staff, reason="TEST", error=NotAllowed)) == ["by"]
    files.retract_attachment(kept, by=manager, reason="TEST secret")
    files.put_back(kept, by=manager, reason="TEST secret")
    for letter in letters:
        told = list(letter.events.filter(payload__attachment=str(kept.pk)).order_by("sequence"))
        assert [event.kind for event in told] == ["attachment_added", "attachment_in_error", "attachment_added"]
        assert [event.reason for event in told] == ["", "TEST secret", "TEST secret"]
        for event in without_hidden_reasons(told, Tasking.objects.visible_to(staff)):
            assert (event.reason, event.payload.get("reason", "")) == ("", "")
    again = list(letters[0].events.filter(kind="attachment_in_error"))
    assert without_hidden_reasons(again, Tasking.objects.visible_to(manager))[0].reason == "TEST secret"


def test_the_file_of_a_reply_that_was_itself_a_mistake_is_taken_back_too(reference, staff):
    tasking = factories.item()
    response = factories.reply(tasking, kind="interim", coverage="evades")
    kept = files.attach(by=staff, file=made_files.PDF, name="wrong.pdf", response=response)
    with factories.acting(factories.SETUP):
        type(response).objects.filter(pk=response.pk).update(
            in_error_at=dt.datetime(2023, 6, 1, tzinfo=dt.UTC), in_error_reason="TEST"
        )
    assert files.retract_attachment(kept, by=staff, reason="TEST").in_error_at is not None
