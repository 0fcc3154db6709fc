"""The page of a letter: its matrix, its timeline by kind and agency, its files, its relatives and its addressees."""

import datetime as dt
import html
import json
import re

import pytest
import time_machine

from letters.domain import drafting, extending, files, history, items, letter_desk, sending, workflow
from letters.domain.renewals import renew
from letters.domain.reply_flow import Word, record_reply
from letters.domain.workflow import transfer
from letters.models import Addressee, Agency, Contact, Letter, LetterLink, Tasking
from letters.reminders.sweep import sweep
from tests import factories, made_files

pytestmark = pytest.mark.usefixtures("folder")


def words(answer) -> str:
    main = re.search(r"<main\b.*?</main>", answer.content.decode(), flags=re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_cell_says_status_position_clock_owner_and_last_word(as_staff, staff, reference):
    item = factories.item(deadline_on=dt.date(2023, 5, 15))
    factories.reply(item, kind="interim", stance="no_position", received_on=dt.date(2023, 5, 2))
    items.log_contact(
        by=staff, agency=item.agency, taskings=[item], channel="call", outcome="TEST", on=dt.date(2023, 6, 1)
    )
    items.assign(Tasking.objects.get(pk=item.pk), by=staff, owner=staff)
    page = words(as_staff.get(f"/letters/{item.ask.letter.reference}/"))
    said = page[page.index("no reply recorded") :]
    assert re.search(r"no reply recorded [\d,]+ days overdue asked for by May 15, 2023", said)
    assert "their position: takes no position owner staff last word: our call, June 1, 2023" in said


def test_the_timeline_shows_one_kind_or_one_agency(as_staff, staff, reference):
    letter = factories.sent(agencies=("treasury", "state"))
    treasury = Tasking.objects.get(ask__letter=letter, agency__slug="treasury")
    factories.reply(treasury, by=staff)
    items.add_note(by=staff, letter=letter, text="TEST note")
    base = f"/letters/{letter.reference}/"

    def shown(query: str) -> str:
        page = as_staff.get(base + query).content.decode()
        return re.search(r'aria-labelledby="happened".*?</section>', page, flags=re.S)[0]

    assert [word in shown("?show=replies") for word in ("recorded, received", "Note added", "Letter sent")] == [
        True,
        False,
        False,
    ]
    assert [word in shown("?show=notes") for word in ("recorded, received", "Note added", "Letter sent")] == [
        False,
        True,
        False,
    ]
    assert [word in shown("?agency=state") for word in ("recorded, received", "began to wait")] == [False, True]
    assert "Nothing of this kind has happened." in shown("?show=dates&agency=state")
    assert "Letter sent" in shown("?show=unknown&agency=unknown")


def test_a_follow_up_says_what_it_repeats_and_a_target_s_page_too(as_staff, staff, reference):
    target = factories.target("TEST Quoll")
    first = factories.item(kind_code="sanction", ask_facts={"targets": [target]})
    again = factories.sent(kind_code="sanction", sent_on=dt.date(2023, 9, 5), ask_facts={"targets": [target]})
    twin = Tasking.objects.get(ask__letter=again)
    path = f"/letters/{again.reference}/"
    assert "1 ask, 1 agency, 1 open item" in words(as_staff.get(path))
    renew(first, by=staff, letter=again, instead_of=twin)
    page = as_staff.get(path)
    assert "1 ask, 1 agency, repeats 1 open item of earlier letters" in words(page)
    assert f"repeats ask 1 of {first.ask.letter.reference} that item: no reply recorded" in words(page)
    assert "entered in error" not in words(page)
    assert f'class="cell__link" href="/items/{first.pk}/"' in page.content.decode()
    page = as_staff.get(f"/items/{twin.pk}/")
    assert f"repeats ask 1 of {first.ask.letter.reference} The item that goes on" in words(page)
    assert "entered in error" not in words(page)
    page = as_staff.get("/targets/test-quoll/")
    assert "entered in error" not in words(page)
    assert f"no reply recorded repeats ask 1 of {first.ask.letter.reference}" in words(page)
    assert page.content.decode().count(f'href="/items/{first.pk}/"') == 2
    # passed on, it is one open item still: what it is now is counted, what it was is not
    transfer(first, to_agency=Agency.objects.get(slug="state"), by=staff, reason="TEST passed on")
    assert "1 ask, 1 agency, repeats 1 open item of earlier letters" in words(as_staff.get(path))
    assert words(as_staff.get(f"{path}repeats/")).count(f"({first.ask.letter.reference})") == 1


def test_a_follow_up_names_each_item_that_it_repeats(as_staff, staff, reference):
    first, second = factories.item(ask_facts={"summary": "TEST one"}), factories.item(ask_facts={"summary": "TEST two"})
    again = factories.sent(sent_on=dt.date(2023, 9, 5))
    renew(first, by=staff, letter=again, instead_of=Tasking.objects.get(ask__letter=again))
    renew(second, by=staff, letter=again)
    page = as_staff.get(f"/letters/{again.reference}/")
    named = [f"Ask 1 of {one.ask.letter.reference} : {one}" for one in (first, second)]
    assert f"Repeats 2 items of earlier letters {' '.join(named)}" in words(page)
    assert page.content.decode().count(f'href="/items/{second.pk}/"') == 1


def test_an_ask_s_companies_stand_in_the_letter_s_order(as_staff, reference):
    named = [factories.target(name) for name in ("TEST Zorilla", "TEST Aardvark", "TEST Numbat")]
    tasking = factories.item(ask_facts={"targets": named})
    other = factories.item(ask_facts={"targets": [named[1], named[0]]})
    order = "TEST Zorilla, TEST Aardvark, TEST Numbat"
    for path in (f"/letters/{tasking.ask.letter.reference}/", f"/items/{tasking.pk}/", "/"):
        assert order in words(as_staff.get(path)).replace(" ,", ","), path
    assert "TEST Aardvark, TEST Zorilla" in words(as_staff.get(f"/letters/{other.ask.letter.reference}/"))


def test_the_heading_names_few_signers_and_links_to_many(as_staff, reference):
    for number in (3, 13):
        letter = factories.draft(agencies=["labor"], signers=[])
        drafting.address(
            letter, by=factories.SETUP, agency=factories.agency("labor"), printed_name="TEST Deputy", delivery="cc"
        )
        for n in range(number):
            drafting.sign(letter, by=factories.SETUP, printed_name=f"TEST Signer{n}", is_lead=n == 0)
        factories.ask(letter, "labor")
        sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    assert "Led by TEST Signer0 ; signed by TEST Signer1, TEST Signer2." in words(as_staff.get("/letters/2023-0001/"))
    page = as_staff.get("/letters/2023-0002/")
    assert "Led by TEST Signer0 ; 13 signers ." in words(page)
    assert '<a class="usa-link" href="#signers-title">13 signers</a>' in page.content.decode()
    assert "TEST Secretary of labor (Labor), with a copy to TEST Deputy (Labor)." in words(page)
    assert "Labor, Labor" not in words(as_staff.get("/letters/"))


def test_what_is_repeated_of_a_restricted_letter_is_not_named(as_viewer, manager, reference):
    first = factories.item(access="restricted")
    again = factories.sent(sent_on=dt.date(2023, 9, 5))
    twin = Tasking.objects.get(ask__letter=again)
    renew(first, by=manager, letter=again, instead_of=twin)
    for path in (f"/letters/{again.reference}/", f"/items/{twin.pk}/"):
        page = as_viewer.get(path)
        assert "repeats an earlier letter" in words(page)
        assert first.ask.letter.reference not in page.content.decode()
        assert str(first.pk) not in page.content.decode()


def test_an_ask_s_questions_stand_on_the_page_with_those_answered(as_staff, staff, reference):
    letter = factories.draft()
    factories.ask(letter, "treasury", kind_code="written_answers", questions=["TEST why?", "TEST when?"])
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    path = f"/letters/{letter.reference}/"
    assert "2 questions 1. TEST why? 2. TEST when?" in words(as_staff.get(path))
    tasking = Tasking.objects.select_related("agency").get(ask__letter=letter)
    why = tasking.ask.questions.get(number=1)
    record_reply(
        by=staff, agency=tasking.agency, received_on=dt.date(2023, 6, 1), words=[Word(tasking, said="answered", questions=[why])]
    )  # fmt: skip
    assert "1 of 2 questions answered 1. TEST why? answered 2. TEST when?" in words(as_staff.get(path))


def happened(client, path: str) -> list[str]:
    """The lines of the timeline, in words, with their parts."""
    page = client.get(path).content.decode()
    section = re.search(r'<ol class="timeline".*?</ol>', page, flags=re.S)[0]
    lines = re.findall(r'<li class="timeline__item.*?(?=<li class="timeline__item|</ol>)', section, flags=re.S)
    return [html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", line))).strip() for line in lines]


def test_one_act_is_one_line(as_staff, staff, reference):
    letter = factories.draft()
    for _ in range(3):
        factories.ask(letter, "treasury")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    three = list(Tasking.objects.filter(ask__letter=letter).order_by("ask__number"))
    path = f"/letters/{letter.reference}/"
    before = len(happened(as_staff, path))
    sent = happened(as_staff, path)[-1]
    assert "Letter sent to 1 addressee; 3 items began to wait" in sent

    def record(*taskings) -> None:
        words = [Word(tasking, said="looking") for tasking in taskings]
        record_reply(by=staff, agency=three[0].agency, received_on=dt.date(2023, 6, 1), words=words)

    record(*three[:2])
    first, *others = happened(as_staff, path)
    assert len(others) == before
    assert "Reply recorded, received June 1, 2023, about 2 items" in first
    assert first.count("reply read: “looking into it”; it does not answer; “no reply recorded” became “looking into it”") == 2  # fmt: skip
    # one filter shows its part of the act, as one line
    first = happened(as_staff, f"{path}?show=status")[0]
    assert "“no reply recorded” became “looking into it”: 2 items Treasury: TEST ask Treasury: TEST ask" in first
    # another reply, however soon after, is another act
    record(three[2])
    assert len(happened(as_staff, path)) == before + 2
    with history.acting(staff):
        for tasking in three:
            items.assign(tasking, by=staff, owner=staff)
    assert "Owner: staff: 3 items" in happened(as_staff, path)[0]
    # the same of the same hand a moment later is another act
    for tasking in three:
        items.assign(tasking, by=staff, owner=None)
    assert ["owner: nobody" in line for line in happened(as_staff, path)[:4]] == [True, True, True, False]
    # two notes are two acts, and what is done later is another one
    for _ in range(2):
        items.add_note(by=staff, letter=letter, text="TEST")
    assert len(happened(as_staff, path)) == before + 8


def test_one_act_is_one_line_on_the_page_of_an_item_too(as_staff, staff, reference):
    tasking = factories.item()
    path = f"/items/{tasking.pk}/"
    before = len(happened(as_staff, path))
    word = Word(tasking, said="promised", promised_on=dt.date(2099, 1, 5))
    record_reply(by=staff, agency=tasking.agency, received_on=dt.date(2023, 6, 1), words=[word])
    first, *others = happened(as_staff, path)
    assert len(others) == before
    assert re.search(r"Reply recorded, received June 1, 2023 Reply read: “yes, by a date”.* “no reply recorded” became “promised” Due date moved", first)  # fmt: skip


def test_a_correction_is_one_line_with_all_that_it_moved(as_staff, staff, reference):
    letter = factories.draft(agencies=("treasury", "state"))
    for summary in ("TEST one", "TEST two"):
        factories.ask(letter, "treasury", "state", summary=summary)
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    factories.moved(Tasking.objects.filter(ask__letter=letter).first(), "acknowledged")
    sweep(today=dt.date(2023, 7, 1))
    path = f"/letters/{letter.reference}/"
    before = happened(as_staff, path)
    sending.amend(letter, by=staff, reason="TEST the stamp", sent_on=dt.date(2023, 5, 2))
    first, *others = happened(as_staff, path)
    assert others == before
    assert "Letter corrected: the day it was sent" in first
    assert first.endswith("TEST the stamp · staff")
    for item in Tasking.objects.filter(ask__letter=letter):
        assert f"{item}: due date moved from May 24, 2023 to June 1, 2023; " in first
    page = as_staff.get(path).content.decode()
    assert (
        '<summary>4 parts<span class="usa-sr-only"> of: Letter corrected: the day it was sent</span></summary>' in page
    )
    # on the page of one of them, what it moved there
    item = Tasking.objects.filter(ask__letter=letter).last()
    line = happened(as_staff, f"/items/{item.pk}/")[0]
    assert re.search(r"Letter corrected: the day it was sent Due date moved from May 24, 2023 to June 1, 2023; ", line)


def test_what_an_office_told_is_one_line_with_the_dates_that_rest_on_it(as_staff, staff, reference):
    facts = {"term_days": 10, "term_unit": "business", "term_from": "receipt"}
    letter = factories.sent(agencies=("treasury",), **facts)
    path = f"/letters/{letter.reference}/"
    before = happened(as_staff, path)
    to = letter.addressees.get()
    letter_desk.update_addressee(to, by=staff, delivered_on=dt.date(2023, 5, 1), acknowledged_on=dt.date(2023, 5, 3))
    first, *others = happened(as_staff, path)
    assert others == before
    assert re.search(r"Delivery details changed Treasury: TEST ask: due date moved from .* to May 15, 2023", first)


def test_a_letter_taken_back_is_one_line(as_staff, staff, reference):
    letter = factories.sent(agencies=("treasury", "state", "commerce"))
    factories.moved(Tasking.objects.filter(agency__slug="state").get(), "acknowledged")
    path = f"/letters/{letter.reference}/"
    before = happened(as_staff, path)
    sending.enter_in_error(letter, by=staff, reason="TEST twice")
    first, *others = happened(as_staff, path)
    assert others == before
    assert "Letter marked as entered in error" in first
    assert first.count("became “entered in error”") == 3


def test_the_first_line_is_that_it_was_sent_and_when_it_was_logged(as_staff, staff, reference):
    letter = factories.sent()
    path = f"/letters/{letter.reference}/"
    (line,) = happened(as_staff, path)
    assert line.startswith("April 25, 2023 Letter sent to 1 addressee; 1 item began to wait logged ")
    assert "etter drafted" not in line
    with time_machine.travel("2023-05-02T15:00:00-04:00", tick=False):
        today = factories.sent(sent_on=dt.date(2023, 5, 2))
    assert "logged" not in happened(as_staff, f"/letters/{today.reference}/")[-1]


def test_what_is_not_shown_fills_no_page(as_staff, reference):
    letter = factories.draft()
    factories.ask(letter, "treasury")
    for n in range(61):
        drafting.edit_letter(letter, by=factories.SETUP, subject=f"TEST {n}")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    page = as_staff.get(f"/letters/{letter.reference}/").content.decode()
    assert "Letter sent to 1 addressee; 1 item began to wait" in page
    assert "Next page" not in page


def test_a_file_that_came_is_named_for_who_may_open_it(as_staff, as_viewer, staff, manager, reference):
    letter = factories.sent()
    path = f"/letters/{letter.reference}/"
    with history.acting(staff):
        kept = [
            files.attach(by=staff, letter=letter, file=data, name=name)
            for name, data in (("TEST one.pdf", made_files.PDF), ("TEST two.pdf", made_files.PDF + b"% TEST other"))
        ]
    assert "2 files added TEST one.pdf TEST two.pdf staff" in happened(as_viewer, path)[0]
    files.retract_attachment(kept[0], by=staff, reason="TEST not ours")
    assert "TEST one.pdf" not in "".join(happened(as_viewer, path))
    assert "TEST one.pdf" in "".join(happened(factories.client(manager), path))
    files.attach(by=staff, letter=letter, file=made_files.PDF + b"% TEST third", name="TEST three.pdf")
    assert "File added: TEST three.pdf staff" in happened(as_viewer, path)[0]


def test_a_file_of_a_reply_stands_with_the_reply(as_staff, staff, reference):
    item = factories.item()
    path = f"/letters/{item.ask.letter.reference}/"
    with history.acting(staff):
        reply = record_reply(
            by=staff, agency=item.agency, received_on=dt.date(2023, 6, 1), words=[Word(item, said="looking")]
        )
        files.attach(by=staff, response=reply, file=made_files.PDF, name="TEST reply.pdf")
    first = happened(as_staff, path)[0]
    assert "reply recorded, received June 1, 2023" in first
    assert "File added: TEST reply.pdf" in first


def test_where_only_the_day_is_known_no_hour_is_said(as_staff, staff, reference):
    item = factories.item()
    with time_machine.travel(
        "2026-12-01T10:30:00-05:00", tick=False
    ):  # at noon and at midnight the other event says 12:00
        workflow.transition(item, to="considering", by=staff)
        extending.extend(
            Tasking.objects.get(),
            by=staff,
            to=dt.date(2099, 1, 5),
            by_notice=False,
            on=dt.date(2023, 5, 10),
            reason="TEST",
        )
    told = "".join(happened(as_staff, f"/letters/{item.ask.letter.reference}/"))
    assert "May 10, 2023 Treasury: TEST ask: we agreed to more time" in told
    assert "12:00" not in told


def test_the_timeline_turns_its_pages(as_staff, staff, reference):
    letter = factories.sent()
    for n in range(70):
        items.add_note(by=staff, letter=letter, text=f"TEST {n}")
    page = as_staff.get(f"/letters/{letter.reference}/?show=notes").content.decode()
    after = re.search(r'href="(\?[^"]*cursor=[^"]*)"[^>]*>Next page', page)[1].replace("&amp;", "&")
    rest = as_staff.get(f"/letters/{letter.reference}/{after.partition('#')[0]}").content.decode()
    assert (page.count("timeline__dot"), rest.count("timeline__dot")) == (60, 10)


def test_no_page_of_what_happened_ends_within_an_act(as_staff, staff, reference):
    letter = factories.draft()
    for _ in range(8):
        factories.ask(letter, "treasury")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    path = f"/letters/{letter.reference}/"
    for choice, day in (("received", 1), ("looking", 2), ("needs_us", 3)):
        said = [Word(item, said=choice) for item in Tasking.objects.filter(ask__letter=letter)]
        record_reply(by=staff, agency=said[0].tasking.agency, received_on=dt.date(2023, 6, day), words=said)
    told, pages, address = [], 0, path
    while address:
        body = as_staff.get(address).content.decode()
        told += happened(as_staff, address)
        further = re.search(r'href="(\?[^"]*cursor=[^"]*)"[^>]*>Next page', body)
        address = further and path + further[1].replace("&amp;", "&").partition("#")[0]
        pages += 1
    assert pages == 2
    replies = [line for line in told if "eply recorded" in line]
    assert len(replies) == 3
    assert all("about 8 items" in line and line.count("TEST ask") == 8 for line in replies)
    assert [line for line in told if "began to wait" in line] == told[-1:]
    assert "Letter sent to 1 addressee; 8 items began to wait" in told[-1]


def test_letters_are_linked_from_one_side_and_told_on_both(as_staff, staff, reference):
    first, second = factories.sent(subject="TEST first"), factories.sent(subject="TEST second")
    answer = as_staff.post(f"/letters/{second.reference}/links/new/", {"kind": "follow_up_to", "to": first.reference})
    assert (answer.status_code, answer["Location"]) == (302, f"/letters/{second.reference}/#related")
    assert f"Follow-up to {first.reference} : TEST first" in words(as_staff.get(f"/letters/{second.reference}/"))
    assert f"Followed up by {second.reference} : TEST second" in words(as_staff.get(f"/letters/{first.reference}/"))
    event = second.events.order_by("-sequence").first()
    link = LetterLink.objects.get()
    assert (event.kind, factories.told(event)) == (
        "letter_linked",
        {"letter": str(second.pk), "link": str(link.pk), "kind": "follow_up_to", "linked": True},
    )


def test_a_link_taken_away_can_be_put_back(as_staff, staff, reference):
    first, second = factories.sent(), factories.sent()
    link = letter_desk.link_letters(second, by=staff, to=first, kind="supersedes")
    page = as_staff.post(f"/letters/{first.reference}/links/{link.pk}/remove/").content.decode()
    assert LetterLink.objects.count() == 0
    assert "No longer linked to another letter" in words(as_staff.get(f"/letters/{second.reference}/"))
    undo = re.search(r'action="([^"]+links/new/)"', page)[1]
    assert as_staff.post(undo, {"kind": "supersedes", "to": first.reference}).status_code == 302
    assert LetterLink.objects.get().letter == second


def test_what_cannot_be_linked_is_said(as_staff, staff, reference):
    letter, closed = factories.sent(), factories.sent(access="restricted")
    address = f"/letters/{letter.reference}/links/new/"
    for number in (closed.reference, "2099-0001"):
        page = as_staff.post(address, {"kind": "supersedes", "to": number})
        assert page.status_code == 422
        assert f"No letter you may see has the number “{number}”." in page.content.decode()
    assert "is this letter." in as_staff.post(address, {"kind": "supersedes", "to": letter.reference}).content.decode()


def test_a_restricted_relative_is_absent(as_viewer, as_staff, manager, reference):
    letter, closed = factories.sent(), factories.sent(access="restricted", subject="TEST secret")
    letter_desk.link_letters(closed, by=manager, to=letter, kind="follow_up_to")
    letter_desk.link_letters(letter, by=manager, to=closed, kind="supersedes")
    for client in (as_viewer, as_staff):
        page = words(client.get(f"/letters/{letter.reference}/"))
        assert [word for word in ("secret", closed.reference, "Followed up") if word in page] == []


def test_an_addressee_keeps_what_its_office_told(as_staff, staff, reference):
    letter = factories.sent()
    addressee = letter.addressees.get()
    address = f"/letters/{letter.reference}/addressees/{addressee.pk}/"
    told = {
        "control_number": "2023-SEC-0042", "delivered_on": "2023-04-26", "acknowledged_on": "2023-05-01",
        "legislative_affairs_contact": "TEST Person, 202-555-0100", "version": str(letter.version),
    }  # fmt: skip
    answer = as_staff.post(address, told)
    assert (answer.status_code, answer["Location"]) == (302, f"/letters/{letter.reference}/#addressees")
    page = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "2023-SEC-0042 April 26, 2023 May 1, 2023 TEST Person, 202-555-0100" in page
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.payload["changed"]) == (
        "addressee_updated",
        ["acknowledged_on", "control_number", "delivered_on", "legislative_affairs_contact"],
    )
    again = as_staff.post(address, told | {"version": str(letter.version + 1), "delivered_on": "2023-04-01"})
    assert again.status_code == 422
    assert "is before the day it was sent (April 25, 2023)" in again.content.decode()
    assert 'value="2023-SEC-0042"' in again.content.decode()


def test_a_letter_in_error_says_so(as_staff, staff, reference):
    letter = sending.enter_in_error(factories.sent(), by=staff, reason="TEST")
    page = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "This letter was entered in error. It keeps its number and counts nowhere." in page
    assert "Record a reply" not in page


def test_files_of_the_letter_and_of_its_replies_stand_on_its_page(as_staff, staff, reference):
    item = factories.item()
    letter = item.ask.letter
    files.attach(by=staff, file=made_files.PDF, name="letter.pdf", letter=letter)
    files.attach(by=staff, file=made_files.PNG, name="reply.png", response=factories.reply(item))
    page = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "letter.pdf" in page
    assert "reply.png open reply.png PNG picture" in page
    assert "with substantive reply from Treasury, May 2, 2023" in page


def test_a_note_sent_twice_is_kept_once(as_staff, reference):
    letter = factories.sent()
    page = as_staff.get(f"/letters/{letter.reference}/").content.decode()
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    for text in ("TEST once", "TEST once", "TEST typed over after going back"):
        done = as_staff.post(f"/letters/{letter.reference}/notes/", {"text": text, "key": key})
        assert done.status_code == 302
    assert sorted(letter.notes.values_list("text", flat=True)) == ["TEST once", "TEST typed over after going back"]
    assert letter.events.filter(kind="note_added").count() == 2


def correction(letter: Letter, **changes: str) -> dict[str, str]:
    facts = {
        "subject": letter.subject, "letter_date": letter.letter_date.isoformat(), "printed_date": "", "our_role": "led",
        "lead_office_contact": "", "on_behalf_of": "", "published_url": "", "deadline_on": "", "deadline_quote": "", "text": "",
    }  # fmt: skip
    return facts | {"opened": json.dumps(facts), "reason": "TEST why", "version": str(letter.version), **changes}


def test_a_correction_is_kept_with_what_stood(as_staff, reference):
    letter = factories.sent()
    answer = as_staff.post(f"/letters/{letter.reference}/correct/", correction(letter, subject="TEST right"))
    assert answer.status_code == 302
    page = words(as_staff.get(f"/letters/{letter.reference}/"))
    assert "the subject, from “TEST letter” to “TEST right”. TEST why" in page


def test_two_people_correct_different_fields_and_both_are_kept(as_staff, manager, reference):
    letter = factories.sent()
    mine = correction(letter, published_url="https://example.gov/TEST")
    sending.amend(letter, by=manager, reason="TEST", subject="TEST theirs")
    address = f"/letters/{letter.reference}/correct/"
    page = as_staff.post(address, mine)
    text = page.content.decode()
    assert page.status_code == 409
    assert "manager changed this on" in text
    # each field is chosen for whoever changed it, with the three values where there are three
    assert re.findall(r'name="keep\.(\w+)" value="(\w+)"[^>]*checked', text) == [
        ("subject", "theirs"),
        ("published_url", "yours"),
    ]
    merged = mine | {
        "version": re.search(r'name="version" value="(\d+)"', text)[1],
        "opened": json.dumps({**json.loads(mine["opened"]), "subject": "TEST theirs"}),
        "merging": ["subject", "published_url"], "keep.subject": "theirs", "keep.published_url": "yours",
    }  # fmt: skip
    assert as_staff.post(address, merged).status_code == 302
    letter.refresh_from_db()
    assert (letter.subject, letter.published_url) == ("TEST theirs", "https://example.gov/TEST")


@pytest.mark.parametrize(
    ("keep", "subject"), [("theirs", "TEST theirs"), ("yours", "TEST mine"), ("stood", "TEST letter")]
)
def test_where_both_changed_a_field_the_person_says(as_staff, manager, reference, keep, subject):
    letter = factories.sent()
    mine = correction(letter, subject="TEST mine", on_behalf_of="TEST Committee")
    sending.amend(letter, by=manager, reason="TEST", subject="TEST theirs")
    address = f"/letters/{letter.reference}/correct/"
    text = as_staff.post(address, mine).content.decode()
    assert re.findall(r'name="keep\.(\w+)" value="(\w+)"[^>]*checked', text) == [("on_behalf_of", "yours")]
    assert [f">{value}</span>" in text for value in ("TEST theirs", "TEST mine", "TEST letter")] == [True] * 3
    merged = mine | {
        "version": str(letter.version + 1), "opened": json.dumps({"subject": "TEST theirs", "on_behalf_of": ""}),
        "merging": ["subject", "on_behalf_of"], "stood.subject": "TEST letter", "keep.on_behalf_of": "yours",
    }  # fmt: skip
    unsaid = as_staff.post(address, merged)
    assert unsaid.status_code == 409
    assert "Both of you changed “Subject”. Choose which to keep." in unsaid.content.decode()
    assert as_staff.post(address, merged | {"keep.subject": keep}).status_code == 302
    letter.refresh_from_db()
    assert (letter.subject, letter.on_behalf_of) == (subject, "TEST Committee")


def test_staleness_is_told_before_any_other_mistake(as_staff, manager, reference):
    letter = factories.sent()
    sending.amend(letter, by=manager, reason="TEST", subject="TEST theirs")
    page = as_staff.post(f"/letters/{letter.reference}/correct/", correction(letter, letter_date="no date", reason=""))
    text = page.content.decode()
    assert page.status_code == 409
    assert "Not saved yet: please check" not in text
    assert 'value="no date"' in text


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_much_is_on_it(as_staff, staff, reference, number, django_assert_num_queries):
    letter = factories.sent(agencies=("treasury", "state", "commerce")[:number])
    response = None
    for n, item in enumerate(Tasking.objects.filter(ask__letter=letter)):
        response = factories.reply(item, by=staff, text=f"TEST {n}")
        items.log_contact(by=staff, agency=item.agency, taskings=[item], channel="call", outcome="TEST")
        items.add_note(by=staff, letter=letter, text="TEST")
        files.attach(by=staff, file=made_files.PDF + b"\n" * n, name=f"{n}.pdf", letter=letter)
        letter_desk.link_letters(letter, by=staff, to=factories.sent(), kind="supersedes")
    assert (Contact.objects.count(), Addressee.objects.filter(letter=letter).count(), bool(response)) == (
        number,
        number,
        True,
    )
    as_staff.get("/help/rights/")  # the first request of a session is noted
    with django_assert_num_queries(23):  # one of them: did what supersedes another come of logging it anew?
        as_staff.get(f"/letters/{letter.reference}/")


def test_a_question_put_to_two_agencies_is_answered_once_both_did(as_staff, staff, reference):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", "state", kind_code="written_answers", questions=["TEST why?", "TEST when?"])
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    path = f"/letters/{Letter.objects.get().reference}/"
    told = []
    for slug, numbers in [("treasury", [1, 2]), ("state", [1])]:
        tasking = Tasking.objects.get(agency__slug=slug)
        questions = list(tasking.ask.questions.filter(number__in=numbers))
        record_reply(
            by=staff, agency=tasking.agency, received_on=dt.date(2023, 6, 1), words=[Word(tasking, said="answered", questions=questions)]
        )  # fmt: skip
        told.append(words(as_staff.get(path)))
    assert "0 of 2 questions answered by each agency asked" in told[0]
    assert told[0].count("answered by 1 of 2 agencies") == 2
    assert (
        "1 of 2 questions answered by each agency asked 1. TEST why? answered 2. TEST when? answered by 1 of 2 agencies"
        in told[1]
    )


def test_a_refusal_names_no_id(as_staff, reference):
    gone = factories.moved(factories.item(), "withdrawn")
    factories.item()
    letter = factories.sent(sent_on=dt.date(2023, 6, 1)).reference
    for address, fields in [
        (f"/letters/{letter}/repeats/", {"items": str(gone.pk)}),
        ("/contacts/new/", {"agency": "treasury", "outcome": "TEST", "channel": "call", "taskings": str(gone.pk)}),
        ("/follow-ups/new/?agency=treasury", {"items": str(gone.pk)}),
    ]:
        page = as_staff.post(address, fields)
        assert (address, "One of the items that were ticked is not open" in words(page)) == (address, True)
        assert (address, str(gone.pk) in words(page)) == (address, False)


def test_a_question_that_prints_its_number_has_it_once(as_staff, staff):
    letter = factories.draft()
    asked = ["1. How many TEST?", "How few TEST?"]
    factories.ask(letter, "treasury", kind_code="written_answers", questions=asked)
    sent = sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON)
    (item,) = Tasking.objects.filter(ask__letter=sent)
    for address in (f"/letters/{sent.reference}/", f"/items/{item.pk}/", f"/replies/new/?item={item.pk}"):
        said = words(as_staff.get(address))
        assert ("1. How many TEST?" in said, "1. 1." in said, "2. How few TEST?" in said) == (True, False, True), (
            address
        )


def test_the_words_of_a_letter_stand_as_they_were_pasted(as_staff, reference):
    """Whatever wrote them: signs of Markdown are signs of the text, and neither drawn as something else nor taken out."""
    text = "# TEST **heading**\nsecond line\n\n1. TEST one\n   - _two_   three\n\n[TEST](https://example.org) <b>"
    letter = factories.draft(text=text)
    factories.ask(letter, "treasury", quote="TEST **must** act")
    letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    page = as_staff.get(f"/letters/{letter.reference}/").content.decode()
    shown = re.search(r'<div class="letter-text">(.*?)</div>', page, flags=re.S)[1]
    lines = re.sub(r"<br>", "\n", re.sub(r"</p>\s*<p>", "\n\n", shown.removeprefix("<p>").removesuffix("</p>")))
    assert html.unescape(lines) == text
    assert "TEST **must** act" in page
