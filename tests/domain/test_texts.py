"""Every text a verb takes: 10 MB, bytes that were no UTF-8, NUL. Each refused by name, nothing written."""

import datetime as dt

import pytest

from letters.domain import asking, drafting, items, keys, replies, sending, workflow
from tests import factories
from tests.domain.refusals import refused

TOO_LONG = "a" * 10_000_000
NOT_UTF8 = b"caf\xe9".decode("utf-8", errors="replace")
NUL = "TEST\0"
WAYS = {
    "10 MB": (TOO_LONG, "has 10,000,000 characters; at most "),
    "not UTF-8": (NOT_UTF8, "has characters that were not UTF-8 text (shown as �, first at place 4). Copy it again"),
    "NUL": (NUL, "has a control character (code 0, at place 5) that cannot be stored. Remove it"),
}

DRAFT = ["subject", "text", "deadline_quote", "lead_office_contact", "on_behalf_of", "published_url"]
SIGN = ["printed_name", "printed_title", "state", "party", "bioguide"]
ADDRESS = ["printed_name", "printed_title", "address_lines"]
ASK = ["summary", "quote", "instrument", "requested_list", "questions"]
RESPONSE = ["text", "responder", "control_number", "held_elsewhere", "quote", "page"]
EVIDENCE = ["citation", "url"]


@pytest.fixture(params=WAYS, ids=str)
def bad(request) -> tuple[str, str]:
    return WAYS[request.param]


def only(told: dict[str, str], field: str, words: str) -> None:
    assert list(told) == [field]
    assert words in told[field]


@pytest.mark.parametrize("field", DRAFT)
def test_of_a_draft(reference, staff, field, bad):
    text, words = bad
    only(refused(drafting.draft_letter, by=staff, **{"subject": "TEST", field: text}), field, words)


@pytest.mark.parametrize("field", DRAFT)
def test_of_an_edited_draft_and_an_amended_letter(reference, staff, field, bad):
    text, words = bad
    only(refused(drafting.edit_letter, factories.draft(), by=staff, **{field: text}), field, words)
    only(refused(sending.amend, factories.sent(), by=staff, reason="TEST", **{field: text}), field, words)


@pytest.mark.parametrize("field", SIGN)
def test_of_a_signature(reference, staff, field, bad):
    text, words = bad
    only(refused(drafting.sign, factories.draft(), by=staff, **{"printed_name": "TEST", field: text}), field, words)


@pytest.mark.parametrize("field", ADDRESS)
def test_of_an_addressee(reference, staff, field, bad):
    text, words = bad
    how = {"printed_name": "TEST", "agency": factories.agency("state"), field: text}
    only(refused(drafting.address, factories.draft(), by=staff, **how), field, words)


@pytest.mark.parametrize("field", ASK)
def test_of_an_ask(reference, staff, field, bad):
    text, words = bad
    how = {"summary": "TEST", "kind": factories.kind("other"), field: [text] if field == "questions" else text}
    only(refused(asking.add_ask, factories.draft(), by=staff, **how), field, words)


@pytest.mark.parametrize("field", RESPONSE)
def test_of_a_reply(reference, staff, field, bad):
    text, words = bad
    tasking = factories.item()
    inside = {field: text} if field in ("quote", "page") else {}
    how = {} if inside else {field: text}
    told = refused(
        replies.record_response, by=staff, agency=tasking.agency, kind="substantive", received_on=dt.date(2023, 5, 1),
        bearings=[replies.Bearing(tasking, **inside)], **how,
    )  # fmt: skip
    only(told, field, words)


@pytest.mark.parametrize("field", ["quote", "page"])
def test_of_an_assessment(reference, staff, field, bad):
    text, words = bad
    answer = factories.reply(factories.item(), coverage=None).answers.get()
    only(refused(replies.assess, answer, by=staff, coverage="full", **{field: text}), field, words)


@pytest.mark.parametrize("field", EVIDENCE)
def test_of_evidence(reference, staff, field, bad):
    text, words = bad
    how = {"kind": "federal_register", "citation": "TEST", field: text}
    only(refused(replies.add_evidence, factories.item(), by=staff, **how), field, words)


def test_of_reasons(reference, staff, bad):
    text, words = bad
    tasking = factories.item()
    letter = tasking.ask.letter
    only(refused(workflow.transition, tasking, to="withdrawn", by=staff, reason=text), "reason", words)
    state = factories.agency("state")
    only(refused(workflow.transfer, tasking, to_agency=state, by=staff, reason=text), "reason", words)
    only(refused(sending.amend, letter, by=staff, reason=text, subject="TEST"), "reason", words)
    only(refused(sending.enter_in_error, letter, by=staff, reason=text), "reason", words)


def test_of_reasons_of_managers(reference, manager, bad):
    text, words = bad
    letter = factories.sent(released=True)
    only(refused(sending.withdraw_release, letter, by=manager, reason=text), "reason", words)
    only(refused(sending.change_access, letter, by=manager, access="restricted", reason=text), "reason", words)


def test_of_a_note_and_a_contact(reference, staff, bad):
    text, words = bad
    tasking = factories.item()
    only(refused(items.add_note, by=staff, letter=tasking.ask.letter, text=text), "text", words)
    for field in ("outcome", "with_whom"):
        how = {"outcome": "TEST", field: text}
        told = refused(items.log_contact, by=staff, agency=tasking.agency, taskings=[tasking], channel="call", **how)
        only(told, field, words)


def test_of_a_keys_name(reference, admin, bad):
    text, words = bad
    only(refused(keys.create_key, text, scope="office", by=admin), "name", words)


def test_what_was_typed_is_given_back(reference, staff):
    from letters.errors import RecordError

    with pytest.raises(RecordError) as caught:
        drafting.draft_letter(by=staff, subject=NUL)
    assert [problem.value for problem in caught.value.problems] == [NUL]


def test_a_text_of_just_the_limit_is_kept(reference, staff):
    letter = drafting.draft_letter(by=staff, subject="s" * 300, text="é" * 200_000)
    assert letter.text == "é" * 200_000


def test_tabs_and_line_breaks_are_text(reference, staff):
    assert drafting.draft_letter(by=staff, subject="TEST", text="a\tb\r\nc").text == "a\tb\r\nc"
