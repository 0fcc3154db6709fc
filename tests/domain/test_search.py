"""Words find a letter by what it says and whom it names; the cost is what is stored, not what it multiplies to."""

import pytest
from django.db import connection

from letters.api.released.letters import matching as in_public
from letters.domain.history import acting
from letters.models import Addressee, Ask, Letter, Signature, Tasking
from tests.factories import SETUP, agency, draft, kind, sent, target


@pytest.fixture
def quoll(reference) -> Letter:
    """A letter with a word of its own in every place that is searched; another without."""
    sent(released=True)
    made = sent(
        released=True,
        subject="TEST quollsubject",
        text="TEST quolltext",
        signers=["TEST Quollsigner"],
        ask_facts={
            "summary": "TEST quollsummary",
            "quote": "TEST quollquote",
            "targets": [target("TEST Quolltarget Co")],
        },
    )
    with acting(SETUP):
        made.addressees.update(control_number="TEST-quoll-7")
    return made


PUBLIC = ["quollsubject", "quolltext", "quollsummary", "quollquote", '"test quollquote"', "olltarget c", "QUOLLSIGN"]


@pytest.mark.parametrize("words", [*PUBLIC, "test-QUOLL-7"])
def test_each_place_is_searched(quoll, words):
    assert list(Letter.objects.matching(words)) == [quoll]
    assert [tasking.ask.letter for tasking in Tasking.objects.matching(words)] == [quoll]


def test_words_beside_curly_quotes_and_dashes_are_words(reference):
    """Letters print them so; a database whose LC_CTYPE is C takes “ for a letter."""
    made = sent(
        text="TEST “quollone” and \u2018quolltwo\u2019 of quollthree’s—quollfour…quollfive «quollsix» Quollseñor"
    )
    for word in (
        "quollone",
        "quolltwo",
        "quollthree",
        "quollfour",
        "quollfive",
        "quollsix",
        "“quollone” and",
        "quollseñor",
    ):
        assert list(Letter.objects.matching(word)) == [made], word


def test_a_reference_finds_its_letter(quoll):
    assert list(Letter.objects.matching(quoll.reference)) == [quoll]
    assert list(Letter.objects.matching("quollnothing")) == []


def test_words_in_many_places_find_a_letter_once(quoll):
    assert Letter.objects.matching("TEST").count() == 2
    assert Tasking.objects.matching("TEST").count() == 2


@pytest.mark.parametrize("words", PUBLIC)
def test_the_public_s_search_reads_what_is_public(quoll, words):
    assert list(in_public(words)) == [quoll]


def test_the_public_s_search_finds_by_no_number(quoll):
    assert list(in_public(quoll.reference)) == list(in_public("TEST-quoll-7")) == []


def test_no_step_of_a_search_multiplies_what_is_stored(reference):
    letter = draft()
    many = range(2, 32)
    with acting(SETUP):
        Ask.objects.bulk_create(Ask(letter=letter, number=n, kind=kind("other"), summary="TEST ask") for n in many)
        Signature.objects.bulk_create(Signature(letter=letter, position=n, printed_name=f"TEST {n}") for n in many)
        Addressee.objects.bulk_create(
            Addressee(letter=letter, position=n, agency=agency("treasury"), printed_name=f"TEST {n}") for n in many
        )
    with connection.cursor() as cursor:
        sql, values = Letter.objects.matching("TEST quollnothing").query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        ((plan,),) = cursor.fetchone()
    assert max(rows(plan["Plan"])) < 100


def rows(step: dict) -> list[int]:
    return [step["Actual Rows"] * step["Actual Loops"], *(n for part in step.get("Plans", []) for n in rows(part))]
