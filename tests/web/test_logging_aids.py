"""While a letter is typed: what is logged already, what was not understood, which draft is which."""

import pytest

from letters.domain import sending
from letters.models import Letter, Worksheet
from tests import factories
from tests.web.test_log_letter import SHEET, address, saved
from tests.web.test_pages import words

LONG = (
    "TEST we write to ask what became of the export license that your department granted last year to this company. "
    * 3
)


def sent(client, **more) -> Letter:
    sheet = saved(client, **more)
    client.post(address(sheet, "send/"), {"version": sheet.version})
    return Letter.objects.latest("created_at")


@pytest.mark.parametrize(
    ("typed", "is_same"),
    [
        ({"text": LONG.replace("what became", "what be-came").replace("  ", " ")}, True),  # scanned anew
        (
            {"text": f"April 25, 2023\n\nDear Secretary Yellen:\n\n{LONG}", "letter_date": ""},
            True,
        ),  # pasted, no day yet
        ({"text": LONG, "letter_date": "4/26/2023"}, False),
        ({"text": "TEST other words", "subject": "Test  LETTER"}, True),
        ({"text": "TEST other words", "signers-0-member": "Bill Hagerty", "addressees-0-agency": "Treasury"}, True),
        ({"text": "TEST other words", "signers-0-member": "Ted Cruz", "addressees-0-agency": "Treasury"}, False),
        ({"text": "TEST other words", "signers-0-member": "Bill Hagerty", "addressees-0-agency": "State"}, False),
        ({"text": ""}, False),
    ],
)
def test_a_letter_that_is_logged_already_is_said_while_it_is_typed(as_staff, manager, typed, is_same):
    first = sent(as_staff, text=LONG)
    said = f"This looks like letter {first.reference} of April 25, 2023, “TEST letter”: open it"
    blank = {"subject": "TEST something else", "letter_date": "4/25/2023"}
    page = as_staff.post("/letters/new/", blank | typed | {"do": "save"}, headers={"X-Part": "1"})
    assert (said in words(page)) is is_same
    assert f'href="/letters/{first.reference}/"' in page.content.decode() or not is_same
    # of one that this person may not see nothing is said
    sending.change_access(first, by=manager, access="restricted", reason="TEST")
    at = address(Worksheet.objects.get(letter=None))
    assert "looks like" not in words(as_staff.get(at))
    assert (said in words(factories.client(manager).get(at))) is is_same


def test_a_letter_that_was_taken_back_is_no_double(as_staff, manager):
    first = sent(as_staff)
    sending.enter_in_error(first, by=manager, reason="TEST")
    assert "looks like" not in words(as_staff.post("/letters/new/", SHEET | {"do": "save"}, follow=True))


def test_a_text_that_came_without_a_script_proposes_its_day_at_the_next_page(as_staff):
    page = as_staff.post("/letters/new/", {"text": "April 25, 2023\n\nTEST words", "do": "save"}, follow=True)
    assert "Use April 25, 2023, as it is printed" in words(page)


def test_a_line_that_was_not_understood_is_corrected_or_dropped(as_staff):
    typed = {"letter_date": "4/25/2023", "signers_block": "Bill Hagerty\nted cruz]\nTEST/2", "do": "names"}
    page = as_staff.post("/letters/new/", typed, follow=True)
    assert "2 lines of the block were not understood and kept as printed." in words(page)
    assert words(page).count("Not matched: Not understood, kept as printed.") == 2
    assert "status--clarification" not in page.content.decode()  # no label in full colour, which looks like a button
    sheet = Worksheet.objects.get()
    rows = {f"signers-{n}-{name}": value for n, row in enumerate(sheet.typed["signers"]) for name, value in row.items()}
    # corrected, it is read anew; removed, it is gone
    rows |= {"signers-1-printed_name": "Ted Cruz"}
    as_staff.post(address(sheet), typed | rows | {"version": sheet.version, "do": "drop-signer:2"})
    sheet.refresh_from_db()
    assert [(row["printed_name"], row["bioguide"], row["doubt"]) for row in sheet.typed["signers"]] == [
        ("Bill Hagerty", "H000601", ""),
        ("Ted Cruz", "C001098", ""),
    ]


def test_a_doubt_names_a_member_once(as_staff):
    typed = {"letter_date": "9/15/2025", "signers_block": "Marco Rubio", "do": "names"}
    as_staff.post("/letters/new/", typed)
    (row,) = Worksheet.objects.get().typed["signers"]
    assert row["doubt"].count("Marco Rubio") == 1


def test_the_review_names_a_list_once(as_staff):
    ask = {"asks__0__proposed": "", "asks__0__target": "TEST Co", "asks__0__target_kind": "company"}
    for kind, listed, shown in (
        ("entity_list", "Entity List", "Entity List · TEST Co responsible"),
        ("sanction", "SDN List", "Sanction (SDN) · TEST Co · SDN List responsible"),
    ):
        sheet = saved(as_staff, **ask, asks__0__kind=kind, asks__0__requested_list=listed)
        assert shown in words(as_staff.get(address(sheet, "review/")))


def test_drafts_without_a_subject_are_told_apart(as_staff, manager):
    for text in ("April 25, 2023\n\nDear Secretary Yellen:\n\nTEST first words", "TEST other words"):
        saved(as_staff, subject="", text=text, letter_date="" if "Dear" in text else "5/1/2023")
    page = words(as_staff.get("/letters/drafts/"))
    assert "A letter without a subject April 25, 2023, “TEST first words”" in page
    assert "A letter without a subject 5/1/2023, “TEST other words”" in page
    for sheet in Worksheet.objects.all():
        as_staff.post(address(sheet, "give-up/"))
    page = words(as_staff.get("/letters/drafts/"))
    assert "A letter without a subject 5/1/2023, “TEST other words”" in page
