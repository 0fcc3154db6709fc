"""Two people at one import, or one in two tabs (invariant 7); and a page that comes back as it was drawn."""

import pytest

from letters.models import ImportBatch, ImportRow, Letter
from tests.web.drawn_forms import drawn
from tests.web.test_imports import BAD, GOOD, HEADER, _folder, brought, matched  # noqa: F401 - the folder is a fixture
from tests.web.test_pages import words

LINES = 'TEST "said",\nin two lines & more'
ROWS = HEADER + '1,4/25/2023,=B2&C2,TEST Nobody,Treasurry,TEST ask,"TEST in\ntwo lines"\n'
CHANGED = "“TEST.csv” was changed while you had this page open"


@pytest.fixture
def as_manager(client, manager):
    client.force_login(manager)
    return client


def row(number: int) -> ImportRow:
    return ImportRow.objects.get(number=number)


def test_a_page_that_comes_back_as_it_was_drawn_mends_nothing(as_staff):
    """Neither the lines of a text, which a browser ends its own way, nor a formula, whose mark no page shows."""
    page = matched(as_staff, ROWS)
    one = f"{page}rows/2/"
    sent = drawn(as_staff.get(one), "mend")
    assert (sent["cell-subject"], sent["cell-note"]) == ("=B2&C2", "TEST in\r\ntwo lines")
    assert as_staff.post(one, sent).status_code == 302
    assert row(2).mended == {}
    # with one cell mended the formula is flagged still, and what is typed back is mended no more
    as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-agency": "Treasury", "cell-note": "TEST\r\nnote"})
    assert row(2).mended == {"agency": "Treasury", "note": "TEST\nnote"}
    assert [f["words"].split(".")[0] for f in row(2).findings if f["blocks"]] == [
        "Subject: “=B2&C2” is a formula, and the file holds no value for it"
    ]
    as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-agency": "Treasurry", "cell-subject": "TEST"})
    as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-subject": "=B2&C2"})
    assert row(2).mended == {"note": "TEST\nnote"}
    assert [f["field"] for f in row(2).findings if f["blocks"]] == ["subject", "agency"]


def test_a_long_cell_that_nobody_touched_holds_up_no_other(as_staff):
    page = matched(as_staff, ROWS.replace("TEST in\ntwo lines", "TEST\ufffd " * 5000))
    one = f"{page}rows/2/"
    assert as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-agency": "Treasury"}).status_code == 302
    assert as_staff.post(one, drawn(as_staff.get(one), "leave_out")).status_code == 302
    assert row(2).mended == {"agency": "Treasury", "skip": "yes"}


def test_what_cannot_be_kept_in_a_cell_is_said(as_staff):
    page = matched(as_staff, BAD)
    for typed, said in [
        ("TEST\0", "Notes has a control character (code 0, at place 5) that cannot be stored."),
        ("x" * 20_001, "Notes has 20,001 characters; at most 20,000 can be typed here."),
    ]:
        answer = as_staff.post(f"{page}rows/3/", {"do": "mend", "cell-note": typed})
        assert (answer.status_code, said in words(answer)) == (422, True)
    assert "“” is no column we know." in words(as_staff.post(f"{page}rows/3/", {"do": "mend", "cell-": "TEST"}))
    assert row(3).mended == {}


def test_a_row_that_somebody_mended_meanwhile_is_not_written_over(as_staff, manager, client):
    page = matched(as_staff, BAD)
    one = f"{page}rows/3/"
    old = drawn(as_staff.get(one), "mend")
    in_the_list = drawn(as_staff.get(f"{page}?show=all"), "mend", to=one)
    other = type(as_staff)()
    other.force_login(manager)
    other.post(one, drawn(other.get(one), "mend") | {"cell-agency": "Treasury"})
    answer = as_staff.post(one, old | {"cell-note": "TEST mine"})
    said = words(answer)
    assert answer.status_code == 409
    assert "Row 3 was changed while you had it open, so nothing of yours was saved." in said
    assert ("You had: “Treasurry”" in said, "You had: “TEST mine”" in said) == (True, True)
    assert row(3).mended == {"agency": "Treasury"}
    for do in ("mend", "leave_out"):
        assert as_staff.post(one, in_the_list | {"do": do}).status_code == 409
    # the page that came back is of the row as it is now
    again = drawn(answer, "mend")
    assert (again["cell-agency"], again["cell-note"]) == ("Treasury", "")
    assert as_staff.post(one, again | {"cell-note": "TEST mine"}).status_code == 302
    assert row(3).mended == {"agency": "Treasury", "note": "TEST mine"}


def test_what_was_typed_under_a_column_that_is_chosen_no_more_is_not_lost(as_staff):
    page = matched(as_staff, BAD)
    one = f"{page}rows/3/"
    old = drawn(as_staff.get(one), "mend")
    columns = drawn(as_staff.post(page, {"do": "columns"}), "match")
    place = next(name for name, code in columns.items() if code == "note")
    assert as_staff.post(page, columns | {place: ""}).status_code == 302
    # where nothing was typed, a column that is chosen no more is not drawn
    assert "cell-note" not in drawn(as_staff.post(one, old), "mend")
    answer = as_staff.post(one, old | {"cell-note": "TEST mine"})
    assert (answer.status_code, "You had: “TEST mine”" in words(answer)) == (409, True)
    again = drawn(answer, "mend")
    assert again["cell-note"] == ""
    assert as_staff.post(one, again | {"cell-note": "TEST mine"}).status_code == 302
    assert row(3).mended == {"note": "TEST mine"}
    assert drawn(as_staff.get(one), "mend")["cell-note"] == "TEST mine"


def test_what_is_refused_under_a_column_that_is_chosen_no_more_is_not_lost(as_staff):
    page = matched(as_staff, BAD.replace("Comments", "TEST"))
    one = f"{page}rows/3/"
    sent = drawn(as_staff.get(one), "mend")
    assert "cell-note" not in sent
    answer = as_staff.post(one, sent | {"cell-note": "TEST mine", "cell-subject": "TEST\0"})
    assert (answer.status_code, drawn(answer, "mend")["cell-note"]) == (422, "TEST mine")


def test_another_row_that_was_mended_meanwhile_holds_nobody_up(as_staff):
    page = matched(as_staff, BAD)
    first, second = (drawn(as_staff.get(f"{page}rows/{n}/"), "mend") for n in (2, 3))
    as_staff.post(f"{page}rows/3/", second | {"cell-agency": "Treasury"})
    assert as_staff.post(f"{page}rows/2/", first | {"cell-note": "TEST"}).status_code == 302
    assert (row(2).mended, row(3).mended) == ({"note": "TEST"}, {"agency": "Treasury"})


def test_what_was_refused_for_another_reason_stays_of_the_version_it_was_typed_over(as_staff):
    page = matched(as_staff, BAD)
    one = f"{page}rows/3/"
    answer = as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-note": "TEST\0"})
    as_staff.post(one, drawn(as_staff.get(one), "mend") | {"cell-agency": "Treasury"})
    assert as_staff.post(one, drawn(answer, "mend") | {"cell-note": "TEST"}).status_code == 409
    assert row(3).mended == {"agency": "Treasury"}


@pytest.mark.parametrize("do", ["apply", "dry"])
def test_an_import_whose_dates_somebody_turned_meanwhile_is_looked_at_again(as_staff, do):
    page = matched(as_staff, GOOD.replace("4/25", "4/5"))
    old = drawn(as_staff.get(page), do)
    columns = as_staff.post(page, {"do": "columns"})
    assert as_staff.post(page, drawn(columns, "match") | {"order": "day"}).status_code == 302
    answer = as_staff.post(page, old)
    assert (answer.status_code, CHANGED in words(answer)) == (409, True)
    assert (ImportBatch.objects.get().state, Letter.objects.count()) == ("ready", 0)
    assert as_staff.post(page, drawn(answer, do)).status_code == 302


def test_columns_that_somebody_chose_meanwhile_stand(as_staff):
    page = brought(as_staff, GOOD).url
    old, other = (drawn(as_staff.get(page), do) for do in ("match", "sheet"))
    as_staff.post(page, old | {"column-6": ""})
    for stale in (old, other):
        answer = as_staff.post(page, stale)
        assert (answer.status_code, CHANGED in words(answer)) == (409, True)
    assert ImportBatch.objects.get().columns[6] == ""
    # one whose headers were found anew is drawn with its own columns, not with those that were posted
    as_staff.post(page, drawn(as_staff.post(page, {"do": "columns"}), "sheet"))
    answer = as_staff.post(page, old | {"column-2": "ask"})
    assert (answer.status_code, drawn(answer, "match")["column-2"]) == (409, "subject")


def test_a_version_that_is_none_is_an_old_one(as_staff):
    page = matched(as_staff, GOOD)
    for odd in ("", "x", "²", "9" * 40):
        assert as_staff.post(page, {"do": "apply", "version": odd}).status_code == 409
    assert not Letter.objects.exists()
