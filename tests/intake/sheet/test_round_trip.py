"""An export comes back in as the same record, and into the same office it changes nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from letters.domain import clocks, drafting, replies, reply_flow, retractions, sending, workflow
from letters.domain.extending import extend
from letters.domain.history import acting
from letters.domain.items import add_note
from letters.domain.letter_desk import update_addressee
from letters.intake.sheet.applying import apply
from letters.intake.sheet.exporting import as_csv, as_xlsx
from letters.models import Letter, ReferenceCounter, Response, Tasking
from letters.reminders.hush import hush
from tests import factories
from tests.intake.sheet.conftest import BY, checked, results, said

FACTS = ("subject", "letter_date", "printed_date", "sent_on", "sent_at", "text", "our_role", "lead_office_contact", "on_behalf_of",
         "published_url", "deadline_on", "deadline_quote", "term_days", "term_unit", "term_from", "reference", "congress")  # fmt: skip


def told(letter: Letter) -> dict[str, Any]:
    """What a sheet carries of a letter."""
    items = Tasking.objects.filter(ask__letter=letter).order_by("ask__number", "agency__slug")
    return {
        "facts": {name: getattr(letter, name) for name in FACTS} | {"text": letter.text.strip()},  # cells have no blanks at their ends
        "topics": sorted(letter.topics.values_list("name", flat=True)),
        "notes": sorted(letter.notes.values_list("tasking__agency__slug", "text"), key=str),
        "signatures": list(letter.signatures.order_by("position").values_list("printed_name", "printed_title", "is_lead", "legislator__bioguide", "match", "state", "party")),
        "addressees": list(letter.addressees.order_by("position").values_list("printed_name", "printed_title", "agency__slug", "delivery", "delivered_at", "acknowledged_at", "control_number", "address", "legislative_affairs_contact")),
        "asks": [
            (a.number, a.kind.code, a.summary, a.quote, a.instrument, a.requested_list, a.requested_by, [t.name for t in a.targets_in_order()],
             [t.kind for t in a.targets_in_order()], [q.text for q in a.questions.order_by("number")])
            for a in letter.asks.order_by("number")
        ],
        # an end that follows another item's happens when that is recorded
        "items": [(*item[:-1], item[-1] if item[3] == "lead" else None) for item in items.values_list("ask__number", "agency__slug", "acting_agency__slug", "role", "status", "stance", "owner__username",
                                        "asked_on", "due_on", "due_basis", "ack_due_on", "promised_on", "answered_on", "acknowledged_on", "extended_to", "original_due_on",
                                        "status_event__reason", "status_event__occurred_at")],
        "replies": sorted(Response.objects.filter(answers__tasking__in=items).values_list(
            "kind", "received_on", "responder", "text", "channel", "sent_on", "control_number", "held_elsewhere",
            "answers__coverage", "answers__stance", "answers__quote", "answers__page", "answers__tasking__agency__slug", "answers__tasking__ask__number",
            "agency__slug", "answers__said", "answers__questions__number", "answers__targets__name"), key=str),
        "evidence": sorted(items.filter(evidence__in_error_at=None, evidence__isnull=False).values_list("ask__number", "agency__slug", "evidence__kind", "evidence__citation", "evidence__url", "evidence__seen_on",
                           "evidence__targets__name", "evidence__response__text", "evidence__response__received_on"), key=str),
    }  # fmt: skip


def everything() -> None:
    """Letters with one of all that a sheet carries, in statuses of every sort."""
    staff = factories.person("staff")
    letter = factories.draft(
        agencies=["treasury", "commerce"], signers=["Bill Hagerty", "John Barrasso, M.D.", "TEST Nobody", "Nobody, TEST", "Other, TEST, Jr.", 'TEST "B"; C and D'], text="=TEST\nwords; “quoted”, 'tis",
        deadline_on=dt.date(2023, 6, 1), deadline_quote="TEST by June 1", published_url="https://test.example/TEST", our_role="co_led",
    )  # fmt: skip
    factories.ask(
        letter,
        "treasury",
        kind_code="sanction",
        consulted=["commerce"],
        summary="",
        targets=[factories.target("TEST, Inc.")],
        quote="'+TEST quote",
    )
    factories.ask(
        letter,
        "treasury",
        "commerce",
        kind_code="written_answers",
        questions=["TEST one; with a semicolon?", "TEST two?"],
    )
    factories.ask(letter, "commerce", kind_code="briefing", requested_by=dt.date(2023, 5, 30))
    letter = sending.send_letter(Letter.objects.get(pk=letter.pk), by=staff, sent_on=factories.SENT_ON)
    add_note(by=staff, letter=letter, text="''- TEST note\nof two lines")
    sanction, one, two, briefing = Tasking.objects.filter(ask__letter=letter, role="lead").order_by(
        "ask__number", "-agency__slug"
    )
    replies.add_evidence(sanction, by=staff, kind="federal_register", citation="TEST 99 FR 99999")
    replies.add_evidence(briefing, by=staff, kind="list_entry", citation="TEST entry 12345")
    factories.reply(one, text="TEST answer", responder="TEST Official", stance="partly_concurs")
    factories.reply(two, kind="interim", coverage=None, text="TEST later")
    add_note(by=staff, letter=letter, tasking=two, text="TEST item note")
    several(sanction, one, staff)
    for tasking, to, how in (
        (sanction, "implemented", {"occurred_at": noon("2023-07-01")}), (one, "answered", {"occurred_at": noon("2023-05-02")}),
        (briefing, "overtaken", {"reason": "TEST reason", "occurred_at": noon("2023-06-06")}),
    ):  # fmt: skip
        workflow.transition(tasking, to=to, by=staff, **how)
    moved(staff)
    by_its_reply(staff)
    promised = factories.item(subject="TEST promised", sent_on=factories.SENT_ON)
    workflow.transition(
        promised,
        to="promised",
        by=staff,
        promised_on=factories.SENT_ON.replace(month=9),
        occurred_at=noon("2023-05-05"),
    )
    repeated = factories.item(subject="TEST that repeats another", sent_on=factories.SENT_ON)
    workflow.transition(
        repeated, to="entered_in_error", by=staff, reason="TEST it repeats another", occurred_at=noon("2023-05-06")
    )


def by_its_reply(staff: Any) -> None:
    """What rests on replies, and what these are about: some of the questions, one of the companies, a bureau's word."""
    letter = factories.draft(subject="TEST rests on replies", agencies=["treasury", "commerce"])
    drafting.address(
        letter,
        by=staff,
        agency=factories.agency("state"),
        printed_name="TEST Copy",
        delivery="cc",
        address_lines="TEST Street 1\nTEST City; DC",
    )
    companies = [factories.target(f"TEST {name}") for name in ("One", "Two; Three")]
    factories.ask(letter, "treasury", kind_code="sanction", targets=companies)
    factories.ask(letter, "commerce", kind_code="written_answers", questions=["TEST one?", "TEST two?", "TEST three?"])
    letter = sending.send_letter(Letter.objects.get(pk=letter.pk), by=staff, sent_on=factories.SENT_ON)
    update_addressee(
        letter.addressees.get(agency__slug="commerce"), by=staff, legislative_affairs_contact="TEST Clerk; 202-555-0100"
    )
    for text in ("TEST first note", "TEST second note"):
        add_note(by=staff, letter=letter, text=text)
        add_note(
            by=staff,
            letter=letter,
            tasking=Tasking.objects.get(ask__letter=letter, ask__number=2),
            text=f"{text} of the item",
        )
    deed, words = Tasking.objects.filter(ask__letter=letter).order_by("ask__number")
    # a list entry of one company, then the other one by a reply that is the proof itself
    replies.add_evidence(
        deed,
        by=staff,
        kind="list_entry",
        citation="TEST entry 1",
        url="https://test.example/TEST",
        targets=companies[:1],
    )
    replies.add_evidence(
        deed,
        by=staff,
        kind="url",
        url="https://test.example/TEST-3",
        citation="TEST; page 3",
        seen_on=day("2023-06-21"),
    )
    reply_flow.record_reply(
        by=staff, agency=factories.agency("ofac"), received_on=day("2023-06-20"), text="TEST it is done", responder="TEST Director",
        words=[reply_flow.Word(deed, said="done", targets=companies[1:], quote="TEST done", page="2")],
    )  # fmt: skip
    for on, numbers in (("2023-05-20", [1]), ("2023-06-02", [2, 3])):
        reply_flow.record_reply(
            by=staff, agency=factories.agency("bis"), received_on=day(on), text=f"TEST answers of {on}",
            words=[reply_flow.Word(words, said="answered", questions=list(words.ask.questions.filter(number__in=numbers)))],
        )  # fmt: skip


def several(sanction: Tasking, one: Tasking, staff: Any) -> None:
    """More than one reply and proof of an item, in every way that one can come."""
    replies.add_evidence(sanction, by=staff, kind="url", url="https://test.example/TEST-2", seen_on=day("2023-06-20"))
    replies.record_response(
        by=staff,
        agency=one.agency,
        kind="acknowledgement",
        channel="email",
        received_on=day("2023-04-28"),
        sent_on=day("2023-04-27"),
        control_number="TEST-77",
        responder="TEST Clerk",
        text="TEST it came",
        bearings=[replies.Bearing(one, "evades")],
    )
    replies.record_response(
        by=staff,
        agency=one.agency,
        kind="interim",
        channel="qfr",
        received_on=day("2023-05-01"),
        text="TEST of which a part",
        bearings=[replies.Bearing(one, "partial", "does_not_concur", quote="=TEST words; “quoted”", page="12")],
    )
    replies.record_response(
        by=staff, agency=sanction.agency, kind="interim", channel="briefing", received_on=day("2023-05-03"),
        held_elsewhere="TEST room 1", bearings=[replies.Bearing(sanction, "partial")],
    )  # fmt: skip


def moved(staff: Any) -> None:
    """Letters whose dates were moved: by the day they came, and by more time."""
    term = {"term_days": 30, "term_unit": "calendar", "term_from": "receipt", "sent_on": factories.SENT_ON}
    factories.sent(subject="TEST term", **term)
    came = factories.sent(subject="TEST term that began", agencies=["treasury", "commerce"], **term)
    one, other = came.addressees.order_by("position")
    update_addressee(one, by=staff, delivered_on=day("2023-05-08"), control_number="TEST-1; 2")
    update_addressee(other, by=staff, acknowledged_on=day("2023-05-10"))
    (first, *_) = Tasking.objects.filter(ask__letter=came).order_by("agency__slug")
    extend(first, by=staff, to=day("2023-07-03"), by_notice=True, on=day("2023-05-20"))
    agreed, ended = (factories.item(subject=f"TEST more time {n}", sent_on=factories.SENT_ON) for n in (1, 2))
    extend(agreed, by=staff, to=day("2099-07-03"), by_notice=False, on=day("2023-05-20"))
    extend(ended, by=staff, to=day("2023-07-14"), by_notice=True, on=day("2023-05-21"))
    workflow.transition(ended, to="withdrawn", by=staff, reason="TEST", occurred_at=noon("2023-08-01"))


def day(words: str) -> dt.date:
    return dt.date.fromisoformat(words)


def noon(day: str) -> dt.datetime:
    return clocks.noon(dt.date.fromisoformat(day))


def exported_as(kind: str) -> bytes:
    if kind == "csv":
        return "".join(as_csv(BY)).encode()
    with as_xlsx(BY) as book:
        return book.read()


class _Back(Exception):
    pass


def there_and_back(make: Callable[[], None], kind: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What `make` records beside the letter that is there, before it goes out and after it came into an office that has none of it."""
    exported = []
    try:
        with transaction.atomic():
            make()
            before = [told(letter) for letter in Letter.objects.sent().order_by("reference")]
            data = exported_as(kind)
            exported.append(data)
            # into the same office it changes nothing
            again = checked(data, name=f"TEST.{kind}")
            assert {words.split(":")[0] for words in results(again).values() if not words.startswith("with")} == {
                "already here"
            }
            assert apply(again, by=BY, hush=hush).new == 0
            assert [told(letter) for letter in Letter.objects.sent().order_by("reference")] == before
            raise _Back
    except _Back:
        pass
    # an office that has none of them: the letter they came beside is out of every count, and the numbers go on elsewhere
    sending.enter_in_error(Letter.objects.get(), by=BY, reason="TEST")
    with acting(BY):
        ReferenceCounter.objects.update(last_number=9000)
    batch = checked(exported[0], name=f"TEST.{kind}")
    assert said(batch, blocks=True) == []
    assert apply(batch, by=BY, hush=hush).new == len(before)
    after = [told(letter) for letter in Letter.objects.sent().order_by("reference")]
    for one, other in zip(before, after, strict=True):
        # numbers are given anew, in the same order; where they differ the old one is kept as a note
        old, new = one["facts"].pop("reference"), other["facts"].pop("reference")
        assert int(new[-4:]) == 9000 + int(old[-4:])
        other["notes"] = [note for note in other["notes"] if "Number in the imported sheet" not in note[1]]
    return before, after


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_went_out_comes_in_as_the_same_record(seed, staff, kind):
    before, after = there_and_back(everything, kind)
    for one, other in zip(before, after, strict=True):
        for part in one:
            assert other[part] == one[part]


def test_the_commands_write_and_read_each_other_s_files(seed, tmp_path, capsys):
    for name in ("TEST.csv", "TEST.xlsx"):
        call_command("export_letters", str(tmp_path / name))
        call_command("import_letters", str(tmp_path / name), "--dry-run")
        assert "Would be imported: 0 new letters, 0 items; 0 replies; 1 already here." in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"has to end in .csv or .xlsx"):
        call_command("export_letters", str(tmp_path / "TEST.ods"))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_letters", str(tmp_path / "gone" / "TEST.csv"))


def test_a_restricted_letter_is_in_no_file(reference, manager):
    factories.sent(access="restricted", subject="TEST hidden")
    factories.sent(subject="TEST open")
    sheet = "".join(as_csv(manager))
    assert ("TEST open" in sheet, "TEST hidden" in sheet) == (True, False)


def test_a_status_does_not_say_why_a_reply_was_wrong_that_a_restricted_letter_is_about_too(reference, manager):
    seen, hidden = factories.item(), factories.item(access="restricted")
    workflow.transition(seen, to="considering", by=manager)
    reply = reply_flow.record_reply(
        by=manager, agency=seen.agency, received_on=dt.date(2023, 5, 2),
        words=[reply_flow.Word(one, said="needs_us") for one in (seen, hidden)],
    )  # fmt: skip
    retractions.retract_response(reply, by=manager, reason="TEST about what is hidden")
    sheet = "".join(as_csv(manager))
    assert ("considering" in sheet, "TEST about what is hidden" in sheet) == (True, False)
