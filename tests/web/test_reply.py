"""Record a reply: one question for many items, everything typed kept, nothing shown of what one may not see."""

import datetime as dt
import html
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.domain import history, items, renewals, reply_flow, sending, waiting_files, workflow
from letters.domain.clocks import office_today
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.enums import Said
from letters.models import Agency, Answer, Attachment, Contact, LetterStaff, Response, Tasking
from letters.reports import follow_up, said_table
from letters.web import repeats, reply_items, uploads
from tests import factories, made_files
from tests.web.test_pages import data_total, item, words

RECEIVED = {"agency": "treasury", "channel": "letter", "received_on": "2023-06-01"}


def about(*taskings: Tasking, **own: str) -> dict:
    """The form's fields for these items, ticked; `own` for the last one."""
    data = {}
    for tasking in taskings:
        data |= {f"{tasking.pk}-on": "on", f"{tasking.pk}-version": str(tasking.version)}
    return data | {f"{taskings[-1].pk}-{name}": value for name, value in own.items()}


def treasury() -> list[Tasking]:
    return list(Tasking.objects.filter(agency__slug="treasury").order_by("ask__number"))


def statuses() -> list[str]:
    return [tasking.status for tasking in treasury()]


def ticked(response) -> list[str]:
    return re.findall(r'name="([0-9a-f-]{36})-on"[^>]* checked', response.content.decode())


def test_one_choice_does_for_three_items(as_staff, seed, staff):
    response = as_staff.post("/replies/new/", RECEIVED | about(*treasury()) | {"said": "looking"}, follow=True)
    assert statuses() == ["considering"] * 3
    reply = Response.objects.get()
    assert (reply.kind, reply.channel, reply.received_on, reply.answers.count()) == ("interim", "letter", dt.date(2023, 6, 1), 3)  # fmt: skip
    assert response.redirect_chain == [(f"/replies/{reply.pk}/", 302)]
    page = words(response)
    assert page.count("They said: “looking into it”; does not answer.") == 3
    assert page.count("“no reply recorded” became “looking into it”") == 3


def test_an_item_may_differ_from_the_others(as_staff, seed):
    first, *_, last = treasury()
    own = {"said": "refused", "quote": "TEST we decline", "page": "2"}
    as_staff.post(
        "/replies/new/", RECEIVED | about(first, last, **own) | {"said": "no_position", "review_on": "2099-01-05"}
    )
    assert statuses() == ["considering", "awaiting", "declined"]
    assert (item(1, "treasury").review_on, Response.objects.get().kind) == (dt.date(2099, 1, 5), "declination")
    answer = last.answers.get()
    assert (answer.quote, answer.page, answer.stance) == ("TEST we decline", "2", "does_not_concur")


@pytest.mark.parametrize(
    ("address", "chosen", "boxes"),
    [
        ("/replies/new/", "", 0),
        ("/replies/new/?agency=treasury", "treasury", 0),
        ("/replies/new/?letter=2023-0001", "", 0),
        ("/replies/new/?letter=2023-0001&agency=treasury", "treasury", 3),
        ("/replies/new/?letter=nonsense&item=nonsense", "", 0),
        ("/replies/new/?item={item}", "treasury", 1),
    ],
)
def test_the_form_begins_with_what_its_address_names(as_staff, seed, address, chosen, boxes):
    page = as_staff.get(address.format(item=item(4, "treasury").pk))
    assert re.findall(r'<option value="(\w+)" selected>', page.content.decode())[0:1] == (
        [chosen] if chosen else ["letter"]
    )
    assert len(ticked(page)) == boxes


def test_a_reply_that_comes_after_the_end_is_recorded(as_staff, reference):
    lapsed = factories.moved(factories.item(), "not_implemented")
    page = as_staff.get(f"/replies/new/?item={lapsed.pk}")
    assert '<option value="treasury" selected>' in page.content.decode()
    assert ticked(page) == [str(lapsed.pk)]
    assert '<option value="treasury" selected>' in as_staff.get(f"/contacts/new/?item={lapsed.pk}").content.decode()
    typed = RECEIVED | about(lapsed) | {"said": "refused", "received_on": ""}
    assert ticked(as_staff.post(f"/replies/new/?item={lapsed.pk}", typed)) == [str(lapsed.pk)]
    # from the form of another page, too, where somebody closed it meanwhile
    assert as_staff.post("/replies/new/", typed | {"received_on": "2023-06-01"}).status_code == 302
    assert (Answer.objects.get().tasking, factories.fresh(lapsed).status) == (lapsed, "not_implemented")


def test_a_late_reply_is_recorded_from_its_letter(as_staff, reference):
    lapsed = factories.moved(factories.item(), "not_implemented")
    address = f"/replies/new/?letter={lapsed.ask.letter.reference}"
    page = as_staff.get(address)
    assert '<option value="treasury" selected>' in page.content.decode()
    assert (ticked(page), str(lapsed) in words(page)) == ([], True)
    assert as_staff.post(address, RECEIVED | about(lapsed) | {"said": "refused"}).status_code == 302
    assert (Answer.objects.get().tasking, factories.fresh(lapsed).status) == (lapsed, "not_implemented")


def test_what_each_choice_will_do_is_said_for_each_item(as_staff, seed):
    page = words(as_staff.get(f"/replies/new/?item={item(1, 'treasury').pk}"))
    assert "→ looking into it; their words: takes no position; we look again on" in page
    assert "→ done (listed); their words: agrees" in page
    assert "→ receipt acknowledged; the reply clock runs on" in page


def test_what_names_no_company_is_partly_done_too(as_staff, reference):
    tasking = factories.item(kind_code="reply")
    page = as_staff.post("/replies/new/", RECEIVED | about(tasking) | {"said": "partly"})
    assert (page.status_code, factories.fresh(tasking).status) == (302, "partly_addressed")


def test_an_acknowledgment_is_about_all_of_the_agency_s_items_of_the_letter(as_staff, seed):
    factories.item(kind_code="briefing")  # of another letter
    as_staff.post("/replies/new/?letter=2023-0001", RECEIVED | {"said": "received"} | unticked())
    assert [t.status for t in treasury() if t.ask.letter_id == seed.pk] == ["acknowledged"] * 3
    assert Tasking.objects.filter(status="acknowledged").count() == 3
    assert not Tasking.objects.unread().exists()


def unticked() -> dict:
    return {f"{tasking.pk}-version": str(tasking.version) for tasking in treasury()}


def test_another_agency_brings_its_items_and_keeps_what_was_typed(as_staff, seed):
    typed = RECEIVED | {"show": "1", "responder": "TEST Official", "said": "looking", "received_on": "soon"}
    page = as_staff.post("/replies/new/", typed | {"agency": "commerce"})
    assert page.status_code == 200
    assert "Commerce: Add Alibaba Cloud to the Entity List" in words(page)
    assert "Treasury: Sanction" not in words(page)
    assert "Error" not in words(page)
    html = page.content.decode()
    assert 'value="TEST Official"' in html
    assert 'value="soon"' in html
    assert re.search(r'value="looking"[^>]* checked', html)
    assert not Response.objects.exists()


def test_the_items_of_an_agency_go_when_another_is_chosen(as_staff, seed):
    first = treasury()[0]
    commerce = sorted(str(pk) for pk in Tasking.objects.filter(agency__slug="commerce").values_list("pk", flat=True))
    address = "/replies/new/?letter=2023-0001"
    drawn = RECEIVED | {"items_of": "treasury"} | about(*treasury()) | {f"{first.pk}-quote": "TEST their words"}
    page = as_staff.post(address, drawn | {"agency": "commerce", "show": "1"})
    assert (sorted(ticked(page)), "Treasury: " in words(page)) == (commerce, False)
    # without a script, Save comes before anybody saw what is ticked now
    page = as_staff.post(address, drawn | {"agency": "commerce", "said": "received"})
    assert (page.status_code, sorted(ticked(page)), Response.objects.count()) == (200, commerce, 0)
    assert "Look at what is ticked of its items now, then save." in words(page)
    # what was typed of the first one's items comes back with them
    kept = re.search(rf'<input type="hidden" name="({first.pk}-quote)" value="([^"]*)"', page.content.decode())
    back = RECEIVED | {"items_of": "commerce", "show": "1", kept[1]: kept[2]}
    page = as_staff.post(address, back)
    assert (len(ticked(page)), page.content.decode().count("TEST their words")) == (3, 1)


def test_a_reply_to_a_letter_is_about_what_it_asks_of_that_very_agency(as_staff, reference):
    letter = factories.sent(agencies=("commerce", "bis"))
    commerce, bis = (Tasking.objects.get(agency__slug=slug) for slug in ("commerce", "bis"))
    address = f"/replies/new/?letter={letter.reference}"
    assert ticked(as_staff.get(f"{address}&agency=commerce")) == [str(commerce.pk)]
    assert ticked(as_staff.get(f"{address}&agency=bis")) == [str(bis.pk)]
    drawn = {f"{commerce.pk}-version": commerce.version} | about(bis) | {"items_of": "bis", "show": "1"}
    assert ticked(as_staff.post(address, RECEIVED | drawn | {"agency": "commerce"})) == [str(commerce.pk)]
    # nor does an acknowledgment say that the letter came elsewhere
    drawn = {f"{one.pk}-version": one.version for one in (commerce, bis)} | {"said": "received"}
    as_staff.post(address, RECEIVED | drawn | {"agency": "commerce"})
    assert [factories.fresh(one).status for one in (commerce, bis)] == ["acknowledged", "awaiting"]


def test_the_bureau_that_would_act_answers_its_department_s_items(as_staff, seed):
    as_staff.post("/replies/new/", RECEIVED | {"agency": "bis", "said": "looking"} | about(item(2, "commerce")))
    assert (item(2, "commerce").status, Response.objects.get().agency.slug) == ("considering", "bis")


def test_a_whole_letter_is_ticked_without_a_script(as_staff, seed):
    page = as_staff.post("/replies/new/", RECEIVED | {"tick": "2023-0001", "said": "partly"} | unticked())
    assert page.status_code == 200
    assert len(ticked(page)) == 3


def test_items_of_all_letters_are_listed_the_letter_s_own_first(as_staff, seed):
    first = item(1, "treasury")
    other = factories.item(kind_code="briefing", subject="TEST newer", sent_on=dt.date(2023, 6, 1))
    page = words(as_staff.get(f"/replies/new/?item={first.pk}"))
    assert page.index("2023-0001, April 25, 2023") < page.index("2023-0002, June 1, 2023: TEST newer")
    assert str(other) in page


def test_an_old_letter_s_items_are_listed_however_many_newer_ones_there_are(as_staff, seed, monkeypatch):
    monkeypatch.setattr(reply_items, "MOST", 2)
    first, *_ = treasury()
    other = factories.item(subject="TEST newer", sent_on=dt.date(2023, 6, 1))
    assert ticked(as_staff.get(f"/replies/new/?item={first.pk}")) == [str(first.pk)]
    drawn = {f"{first.pk}-version": str(first.version), f"{first.pk}-on": "on", "tick": "none"}
    page = as_staff.post("/replies/new/", RECEIVED | drawn)
    assert ticked(page) == [str(first.pk)]
    assert str(other) in words(page)


# --- what is wrong


def test_nothing_ticked_and_nothing_said_are_told(as_staff, seed):
    page = as_staff.post("/replies/new/", RECEIVED | unticked() | {"text": "TEST typed at length"})
    assert page.status_code == 422
    assert "A reply bears on at least one open item. Tick the items it is about." in words(page)
    assert "TEST typed at length" in page.content.decode()
    page = as_staff.post("/replies/new/", RECEIVED | about(item(1, "treasury")))
    assert "Say what they said about “Treasury: Sanction Huawei Cloud”, or save the reply to be read later." in words(
        page
    )
    assert not Response.objects.exists()


def test_everything_wrong_is_told_at_once_and_all_that_was_typed_stays(as_staff, seed):
    first, second, _ = treasury()
    own = {"said": "promised", "quote": "TEST a quote", "promised_on": "soon"}
    data = RECEIVED | about(first, second, **own) | {"said": "other_agency", "passed_to": "TEST no such", "received_on": "2099-01-01"}  # fmt: skip
    page = as_staff.post("/replies/new/", data)
    assert page.status_code == 422
    text, html = words(page), page.content.decode()
    assert "“TEST no such” is no agency we know. Choose one of the list." in text
    assert "“soon” is not a date." in text
    for typed in ["TEST no such", "soon", "TEST a quote", "2099-01-01"]:
        assert typed in html
    assert sorted(ticked(page)) == sorted([str(first.pk), str(second.pk)])
    page = as_staff.post("/replies/new/", data | {"passed_to": "Commerce", f"{second.pk}-promised_on": ""})
    assert "The date they promised is missing." in words(page)
    assert "which is after today" in words(page)
    assert statuses() == ["awaiting"] * 3


def test_what_all_need_is_asked_once(as_staff, seed):
    page = as_staff.post("/replies/new/", RECEIVED | about(*treasury()) | {"said": "promised"})
    assert words(page).count("The date they promised is missing. Enter the day they named.") == 2  # summary and field


def test_somebody_who_was_faster_is_named_and_nothing_is_lost(as_staff, seed, manager):
    first, second, _ = treasury()
    data = RECEIVED | about(first, second, quote="TEST typed at length") | {"said": "looking"}
    items.assign(second, by=manager, owner=manager)
    page = as_staff.post("/replies/new/", data)
    assert page.status_code == 409
    assert "manager changed this on" in words(page)
    assert "That is about “Treasury: Add Alibaba Group to the NS-CMIC List”." in words(page)
    assert "TEST typed at length" in page.content.decode()
    assert statuses() == ["awaiting"] * 3
    # having read it, the person saves again
    fresh = re.search(rf'name="{second.pk}-version" value="(\d+)"', page.content.decode())[1]
    assert as_staff.post("/replies/new/", data | {f"{second.pk}-version": fresh}).status_code == 302
    assert statuses() == ["considering", "considering", "awaiting"]


def test_where_both_moved_an_item_the_person_says_which_holds(as_staff, seed, manager):
    first, second, _ = treasury()
    data = RECEIVED | about(first, second) | {"said": "looking"}
    workflow.transition(second, to="clarification", by=manager)
    page = as_staff.post("/replies/new/", data)
    body = page.content.decode()
    assert (page.status_code, "manager changed this on" in words(page)) == (409, True)
    assert re.findall(r'name="merging" value="([^"]*)"', body) == [f"{second.pk}-status"]
    assert "As saved now waiting on us" in words(page)
    assert "As you have it looking into it" in words(page)
    opened = html.unescape(re.search(r'name="opened" value="([^"]*)"', body)[1])
    again = data | {"merging": f"{second.pk}-status", "opened": opened}
    second.refresh_from_db()
    again[f"{second.pk}-version"] = second.version
    unsaid = as_staff.post("/replies/new/", again)
    assert (unsaid.status_code, "Both of you set “The item becomes”. Choose which to keep." in words(unsaid)) == (409, True)  # fmt: skip
    assert Response.objects.count() == 0
    assert as_staff.post("/replies/new/", again | {f"keep.{second.pk}-status": "theirs"}).status_code == 302
    assert statuses() == ["considering", "clarification", "awaiting"]
    assert Answer.objects.count() == 2


def test_a_reply_that_two_people_read_at_once_shows_both_readings(as_staff, seed, manager):
    first = treasury()[0]
    reply = factories.reply(first, coverage=None)
    first.refresh_from_db()
    data = {"said": "partly", **about(first, quote="TEST as I read it")}
    read_reply(reply, by=manager, words=[Word(first, said="looking", quote="TEST as they read it")])
    page = as_staff.post(f"/replies/{reply.pk}/read/", data)
    body = page.content.decode()
    assert page.status_code == 409
    assert re.findall(r'name="merging" value="([^"]*)"', body) == [f"{first.pk}-said", f"{first.pk}-quote"]
    first.refresh_from_db()
    again = data | {
        f"{first.pk}-version": first.version, "merging": [f"{first.pk}-said", f"{first.pk}-quote"],
        f"keep.{first.pk}-said": "theirs", f"keep.{first.pk}-quote": "yours",
        "opened": html.unescape(re.search(r'name="opened" value="([^"]*)"', body)[1]),
    }  # fmt: skip
    assert as_staff.post(f"/replies/{reply.pk}/read/", again).status_code == 302
    answer = Answer.objects.get()
    assert (answer.said, answer.quote) == ("looking", "TEST as I read it")


def test_a_form_sent_twice_is_kept_once(as_staff, seed):
    data = RECEIVED | about(*treasury()) | {"said": "looking"}
    assert [as_staff.post("/replies/new/", data).status_code for _ in range(2)] == [302, 409]
    assert Response.objects.count() == 1  # of an older page, without the form's key
    data |= {f"{tasking.pk}-version": tasking.version for tasking in treasury()}
    data |= {"key": reply_key(as_staff, treasury()[0]), "text": "TEST words"}
    answers = [as_staff.post("/replies/new/", data, follow=True) for _ in range(2)]
    assert "The reply is kept, about 3 items" in words(answers[0])
    assert "This reply was recorded from that form before. It is kept once: here it is." in words(answers[1])
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert Response.objects.count() == 2


def reply_key(client: Client, tasking: Tasking) -> str:
    page = client.get(f"/replies/new/?item={tasking.pk}").content.decode()
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def test_a_form_that_is_drawn_again_unsaved_says_whether_it_holds_words(as_staff, seed):
    first = treasury()[0]
    drawn = RECEIVED | {"received_on": str(office_today())} | about(first) | {"said": "looking", "items_of": "treasury"}
    show = {"show": "all"}
    for more, holds in (
        ({}, False),
        ({"text": "TEST"}, True),
        ({"received_on": "2023-06-01"}, True),
        ({f"{first.pk}-quote": "TEST"}, True),
        ({f"{first.pk}-url": "https://test.example/"}, True),
        ({"agency": "state"}, False),
        (
            {"agency": "state", f"{first.pk}-quote": "TEST"},
            True,
        ),  # another agency’s items are listed: its own words wait
    ):
        for button in (show, {"save": "1"} if "agency" in more else {"tick": first.ask.letter.reference}):
            page = as_staff.post("/replies/new/", drawn | more | button)
            assert (page.status_code, "data-typed" in page.content.decode()) == (200, holds), (more, button)
    address = f"/contacts/new/?item={first.pk}"
    for outcome, holds in (("", False), ("TEST left a message", True)):
        page = as_staff.post(address, {"agency": "treasury", "channel": "call", "outcome": outcome, "show": "1"})
        assert ("data-typed" in page.content.decode()) is holds
    for unsent in ("/replies/new/?item=", "/contacts/new/?item="):
        assert "data-typed" not in as_staff.get(f"{unsent}{first.pk}").content.decode()


def test_another_reply_typed_into_a_form_one_went_back_to_is_another_reply(as_staff, seed):
    data = RECEIVED | about(*treasury()) | {"said": "looking", "key": reply_key(as_staff, treasury()[0])}
    as_staff.post("/replies/new/", data)
    first = treasury()[0]
    for other in ({"text": "TEST other words"}, {"received_on": "2023-06-02"}, {f"{first.pk}-quote": "TEST"}):
        before = Response.objects.count()
        page = as_staff.post("/replies/new/", data | other)
        assert page.status_code == 409  # one's own first reply changed the items since: compared, then kept
        assert re.search(r'name="key" value="([^"]+)"', page.content.decode())[1] == data["key"]
        again = data | other | {f"{tasking.pk}-version": tasking.version for tasking in treasury()}
        assert [as_staff.post("/replies/new/", again).status_code for _ in range(2)] == [302, 302]
        assert Response.objects.count() == before + 1


def test_a_file_waits_for_one_press_and_another_goes_to_the_same_reply(as_staff, seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    first = treasury()[0]
    data = RECEIVED | about(first) | {"said": "looking", "key": reply_key(as_staff, first)}
    page = as_staff.post("/replies/new/", data | {"show": "1", "files": SimpleUploadedFile("TEST.pdf", made_files.PDF)})
    refs = re.findall(r'name="files-kept" value="([^"]+)"', page.content.decode())
    sent = data | {"files-offered": refs, "files-kept": refs}
    assert [as_staff.post("/replies/new/", sent).status_code for _ in range(2)] == [302, 302]
    more = [SimpleUploadedFile(f"TEST.{kind.lower()}", getattr(made_files, kind)) for kind in ("PDF", "PNG")]
    assert as_staff.post("/replies/new/", data | {"files": more}).status_code == 302
    assert Response.objects.count() == 1
    assert {one.name for one in Attachment.objects.all()} == {"TEST.pdf", "TEST.png"}


def test_a_file_comes_with_it_and_a_classified_reply_keeps_only_where(as_staff, seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082")  # fmt: skip
    first, second, _ = treasury()
    as_staff.post(
        "/replies/new/", RECEIVED | about(first) | {"said": "looking", "files": SimpleUploadedFile("TEST.png", png)}
    )
    assert [(a.name, a.response.answers.get().tasking) for a in Attachment.objects.all()] == [("TEST.png", first)]
    held = RECEIVED | about(second) | {"said": "looking", "held_elsewhere": "TEST vault"}
    page = as_staff.post("/replies/new/", held | {"files": SimpleUploadedFile("TEST.png", png)})
    assert "A reply held elsewhere keeps no file here." in words(page)
    page = as_staff.post("/replies/new/", held | {"text": "TEST words"})
    assert "A reply held elsewhere keeps no text here." in words(page)
    as_staff.post("/replies/new/", held)
    assert Response.objects.get(held_elsewhere="TEST vault").text == ""


def test_what_changed_of_three_items_is_told_in_one_alert(as_staff, seed, manager):
    data = RECEIVED | about(*treasury()) | {"said": "looking"}
    for tasking in treasury():
        items.assign(tasking, by=manager, owner=manager)
    page = as_staff.post("/replies/new/", data)
    assert page.status_code == 409
    assert page.content.decode().count("usa-alert--warning changed") == 1
    assert "3 of these items changed while you were writing" in words(page)
    assert words(page).count(": Owner: manager") == 3


def test_what_is_wrong_for_every_item_is_said_once(as_staff, seed):
    early = RECEIVED | {"received_on": "2022-01-01"} | about(*treasury()) | {"said": "looking"}
    page = as_staff.post("/replies/new/", early)
    # in the summary, and beside the field
    assert words(page).count("The day it was received (January 1, 2022) is before the day this was asked") == 2


def test_a_chosen_file_survives_a_refused_form(as_staff, seed, staff, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    first = treasury()[0]
    chosen = [SimpleUploadedFile("TEST.pdf", made_files.PDF), SimpleUploadedFile("TEST.png", made_files.PNG)]
    wrong = RECEIVED | {"received_on": "soon"} | about(first) | {"said": "looking"}
    page = as_staff.post("/replies/new/", wrong | {"files": [*chosen, SimpleUploadedFile("a.pdf", made_files.EXE)]})
    assert page.status_code == 422
    assert "“a.pdf” is a Windows program." in words(page)
    assert re.findall(r"Kept: (TEST\.\w+)", words(page)) == ["TEST.pdf", "TEST.png"]
    refs = re.findall(r'name="files-kept" value="([^"]+)"', page.content.decode())
    # refused again: still there, but for the one that was taken out
    page = as_staff.post("/replies/new/", wrong | {"files-offered": refs, "files-kept": refs[:1]})
    assert re.findall(r"Kept: (TEST\.\w+)", words(page)) == ["TEST.pdf"]
    assert as_staff.post("/replies/new/", wrong | {"received_on": "2023-06-01", "files-kept": refs}).status_code == 422
    right = wrong | {"received_on": "2023-06-01", "files-offered": refs[:1], "files-kept": refs[:1]}
    assert as_staff.post("/replies/new/", right).status_code == 302
    assert [(a.name, a.media_type) for a in Attachment.objects.all()] == [("TEST.pdf", "application/pdf")]
    assert not list((tmp_path / "waiting").glob("*/*"))


def test_a_file_that_made_room_for_another_is_not_called_kept(as_staff, seed, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(waiting_files, "MAX_WAITING", len(made_files.PDF) + 1)
    chosen = [SimpleUploadedFile("TEST.png", made_files.PNG), SimpleUploadedFile("TEST.pdf", made_files.PDF)]
    wrong = RECEIVED | {"received_on": "soon"} | about(treasury()[0]) | {"said": "looking"}
    page = as_staff.post("/replies/new/", wrong | {"files": chosen})
    assert re.findall(r"Kept: (TEST\.\w+)", words(page)) == ["TEST.pdf"]
    assert "“TEST.png” is no longer kept here" in words(page)


def test_beyond_the_most_files_none_more_is_kept(as_staff, seed, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    chosen = [SimpleUploadedFile("TEST.pdf", made_files.PDF), SimpleUploadedFile("TEST.gif", made_files.GIF)]
    wrong = RECEIVED | {"received_on": "soon"} | about(treasury()[0]) | {"said": "looking"}
    page = as_staff.post("/replies/new/", wrong | {"files": chosen})
    refs = re.findall(r'name="files-kept" value="([^"]+)"', page.content.decode())
    monkeypatch.setattr(uploads, "MAX_AT_ONCE", 1)
    more = [SimpleUploadedFile("TEST.png", made_files.PNG), SimpleUploadedFile("b.png", made_files.PNG)]
    page = as_staff.post("/replies/new/", wrong | {"files-offered": refs, "files-kept": refs, "files": more})
    assert re.findall(r"Kept: (TEST\.\w+)", words(page)) == ["TEST.pdf", "TEST.gif"]


def test_a_kept_file_is_its_persons(as_staff, manager, seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    first = treasury()[0]
    wrong = RECEIVED | {"received_on": "soon"} | about(first) | {"said": "looking"}
    page = as_staff.post("/replies/new/", wrong | {"files": SimpleUploadedFile("TEST.pdf", made_files.PDF)})
    (ref,) = re.findall(r'name="files-kept" value="([^"]+)"', page.content.decode())
    other = Client()
    other.force_login(manager)
    page = other.post("/replies/new/", wrong | {"received_on": "2023-06-01", "files-kept": ref})
    assert (
        "“TEST.pdf” is no longer kept here: it is a day old, was sent, or made room for a newer one. Choose it again."
        in words(page)
    )
    assert (Attachment.objects.count(), Response.objects.count()) == (0, 0)


def test_no_file_waits_of_what_is_classified(as_staff, seed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    held = RECEIVED | about(treasury()[0]) | {"said": "looking", "show": "1"}
    page = as_staff.post("/replies/new/", held | {"files": SimpleUploadedFile("TEST.pdf", made_files.PDF)})
    (ref,) = re.findall(r'name="files-kept" value="([^"]+)"', page.content.decode())
    again = held | {"files-offered": ref, "files-kept": ref, "held_elsewhere": "TEST vault"}
    page = as_staff.post("/replies/new/", again | {"files": SimpleUploadedFile("TEST.png", made_files.PNG)})
    assert "Kept: " not in words(page)
    assert not list((tmp_path / "waiting").glob("*/*"))


# --- read later


def test_what_was_chosen_is_left_out_only_by_a_second_press(as_staff, seed):
    first = treasury()[0]
    key = {"key": reply_key(as_staff, first)}
    for chosen in (
        {"said": "promised", "promised_on": "2099-01-05"},
        {f"{first.pk}-said": "looking"},
        {"kind": "interim"},
    ):
        data = RECEIVED | key | about(first, quote="TEST words") | {"later": "1"} | chosen
        page = as_staff.post("/replies/new/", data)
        assert (page.status_code, Response.objects.count()) == (422, 0)
        assert "“Save, read later” keeps only that the reply came, with its words and quotes" in words(page)
        assert 'name="leave_out" value="1"' in page.content.decode()
    assert as_staff.post("/replies/new/", data | {"leave_out": "1"}).status_code == 302
    answer = Answer.objects.get()
    assert (answer.coverage, answer.said, answer.quote) == (None, "", "TEST words")


def test_who_records_a_reply_without_a_letter_is_told_where_what_is_closed_is(as_staff, seed):
    hint = "About something that is closed: open its letter and record the reply there."
    assert hint in words(as_staff.get("/replies/new/"))
    assert hint not in words(as_staff.get(f"/replies/new/?letter={seed.reference}"))


def test_a_reply_kept_to_be_read_stands_in_its_queue_with_its_age(as_staff, seed, time_machine_june):
    as_staff.post("/replies/new/", RECEIVED | about(*treasury()) | {"later": "1", "text": "TEST words"})
    assert statuses() == ["awaiting"] * 3
    assert Tasking.objects.unread().count() == 3
    queue = as_staff.get("/replies/unread/")
    assert (data_total(queue), "4 business days" in words(queue)) == (1, True)
    assert 'data-unread="1"' in queue.content.decode()
    reply = Response.objects.get()
    page = as_staff.get(f"/replies/{reply.pk}/read/")
    assert len(ticked(page)) == 3
    assert "TEST words" in words(page)
    as_staff.post(f"/replies/{reply.pk}/read/", about(*treasury()) | {"said": "refused"})
    reply.refresh_from_db()
    assert (statuses(), reply.kind) == (["declined"] * 3, "declination")
    queue = as_staff.get("/replies/unread/")
    assert data_total(queue) == 0
    assert "data-unread" not in queue.content.decode()
    assert "Every reply has been read" in words(queue)


@pytest.fixture
def time_machine_june():
    import time_machine

    with time_machine.travel("2023-06-07T12:00:00-04:00", tick=False):
        yield


def test_an_acknowledgment_never_waits_to_be_read(as_staff, seed):
    as_staff.post("/replies/new/", RECEIVED | about(*treasury()) | {"later": "1", "said": "received"})
    assert statuses() == ["acknowledged"] * 3
    assert not Tasking.objects.unread().exists()


def test_enter_in_a_field_saves(as_staff, seed):
    """It presses the first button of a form: that was one which ticks more items, or shows those of an agency."""
    reply = factories.reply(item(1, "treasury"), coverage=None)
    for path, word in (
        ("/replies/new/?agency=treasury", "Save"), (f"/replies/{reply.pk}/read/", "Save"), ("/contacts/new/?agency=treasury", "Log it"),
    ):  # fmt: skip
        form = as_staff.get(path).content.decode().partition('<form class="usa-form')[2]
        attributes, said = re.search(r"<button([^>]*)>([^<]*)<", form).groups()
        assert (said, "name=" in attributes, 'type="submit"' in attributes) == (word, False, True)


# --- who may


def test_who_only_looks_records_nothing(as_viewer, seed):
    reply = factories.reply(item(1, "treasury"), coverage=None)
    for path in ["/replies/new/", "/contacts/new/", f"/replies/{reply.pk}/read/", f"/replies/{reply.pk}/take-back/"]:
        assert as_viewer.get(path).status_code == 403
        assert as_viewer.post(path, RECEIVED).status_code == 403
    page = as_viewer.get(f"/replies/{reply.pk}/")
    assert page.status_code == 200
    assert "take-back" not in page.content.decode()


def test_of_a_reply_that_spans_letters_a_reader_sees_their_own_part(as_staff, manager, client, seed):
    seen, hidden = item(1, "treasury"), factories.item(subject="TEST Quagga", ask_facts={"summary": "TEST Quagga ask"})
    sending.change_access(hidden.ask.letter, by=manager, access="restricted", reason="TEST")
    reply = reply_flow.record_reply(
        by=manager, agency=seen.agency, received_on=dt.date(2023, 6, 1), text="TEST Quagga words",
        words=[reply_flow.Word(seen), reply_flow.Word(Tasking.objects.get(pk=hidden.pk))],
    )  # fmt: skip
    for path in [f"/replies/{reply.pk}/", f"/replies/{reply.pk}/read/", "/replies/unread/", f"/items/{seen.pk}/",
                 "/replies/new/?agency=treasury", f"/replies/new/?item={hidden.pk}", "/contacts/new/?agency=treasury"]:  # fmt: skip
        page = as_staff.get(path)
        assert (path, page.status_code, "Quagga" in page.content.decode()) == (path, 200, False)
    client.force_login(manager)
    assert "TEST Quagga words" in words(client.get(f"/replies/{reply.pk}/"))
    # what the person may not see is neither read nor taken back by them
    as_staff.post(f"/replies/{reply.pk}/read/", about(Tasking.objects.get(pk=seen.pk)) | {"said": "looking"})
    assert reply.answers.filter(coverage__isnull=True).values_list("tasking", flat=True).get() == hidden.pk
    assert data_total(as_staff.get("/replies/unread/")) == 0
    assert data_total(client.get("/replies/unread/")) == 1
    page = as_staff.post(f"/replies/{reply.pk}/take-back/", {"reason": "TEST"})
    assert page.status_code == 422
    reply.refresh_from_db()
    assert reply.in_error_at is None


def test_a_company_that_only_a_hidden_letter_names_is_offered_to_no_one_else(as_staff, client, manager, reference):
    with history.acting(factories.SETUP):
        Agency.objects.create(slug="test-quagga", name="TEST Quagga Corp", short_name="Quagga", kind="company")
    factories.sent(agencies=["test-quagga"], access="restricted", staff=[manager])
    mine = factories.item()
    status, reply = f"/items/{mine.pk}/status/?to=transferred", f"/replies/new/?item={mine.pk}"
    pages = [status, reply, "/replies/new/?agency=test-quagga", "/contacts/new/?agency=test-quagga"]
    assert [path for path in pages if "Quagga" in as_staff.get(path).content.decode()] == []
    passed = as_staff.post(
        status, {"agency": "test-quagga", "reason": "TEST", "to": "transferred", "version": mine.version}
    )
    said = {"said": Said.OTHER_AGENCY, "passed_to": "TEST Quagga Corp"}
    told = as_staff.post(reply, RECEIVED | about(mine) | said)
    assert (passed.status_code, told.status_code) == (422, 422)
    assert "“TEST Quagga Corp” is no agency we know." in words(told)
    client.force_login(manager)
    assert "Quagga" in client.get(status).content.decode()
    assert "Quagga" in client.get(reply).content.decode()


def test_a_reply_about_hidden_items_alone_does_not_exist(as_staff, seed, manager):
    reply = factories.reply(item(1, "treasury"), coverage=None)
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    for path in ["", "read/", "take-back/"]:
        assert as_staff.get(f"/replies/{reply.pk}/{path}").status_code == 404
    assert data_total(as_staff.get("/replies/unread/")) == 0


# --- taking back


def test_what_changed_with_a_reply_is_told_however_long_its_writing_took(as_staff, seed, monkeypatch):
    monkeypatch.setattr("letters.web.reply_page.AT_ONCE", dt.timedelta(0))
    as_staff.post("/replies/new/", RECEIVED | about(*treasury()) | {"said": "looking"})
    page = words(as_staff.get(f"/replies/{Response.objects.get().pk}/"))
    assert page.count("“no reply recorded” became “looking into it”") == 3


def test_a_reply_is_taken_back_with_its_evidence_once_nothing_is_closed_on_it(as_staff, seed):
    first, second, _ = treasury()
    as_staff.post("/replies/new/", RECEIVED | about(first, second, said="partly") | {"said": "done"})
    assert statuses() == ["implemented", "partly_addressed", "awaiting"]
    reply = Response.objects.get()
    assert "reopen it" in words(as_staff.get(f"/replies/{reply.pk}/"))
    address = f"/replies/{reply.pk}/take-back/"
    assert f"“{second}” goes back to “no reply recorded”" in words(as_staff.get(address))
    assert as_staff.post(address, {"reason": " "}).status_code == 422
    refused = as_staff.post(address, {"reason": "TEST wrong office"})
    assert refused.status_code == 422
    assert "Reopen it with a reason, then come back." in words(refused)
    as_staff.post(
        f"/items/{first.pk}/status/", {"to": "awaiting", "reason": "TEST", "version": item(1, "treasury").version}
    )
    page = as_staff.post(address, {"reason": "TEST wrong office"}, follow=True)
    assert "entered in error TEST wrong office" in words(page)
    reply.refresh_from_db()
    assert reply.in_error_reason == "TEST wrong office"
    assert [e.in_error_at is None for e in reply.evidence.all()] == [False]
    assert "Entered in error: TEST wrong office" in words(as_staff.get(f"/items/{second.pk}/"))


def test_evidence_from_before_a_reopening_counts_once_it_was_looked_at_again(as_staff, seed):
    tasking = factories.moved(item(1, "treasury"), "implemented")
    as_staff.post(f"/items/{tasking.pk}/status/", {"to": "awaiting", "reason": "TEST", "version": tasking.version})
    assert "so it proves nothing now" in words(as_staff.get(f"/items/{tasking.pk}/"))
    evidence = tasking.evidence.get()
    assert as_staff.get(f"/evidence/{evidence.pk}/check/").status_code == 405
    page = as_staff.post(f"/evidence/{evidence.pk}/check/", follow=True)
    assert "The evidence counts again" in words(page)
    assert "so it proves nothing now" not in words(page)
    as_staff.post(f"/evidence/{evidence.pk}/take-back/", {"reason": "TEST another company"})
    assert "Entered in error: TEST another company" in words(as_staff.get(f"/items/{tasking.pk}/"))


# --- contacts


def test_two_fields_log_a_contact_and_the_page_says_how_often(as_staff, seed):
    tasking = item(1, "treasury")
    data = {"channel": "call", "outcome": "TEST left a message", "version": tasking.version}
    page = as_staff.post(f"/contacts/new/?item={tasking.pk}", data, follow=True)
    assert "Our call is logged." in words(page)
    assert re.search(r"Our calls, e-mails and meetings: chased once, last \w{3} \d+, \d{4}", words(page))
    assert "TEST left a message" in words(page)
    assert as_staff.post(f"/contacts/new/?item={tasking.pk}", data).status_code == 409  # sent twice
    assert Contact.objects.count() == 1
    contact = Contact.objects.get()
    assert "chased once, last" in words(as_staff.get("/"))
    as_staff.post(f"/contacts/{contact.pk}/take-back/", {"reason": "TEST not ours"})
    assert "chased" not in words(as_staff.get("/"))


@pytest.mark.parametrize(("keep", "kept"), [("theirs", dt.date(2099, 2, 2)), ("yours", dt.date(2099, 3, 3))])
def test_two_who_log_a_contact_at_once_choose_the_next_date(as_staff, manager, reference, keep, kept):
    tasking = factories.moved(factories.item(), "acknowledged")
    address = f"/contacts/new/?item={tasking.pk}"
    data = {"channel": "call", "outcome": "TEST mine", "version": tasking.version, "next_on": "2099-03-03"}
    items.log_contact(by=manager, agency=tasking.agency, taskings=[tasking], channel="email", outcome="TEST theirs", next_on=dt.date(2099, 2, 2))  # fmt: skip
    items.assign(Tasking.objects.get(), by=manager, owner=manager)
    page = as_staff.post(address, data)
    assert page.status_code == 409
    assert re.search(r"manager changed this on .* while you were writing Owner: manager", words(page))
    assert "Owner manager nobody" in words(page)
    assert "Next date: which shall it be?" in words(page)
    assert "As saved now February 2, 2099" in words(page)
    again = data | {
        "version": re.search(r'name="version" value="(\d+)"', page.content.decode())[1], "merging": "next_on",
        "opened": '{"next_on": "2099-02-02"}',
    }  # fmt: skip
    assert "Both of you set the next date. Choose which to keep." in words(
        as_staff.post(address, again | {"version": data["version"]})
    )
    assert as_staff.post(address, again | {"keep.next_on": keep}).status_code == 302
    assert Contact.objects.get(outcome="TEST mine").next_on == kept


@pytest.mark.django_db(transaction=True)  # the record's times are those of transactions
def test_a_next_date_that_was_on_the_page_already_is_nobody_elses(as_staff, manager, reference):
    tasking = factories.moved(factories.item(), "acknowledged")
    address, colleague = f"/contacts/new/?item={tasking.pk}", Client()
    colleague.force_login(manager)
    call = {"channel": "call", "outcome": "TEST before", "next_on": "2099-02-02", "version": tasking.version}
    assert colleague.post(address, call).status_code == 302
    seen = Tasking.objects.get()
    items.assign(seen, by=manager, owner=manager)
    data = {"channel": "call", "outcome": "TEST mine", "version": seen.version, "next_on": "2099-03-03"}
    page = as_staff.post(address, data)
    assert (page.status_code, "which shall it be?" in words(page)) == (409, False)
    call |= {"next_on": "2099-02-09", "version": Tasking.objects.get().version}
    assert colleague.post(address, call).status_code == 302
    page = as_staff.post(address, data)
    assert "As saved now February 9, 2099" in words(page)


def test_a_contact_about_a_whole_letter(as_staff, seed):
    data = {"agency": "treasury", "channel": "meeting", "outcome": "TEST met", "next_on": "2099-01-05"}
    taskings = [str(tasking.pk) for tasking in treasury()]
    assert as_staff.post("/contacts/new/?letter=2023-0001", data | {"taskings": taskings}).status_code == 302
    assert Contact.objects.get().taskings.count() == 3
    page = as_staff.post("/contacts/new/?letter=2023-0001", data)
    assert (page.status_code, "Tick the items it was about." in words(page)) == (422, True)
    assert "TEST met" in page.content.decode()


def contact_form(client: Client, address: str) -> dict:
    """What the page of a contact is drawn with, and a word."""
    page = client.get(address).content.decode()
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    version = re.findall(r'name="version" value="(\d+)"', page)
    ticked = re.findall(r'name="taskings" value="([^"]+)"[^>]*checked', page)
    drawn = {"agency": "treasury", "channel": "call", "outcome": "TEST a call", "taskings": ticked, "key": key}
    return drawn | ({"version": version[0]} if version else {})


def test_a_form_about_a_whole_letter_that_is_sent_twice_is_logged_once(as_staff, seed):
    address = f"/contacts/new/?letter={seed.reference}&agency=treasury"
    typed = contact_form(as_staff, address)
    answers = [as_staff.post(address, typed, follow=True) for _ in range(2)]
    assert "Our call is logged." in words(answers[0])
    assert "Our call was logged from this form before. It is kept once" in words(answers[1])
    assert Contact.objects.count() == 1
    as_staff.post(address, {**typed, "key": str(uuid.uuid4())})
    assert Contact.objects.count() == 2


def test_a_second_call_typed_into_a_form_one_went_back_to_is_another_contact(as_staff, seed):
    address = f"/contacts/new/?letter={seed.reference}&agency=treasury"
    typed = contact_form(as_staff, address)
    as_staff.post(address, typed | {"outcome": "TEST left a message"})
    for second in ({"outcome": "TEST spoke to them"}, {"taskings": typed["taskings"][:1]}, {"next_on": "2099-02-02"}):
        before = Contact.objects.count()
        page = as_staff.post(address, typed | {"outcome": "TEST left a message"} | second, follow=True)
        assert "Our call is logged." in words(page)
        as_staff.post(address, typed | {"outcome": "TEST left a message"} | second)  # its second press
        assert Contact.objects.count() == before + 1
    told = [contact.outcome for contact in Contact.objects.order_by("recorded_at")]
    assert told == ["TEST left a message", "TEST spoke to them", "TEST left a message", "TEST left a message"]
    # what was taken back is logged once more by whoever logs it once more
    first = Contact.objects.order_by("recorded_at").first()
    as_staff.post(f"/contacts/{first.pk}/take-back/", {"reason": "TEST"})
    assert "Our call is logged." in words(as_staff.post(address, typed | {"outcome": first.outcome}, follow=True))


@pytest.mark.parametrize("drawn_on", ["/items/{}/", "/contacts/new/?item={}"])
def test_a_contact_about_an_item_that_is_sent_twice_is_logged_once(as_staff, seed, drawn_on):
    tasking = item(1, "treasury")
    address = f"/contacts/new/?item={tasking.pk}"
    drawn = contact_form(as_staff, drawn_on.format(tasking.pk))
    typed = {"outcome": "TEST left a message", **{name: drawn[name] for name in ("channel", "version", "key")}}
    assert [as_staff.post(address, typed).status_code for _ in range(2)] == [302, 302]
    assert Contact.objects.count() == 1
    # gone back to, it says another thing: who logged the first one meanwhile is told, and then it is kept
    other = typed | {"outcome": "TEST spoke to them"}
    page = as_staff.post(address, other)
    assert page.status_code == 409
    other |= {"version": re.search(r'name="version" value="(\d+)"', page.content.decode())[1]}
    assert re.search(r'name="key" value="([^"]+)"', page.content.decode())[1] == drawn["key"]
    assert [as_staff.post(address, other).status_code for _ in range(2)] == [302, 302]
    assert [contact.outcome for contact in Contact.objects.order_by("recorded_at")] == [
        "TEST left a message", "TEST spoke to them",
    ]  # fmt: skip


def test_what_came_of_a_contact_is_told_to_who_may_see_all_it_was_about(as_staff, client, manager, staff, seed):
    seen, hidden = item(1, "treasury"), factories.item()
    items.log_contact(by=manager, agency=seen.agency, taskings=[seen, hidden], channel="call", outcome="TEST Quagga", with_whom="TEST Quaggo")  # fmt: skip
    sending.change_access(hidden.ask.letter, by=manager, access="restricted", reason="TEST")
    page = words(as_staff.get(f"/items/{seen.pk}/"))
    assert "Our call on" in page
    assert "Quagg" not in page
    client.force_login(manager)
    assert "TEST Quagga" in words(client.get(f"/items/{seen.pk}/"))
    with history.acting(manager):
        LetterStaff.objects.create(letter=hidden.ask.letter, user=staff)
    assert "TEST Quagga" in words(as_staff.get(f"/items/{seen.pk}/"))


# --- repeats


def test_a_follow_up_repeats_what_is_ticked(as_staff, seed):
    target = item(1, "treasury").ask.targets.get()
    factories.sent(kind_code="sanction", sent_on=dt.date(2023, 9, 5), deadline_on=dt.date(2023, 9, 29), ask_facts={"targets": [target]})  # fmt: skip
    page = as_staff.get("/letters/2023-0002/repeats/")
    assert "it also asks for “Sanction (SDN)”; both are about Huawei Cloud" in words(page)
    assert as_staff.post("/letters/2023-0002/repeats/", {}).status_code == 422
    open_before = Tasking.objects.counted().open().count()
    first = Tasking.objects.get(ask__letter=seed, ask__number=1)
    as_staff.post("/letters/2023-0002/repeats/", {"items": [str(first.pk)]})
    assert Tasking.objects.counted().open().count() == open_before - 1
    page = words(as_staff.get(f"/items/{first.pk}/"))
    assert "asked April 25, 2023, repeated once, last on September 5, 2023: 2023-0002" in page
    assert "Asked again on September 5, 2023" in page


def test_a_restricted_letter_that_repeats_an_item_is_counted_for_who_may_see_it(as_staff, staff, manager):
    asked = factories.item()
    for day, reference in ((5, "2023-0002"), (6, "2023-0003")):
        later = factories.sent(agencies=["state"], sent_on=dt.date(2023, 9, day))
        renewals.renew(asked, by=factories.SETUP, letter=later)
        assert later.reference == reference
    factories.restrict(later)
    page = words(as_staff.get(f"/items/{asked.pk}/"))
    assert "asked April 25, 2023, repeated once, last on September 5, 2023: 2023-0002" in page
    page = words(factories.client(manager).get(f"/items/{asked.pk}/"))
    assert "repeated twice, last on September 6, 2023: 2023-0002, 2023-0003" in page
    # and in what happened, as in the count
    for address in (f"/items/{asked.pk}/", f"/letters/{asked.ask.letter.reference}/"):
        told = [
            words(client.get(address)).count("sked again on September")
            for client in (as_staff, factories.client(manager))
        ]
        assert told == [1, 2]
    # a follow-up is kept as a letter that everybody reads
    told = {person: follow_up.open_at(asked.agency, person).get().renewals.all() for person in (staff, manager)}
    assert [len(one) for one in told.values()] == [1, 1]


def test_what_it_does_not_repeat_after_all_is_taken_back(as_staff, seed):
    first = item(1, "treasury")
    target = first.ask.targets.get()
    factories.sent(kind_code="sanction", sent_on=dt.date(2023, 9, 5), deadline_on=dt.date(2023, 9, 29), ask_facts={"targets": [target]})  # fmt: skip
    as_staff.post("/letters/2023-0002/repeats/", {"items": [str(first.pk)]})
    path = f"/items/{first.pk}/unrepeat/"
    assert path in as_staff.get(f"/items/{first.pk}/").content.decode()
    assert f"{path}?letter=2023-0002" in as_staff.get("/letters/2023-0002/repeats/").content.decode()
    form = as_staff.get(path)
    assert '<option value="2023-0002" selected>' in form.content.decode()
    typed = {"letter": "2023-0002", "reason": " ", "version": factories.fresh(first).version}
    assert "Say what was wrong." in words(as_staff.post(path, typed))
    page = words(as_staff.post(path, typed | {"reason": "TEST another ask"}, follow=True))
    assert "2023-0002 does not repeat this item. Due May 24, 2023 now." in page
    assert "Not asked again on September 5, 2023 after all TEST another ask" in page
    assert "repeated once" not in page
    typed["version"] = factories.fresh(first).version
    assert "That letter does not repeat this item" in words(as_staff.post(path, typed | {"reason": "TEST"}))


def test_what_it_may_repeat_is_cut_at_the_oldest_and_found_by_words(as_staff, seed, monkeypatch):
    monkeypatch.setattr(repeats, "MOST", 1)
    asked = {"kind_code": "sanction", "ask_facts": {"targets": [item(1, "treasury").ask.targets.get()]}}
    factories.sent(subject="TEST quagga", sent_on=dt.date(2023, 5, 5), **asked)
    factories.sent(sent_on=dt.date(2023, 9, 5), **asked)
    path = "/letters/2023-0003/repeats/"
    page = words(as_staff.get(path))
    assert "The 1 oldest are shown. To find another, give words of its ask or its letter." in page
    assert (page.count("2023-0001, asked"), page.count("2023-0002, asked")) == (1, 0)
    page = words(as_staff.get(path, {"q": "quagga"}))
    assert (page.count("2023-0001, asked"), page.count("2023-0002, asked"), "are shown" in page) == (0, 1, False)
    assert "None fits" in words(as_staff.get(path, {"q": "zebra"}))


# --- the table


def test_the_help_page_is_the_printed_table(as_staff, reference):
    page = words(as_staff.get("/replies/said/"))
    assert all(rule.replace("“", "“") in page for rule in said_table.RULES)
    assert {line.said for line in said_table.lines()} == {choice.label for choice in Said}
    assert page.count("substantive reply") >= 5


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/replies/unread/", 7), ("/replies/new/?agency=treasury", 10)])
def test_the_lists_cost_the_same_however_long(as_staff, reference, path, queries, rows):
    for _ in range(rows):
        factories.reply(factories.item(), coverage=None)
    as_staff.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert as_staff.get(path).status_code == 200
    assert len(captured) == queries, "\n".join(query["sql"][:200] for query in captured)


@pytest.mark.parametrize("rows", [1, 3])
def test_days_that_were_promised_are_looked_up_at_once(as_staff, reference, staff, rows):
    for _ in range(rows):
        tasking = factories.item()
        said = [Word(tasking, said="promised", promised_on=dt.date(2023, 12, 15))]
        record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 6, 1), words=said)
    as_staff.get("/replies/new/?agency=treasury")
    with CaptureQueriesContext(connection) as captured:
        page = as_staff.get("/replies/new/?agency=treasury")
    assert words(page).count("it stays promised for December 15, 2023") == rows
    assert len(captured) == 12, "\n".join(query["sql"][:200] for query in captured)
