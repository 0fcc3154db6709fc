"""Writing a letter down: what is kept, what is told, and every refusal with its way out."""

import datetime as dt

import pytest

from letters.domain import asking, drafting
from letters.domain.history import acting
from letters.domain.making import topics_named
from letters.models import Letter, Topic
from tests import factories


@pytest.fixture
def letter(reference) -> Letter:
    return factories.draft()


def told(letter: Letter) -> list[tuple]:
    """Its events after the first: kind, who, and what beside the letter's id."""
    return [
        (e.kind, e.by_user, {k: v for k, v in factories.told(e).items() if k != "letter"})
        for e in letter.events.order_by("sequence")
    ]


def test_a_draft_is_kept_without_a_number(reference, staff):
    with acting(factories.SETUP):
        topic = Topic.objects.create(slug="test", name="TEST")
    letter = drafting.draft_letter(
        by=staff,
        subject="TEST subject",
        text="TEST text",
        letter_date=dt.date(2023, 4, 25),
        topics=[topic],
        staff=[staff],
    )
    letter.refresh_from_db()
    assert (letter.state, letter.reference, letter.sent_on, letter.access, letter.version) == (
        "draft",
        None,
        None,
        "office",
        1,
    )
    assert ([*letter.topics.all()], [*letter.staff.all()]) == ([topic], [staff])
    assert told(letter) == [("letter_drafted", staff, {"subject": "TEST subject"})]


def test_a_draft_can_lack_everything_but_its_subject(reference, staff):
    letter = drafting.draft_letter(by=staff, subject="TEST")
    assert (letter.text, letter.letter_date, letter.signatures.count(), letter.asks.count()) == ("", None, 0, 0)


def test_editing_tells_what_changed(letter, staff):
    version = letter.version
    edited = drafting.edit_letter(letter, by=staff, subject="TEST new", text="", letter_date=letter.letter_date)
    assert (edited.subject, edited.version) == ("TEST new", version + 1)
    assert told(letter)[-1] == ("letter_edited", staff, {"changed": ["subject"]})


def test_signatures_keep_their_order(letter, staff):
    second = drafting.sign(letter, by=staff, printed_name="Ted Cruz", bioguide="C001098", printed_title="Senator")
    third = drafting.sign(letter, by=staff, printed_name="  TEST Third ", is_lead=True, state="TX", party="TEST")
    assert [(s.position, s.printed_name, s.match, s.is_lead) for s in letter.signatures.all()] == [
        (1, "TEST Signer", "unmatched", False),
        (2, "Ted Cruz", "confirmed", False),
        (3, "TEST Third", "unmatched", True),
    ]
    assert (second.legislator.bioguide, second.match_source) == ("C001098", "confirmed when the letter was logged")
    assert (third.state, third.party) == ("TX", "TEST")
    assert told(letter)[-1] == ("letter_edited", staff, {"added": "signature", "name": "TEST Third"})


def test_addressees_keep_their_order(letter, staff):
    drafting.address(
        letter, by=staff, agency=factories.agency("state"), printed_name="TEST Secretary", printed_title="TEST title",
        address_lines="TEST street\nTEST town", delivery="cc",
    )  # fmt: skip
    rows = letter.addressees.values_list("position", "agency__slug", "delivery", "printed_title", "address")
    assert list(rows) == [(1, "treasury", "to", "", ""), (2, "state", "cc", "TEST title", "TEST street\nTEST town")]
    assert told(letter)[-1] == (
        "letter_edited",
        staff,
        {"added": "addressee", "name": "TEST Secretary", "agency": "state"},
    )


def test_an_ask_takes_instrument_list_and_summary_from_its_kind(letter, staff):
    one, two, three = (factories.target(f"TEST {name}") for name in "ABC")
    ask = asking.add_ask(
        letter, by=staff, kind=factories.kind("sanction"), targets=[one, two, three], quote="  TEST quote "
    )
    assert (ask.number, ask.summary, ask.requested_list, ask.quote) == (
        1,
        "Sanction TEST A, TEST B and TEST C",
        "SDN List",
        "TEST quote",
    )
    assert ask.instrument == factories.kind("sanction").instrument
    assert list(ask.targets.order_by("asktarget__position")) == [one, two, three]
    assert told(letter)[-1] == (
        "letter_edited",
        staff,
        {"added": "ask", "number": 1, "summary": "Sanction TEST A, TEST B and TEST C"},
    )


def test_what_a_person_wrote_is_not_replaced_by_the_kinds_proposal(letter, staff):
    ask = asking.add_ask(
        letter, by=staff, kind=factories.kind("sanction"), targets=[factories.target()], summary="TEST own words",
        instrument="", requested_list="TEST list",
    )  # fmt: skip
    assert (ask.summary, ask.instrument, ask.requested_list) == ("TEST own words", "", "TEST list")


def test_questions_are_numbered(letter, staff):
    ask = asking.add_ask(
        letter,
        by=staff,
        kind=factories.kind("written_answers"),
        summary="TEST",
        questions=["TEST first?", "TEST second?"],
    )
    assert list(ask.questions.values_list("number", "text")) == [(1, "TEST first?"), (2, "TEST second?")]


def test_an_ask_is_put_to_an_agency(letter, staff):
    ask = factories.ask(letter)
    tasking = asking.put_to(ask, by=staff, agency=factories.agency("treasury"), acting_agency=factories.agency("bis"))
    tasking.refresh_from_db()
    assert (tasking.status, tasking.role, tasking.acting_agency.slug, tasking.due_on, tasking.public_status) == (
        "draft",
        "lead",
        "bis",
        None,
        "draft",
    )
    assert told(letter)[-1] == (
        "letter_edited",
        staff,
        {"added": "tasking", "ask": 1, "agency": "treasury", "role": "lead"},
    )


def test_a_bureau_of_an_addressed_department_may_be_asked(letter, staff):
    tasking = asking.put_to(factories.ask(letter), by=staff, agency=factories.agency("ofac"))
    assert tasking.agency.slug == "ofac"


def test_topics_whose_names_make_the_same_address_are_two(reference, staff):
    """Made in the order of their names, so that two who name them at one moment do not wait for each other."""
    names = ["TEST C++", "TEST C#", "中国", "日本", "test c#", "TEST  C#"]
    with acting(staff):
        found = topics_named(names)
    assert [(topic.name, topic.slug) for topic in found] == [
        ("TEST C++", "test-c-2"), ("TEST C#", "test-c"), ("中国", "topic"), ("日本", "topic-2"),
    ]  # fmt: skip
