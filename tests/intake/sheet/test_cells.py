"""Days, names, headers and statuses as offices write them: pure, so each line is a case."""

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from letters.enums import Coverage, ResponseKind, Stance, Status
from letters.intake.sheet import columns, grouping
from letters.intake.sheet.days import Order, order_of, read_cell_day
from letters.intake.sheet.names import as_name, as_part, split_aligned, split_names, split_parts
from letters.intake.sheet.statuses import UNCLEAR, WORDS, read_choice, read_status

APRIL_25 = dt.date(2023, 4, 25)


@pytest.mark.parametrize(
    "words",
    [
        "4/25/2023", "4/25/23", "04-25-2023", "4.25.2023", "25/4/2023", "2023-04-25", "2023-04-25 00:00:00", "2023-04-25T09:30",
        "2023/4/25", "45041", "45041.0", "45041.75", "April 25, 2023", "Apr 25, 2023", "Apr. 25, 2023", "April 25th, 2023",
        "Tuesday, April 25, 2023", "25 April 2023", "April 25, 2023 9:30 AM", " 4/25/2023 ",
        "25-Apr-23", "25-Apr-2023", "25-apr-23", "25-April-2023", "25 Apr 2023", "Apr 25 2023", "Tue, Apr 25, 2023", "Tues. Apr 25, 2023",
        "Tuesday 25 April 2023", "April 25,2023", "25-Apr-23 9:30",
    ],
)  # fmt: skip
def test_a_day_however_it_is_written(words):
    assert read_cell_day(words) == APRIL_25


@pytest.mark.parametrize(
    "words",
    [
        "soon",
        "Sun",
        "Mon 2023",
        "25-Apr",
        "31-Apr-23",
        "2/30/2023",
        "13/13/2023",
        "Spring 2023",
        "4/25",
        "1",
        "123456",
        "N/A",
        "2023",
    ],
)
def test_what_is_no_day_is_said_with_the_ways_to_write_one(words):
    with pytest.raises(ValueError, match=r"is not a date\. Write it as 4/25/2023, April 25, 2023 or 2023-04-25\."):
        read_cell_day(words)


def test_an_empty_cell_is_no_day():
    assert read_cell_day("  ") is None


def test_day_or_month_first_counts_only_where_both_could_be_either():
    assert read_cell_day("4/5/2023") == dt.date(2023, 4, 5)
    assert read_cell_day("4/5/2023", day_first=True) == dt.date(2023, 5, 4)
    assert read_cell_day("4/25/2023", day_first=True) == APRIL_25


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["4/5/2023", "4/25/2023"], Order.MONTH_FIRST),
        (["4/5/2023", "25/4/2023"], Order.DAY_FIRST),
        (["4/5/2023", "", "4/4/2023"], Order.UNKNOWN),
        (["2023-04-05", "April 5, 2023", "4/4/2023"], Order.NONE),
        (["25/4/2023", "4/25/2023"], Order.MIXED),
        (["4/5/2023; 13/5/2023"], Order.DAY_FIRST),
        (["4/5/2023\n-"], Order.UNKNOWN),
    ],
)
def test_what_the_dates_of_a_file_prove(values, order):
    assert order_of(values) is order


KNOWN = {"Bill Hagerty", "Marsha Blackburn", "Tom Cotton", "Hagerty", "Blackburn", "Cotton", "Chris Van Hollen"}


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Hagerty, Bill", ["Bill Hagerty"]),
        ("Hagerty, Bill; Blackburn, Marsha", ["Bill Hagerty", "Marsha Blackburn"]),
        ("Bill Hagerty\nMarsha Blackburn\n", ["Bill Hagerty", "Marsha Blackburn"]),
        ("Bill Hagerty, Marsha Blackburn", ["Bill Hagerty", "Marsha Blackburn"]),
        ("Bill Hagerty, Marsha Blackburn, and Tom Cotton", ["Bill Hagerty", "Marsha Blackburn", "Tom Cotton"]),
        ("Bill Hagerty and Marsha Blackburn", ["Bill Hagerty", "Marsha Blackburn"]),
        ("Hagerty, Bill, Blackburn, Marsha", ["Bill Hagerty", "Marsha Blackburn"]),
        ("Hagerty, Cotton", ["Hagerty", "Cotton"]),
        ("Hagerty, Blackburn, and Cotton", ["Hagerty", "Blackburn", "Cotton"]),
        ("Van Hollen, Chris", ["Chris Van Hollen"]),
        ("John Barrasso, M.D.; Bill Hagerty, R-TN", ["John Barrasso, M.D.", "Bill Hagerty (R-TN)"]),
        ("Hagerty (R-TN), Cotton (R-AR)", ["Hagerty (R-TN)", "Cotton (R-AR)"]),
        ("TEST Person, Somebody", ["Somebody TEST Person"]),
        ("Barrasso, John, M.D.; Hagerty, Bill, R-TN", ["John Barrasso, M.D.", "Bill Hagerty (R-TN)"]),
        ("Van Hollen, Chris, Jr.", ["Chris Van Hollen, Jr."]),
        ('"Hagerty, Bill"; Blackburn, Marsha', ["Hagerty, Bill", "Marsha Blackburn"]),
        ('TEST "Buddy" Carter; "TEST ""B"" C; D"', ['TEST "Buddy" Carter', 'TEST "B" C; D']),
        ("; ;", []),
        ("", []),
    ],
)  # fmt: skip
def test_several_names_in_one_cell(cell, names):
    assert split_names(cell, KNOWN.__contains__) == names


def test_parts_are_never_cut_at_a_comma():
    assert split_parts("Baidu, Inc.; Huawei Technologies Co., Ltd.") == ["Baidu, Inc.", "Huawei Technologies Co., Ltd."]
    assert split_aligned("H000601; - ; B001243") == ["H000601", "", "B001243"]
    assert split_aligned(" ") == []


PIECES = st.sampled_from([*'aB ,;|"&-.()\n', " and ", "M.D.", ", Jr.", "R-TN"])
NAMES = st.lists(st.lists(PIECES, min_size=1).map(lambda pieces: "".join(pieces).strip()).filter(bool), max_size=4)


@given(NAMES, st.booleans())
@example(['"', ";"], False)
@settings(max_examples=150, deadline=None)
def test_names_and_parts_that_are_written_into_a_cell_come_back_as_they_were(names, everybody_is_known):
    assert split_names("; ".join(as_name(name) for name in names), lambda name: everybody_is_known) == names
    assert split_parts("; ".join(as_part(name) for name in names)) == names


HEADERS = [
    "Letter #", "Date", "Date Sent (M/D/Y)", "Signed By:", "Response Due Date", "Department/Agency", "REQUEST", "Status", "Comments",
    "Re:", "Staff POC", "Whatever",
]  # fmt: skip


def test_headers_as_offices_write_them_are_guessed():
    assert columns.guess(HEADERS) == [
        "number", "letter_date", "sent_on", "signers", "deadline_on", "agency", "ask", "status", "note", "subject", "owner", "",
    ]  # fmt: skip


def test_our_own_headers_are_known_one_for_one():
    assert columns.guess([column.label for column in columns.COLUMNS]) == [column.code for column in columns.COLUMNS]


def test_no_two_columns_share_a_name():
    named = [(columns.compared(name), c.code) for c in columns.COLUMNS for name in (c.label, c.code, *c.names)]
    assert [name for name, code in named if any(name == other and code != its for other, its in named)] == []


def test_a_column_is_guessed_once():
    assert columns.guess(["Date", "Letter date", "Dated"]) == ["letter_date", "", ""]


def test_the_header_need_not_be_the_first_row():
    rows = [
        ["TEST Office of Nobody"],
        [],
        ["Updated 4/25/2023"],
        ["Date", "Subject", "Agency"],
        ["4/25/2023", "TEST", "Treasury"],
    ]
    assert columns.find_header(rows) == 3
    assert columns.find_header([["TEST", "x"], ["1", "2"]]) is None


def test_headers_are_remembered_whatever_their_capitals_and_marks():
    assert (
        columns.fingerprint(["Date:", "RE"])
        == columns.fingerprint(["date", " Re: "])
        != columns.fingerprint(["re", "date"])
    )


def test_what_a_choice_of_columns_lacks_or_doubles():
    assert columns.missing(["agency"]) == ["Subject", "Letter date"]
    assert columns.missing(["subject", "sent_on"]) == []
    assert columns.clashes(["note", "", "note", ""]) == ["note"]


def test_each_word_means_one_status_and_the_labels_are_words():
    words = [word for known in WORDS.values() for word in known]
    assert len(words) == len(set(words))
    assert [status for status in WORDS if read_status(str(status.label)) is not status] == []
    assert [word for word in UNCLEAR if read_status(word)] == []
    assert (read_status("  Under Review. "), read_status("TEST"), read_status("")) == (
        Status.CONSIDERING,
        None,
        Status.AWAITING,
    )


@pytest.mark.parametrize("choices", [Stance, ResponseKind, Coverage])
def test_codes_and_labels_are_read_back(choices):
    assert (
        [read_choice(str(c.label).upper(), choices) for c in choices]
        == [read_choice(c.value, choices) for c in choices]
        == choices.values
    )
    assert read_choice("TEST", choices) is None


def letters(*rows, by_number=True):
    return list(grouping.number_letters(rows, by_number=by_number))


def test_rows_of_one_letter_have_its_number_or_its_day_and_subject_or_nothing():
    a, b = ("1", "2023-04-25", "test a"), ("2", "2023-04-26", "test b")
    assert letters(a, b, a) == [1, 2, 1]
    assert letters(("", "2023-04-25", "a"), ("", "2023-04-25", "a"), ("", "2023-04-26", "a")) == [1, 1, 2]
    assert letters(a, ("", "", ""), ("", "", ""), b) == [1, 1, 1, 2]
    assert letters(a, ("2", "2023-04-25", "test a"), by_number=False) == [1, 1]


def test_numbers_that_begin_anew_each_year_part_the_letters_of_the_years():
    old, new = ("1", "2022-01-20", "test steel"), ("1", "2023-02-01", "test ports")
    assert letters(old, ("2", "2022-02-03", "test b"), new) == [1, 2, 3]
    # further rows of either, also sorted by number, and such that leave out what stands above
    assert letters(old, ("1", "", ""), new, ("1", "", ""), ("1", "", "test ports"), old) == [1, 1, 2, 2, 2, 1]
    # one of the two, written another way, parts nothing; nor does our own number, which no two letters share
    assert letters(old, ("1", "2022-01-20", "test steel tariffs"), ("1", "2022-01-21", "test steel")) == [1, 1, 1]
    assert letters(("2022-0001", *old[1:]), ("2022-0001", *new[1:])) == [1, 1]


def test_numbers_that_only_count_rows_part_nothing():
    same = [("1", "d", "s"), ("2", "d", "s"), ("3", "d", "t")]
    assert grouping.counts_rows(same)
    assert not grouping.counts_rows([("1", "d", "s"), ("2", "d", "t")])  # nothing repeats, so they may be letters
    assert not grouping.counts_rows([("2023-0001", "d", "s"), ("2023-0002", "d", "s")])
    assert not grouping.counts_rows([("1", "d", "s"), ("1", "d", "s")])
    assert not grouping.counts_rows([("²", "d", "s")])
    # newest first, with gaps, beside rows that go on with the letter above, or counting the asks of each letter
    assert grouping.counts_rows([("9", "d", "t"), ("5", "d", "s"), ("", "", ""), ("3", "d", "s")])
    assert grouping.counts_rows([("1", "d", "s"), ("2", "d", "s"), ("1", "e", "t"), ("2", "e", "t")])
    # rows of one letter share a number, however alike another letter is; and a number of marks is nobody's count
    assert not grouping.counts_rows([("7", "d", "s"), ("7", "", ""), ("8", "d", "s")])
    assert not grouping.counts_rows([("A-1", "d", "s"), ("A-2", "d", "s")])


def test_a_number_that_stands_in_the_first_row_of_its_letter_alone_is_of_all_its_rows():
    a, b = ("2023-04-25", "huawei"), ("2023-05-01", "steel")
    assert letters(("7", *a), ("", *a), ("", a[0], ""), ("8", *b), ("", "", b[1]), ("", *a)) == [1, 1, 1, 2, 2, 1]
    # what does not fit is another letter
    assert letters(("7", *a), ("", a[0], b[1]), ("", *b)) == [1, 2, 3]
    assert letters(("", *a), ("", a[0], "")) == [1, 1]


def test_a_day_as_printed_tells_letters_apart_where_it_is_the_only_one():
    one = {"number": " 7 ", "printed_date": "4/25/2023", "subject": "FOIA request"}
    assert grouping.identity(one, day_first=False) == ("7", "2023-04-25", "foia request")
    assert grouping.identity(one | {"letter_date": "2023-04-24"}, day_first=False)[1] == "2023-04-24"
