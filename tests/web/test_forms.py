"""What two people do to one item at once, and what a form offers whom."""

import datetime as dt
import html
import re

import pytest
from django.test import Client

from letters.domain import history, items, sending
from letters.enums import Status
from letters.models import LetterStaff, Note
from tests import factories
from tests.web.test_pages import item, words

REPLY = {
    "from_agency": "treasury", "reply_kind": "substantive", "channel": "letter", "received_on": "2023-05-02",
    "responder": "TEST typed at length",
}  # fmt: skip


def test_what_is_sent_by_who_was_signed_out_gets_an_answer(reference):
    nobody, htmx = Client(), {"HX-Request": "true"}
    sent = {"agency": "treasury", "text": "TEST typed\n<at length>", "opened": "{} {}", "url": "https://x.example/"}
    page = nobody.post("/replies/new/", sent)
    assert page.status_code == 401
    assert "Nothing of what you sent was saved, and nothing was changed." in words(page)
    kept = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page.content.decode(), flags=re.S)
    assert [html.unescape(one) for one in kept] == [sent["text"], sent["url"]]
    # a part of a page: said where it can be seen, and what was typed stays
    part = nobody.post("/replies/new/", {"show": "1"}, headers=htmx)
    assert (part.status_code, part["HX-Retarget"], part["HX-Reselect"]) == (401, "#messages", "#messages")
    assert re.search(r'id="messages".*You are signed out', part.content.decode(), flags=re.S)
    part = nobody.get("/replies/new/", headers=htmx | {"HX-Current-URL": "http://testserver/replies/unread/?a=b"})
    assert part["HX-Redirect"] == "/accounts/login/?next=%2Freplies%2Funread%2F%3Fa%3Db"
    assert nobody.get("/replies/new/")["Location"] == "/accounts/login/?next=/replies/new/"


@pytest.mark.parametrize("version", [{}, {"version": ""}, {"version": "none"}], ids=["missing", "empty", "no number"])
@pytest.mark.parametrize("action", ["owner", "reminder", "note", "status"])
def test_a_form_without_its_version_is_refused(as_staff, seed, action, version):
    tasking = item(1, "treasury")
    data = {"to": "withdrawn", "reason": "TEST", "text": "TEST"}
    response = as_staff.post(f"/items/{tasking.pk}/{action}/", data | version)
    assert response.status_code == 422
    assert "This form is out of date: open the page again." in words(response)
    assert item(1, "treasury").version == tasking.version


def test_a_note_that_is_sent_twice_is_kept_once(as_staff, seed):
    tasking = item(1, "treasury")
    address = f"/items/{tasking.pk}/note/"
    drawn = re.findall(r'name="(key|version)" value="([^"]+)"', as_staff.get(address).content.decode())
    data = {"text": "TEST typed at length\r\nin two lines", **dict(drawn)}
    assert set(data) == {"text", "key", "version"}
    assert as_staff.post(address, data).status_code == 302
    again = as_staff.post(address, data, follow=True)
    assert (again.redirect_chain, "The note is kept, once." in words(again)) == ([(f"/items/{tasking.pk}/", 302)], True)
    assert Note.objects.count() == 1
    # other words, typed into the form that one went back to, are another note: compared first, since the item is another
    other = as_staff.post(address, data | {"text": "TEST more"})
    assert (other.status_code, "You changed this" in words(other)) == (409, True)
    version = re.search(r'name="version" value="(\d+)"', other.content.decode())[1]
    assert as_staff.post(address, data | {"text": "TEST more", "version": version}).status_code == 302
    assert Note.objects.count() == 2


def test_a_note_from_an_older_page_is_compared_and_saved_again(as_staff, seed):
    tasking = item(1, "treasury")
    address = f"/items/{tasking.pk}/note/"
    data = {"text": "TEST typed at length", "version": tasking.version}
    assert as_staff.post(address, data).status_code == 302
    again = as_staff.post(address, data)
    assert again.status_code == 409
    assert "You changed this" in words(again)
    assert "TEST typed at length" in again.content.decode()
    assert Note.objects.count() == 1


def rows_of(response) -> dict[str, tuple[str, str]]:
    """What the table of differences says: field, as saved now, as this person has it."""
    table = re.search(r'<div class="usa-alert[^"]* changed".*?</table>', response.content.decode(), flags=re.S)[0]
    cells = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", table)
    return {label: (re.sub("<.*?>", "", now), yours) for label, now, yours in cells}


def test_a_stale_form_shows_what_is_different(as_staff, reference, manager):
    tasking = factories.item(subject="TEST with a history of its own")
    stale = tasking.version
    tasking = factories.moved(tasking, Status.ACKNOWLEDGED, by=manager)
    items.assign(tasking, by=manager, owner=manager)
    response = as_staff.post(
        f"/items/{tasking.pk}/status/", {"to": "considering", "reason": "TEST typed", "version": stale}
    )
    assert response.status_code == 409
    assert re.search(r"manager changed this .*\d, \d{4}, \d+:\d\d [ap]\.m\., while you were writing", words(response))
    assert rows_of(response) == {
        "Status": ("receipt acknowledged", "looking into it"),
        "Owner": ("manager", "nobody"),
    }


@pytest.mark.parametrize(
    ("to", "typed"),
    [
        ("declined", REPLY | {"quote": "TEST in their words"}),
        ("implemented", {"evidence": "list_entry", "citation": "TEST in their words", "seen_on": "2023-06-01"}),
        ("transferred", {"agency": "commerce", "reason": "TEST in their words"}),
    ],
)
def test_what_was_typed_stays_where_somebody_closed_the_item_meanwhile(as_staff, reference, manager, to, typed):
    tasking = factories.item()
    form = typed | {"to": to, "version": tasking.version}
    factories.moved(tasking, Status.DECLINED, by=manager)
    page = as_staff.post(f"/items/{tasking.pk}/status/", form)
    body, label = page.content.decode(), Status(to).label
    assert page.status_code == 409
    for value in {*typed.values()} - {"letter", "substantive"}:
        assert re.search(rf'(value="|>\s*){re.escape(value)}', body), value
    assert f"Mark as “{label}”" in words(page)
    assert f"The item is “refused” now, and “{label}” cannot follow that." in words(page)
    assert re.findall(r'<button class="usa-button" type="submit">(.*?)</button>', body) == []
    # what can be done is: to open it again
    assert "Reopen</button>" in as_staff.get(f"/items/{tasking.pk}/status/?to=awaiting").content.decode()


def test_a_reply_that_somebody_recorded_meanwhile_is_not_recorded_twice_unasked(as_staff, reference, manager):
    tasking = factories.item()
    form = REPLY | {"to": "declined", "quote": "TEST in their words", "version": tasking.version}
    factories.reply(tasking, by=manager)
    page = as_staff.post(f"/items/{tasking.pk}/status/", form)
    assert (page.status_code, "TEST in their words" in page.content.decode()) == (409, True)
    assert "A reply is recorded already. Empty: yours is not recorded beside it." in words(page)
    version = re.search(r'name="version" value="(\d+)"', page.content.decode())[1]
    again = form | {"version": version, "received_on": ""}
    assert as_staff.post(f"/items/{tasking.pk}/status/", again).status_code == 302
    assert (factories.fresh(tasking).status, tasking.answers.count()) == (Status.DECLINED, 1)


def test_a_stale_reminder_shows_both_dates(as_staff, reference, manager):
    tasking = factories.item()
    stale = tasking.version
    items.snooze(tasking, by=manager, until=dt.date(2099, 1, 5))
    typed = {"until": "2099-02-05", "version": stale, "opened": '{"until": ""}'}
    response = as_staff.post(f"/items/{tasking.pk}/reminder/", typed)
    assert response.status_code == 409
    shown = re.findall(r'merge__whose">([^<]+)</span> <span class="merge__value">([^<]+)<', response.content.decode())
    assert shown == [
        ("As saved now", "January 5, 2099"),
        ("As you have it", "February 5, 2099"),
        ("As it stood before both", "(empty)"),
    ]
    chosen = typed | {"version": stale + 1, "merging": "until", "keep.until": "yours"}
    assert as_staff.post(f"/items/{tasking.pk}/reminder/", chosen).status_code == 302
    tasking.refresh_from_db()
    assert tasking.snoozed_until == dt.date(2099, 2, 5)


def test_only_people_who_may_change_the_letter_are_offered_as_owners(as_staff, seed, staff, viewer, manager, admin):
    address = f"/items/{item(1, 'treasury').pk}/owner/"
    factories.user("staff", "left", is_active=False)
    factories.user("staff", "other")

    def offered(client) -> list[str]:
        return re.findall(r'<option value="(\w+)"', client.get(address).content.decode())

    assert offered(as_staff) == ["admin", "manager", "other", "staff"]
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    with history.acting(manager):
        LetterStaff.objects.create(letter=seed, user=staff)
    assert offered(as_staff) == ["admin", "manager", "staff"]


@pytest.mark.parametrize(
    ("kind", "coverage", "asks"),
    [
        (None, None, True),
        ("acknowledgement", None, True),
        ("interim", "partial", True),
        ("referral", "evades", True),
        ("substantive", "full", False),
    ],
)
def test_a_refusal_asks_for_a_reply_unless_one_that_counts_is_held(as_staff, seed, kind, coverage, asks):
    tasking = item(1, "treasury")
    if kind:
        factories.reply(tasking, kind=kind, coverage=coverage)
    page = as_staff.get(f"/items/{tasking.pk}/status/?to=declined").content.decode()
    assert ('name="received_on"' in page) is asks


def test_a_refusal_after_an_acknowledgment_brings_its_reply(as_staff, seed):
    tasking = item(1, "treasury")
    factories.reply(tasking, kind="acknowledgement", coverage=None)
    response = as_staff.post(
        f"/items/{tasking.pk}/status/",
        REPLY | {"to": "declined", "coverage": "full", "reply_kind": "declination", "version": item(1, "treasury").version},
    )  # fmt: skip
    assert response.status_code == 302
    assert item(1, "treasury").status == Status.DECLINED
