"""Type-ahead: typing errors are forgiven, names that begin so come first, and nobody learns of what they may not see."""

import datetime as dt

import pytest

from letters.domain import sending, suggest
from letters.domain.history import acting
from letters.domain.typed_words import telling
from letters.enums import Access, AgencyKind
from letters.models import Agency, Official, Target, TargetAlias
from tests import factories

IN_2023 = dt.date(2023, 4, 25)
IN_2026 = dt.date(2026, 6, 10)


def ids(found: list[suggest.Suggestion]) -> list[str]:
    return [one.id for one in found]


def target(name: str, *, parent: Target | None = None, alias: str = "") -> Target:
    made = factories.target(name)
    with acting(factories.SETUP):
        Target.objects.filter(pk=made.pk).update(parent=parent)
        if alias:
            TargetAlias.objects.create(target=made, name=alias)
    return made


def restricted(**how) -> None:
    sending.change_access(factories.sent(**how), by=factories.SETUP, access=Access.RESTRICTED)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hagerty", "H000601"),
        ("Haggerty", "H000601"),
        ("hageryt", "H000601"),  # two neighbors swapped
        ("bill hag", "H000601"),
        ("Hagerty, Bill", "H000601"),
        ("ernts", "E000295"),
        ("lujan", "L000570"),
        ("LUJÁN", "L000570"),
        ("chuck gr", "G000386"),
        ("van hol", "V000128"),
        ("klobuchr", "K000367"),
    ],
)
def test_a_member_is_found_by_any_name_and_in_spite_of_errors(reference, typed, first):
    assert ids(suggest.legislators(typed, on=IN_2023))[:1] == [first]


def test_state_and_party_are_those_of_the_day_and_who_sat_then_comes_first(reference):
    (rubio, *_) = suggest.legislators("rubio", on=IN_2023)
    assert (rubio.label, rubio.detail) == ("Marco Rubio", "Republican, FL, Senate")
    (britt,) = suggest.legislators("katie boyd britt", on=dt.date(2022, 6, 1), limit=1)
    assert britt.detail == "Republican, AL, Senate, from January 3, 2023"
    (braun,) = suggest.legislators("mike braun", on=IN_2026, limit=1)
    assert braun.detail.startswith("Republican, IN, Senate, until January")
    # Scott: those who sat then before Scott, David, who left
    assert "S001157" not in ids(suggest.legislators("scott", on=IN_2026))[:4]


@pytest.mark.parametrize(
    ("typed", "first", "detail"),
    [
        ("treas", "treasury", ""),
        ("tresury", "treasury", ""),
        ("BIS", "bis", "Department of Commerce"),
        ("industry and sec", "bis", "Department of Commerce"),
        ("war", "defense", "also Department of War"),
        ("ofac", "ofac", "Department of the Treasury"),
        ("epa", "epa", ""),
    ],
)
def test_an_agency_is_found_by_name_short_name_and_earlier_names(reference, typed, first, detail):
    (found, *_) = suggest.agencies(typed)
    assert (found.id, found.detail) == (first, detail)


def test_an_official_shows_the_printed_title_and_who_holds_the_post_comes_first(reference):
    with acting(factories.SETUP):
        for name, start, end in [
            ("TEST Quoll Before", dt.date(2021, 1, 1), dt.date(2022, 1, 1)),
            ("TEST Quoll Now", dt.date(2022, 1, 2), None),
        ]:
            Official.objects.create(
                agency=factories.agency("bis"), name=name, title="Under Secretary", start=start, end=end
            )
    found = suggest.officials("quoll", on=IN_2023)
    assert [(one.label, one.detail) for one in found] == [
        ("TEST Quoll Now", "Under Secretary, BIS"),
        ("TEST Quoll Before", "Under Secretary, BIS, until January 1, 2022"),
    ]
    # one without days, whom a letter names, stands between
    assert [one.label for one in suggest.officials("under secr", agency="commerce", on=IN_2023)] == [
        "TEST Quoll Now",
        "Jeffrey Kessler",
        "TEST Quoll Before",
    ]
    assert suggest.officials("quoll", agency="treasury", on=IN_2023) == []


def test_a_target_that_is_nearly_there_comes_first(seed, staff):
    assert ids(suggest.targets("Huawei Cloud Ltd.", user=staff)) == ["huawei-cloud", "huawei"]
    assert ids(suggest.targets("hauwei", user=staff)) == ["huawei", "huawei-cloud"]
    assert ids(suggest.targets("alibaba g", user=staff)) == ["alibaba-group", "alibaba-cloud"]
    (cloud, *_) = suggest.targets("alibaba cloud", user=staff)
    assert cloud.detail == "part of Alibaba Group"


def test_a_typo_in_one_of_several_words_hides_no_target(seed, staff):
    assert ids(suggest.targets("Hauwei 5G", user=staff)) == ["huawei", "huawei-cloud"]
    assert ids(suggest.targets("Baidu Holdings 5G unit", user=staff)) == ["baidu", "baidu-cloud"]
    # what half of all companies are called tells none from another
    assert telling("Xyzzy Technologies Group Ltd.") == ["xyzzy"]
    assert not any(one.sure for one in suggest.targets("Hauwei 5G", user=staff))


def test_whose_parent_is_typed_is_offered_the_parent_first(seed, staff, manager):
    for typed in ("Alibaba’s parent company", "parent company of Alibaba Cloud", "the owner of alibaba cloud"):
        (parent, *others) = suggest.targets(typed, user=staff)
        assert (parent.id, "alibaba-cloud" in ids(others)) == ("alibaba-group", True), typed
    # one that only a restricted letter names is nobody's parent for the others
    hidden = target("TEST Quagga Group")
    target("TEST Quagga Cloud", parent=hidden)
    restricted(ask_facts={"targets": [hidden]})
    assert ids(suggest.targets("parent of test quagga cloud", user=staff)) == ["test-quagga-cloud"]
    (parent, *_) = suggest.targets("parent of test quagga cloud", user=manager)
    assert (parent.id, parent.detail) == ("test-quagga-group", "parent of TEST Quagga Cloud")
    # and a company that is called so is itself
    target("TEST Alibaba Parent")
    assert ids(suggest.targets("Test Alibaba Parent", user=staff))[:1] == ["test-alibaba-parent"]


def test_a_target_is_found_by_an_alias_which_is_said(seed, staff):
    target("TEST Pengxin Holdings", alias="TEST Quagga Semiconductor")
    (found,) = suggest.targets("quagga", user=staff)
    assert (found.label, found.detail) == ("TEST Pengxin Holdings", "also TEST Quagga Semiconductor")


@pytest.mark.parametrize("typed", ["nicolas", "Nicolás", "nicoals"])
def test_accents_are_neither_needed_nor_in_the_way(reference, staff, typed):
    target("TEST Nicolás Quoll")
    assert [one.label for one in suggest.targets(typed, user=staff)][:1] == ["TEST Nicolás Quoll"]


def test_a_target_that_only_a_restricted_letter_names_is_absent(reference, staff, manager):
    hidden = target("TEST Quagga Group")
    child = target("TEST Quagga Cloud", parent=hidden)
    restricted(ask_facts={"targets": [child]})
    assert suggest.targets("quagga", user=staff) == suggest.targets("quagga", user=None) == []
    assert ids(suggest.targets("quagga", user=manager)) == ["test-quagga-cloud", "test-quagga-group"]
    factories.sent(
        ask_facts={"targets": [hidden]}
    )  # now an open letter names the parent: it is there, its child is not
    assert ids(suggest.targets("quagga", user=staff)) == ["test-quagga-group"]


def test_a_target_that_no_letter_names_yet_is_there(reference, staff):
    target("TEST Quagga Group")
    assert ids(suggest.targets("quagga", user=staff)) == ["test-quagga-group"]


def test_a_company_asked_only_in_a_restricted_letter_is_absent(reference, staff, manager):
    with acting(factories.SETUP):
        quagga = Agency.objects.create(
            slug="test-quagga", name="TEST Quagga Corp", short_name="Quagga", kind=AgencyKind.COMPANY
        )
        Official.objects.create(agency=quagga, name="TEST Pat Quagga", title="President")
    assert ids(suggest.agencies("quagga", user=staff))[:1] == ["test-quagga"]  # no letter names it
    restricted(agencies=["test-quagga"])
    assert "test-quagga" not in ids(suggest.agencies("quagga", user=staff)) + ids(suggest.agencies("quagga"))
    assert suggest.officials("quagga", user=staff) == []
    assert ids(suggest.agencies("quagga", user=manager))[:1] == ["test-quagga"]
    assert [one.label for one in suggest.officials("quagga", user=manager)] == ["TEST Pat Quagga"]


ODD = [
    "",
    "   ",
    "%",
    "'",
    "\\",
    "(((",
    "*",
    "\x00",
    "\ud800",
    "x" * 5000,
    ".*" * 900,
    "é" * 300,
    "a b c d e f g h i j k l",
]


def test_odd_words_find_what_they_find(seed, staff):
    for typed in ODD:
        found = [
            *ids(suggest.legislators(typed)), *ids(suggest.agencies(typed)), *ids(suggest.officials(typed)),
            *ids(suggest.targets(typed, user=staff)),
        ]  # fmt: skip
        # three hundred of them share their beginning with “EEOC”, and nothing else is as near
        assert (typed[:20], found) == (typed[:20], ["eeoc"] if typed[:1] == "é" else [])


@pytest.mark.parametrize("rows", [1, 3])
def test_each_costs_the_same_however_many_it_finds(reference, staff, django_assert_num_queries, rows):
    for number in range(rows):
        factories.sent(ask_facts={"targets": [target(f"TEST Quagga {number}", alias=f"TEST Alias {number}")]})
        with acting(factories.SETUP):
            Official.objects.create(agency=factories.agency("bis"), name=f"TEST Quagga {number}", title="TEST")
    with django_assert_num_queries(2):
        assert len(suggest.targets("quagga", user=staff)) == rows
    with django_assert_num_queries(1):
        assert len(suggest.officials("quagga", user=staff)) == rows
    with django_assert_num_queries(2):
        assert len(suggest.legislators("scott", limit=rows)) == rows
    with django_assert_num_queries(2):
        assert len(suggest.agencies("treasury", limit=rows)) == rows
