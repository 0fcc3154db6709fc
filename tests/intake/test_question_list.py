"""Questions as letters nest them: real letters first, then what they taught."""

from pathlib import Path

import pytest
from django.conf import settings

from letters.intake.question_list import flat, read_questions

LETTERS = Path(settings.BASE_DIR) / "tests" / "letters"


def real(name: str, begin: str) -> str:
    return (LETTERS / f"{name}.txt").read_text().split(begin)[-1]


def labels(text: str) -> list[str]:
    return [label for label, _ in flat(read_questions(text))]


def test_the_real_letter_with_questions_a_to_l():
    questions = list(flat(read_questions(real("08-cotton-tiktok-treasury", "requests in writing:"))))
    assert [label for label, _ in questions] == ["1", "2", *(f"2{part}" for part in "abcdefghijkl"), "3", "4", "5"]
    words = dict(questions)
    assert words["1"] == "Identify all CFIUS member agencies that are “lead” agencies for this matter."
    assert words["2i"].startswith("If the control and operation of TikTok’s algorithm remains")
    assert words["2l"].endswith("from any and all influence of ByteDance’s officers and employees?")
    assert words["5"].endswith("WeChat, Didi, and other Chinese-owned or controlled apps?")  # not the closing


def test_a_real_list_without_marks_is_one_question_to_a_paragraph():
    questions = list(flat(read_questions(real("22-budd-firearms-licences", "requests by November 30, 2023:"))))
    assert len(questions) == 17
    assert questions[4] == ("5", "If yes, then please provide a list of these organizations.")
    assert questions[-1][1].endswith("job losses, to U.S. firearms industry as a result of this pause?")


def test_a_real_list_of_numbers_and_letters():
    assert labels(real("35-hawley-hsi-ig", "Please provide")) == ["1", "1a", "1b", "1c", "2", "2a", "3", "4", "5"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. One?\n2. Two?", ["1", "2"]),
        ("1) One?\n2) Two?", ["1", "2"]),
        ("(1) One?\n(2) Two?", ["1", "2"]),
        ("1. One\n  a. A\n  b. B\n     i. first\n     ii. second\n  c. C\n2. Two", ["1", "1a", "1b", "1b.i", "1b.ii", "1c", "2"]),
        ("1. One\na) A\nb) B\n2. Two", ["1", "1a", "1b", "2"]),
        ("I. One\nII. Two\nIII. Three\nIV. Four", ["I", "II", "III", "IV"]),
        ("A. One\n 1. First\n 2. Second\nB. Two", ["A", "A1", "A2", "B"]),
        ("1. One\n  (a) A\n    (i) first\n    (ii) second\n  (b) B", ["1", "1a", "1a.i", "1a.ii", "1b"]),
        ("• One\n• Two\n   ◦ under two\n• Three", ["1", "2", "2.1", "3"]),
        ("- One\n- Two\n  - under two\n- Three", ["1", "2", "2.1", "3"]),
        ("1. One\n• first\n• second\n2. Two", ["1", "1.1", "1.2", "2"]),
        ("1. One\n3. Three, two was lost", ["1", "3"]),
        ("1. One\n2. Two\n\n1. One of a second list", ["1", "2", "1"]),
        ("\t1.\tOne\n\t2.\tTwo", ["1", "2"]),
        ("We ask: (1) what was found; (2) who knew; and (3) when.", ["1", "2", "3"]),
        ("c. C\nd. D", ["c", "d"]),
        ("", []),
        ("   \n\n", []),
        ("Please answer:", []),
    ],
)  # fmt: skip
def test_marks(text, expected):
    assert labels(text) == expected


def test_lines_that_go_on_belong_to_their_question():
    (first, second) = read_questions("1. What did the\nDepartment find, and\n   when?\n2. Who?")
    assert (first.text, second.text) == ("What did the Department find, and when?", "Who?")


def test_a_paragraph_between_two_questions_belongs_to_the_first_and_one_after_the_last_does_not():
    questions = read_questions("Please answer:\n\n1. What?\n\nBe exact.\n\n2. Who?\n\nWe ask for this by July 22.")
    assert [question.text for question in questions] == ["What? Be exact.", "Who?"]


def test_words_that_only_look_like_marks_are_words():
    (only,) = read_questions("1. Which licenses did\ne.g. the U.S. grant in\n2023?")
    assert only.text == "Which licenses did e.g. the U.S. grant in 2023?"


def test_lines_wrapped_by_a_mail_program_are_one_question():
    assert [q.text for q in read_questions("What did the Department\nfind?\nWho knew?")] == [
        "What did the Department find?",
        "Who knew?",
    ]


@pytest.mark.parametrize(
    "text", ["1." * 5000, "((((" * 2000, "a. " * 3000, "\x00 1. x", "1. " + "x" * 100_000, "i. \n" * 2000]
)
def test_nothing_pasted_breaks_it(text):
    assert all(question.text for question in read_questions(text))
