"""Who signed, who led, and where the addressees sit: as the sheet and the record say it, and never by a place in a row alone."""

import pytest

from letters.domain.history import acting
from letters.models import Addressee, Legislator, Letter, Office, Signature
from tests.intake.sheet.conftest import BY, brought_in, checked, said

HEADER = "Date|Subject|Signers|Led by|Bioguide IDs|Addressees|Addressed agencies|Agency"
NAMES = ("date", "subject", "signers", "leads", "ids", "addressees", "addressed", "agency")
PLAIN = {
    "date": "4/25/2023",
    "subject": "TEST cloud",
    "signers": "Bill Hagerty; Marsha Blackburn",
    "agency": "Treasury; Commerce",
}


def row(**changed):
    return [({**PLAIN, **changed}).get(name, "") for name in NAMES]


def where():
    return [(one.printed_name, one.agency.slug, one.delivery) for one in Addressee.objects.order_by("position")]


def test_addressees_of_the_record_are_where_it_knows_them(reference, sheet):
    data = sheet(HEADER, row(addressees="The Honorable Gina Raimondo; The Honorable Janet Yellen"))
    assert said(checked(data)) == []
    brought_in(data)
    assert where() == [
        ("The Honorable Gina Raimondo", "commerce", "to"),
        ("The Honorable Janet Yellen", "treasury", "to"),
    ]


def test_who_is_placed_by_the_order_of_the_row_is_remarked(reference, sheet):
    data = sheet(HEADER, row(addressees="TEST Nobody; TEST Other"))
    remarks = [words[:99] for _, field, words in said(checked(data), blocks=False) if field == "addressees"]
    assert remarks == [
        "Addressees: the sheet does not say of which agency TEST Nobody is. It comes in as Treasury, by the ",
        "Addressees: the sheet does not say of which agency TEST Other is. It comes in as Commerce, by the o",
    ]
    # one name and one agency leave nothing to guess
    assert said(checked(sheet(HEADER, row(addressees="TEST Nobody", agency="Treasury")))) == []


def test_more_names_than_agencies_are_asked_for(reference, sheet):
    batch = checked(sheet(HEADER, row(addressees="Janet Yellen; cc: Chairman TEST", agency="Treasury")))
    [(_, field, words)] = said(batch)
    assert (field, words[:63]) == ("addressees", "Addressed agencies: the agency of “Chairman TEST” is not known.")
    assert words.endswith("Fill “Addressed agencies” with one agency for each addressee, or take the name out.")


def test_an_id_confirms_the_member_whose_name_stands_beside_it(reference, sheet):
    data = sheet(HEADER, row(signers="Bill Hagerty; Marsha Blackburn; Ted Budd", ids="H000601; H000601; B001305"))
    assert [words.split(". The")[0] for _, field, words in said(checked(data)) if field == "bioguides"] == [
        "Bioguide IDs: H000601 is Bill Hagerty, but the name beside it is “Marsha Blackburn”",
    ]
    brought_in(sheet(HEADER, row(ids="B001243; -")))
    assert list(Signature.objects.order_by("position").values_list("legislator__bioguide", "match")) == [
        ("B001243", "proposed"), (None, "unmatched"),
    ]  # fmt: skip


@pytest.fixture
def hagerty(reference):
    with acting(BY):
        return Office.objects.create(kind="member", name="TEST", legislator=Legislator.objects.get(bioguide="H000601"))


@pytest.mark.parametrize(
    ("changed", "part", "remarks"),
    [
        ({"leads": "Marsha Blackburn"}, "co_signed", []),
        ({"leads": "Hagerty"}, "led", ["leads"]),
        ({"leads": "Bill Hagerty; Marsha Blackburn"}, "led", []),
        ({}, "led", []),
        ({"signers": "TEST Hagerty"}, "led", ["signers"]),
        ({"signers": "Marsha Blackburn"}, "followed", ["our_role"]),
        ({"signers": "Marsha Blackburn", "leads": "Bill Hagerty"}, "followed", ["leads", "our_role"]),
        ({"signers": "Marsha Blackburn", "leads": "Marsha Blackburn"}, "followed", ["our_role"]),
    ],
)
def test_a_letter_that_others_led_is_not_led_by_us(hagerty, sheet, changed, part, remarks):
    data = sheet(HEADER, row(**changed))
    assert [field for _, field, _ in said(checked(data))] == remarks
    brought_in(data)
    assert Letter.objects.get().our_role == part
