"""The same file a second time changes nothing, whatever somebody typed over its cells the first time."""

import datetime as dt

import pytest

from letters.domain.letter_desk import link_anew, link_letters
from letters.domain.sending import amend, enter_in_error
from letters.intake.sheet import checking, mending, undoing
from letters.intake.sheet.applying import Applied, apply
from letters.models import ImportBatch, Letter
from letters.reminders.hush import hush
from tests import factories
from tests.intake.sheet.conftest import BY, brought_in, checked, results, said
from tests.intake.sheet.test_import import HEADER, row

APRIL_25 = {"letter_date": "April 25, 2023"}


def mended(data: bytes, **rows: dict[str, str]) -> ImportBatch:
    """A file with cells typed over: `row_2={"subject": "TEST"}`; a row with nothing typed is left out."""
    batch = checked(data)
    for name, values in rows.items():
        one = batch.rows.get(number=int(name.removeprefix("row_")))
        mending.mend(one, by=BY, values=values, leave_out=not values)
    return checking.check(ImportBatch.objects.get(pk=batch.pk), by=BY)


def brought(batch: ImportBatch) -> Applied:
    return apply(batch, by=BY, hush=hush)


@pytest.mark.parametrize(
    "typed",
    [{"subject": "TEST clouds"}, {"letter_date": "4/26/2023"}, {"subject": "TEST clouds", "letter_date": "4/26/2023"}],
)
def test_a_letter_whose_day_or_subject_was_mended_is_here(reference, sheet, typed):
    data = sheet(HEADER, row(), row(no="2", subject="TEST other"))
    assert brought(mended(data, row_2=typed)).new == 2
    assert results(checked(data)) == {2: "already here: 2023-0001", 3: "already here: 2023-0002"}
    # mended once more, and of a letter whose subject was corrected since
    assert results(mended(data, row_2=typed))[2] == "already here: 2023-0001"
    amend(Letter.objects.get(reference="2023-0001"), by=BY, reason="TEST", subject="TEST something else")
    assert brought_in(data).words() == "0 new letters, 0 items; 0 replies; 2 already here"


def test_of_letters_alike_each_is_known_by_its_place_among_those_of_the_file(reference, sheet):
    data = sheet(HEADER, *(row(no=f"A-{n}", subject="TEST cloud") for n in (1, 2, 3)))
    assert brought(mended(data, row_2={"subject": "TEST first"}, row_3={})).new == 2
    found = results(checked(data))
    assert (found[2], found[4]) == ("already here: 2023-0001", "already here: 2023-0002")


def test_a_row_whose_letter_could_be_told_apart_by_what_was_typed_alone_is_found_by_that(reference, sheet):
    data = sheet(HEADER, row(date="TEST soon"))
    brought(mended(data, row_2=APRIL_25))
    assert results(mended(data, row_2=APRIL_25)) == {2: "already here: 2023-0001"}


@pytest.mark.parametrize("typed", [{"number": "A-7"}, {"number": "A-7", "subject": "TEST cloud"}])
def test_rows_that_were_made_one_letter_are_both_here(reference, sheet, typed):
    """By one number, as the remark on twins advises; or by one number and subject."""
    data = sheet(HEADER, row(no="A-7"), row(no="A-8", subject="TEST Cloud" if len(typed) == 1 else "TEST the cloud"))
    assert brought(mended(data, row_3=typed)).new == 1
    assert results(checked(data)) == {2: "already here: 2023-0001", 3: "already here: 2023-0001"}
    assert brought_in(data).words() == "0 new letters, 0 items; 0 replies; 2 already here"


def test_a_letter_that_was_parted_in_two_is_here(reference, sheet):
    data = sheet(HEADER, row(no="", ask="TEST first"), row(no="", ask="TEST second"))
    parted = {"row_3": {"subject": "TEST another"}}
    assert brought(mended(data, **parted)).new == 2
    assert results(checked(data)) == {2: "already here: 2023-0001", 3: "with row 2"}
    assert results(mended(data, **parted)) == {2: "already here: 2023-0001", 3: "already here: 2023-0002"}


def test_a_row_that_was_mended_to_mean_a_letter_that_was_here_means_it_again(reference, sheet):
    letter = factories.sent(subject="TEST cloud", sent_on=dt.date(2023, 4, 25))
    data = sheet(HEADER, row(subject="TEST clod"))
    assert brought(mended(data, row_2={"subject": "TEST cloud"})).here == 1
    assert results(checked(data)) == {2: f"already here: {letter.reference}"}


def test_after_an_undo_rows_that_were_made_one_letter_are_new(reference, sheet):
    data = sheet(HEADER, row(no="A-7"), row(no="A-8"))
    batch = mended(data, row_3={"number": "A-7"})
    brought(batch)
    undoing.undo(batch, by=BY, reason="TEST")
    assert results(checked(data)) == dict.fromkeys((2, 3), "new letter: 1 ask, 2 items")
    # and brought in once more, they are here as what they became then
    brought(mended(data, row_3={"number": "A-7"}))
    assert results(checked(data)) == dict.fromkeys((2, 3), "already here: 2023-0002")


def test_rows_of_two_imports_are_known_by_the_letter_that_still_counts(reference, staff, sheet):
    """The one who brought them in again saw nothing of the first letter, which was restricted, and undid it."""
    data = sheet(HEADER, row(no="A-7"), row(no="A-8"))
    brought(mended(data, row_3={"number": "A-7"}))
    factories.restrict(Letter.objects.get())
    again = checked(data, by=staff)
    mending.mend(again.rows.get(number=3), by=staff, values={"number": "A-7"})
    again = checking.check(ImportBatch.objects.get(pk=again.pk), by=staff)
    assert apply(again, by=staff, hush=hush).new == 1
    undoing.undo(ImportBatch.objects.get(pk=again.pk), by=staff, reason="TEST")
    assert results(checked(data)) == dict.fromkeys((2, 3), "already here: 2023-0001")


def test_another_letter_of_a_number_that_is_here_is_asked_about(reference, staff, manager, sheet):
    """Corrected in the file after it came in: it is another letter to the import, and says so."""
    brought_in(sheet(HEADER, row()))
    corrected = sheet(HEADER, row(no="2023-0001", subject="TEST clouds"))
    batch = checked(corrected)
    assert results(batch) == {2: "new letter: 1 ask, 2 items"}
    assert said(batch) == [
        (2, "number", "Number: 2023-0001 is here, of April 25, 2023: “TEST cloud”. If this row puts it right, leave the row out and "
         "correct that letter on its page: an import changes none, and this one comes in as another letter."),
    ]  # fmt: skip
    assert batch.counts["remarks"] == 1
    # of one that is here, or not for these eyes, nothing is said
    assert said(checked(sheet(HEADER, row(no="2023-0001")))) == []
    factories.sent(subject="TEST hidden", sent_on=dt.date(2023, 5, 2), access="restricted")
    hidden = sheet(HEADER, row(no="2023-0002", subject="TEST else"), row(no="2023-0003", date="4/26/2023"))
    assert said(checked(hidden, by=staff)) == []
    assert [words[:29] for _, _, words in said(checked(hidden, by=manager))] == ["Number: 2023-0002 is here, of"]


def logged_anew(first: Letter, subject: str, **how: str) -> Letter:
    """A copy with another subject, and the first taken back."""
    copy = factories.sent(subject=subject, sent_on=dt.date(2023, 4, 25), **how)
    link_anew(copy, by=BY, first=first)
    enter_in_error(first, by=BY, reason="TEST logged anew")
    return copy


def test_a_letter_that_was_logged_anew_is_here_as_its_copy(reference, staff, manager, sheet):
    data = sheet(HEADER, row(), row(no="2", subject="TEST other"))
    brought_in(data, by=manager)
    copy = logged_anew(Letter.objects.get(reference="2023-0001"), "TEST clouds")
    assert results(checked(data)) == {2: "already here: 2023-0003", 3: "already here: 2023-0002"}
    assert brought_in(data).words() == "0 new letters, 0 items; 0 replies; 2 already here"
    again = logged_anew(copy, "TEST all clouds", access="restricted")
    assert results(checked(data, by=manager))[2] == "already here: 2023-0004"
    assert results(checked(data, by=staff))[2] == "new letter: 1 ask, 2 items"  # they may not know of it
    enter_in_error(again, by=manager, reason="TEST")
    assert results(checked(data, by=manager))[2] == "new letter: 1 ask, 2 items"


def test_so_is_one_whose_row_was_part_of_another_letter(reference, sheet):
    data = sheet(HEADER, row(no="A-1"), row(no="A-2", subject="TEST clouds", ask="TEST second"))
    brought(mended(data, row_3={"number": "A-1", "subject": "TEST cloud"}))
    logged_anew(Letter.objects.get(), "TEST something else")
    assert results(checked(data)) == {2: "already here: 2023-0002", 3: "already here: 2023-0002"}


def test_what_supersedes_it_by_a_colleague_s_word_alone_is_another_letter(reference, sheet):
    data = sheet(HEADER, row())
    brought_in(data)
    later = factories.sent(subject="TEST later", sent_on=dt.date(2023, 4, 25))
    link_letters(later, by=BY, to=Letter.objects.get(reference="2023-0001"), kind="supersedes")
    enter_in_error(Letter.objects.get(reference="2023-0001"), by=BY, reason="TEST")
    assert results(checked(data)) == {2: "new letter: 1 ask, 2 items"}
