"""Whatever the check calls new, the import takes: what cannot be kept is said at its row and its column, never of the whole file."""

import datetime as dt

import pytest

from letters.intake.sheet.applying import apply
from letters.intake.sheet.columns import BY_CODE, DATES
from letters.models import Letter
from letters.reminders.hush import hush
from tests.intake.sheet.conftest import BY, as_csv, checked, results, said

CODES = tuple(BY_CODE)
HEADER = [BY_CODE[code].label for code in CODES]
LETTER = {"signers": "TEST Nobody", "agency": "Treasury", "ask": "TEST sanction"}
REPLY = {"status": "answered", "reply_on": "5/30/2023", "coverage": "full", "reply_text": "TEST words"}
# what else the row says, since some columns count only beside others
BESIDE = {
    "a plain row": {},
    "a reply": REPLY,
    "a deed": {"status": "done", "evidence": "TEST Entity List", "evidence_on": "6/1/2023"},
    "a page": {"evidence": "https://example.gov/TEST (TEST words)", "evidence_on": "6/1/2023", "status": "done"},
    "more time": {"extended_to": "9/1/2023", "extended_on": "5/1/2023", "status": "promised", "promised_on": "10/1/2023"},
    "an end": {"status": "moot", "reason": "TEST", "status_on": "6/1/2023"},
    "one addressee": {"addressees": "TEST Somebody", "addressed": "Treasury", "questions": "TEST one?\nTEST two?"},
    "what owes nothing": {"agency": "", "consulted": "State"},
    "no agency": {"agency": ""},
}  # fmt: skip
HARD = {
    "long": "x" * 300,
    "listed with commas": "TEST one, " * 25,
    "of an old encoding": "TEST � words",
    "a control mark": "TEST \x07 words",
    "blanks in quotes": '" "',
}
VERY_LONG = "x" * 21_000
LONG_ONES = ("letter_note", "note", "evidence", "reason", "reply_text", "reply_quote", "quote", "questions", "text")
DAYS = {"long ago": "4/1/1923", "before it was sent": "4/1/2023", "to come": "4/1/2190", "a placeholder": "12/31/2199"}


def lines(beside: dict[str, str], *, first: bool) -> list[dict[str, str]]:
    """One letter for each column and each word; `first`: behind a row of its own that asks two agencies."""
    day = dt.date(2023, 4, 25)
    found = []
    # by the single verbs, one after the other
    for code in DATES if "extended_to" in beside else CODES:
        hard = [*HARD.values(), *([VERY_LONG] if code in LONG_ONES else [])]
        for words in DAYS.values() if code in DATES else hard:
            number = f"TEST-{len(found)}"
            its = {"number": number, "letter_date": day.strftime("%m/%d/%Y"), "subject": f"TEST {number}"}
            if first:
                found.append(its | LETTER | {"agency": "Treasury; Commerce"})
                its = {"number": number}
            found.append(its | ({} if first else LETTER) | beside | {code: words})
    return found


@pytest.mark.parametrize(
    ("beside", "first"),
    [*((beside, False) for beside in BESIDE), ("a reply", True), ("what owes nothing", True), ("no agency", True)],
)
def test_whatever_the_check_calls_new_comes_in(reference, beside, first):
    rows = lines(BESIDE[beside], first=first)
    batch = checked(as_csv([HEADER, *([row.get(code, "") for code in CODES] for row in rows)]))
    new = {number for number, words in results(batch).items() if words.startswith("new letter")}
    assert batch.counts["blocked"] > 0
    assert (apply(batch, by=BY, leave_out_problems=True, hush=hush).new, Letter.objects.count()) == (len(new),) * 2


LONG_NOTE = "x" * 20_001


@pytest.mark.parametrize(
    ("beside", "code", "words", "is_said"),
    [
        ({}, "targets", "TEST Huawei, " * 20, "About: “TEST Huawei, TEST Huawei, TEST Huawei, T”: The name has 258 characters; at most 200 fit."),
        ({}, "targets", "TEST �", "About: “TEST �”: The name has characters that were not UTF-8 text"),
        ({}, "topics", "x" * 121, "Topics: “xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx”: A topic has 121 characters; at most 120 fit."),
        ({}, "letter_note", LONG_NOTE, "Notes on the letter has 20,001 characters"),
        ({}, "note", "TEST �", "Notes has characters that were not UTF-8 text"),
        ({"agency": "", "consulted": "State"}, "note", LONG_NOTE, "Notes has 20,001 characters"),
        ({"agency": ""}, "note", "TEST \x07", "Notes has a control character"),
        ({}, "number", "TEST �", "Number has characters that were not UTF-8 text"),
        ({"evidence_on": "6/1/2023"}, "evidence", f"https://example.gov/TEST ({'x' * 501})", "Evidence has 501 characters; at most 500 fit."),
        ({}, "evidence", "TEST call �", "Evidence has characters that were not UTF-8 text"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_kept_are_said_at_their_place(reference, beside, code, words, is_said):
    """By the second row of a letter: the first asks two agencies."""
    its = {"number": "TEST-1", "letter_date": "4/25/2023", "subject": "TEST"}
    rows = [its | LETTER | {"agency": "Treasury; Commerce"}, {"number": "TEST-1"} | {"agency": "Treasury"} | beside]
    rows[1][code] = words
    if code == "number":
        rows = [its | LETTER | {"number": words}]
    batch = checked(as_csv([HEADER, *([row.get(code, "") for code in CODES] for row in rows)]))
    [(row, field, sentence)] = said(batch, blocks=True)
    assert (row, field, sentence[: len(is_said)]) == (2 if code == "number" else 3, code, is_said)


def test_a_company_that_cannot_be_kept_is_said_at_each_of_its_rows(reference):
    rows = [
        LETTER | {"letter_date": "4/25/2023", "subject": f"TEST {n}", "targets": "x" * 201, "number": f"TEST-{n}"}
        for n in (1, 2)
    ]
    batch = checked(as_csv([HEADER, *([row.get(code, "") for code in CODES] for row in rows)]))
    assert [(row, field) for row, field, _ in said(batch, blocks=True)] == [(2, "targets"), (3, "targets")]


def test_a_file_whose_name_was_no_text_comes_in(reference, sheet):
    data = as_csv(
        [
            HEADER,
            [(LETTER | {"letter_date": "4/25/2023", "subject": "TEST", "number": "7"}).get(code, "") for code in CODES],
        ]
    )
    batch = checked(data, name="TEST �.csv")
    assert apply(batch, by=BY, hush=hush).new == 1
    assert Letter.objects.get().notes.get().text == "Number in the imported sheet “TEST ?.csv”: 7"
