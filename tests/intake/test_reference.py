"""Reference data: loaded again it changes nothing, what people changed, deleted or added stays."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core.management import call_command

from letters.domain.clocks import NOT_LOOKED_AT
from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.intake.reference import load_reference, read_yaml
from letters.models import (
    Agency,
    AgencyName,
    AskKind,
    Closure,
    Legislator,
    Official,
    ReminderRule,
    StatutoryClock,
    Tasking,
    Term,
)
from tests import factories, kept

NOTHING = {
    "agencies": 0,
    "officials": 0,
    "kinds of ask": 0,
    "members of Congress": 0,
    "closures": 0,
    "laws with a clock": 0,
    "reminder rules": 0,
}


def rows():
    kept_tables = (Agency, AgencyName, Official, AskKind, Legislator, Term, Closure, ReminderRule, StatutoryClock)
    return {m: list(m.objects.order_by("pk").values()) for m in kept_tables}


def test_loading_again_writes_nothing(reference):
    before = rows()
    assert load_reference() == NOTHING
    assert rows() == before


def test_the_command_says_what_it_wrote(reference, capsys):
    call_command("load_reference")
    assert capsys.readouterr().out == "".join(f"{name}: 0 rows written\n" for name in NOTHING)


@pytest.fixture
def loaded(reference):
    """With its history, which the copy that other tests start from leaves out."""
    kept.empty("reference")
    load_reference()


def test_what_the_files_say_anew_is_taken_over(loaded):
    factories.item(subject="TEST")
    with acting(SystemProcess.REFERENCE_LOADER):  # as an earlier version of the files said
        Agency.objects.filter(slug="bis").update(short_name="TEST", parent=None)
        Legislator.objects.filter(bioguide="H000601").update(first="TEST")
        AskKind.objects.filter(code="sanction").update(needs_targets=False)
        Tasking.objects.update(check_on=dt.date(2023, 7, 1))
    assert load_reference() == {**NOTHING, "agencies": 2, "kinds of ask": 1, "members of Congress": 1}
    bis = Agency.objects.select_related("parent").get(slug="bis")
    assert (bis.short_name, bis.parent.slug) == ("BIS", "commerce")
    assert AskKind.objects.get(code="sanction").needs_targets is True
    # an agency's place in the tree says which rungs are its items'
    assert Tasking.objects.get().check_on == NOT_LOOKED_AT


def test_what_a_person_changed_stays_until_somebody_overwrites_it(loaded, admin):
    before, address = rows(), Agency.objects.get(slug="bis").address
    with acting(SystemProcess.REFERENCE_LOADER):
        Agency.objects.filter(slug="bis").update(address="TEST: as an earlier version of the files said")
    with acting(admin):
        Agency.objects.filter(slug="bis").update(short_name="TEST", parent=None)
        Term.objects.filter(legislator__bioguide="H000601").update(party="TEST")
        Closure.objects.filter(day=dt.date(2018, 12, 5)).update(name="TEST")
    # the loader writes the same row, and the person's words are not taken for its own the next time
    assert load_reference() == {**NOTHING, "agencies": 1}
    assert load_reference() == NOTHING
    bis = Agency.objects.get(slug="bis")
    assert (bis.short_name, bis.parent, bis.address) == ("TEST", None, address)
    assert set(Term.objects.filter(legislator__bioguide="H000601").values_list("party", flat=True)) == {"TEST"}
    call_command("load_reference", "--overwrite", verbosity=0)
    assert rows() == before


def test_what_a_person_deleted_or_renamed_does_not_come_back_until_somebody_overwrites(loaded, admin):
    with acting(admin):
        AskKind.objects.get(code="cfius_review").delete()
        Closure.objects.order_by("day").first().delete()
        ReminderRule.objects.get(code="unread").delete()
        StatutoryClock.objects.all().delete()
        AgencyName.objects.filter(agency__slug="treasury").delete()
        Legislator.objects.get(bioguide="H000601").delete()
        Agency.objects.filter(slug="bis").update(slug="test-bis")
    left = rows()
    assert load_reference() == NOTHING
    assert rows() == left
    assert all(written for name, written in load_reference(overwrite=True).items() if name != "officials")
    assert load_reference() == NOTHING
    assert Agency.objects.filter(slug__in=["bis", "test-bis"]).values_list("slug", flat=True).get() == "bis"
    there = [AskKind.objects.filter(code="cfius_review"), Legislator.objects.filter(bioguide="H000601")]
    assert [found.count() for found in there] == [1, 1]
    assert list(Closure.objects.values("day", "closed", "name")) == read_yaml("closures.yaml")


def test_what_an_administrator_added_or_set_stays(reference):
    with acting(factories.SETUP):
        Agency.objects.create(slug="test", name="TEST Agency", short_name="TEST", kind="independent")
        Agency.objects.filter(slug="treasury").update(yardstick_days=30)
    assert load_reference() == NOTHING
    assert Agency.objects.filter(slug="test").count() == 1
    assert Agency.objects.get(slug="treasury").yardstick_days == 30


def test_an_agency_that_the_office_added_before_a_file_knew_it_is_the_one_of_the_file(reference, admin):
    """Names are unique: a new version whose file has one that the office added did not start."""
    name = "SECURITIES and Exchange Commission"
    with acting(admin):
        Agency.objects.filter(slug="sec").update(slug="test-own", name=name)
    assert load_reference() == NOTHING
    assert Agency.objects.get(slug="test-own").name == name


@pytest.mark.parametrize(
    ("code", "usual", "acting_bureau", "listed"),
    [
        ("sanction", "treasury", "ofac", "SDN List"),
        ("entity_list", "commerce", "bis", "Entity List"),
        ("license_denial", "commerce", "bis", ""),
        ("ns_cmic", "treasury", "ofac", "NS-CMIC List"),
        ("audit_request", "gao", None, ""),
        ("reply", None, None, ""),
    ],
)
def test_kinds_propose_agency_bureau_and_list(reference, code, usual, acting_bureau, listed):
    kind = AskKind.objects.get(code=code)
    assert (
        kind.usual_agency.slug if kind.usual_agency else None,
        kind.acting_agency.slug if kind.acting_agency else None,
        kind.requested_list,
    ) == (usual, acting_bureau, listed)


def test_all_kinds_of_the_design_are_there(reference):
    assert list(AskKind.objects.values_list("code", flat=True)) == [
        "sanction", "entity_list", "license_denial", "ns_cmic", "listing_other", "cfius_review", "investigation",
        "audit_request", "briefing", "documents", "written_answers", "rulemaking", "legislation", "reply", "other",
    ]  # fmt: skip


def test_the_tree_of_agencies(reference):
    tree = dict(
        Agency.objects.filter(slug__in=["bis", "ofac", "treasury", "gao", "fcc"]).values_list("slug", "parent__slug")
    )
    assert tree == {"bis": "commerce", "ofac": "treasury", "treasury": None, "gao": None, "fcc": None}
    assert {agency.yardstick_days for agency in Agency.objects.all()} >= {21}
    departments = Agency.objects.filter(kind="department")
    assert departments.count() == 15
    assert set(departments.values_list("parent", flat=True)) == {None}


def test_members_carry_the_rosters_that_list_them(reference):
    seen = {
        m.bioguide: (m.seen_from, m.seen_until) for m in Legislator.objects.filter(bioguide__in=["R000595", "H000601"])
    }
    april_2023, june_2026 = dt.date(2023, 4, 25), dt.date(2026, 6, 10)
    assert seen == {"R000595": (april_2023, april_2023), "H000601": (april_2023, june_2026)}


def test_each_official_is_named_by_the_letter_that_the_file_gives_as_its_source(reference):
    def words(text: str) -> str:
        return re.sub(r"[\s,]+", " ", text)

    unproved = []
    for entry in read_yaml("officials.yaml"):
        folder = "fixtures" if entry["letter"].endswith(".yaml") else "tests/letters"
        source = (settings.BASE_DIR / folder / entry["letter"]).read_text(encoding="utf-8")
        if words(entry["printed"]) not in words(source):
            unproved.append(entry["printed"])
    assert unproved == []
    posts = list(Official.objects.filter(agency__slug="treasury").order_by("name").values_list("name", "start", "end"))
    assert posts == [("Janet Yellen", None, None), ("Scott Bessent", None, None)]


def test_the_days_that_an_administrator_enters_for_an_official_stay(loaded, admin):
    with acting(admin):
        Official.objects.filter(name="Janet Yellen").update(end=dt.date(2025, 1, 20))
    assert load_reference() == load_reference(overwrite=True) == NOTHING
    assert Official.objects.get(name="Janet Yellen").end == dt.date(2025, 1, 20)


def test_closures_are_those_of_the_file(reference):
    entries = read_yaml("closures.yaml")
    assert list(Closure.objects.values("day", "closed", "name")) == entries
