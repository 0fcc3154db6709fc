"""Who a printed name probably is, as of the letter's date: proposed, never decided."""

import datetime as dt

import pytest

from letters.domain import drafting, signers
from letters.domain.history import acting
from letters.models import Legislator, Term
from tests import factories
from tests.domain.refusals import refused

IN_2023 = dt.date(2023, 4, 25)
AFTER_RUBIO = dt.date(2025, 9, 15)


def proposed(name: str, on: dt.date = IN_2023, **how) -> list[tuple[str, bool]]:
    return [(p.legislator.bioguide, p.doubtful) for p in signers.propose(name, on, **how)]


@pytest.mark.parametrize(
    ("name", "bioguide"),
    [
        ("Joni K. Ernst", "E000295"),
        ("Joni Ernst", "E000295"),
        ("joni ernst", "E000295"),
        ("Senator Joni Ernst", "E000295"),
        ("Sen. J. Ernst", "E000295"),
        ("The Honorable Katie Boyd Britt", "B001319"),
        ("Marco Rubio", "R000595"),
        ("Bill Hagerty", "H000601"),
        ("  Bill   Hagerty ", "H000601"),
        ("Thom Tillis", "T000476"),
        ("Dan Sullivan", "S001198"),
    ],
)
def test_a_name_as_printed_is_recognized(reference, name, bioguide):
    assert proposed(name, chamber="sen") == [(bioguide, False)]


@pytest.mark.parametrize("name", ["", "   ", "TEST Nobody", "Joni", "Ernst Joni", "Bob Ernst", "Hagerty III Bill"])
def test_a_name_that_fits_nobody_proposes_nobody(reference, name):
    assert proposed(name) == []


def test_a_member_whom_no_later_roster_lists_is_doubtful(reference):
    """Rubio's term runs to 2029 on paper; he left in January 2025, and the roster of 2026 does not list him."""
    assert proposed("Marco Rubio", AFTER_RUBIO) == [("R000595", True)]
    (proposal,) = signers.propose("Marco Rubio", AFTER_RUBIO)
    assert proposal.source == (
        "Marco Rubio, Senate FL, term January 3, 2023 to January 3, 2029; on no roster after April 25, 2023"
    )


def test_a_letter_that_is_newer_than_every_roster_is_read_by_the_newest(reference):
    (proposal,) = signers.propose("Bill Hagerty", dt.date(2026, 11, 5))
    assert (proposal.legislator.bioguide, proposal.doubtful) == ("H000601", False)
    assert proposal.source == (
        "Bill Hagerty, Senate TN, term January 3, 2021 to January 3, 2027; on the newest roster, of June 10, 2026"
    )
    assert proposed("Marco Rubio", dt.date(2026, 11, 5)) == [("R000595", True)]


def test_a_member_who_does_not_sit_yet_or_any_more_is_not_proposed(reference):
    assert proposed("Katie Boyd Britt", dt.date(2022, 12, 31)) == []
    assert proposed("Marco Rubio", dt.date(2030, 1, 1)) == []


def two_of_one_name() -> None:
    """Two Mike Rogers sat in the House until 2015: of Alabama, in our rosters, and of Michigan, made here."""
    with acting(factories.SETUP):
        other = Legislator.objects.create(
            bioguide="R000572", first="Mike", last="Rogers", official_full="Mike Rogers", sort_name="rogers, mike",
            seen_from=dt.date(2013, 1, 3), seen_until=dt.date(2015, 1, 2),
        )  # fmt: skip
        Term.objects.create(
            legislator=other, chamber="rep", state="MI", district=8, party="Republican",
            start=dt.date(2013, 1, 3), end=dt.date(2015, 1, 3),
        )  # fmt: skip


def test_two_of_one_name_are_both_proposed(reference):
    two_of_one_name()
    assert sorted(bioguide for bioguide, _ in proposed("Mike Rogers", dt.date(2014, 5, 1))) == ["R000572", "R000575"]
    assert proposed("Mike Rogers", IN_2023) == [("R000575", False)]


def test_two_of_one_name_are_not_decided_when_signing(reference, staff):
    two_of_one_name()
    letter = factories.draft(signers=(), letter_date=dt.date(2014, 5, 1))
    signature = drafting.sign(letter, by=staff, printed_name="Mike Rogers")
    assert (signature.legislator, signature.match) == (None, "unmatched")


def test_whom_the_sheet_proposed_is_kept_as_proposed_though_the_name_alone_is_doubtful(reference, staff):
    two_of_one_name()
    letter = factories.draft(signers=(), letter_date=dt.date(2014, 5, 1))
    for bioguide in ("R000575", "R000572"):
        signature = drafting.sign(letter, by=staff, printed_name="Mike Rogers", bioguide=bioguide, confirmed=False)
        assert (signature.legislator.bioguide, signature.match) == (bioguide, "proposed")
    assert (signature.state, signature.party) == ("MI", "Republican")
    # a third of that name is nobody we can tell apart
    assert list(refused(drafting.sign, letter, by=staff, printed_name="Mike Rogers", propose=False)) == ["printed_name"]


def test_a_signer_is_proposed_when_the_letter_is_signed(reference, staff):
    letter = factories.draft(signers=())
    signature = drafting.sign(letter, by=staff, printed_name="Joni K. Ernst")
    assert (signature.legislator.bioguide, signature.match, signature.state, signature.party) == (
        "E000295",
        "proposed",
        "IA",
        "Republican",
    )
    assert signature.match_source == "Joni Ernst, Senate IA, term January 3, 2021 to January 3, 2027"


@pytest.mark.parametrize(("name", "on"), [("TEST Nobody", IN_2023), ("Marco Rubio", AFTER_RUBIO)])
def test_an_unknown_or_doubtful_signer_is_kept_and_flagged(reference, staff, name, on):
    letter = factories.draft(signers=(), letter_date=on)
    signature = drafting.sign(letter, by=staff, printed_name=name)
    assert (signature.printed_name, signature.legislator, signature.match) == (name, None, "unmatched")
    assert letter.signatures.count() == 1


def test_an_accent_is_no_hindrance(reference):
    with acting(factories.SETUP):
        Legislator.objects.filter(bioguide="E000295").update(last="Érnst")
    assert proposed("Joni Ernst", chamber="sen") == [("E000295", False)]
