"""What a draft is refused for: each a sentence that names the field and the way out, and nothing is written."""

import datetime as dt

import pytest
import time_machine

from letters.domain import asking, drafting, sending
from letters.domain.history import acting
from letters.errors import NotAllowed
from letters.models import Agency, Letter
from tests import factories
from tests.domain.refusals import refused


@pytest.fixture
def letter(reference) -> Letter:
    return factories.draft()


def test_an_agency_the_letter_does_not_address_is_refused(letter, staff):
    ask = factories.ask(letter)
    assert refused(asking.put_to, ask, by=staff, agency=factories.agency("commerce")) == {
        "agency": "The letter does not address Commerce. Put the ask to Treasury, or add Commerce as an addressee "
        "(the bureau that would act may be any agency)."
    }


def test_the_department_of_an_addressed_bureau_is_refused(reference, staff):
    letter = factories.draft(agencies=["ofac"])
    told = refused(asking.put_to, factories.ask(letter), by=staff, agency=factories.agency("treasury"))
    assert list(told) == ["agency"]


def test_an_inspector_general_stands_apart_from_its_department(letter, staff):
    watchdog = Agency.objects.filter(kind="inspector_general", parent__slug="treasury").first()
    if watchdog is None:
        with acting(factories.SETUP):
            watchdog = Agency.objects.create(
                slug="test-ig", name="TEST Inspector General", short_name="TEST IG", kind="inspector_general",
                parent=factories.agency("treasury"),
            )  # fmt: skip
    assert list(refused(asking.put_to, factories.ask(letter), by=staff, agency=watchdog)) == ["agency"]


def test_an_ask_is_put_to_an_agency_once(letter, staff):
    ask = factories.ask(letter, "treasury")
    assert refused(asking.put_to, ask, by=staff, agency=factories.agency("treasury")) == {
        "agency": "Ask 1 is already put to Treasury. Leave it out."
    }


@pytest.mark.parametrize(
    "code", ["sanction", "entity_list", "license_denial", "ns_cmic", "listing_other", "cfius_review"]
)
def test_a_kind_that_needs_a_company_is_refused_without_one(letter, staff, code):
    kind = factories.kind(code)
    assert refused(asking.add_ask, letter, by=staff, kind=kind, summary="TEST") == {
        "targets": f"{kind} needs the company, person or program it is about. Add at least one, or choose another kind of ask."
    }


def test_an_ask_without_words_is_refused(letter, staff):
    assert refused(asking.add_ask, letter, by=staff, kind=factories.kind("briefing"), summary="  ") == {
        "summary": "What the letter asks is missing. Say it in a few words: “Sanction Huawei Cloud”."
    }


def test_an_asks_own_date_before_the_letter_is_refused(letter, staff):
    assert refused(
        asking.add_ask,
        letter,
        by=staff,
        kind=factories.kind("other"),
        summary="TEST",
        requested_by=dt.date(2023, 4, 24),
    ) == {
        "requested_by": "The ask’s own date (April 24, 2023) is before the letter’s date (April 25, 2023). "
        "Enter April 25, 2023 or a later day."
    }


def test_an_unknown_bioguide_id_is_refused(letter, staff):
    assert refused(drafting.sign, letter, by=staff, printed_name="TEST", bioguide="X999999") == {
        "bioguide": "Bioguide ID: “X999999” belongs to no member in our rosters. Check it at bioguide.congress.gov, "
        "or leave it empty: the name is kept as printed."
    }


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"printed_name": "TEST Twice"}, {"printed_name": "test twice"}),
        ({"printed_name": "Joni K. Ernst"}, {"printed_name": "Joni K. Ernst"}),
        ({"printed_name": "Ted Cruz", "bioguide": "C001098"}, {"printed_name": "Rafael Cruz", "bioguide": "C001098"}),
        ({"printed_name": "Joni K. Ernst"}, {"printed_name": "J. Ernst", "bioguide": "E000295"}),
        ({"printed_name": "Ted Cruz", "bioguide": "C001098"}, {"printed_name": "Ted Cruz"}),
    ],
)
def test_who_signs_twice_is_refused(letter, staff, first, again):
    drafting.sign(letter, by=staff, **first)
    assert refused(drafting.sign, letter, by=staff, **again) == {
        "printed_name": f"{again['printed_name']} has already signed, as number 2 ({first['printed_name']}). "
        "Remove one; two members of one name need their Bioguide IDs."
    }


def test_another_spelling_of_a_signer_is_kept_and_flagged(letter, staff):
    """Proposed, not decided: only a person can say that both are one."""
    drafting.sign(letter, by=staff, printed_name="Joni K. Ernst")
    again = drafting.sign(letter, by=staff, printed_name="J. Ernst")
    assert (again.match, again.legislator) == ("unmatched", None)
    assert again.match_source.endswith("; but Joni K. Ernst is matched to them")
    assert (again.state, again.party) == ("", "")  # which came with the proposal


def test_what_the_letter_prints_of_another_spelling_is_kept(letter, staff):
    drafting.sign(letter, by=staff, printed_name="Joni K. Ernst")
    again = drafting.sign(letter, by=staff, printed_name="J. Ernst", party="TEST printed")
    assert (again.match, again.state, again.party) == ("unmatched", "", "TEST printed")


def test_a_letter_dated_tomorrow_is_refused(reference, staff):
    with time_machine.travel(dt.datetime(2023, 4, 25, 12, tzinfo=dt.UTC), tick=False):
        assert refused(drafting.draft_letter, by=staff, subject="TEST", letter_date=dt.date(2023, 4, 26)) == {
            "letter_date": "The letter’s date is April 26, 2023, which is after today (April 25, 2023). "
            "Enter a day up to today."
        }


def test_today_is_the_offices_day(reference, staff):
    """One o'clock at night in London is still yesterday in Washington."""
    with time_machine.travel(dt.datetime(2023, 4, 26, 1, tzinfo=dt.UTC), tick=False):
        assert list(refused(drafting.draft_letter, by=staff, subject="TEST", letter_date=dt.date(2023, 4, 26))) == [
            "letter_date"
        ]
    with time_machine.travel(dt.datetime(2023, 4, 26, 5, tzinfo=dt.UTC), tick=False):
        assert drafting.draft_letter(by=staff, subject="TEST", letter_date=dt.date(2023, 4, 26)).pk


def test_a_deadline_before_the_letter_is_refused(reference, staff):
    assert refused(
        drafting.draft_letter,
        by=staff,
        subject="TEST",
        letter_date=dt.date(2023, 4, 25),
        deadline_on=dt.date(2023, 4, 1),
    ) == {
        "deadline_on": "The date the letter sets (April 1, 2023) is before the letter’s date (April 25, 2023). "
        "Enter April 25, 2023 or a later day."
    }


def test_all_that_is_wrong_is_said_at_once(reference, staff):
    told = refused(
        drafting.draft_letter, by=staff, subject=" ", text="a\0b", our_role="nonsense", access="nonsense",
        published_url="javascript:alert(1)", letter_date=dt.date(9999, 1, 1),
    )  # fmt: skip
    assert sorted(told) == ["access", "letter_date", "our_role", "published_url", "subject", "text"]


@pytest.mark.parametrize("verb", ["draft", "edit"])
def test_a_field_that_is_none_is_refused(letter, staff, verb):
    how = {"state": "sent"}
    if verb == "draft":
        told = refused(drafting.draft_letter, by=staff, subject="TEST", **how)
    else:
        told = refused(drafting.edit_letter, letter, by=staff, **how)
    assert told["state"].startswith("“state” is not a field of a draft. Known: subject, printed_date, ")


def test_a_sent_letter_is_no_longer_edited(seed, staff):
    sentence = "2023-0001 is sent and no longer a draft. Correct a sent letter by an amendment with a reason."
    assert refused(drafting.edit_letter, seed, by=staff, subject="TEST") == {"subject": sentence}
    assert refused(drafting.sign, seed, by=staff, printed_name="TEST") == {"printed_name": sentence}
    assert refused(drafting.address, seed, by=staff, agency=factories.agency("state"), printed_name="TEST") == {
        "printed_name": sentence
    }
    assert refused(asking.add_ask, seed, by=staff, kind=factories.kind("other"), summary="TEST") == {
        "summary": sentence
    }
    assert refused(asking.put_to, seed.asks.first(), by=staff, agency=factories.agency("state")) == {"agency": sentence}


def test_an_addressee_is_named_once(letter, staff):
    again = {"agency": factories.agency("treasury"), "printed_name": "test secretary of treasury"}
    assert refused(drafting.address, letter, by=staff, **again) == {
        "printed_name": "The letter is already addressed to test secretary of treasury at Treasury."
    }


@pytest.mark.parametrize(
    ("verb", "field", "how"),
    [
        (drafting.address, "delivery", {"printed_name": "TEST", "delivery": "fax"}),
        (asking.put_to, "role", {"role": "boss"}),
    ],
)
def test_a_code_that_is_not_ours_is_refused_with_those_that_are(letter, staff, verb, field, how):
    about = factories.ask(letter) if verb is asking.put_to else letter
    told = refused(verb, about, by=staff, agency=factories.agency("treasury"), **how)
    assert list(told) == [field]
    assert " is not one of " in told[field]


@pytest.mark.parametrize(
    "verb",
    [
        lambda letter, by: drafting.draft_letter(by=by, subject="TEST"),
        lambda letter, by: drafting.edit_letter(letter, by=by, subject="TEST"),
        lambda letter, by: drafting.sign(letter, by=by, printed_name="TEST"),
        lambda letter, by: drafting.address(letter, by=by, agency=factories.agency("state"), printed_name="TEST"),
        lambda letter, by: asking.add_ask(letter, by=by, kind=factories.kind("other"), summary="TEST"),
        lambda letter, by: asking.put_to(letter.asks.get(), by=by, agency=factories.agency("treasury")),
    ],
)
def test_who_only_looks_writes_no_draft(letter, viewer, verb):
    factories.ask(letter)
    assert refused(verb, letter, viewer, error=NotAllowed) == {
        "by": "Your role (Viewer) may not change this. Ask a manager or an administrator."
    }


def test_who_left_the_office_writes_nothing(letter, staff):
    staff.is_active = False
    assert list(refused(drafting.edit_letter, letter, by=staff, subject="TEST", error=NotAllowed)) == ["by"]


def test_a_year_typed_with_two_digits_is_refused_when_drafted_and_when_corrected(seed, staff):
    said = "The letter’s date is April 25, 0023. Enter the year with all four digits, 1789 or later."
    day = dt.date(23, 4, 25)
    assert refused(drafting.draft_letter, by=staff, subject="TEST", letter_date=day) == {"letter_date": said}
    assert refused(sending.amend, seed, by=staff, reason="TEST", letter_date=day) == {"letter_date": said}
