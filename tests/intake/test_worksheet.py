"""What is typed on the sheet, kept as it is and read as a letter."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain.plans import PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.intake import typed as sheets
from letters.intake.addressee_block import read_addressee_block
from letters.intake.days import find_day, read_day
from letters.intake.letter_parts import END, HEAD, closing_block, head_block, printed_day
from letters.intake.named_targets import named_in
from letters.intake.names import resolve_names
from letters.intake.questions import question_lines
from letters.intake.reference import read_yaml
from letters.intake.signers import read_signers, removed_of_block
from letters.intake.worksheet import read_sheet
from letters.models import TargetAlias
from letters.web.sheet_steps import take
from tests import factories


def sheet(**fields) -> sheets.Typed:
    return sheets.from_fields(
        (name.replace("__", "-"), value if isinstance(value, list) else [value]) for name, value in fields.items()
    )


def read(typed: sheets.Typed):
    return read_sheet(resolve_names(typed), read_questions=question_lines)


def test_fields_come_back_as_rows_in_the_order_of_their_numbers_and_nothing_else_is_kept():
    typed = sheets.from_fields(
        [
            ("subject", ["TEST"]), ("asks-7-quote", ["two"]), ("asks-2-quote", ["one\r\nline"]), ("asks-2-responsible", ["treasury", "state"]),
            ("topics", ["China", ""]), ("password", ["secret"]), ("asks-2-secret", ["x"]), ("version", ["3"]),
        ]
    )  # fmt: skip
    assert typed == sheets.empty() | {
        "subject": "TEST",
        "topics": ["China"],
        "asks": [
            sheets.complete("asks", {"quote": "one\nline", "responsible": ["treasury", "state"]}),
            sheets.complete("asks", {"quote": "two"}),
        ],
    }


def test_what_the_database_cannot_hold_is_kept_as_a_mark_that_is_flagged_later():
    assert sheet(subject="a\x00b\ud800")["subject"] == "a\N{REPLACEMENT CHARACTER}b?"


@pytest.mark.parametrize(
    "words",
    [
        "4/25/2023",
        "04/25/23",
        "2023-04-25",
        "April 25, 2023",
        "Apr 25, 2023",
        "Tuesday, April 25th, 2023.",
        " april 25 2023 ",
    ],
)
def test_a_day_is_read_as_people_write_it(words):
    assert read_day(words) == dt.date(2023, 4, 25)


def test_words_that_are_no_day_are_quoted_with_the_ways_to_write_one():
    with pytest.raises(
        ValueError, match=r"^“soon” is not a date\. Write it as 4/25/2023, April 25, 2023 or 2023-04-25\.$"
    ):
        read_day("soon")
    assert read_day("  ") is None


def test_a_day_without_a_year_is_the_next_one():
    sentence = "Please respond to these questions no later than July 22."
    assert find_day(sentence, after=dt.date(2022, 6, 24)) == dt.date(2022, 7, 22)
    assert find_day(sentence, after=dt.date(2022, 8, 1)) == dt.date(2023, 7, 22)
    assert find_day(sentence) is None
    assert find_day("by November 30, 2023, or July 1") == dt.date(2023, 11, 30)


def test_the_seed_letter_shows_where_its_parts_stand():
    data = read_yaml("seed_letter.yaml")
    assert printed_day(data["text"]) == data["printed_date"]
    assert head_block(data["text"]).splitlines()[0] == "The Honorable Janet Yellen"
    assert head_block(data["text"]).splitlines()[-1] == "Washington, D.C. 20520"
    assert closing_block(data["text"]).splitlines()[0] == "Bill Hagerty"
    assert (printed_day("no date"), head_block("no salutation"), closing_block("no closing")) == (None, "", "")


def test_only_the_head_and_the_end_of_a_long_text_are_looked_through_for_proposals():
    """Anybody's page may hold a table of 100,000 lines: each line that is no date cost eight readings, at each view."""
    table = "1 2 3\n"
    for most, found in ((HEAD - 4, True), (HEAD, False)):
        above = f"The Honorable TEST\n{table * most}"
        assert (printed_day(f"{above}April 25, 2023") is not None) == found
        assert bool(head_block(f"{above}Dear TEST,")) == found
    for below, found in ((END - 1, True), (END, False)):
        assert bool(closing_block(f"Sincerely,\n{table * below}")) == found
    assert closing_block(f"Sincerely{' ' * 200_000}x\nTEST") == ""


def test_addressees_are_read_as_printed_with_their_agencies(reference):
    data = read_yaml("seed_letter.yaml")
    read = read_addressee_block(head_block(data["text"]))
    assert [(a.printed_name, a.printed_title, a.address, a.agency.slug, a.is_copy) for a in read] == [
        (a["printed_name"], a["printed_title"], a["address"], a["agency"], False) for a in data["addressees"]
    ]


@pytest.mark.parametrize(
    ("block", "agency"),
    [
        (
            "The Honorable Janet Yellen\n\nSecretary\n\nDepartment of the Treasury\n\n1500 Pennsylvania Avenue, NW",
            "treasury",
        ),
        ("Gina Raimondo\nSecretary of Commerce", "commerce"),
        ("The Honorable A. TEST\nCommerce Secretary", "commerce"),
        ("TEST Director\nU.S. Department of State\n2201 C St. NW", "state"),
        ("TEST Person\nTEST Company", None),
    ],
)
def test_an_agency_is_found_by_department_or_title_or_not_at_all(reference, block, agency):
    (found,) = read_addressee_block(block)
    assert (found.agency.slug if found.agency else None) == agency


def test_copies_are_told_from_addressees(reference):
    read = read_addressee_block("Janet Yellen\nSecretary of the Treasury\n\ncc: TEST Person\nDepartment of State")
    assert [(a.printed_name, a.agency.slug, a.is_copy) for a in read] == [
        ("Janet Yellen", "treasury", False),
        ("TEST Person", "state", True),
    ]


def test_the_signature_block_is_proposed_as_of_the_letters_day_and_waits_for_a_person(seed):
    data = read_yaml("seed_letter.yaml")
    typed = read_signers(sheet(letter_date="4/25/2023", signers_block=closing_block(data["text"])))
    assert [
        (r["printed_name"], r["printed_title"], r["bioguide"], r["confirmed"], r["doubt"]) for r in typed["signers"]
    ] == [(s["printed_name"], s["printed_title"], s["bioguide"], "", "") for s in data["signatures"]]
    # this office's own member is proposed as leading
    assert [r["printed_name"] for r in typed["signers"] if r["lead"]] == ["Bill Hagerty"]
    assert typed["signers"][0]["member"] == "Bill Hagerty (R-TN)"


def test_reading_the_block_again_keeps_what_a_person_chose(reference):
    typed = read_signers(sheet(letter_date="4/25/2023", signers_block="Bill Hagerty\nTEST Nobody"))
    assert typed["signers"][1]["bioguide"] == ""
    typed["signers"][1] |= {"member": "Thom Tillis", "bioguide": "T000476", "confirmed": "on"}
    typed["signers_block"] = "Ted Cruz\nTEST Nobody"
    again = read_signers(typed)
    assert [(r["printed_name"], r["bioguide"], r["confirmed"]) for r in again["signers"]] == [
        ("Ted Cruz", "C001098", ""),
        ("TEST Nobody", "T000476", "on"),
        ("Bill Hagerty", "H000601", ""),
    ]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_whom_a_person_took_out_is_not_proposed_again(reference, script):
    """The script empties the hidden id with the name; without it the id comes back."""
    block = "Bill Hagerty\nThom Tillis (D-NV)\nTEST Nobody, Chair"
    typed, _ = take(sheet(letter_date="4/25/2023", signers_block=block), "names", "")
    assert [(row["bioguide"], row["doubt"]) for row in typed["signers"]] == [
        ("H000601", ""), ("T000476", "Printed (D-NV), but our rosters say Republican, North Carolina."),
        ("", "No member of this name served then."),
    ]  # fmt: skip
    for row in typed["signers"][:2]:
        row |= {"member": ""} | ({"bioguide": ""} if script else {})
    more = {"signers_block": f"{block}\nTed Cruz", "text": ""}
    # by two more names, by the button, and where the date was put right in the same moment
    for steps in (("names",), ("names", "confirm"), ("save", "names"), ("confirm",)):
        again = sheets.stored(typed) | more
        for do in steps:
            again, _ = take(again, do, "")
        assert [(row["bioguide"], row["confirmed"], row["doubt"]) for row in again["signers"][:3]] == [
            ("", "", ""), ("", "", ""), ("", "", "No member of this name served then.")
        ]  # fmt: skip
    later, _ = take(sheets.stored(typed) | more | {"letter_date": "4/26/2023"}, "names", "")
    assert [row["bioguide"] for row in later["signers"]] == ["", "", "", "C001098"]


def test_a_title_that_was_put_right_is_not_read_over(reference):
    block = "TEST Nobody\nUnited States Senator\n\nTEST Other"
    typed, _ = take(sheet(letter_date="4/25/2023", signers_block=block, signers__0__printed_name="TEST Other", signers__0__printed_title="TEST typed"), "names", "")  # fmt: skip
    shown = [(row["printed_name"], row["printed_title"]) for row in typed["signers"]]
    assert shown == [("TEST Nobody", "United States Senator"), ("TEST Other", "TEST typed")]
    for title in ("TEST Chairwoman", ""):
        typed["signers"][0]["printed_title"] = title
        again, _ = take(sheets.stored(typed), "names", "")
        assert [row["printed_title"] for row in again["signers"]] == [title, "TEST typed"]


def test_who_was_removed_with_a_wrong_block_and_stands_in_the_right_one_is_named_and_read_on_request(reference):
    wrong, right = "Ted Cruz\nThom Tillis\nTed Budd\nMarco Rubio", "Bill Hagerty\nTed Budd\nTed Cruz\nJoni K. Ernst"
    typed, _ = take(sheet(letter_date="4/25/2023", signers_block=wrong), "names", "")
    typed, _ = take(typed, "confirm", "")
    for _ in range(4):
        typed, _ = take(typed, "drop-signer:0", "")
    typed, _ = take(typed | {"signers_block": right}, "names", "")
    assert [row["printed_name"] for row in typed["signers"]] == ["Bill Hagerty", "Joni K. Ernst"]
    assert removed_of_block(typed) == ["Ted Cruz", "Ted Budd"]
    typed, _ = take(typed, "removed-names", "")
    assert [(row["printed_name"], row["confirmed"]) for row in typed["signers"]] == [
        ("Bill Hagerty", ""), ("Ted Budd", "on"), ("Ted Cruz", "on"), ("Joni K. Ernst", "")
    ]  # fmt: skip
    assert removed_of_block(typed) == []
    # what is in the right block no more can be put back still
    assert [one["row"]["printed_name"] for one in sheets.removed(typed, "signers")] == ["Thom Tillis", "Marco Rubio"]


def test_reading_the_block_leaves_every_row_that_has_no_printed_name_yet(reference):
    typed = sheet(letter_date="4/25/2023", signers_block="Ted Cruz", signers__0__member="Thom Tillis", signers__1__member="Bill Hagerty")  # fmt: skip
    again = read_signers(typed)
    assert [(r["printed_name"], r["member"]) for r in again["signers"][1:]] == [("", "Thom Tillis"), ("", "Bill Hagerty")]  # fmt: skip


def test_without_a_date_names_are_read_and_nobody_is_proposed(reference):
    typed = read_signers(sheet(signers_block="Bill Hagerty"))
    assert [(r["printed_name"], r["bioguide"], r["doubt"]) for r in typed["signers"]] == [
        ("Bill Hagerty", "", "no date")
    ]


def test_names_read_before_the_date_are_proposed_once_it_is_there_and_doubts_stay(reference):
    block = "Bill Hagerty (R-NC)\nMarco Rubio\nTEST Nobody"
    typed, _ = take(sheet(signers_block=block), "names", "")
    assert [row["doubt"] for row in typed["signers"]] == ["no date"] * 3
    typed, _ = take(typed | {"letter_date": "11/1/2023"}, "save", "")
    assert [row["bioguide"] for row in typed["signers"]] == ["H000601", "", ""]
    again, _ = take(typed, "save", "")
    doubts = [row["doubt"] for row in again["signers"]]
    assert doubts[0] == "Printed (R-NC), but our rosters say Republican, Tennessee."
    assert "may have left before" in doubts[1]
    assert doubts[2] == "No member of this name served then."
    # a name typed beside it is what a person says: the doubt was about the reading
    again["signers"][2]["member"] = "Thom Tillis"
    named, _ = take(again, "save", "")
    assert (named["signers"][2]["bioguide"], named["signers"][2]["doubt"]) == ("T000476", "")


def test_what_a_person_did_with_the_rows_before_the_date_stays(reference):
    typed, _ = take(sheet(signers_block="Bill Hagerty\nNot Asigner\nThom Tilis (R-NC)"), "names", "")
    typed, _ = take(typed, "drop-signer:1", "")
    typed["signers"][1]["printed_name"] = "Thom Tillis"
    for _ in range(2):
        typed, _ = take(typed | {"letter_date": "11/1/2023"}, "save", "")
        assert [(row["printed_name"], row["bioguide"]) for row in typed["signers"]] == [
            ("Bill Hagerty", "H000601"), ("Thom Tillis", "T000476")
        ]  # fmt: skip


def test_names_are_read_again_as_of_the_date_that_is_corrected(reference):
    """In 2018 Tillis sat, and Hagerty did not."""
    block = "Bill Hagerty\nThom Tillis\nTEST Nobody\nTed Budd"
    typed, _ = take(sheet(letter_date="2/1/2018", signers_block=block), "names", "")
    shown = [(row["bioguide"], row["member"], row["doubt"]) for row in typed["signers"][:3]]
    nobody = ("", "", "No member of this name served then.")
    assert shown == [nobody, ("T000476", "Thom Tillis (R-NC)", ""), nobody]
    # who was looked over as of the wrong day is not confirmed by the press that comes with the right one
    again, _ = take(sheets.stored(typed) | {"letter_date": "4/25/2023"}, "confirm", "")
    assert [(row["bioguide"], row["confirmed"]) for row in again["signers"]] == [
        ("H000601", ""), ("T000476", ""), ("", ""), ("B001305", "")
    ]  # fmt: skip
    # what a person said of them stays: yes, another, and as printed
    again["signers"][0]["confirmed"] = "on"
    again["signers"][1] |= {"member": "", "bioguide": ""}
    again["signers"][2] |= {"member": "Ted Cruz"}
    back, _ = take(sheets.stored(again) | {"letter_date": "2/1/2018"}, "save", "")
    assert [(row["bioguide"], row["confirmed"], row["doubt"]) for row in back["signers"][:3]] == [
        ("H000601", "on", ""), ("", "", ""), ("C001098", "on", ""),
    ]  # fmt: skip
    # a date that cannot be read says nothing against what stood
    for unread in ("", "soon"):
        kept, _ = take(sheets.stored(back) | {"letter_date": unread}, "save", "")
        assert kept["signers"] == back["signers"]


def test_who_is_no_longer_proposed_is_gone_with_the_date(reference):
    typed, _ = take(sheet(letter_date="4/25/2023", signers_block="Bill Hagerty"), "names", "")
    typed, _ = take(sheets.stored(typed) | {"letter_date": "2/1/2018"}, "save", "")
    row = typed["signers"][0]
    assert (row["bioguide"], row["member"], row["doubt"]) == ("", "", "No member of this name served then.")


def test_what_was_read_of_one_name_is_not_said_of_another(reference):
    typed, _ = take(sheet(letter_date="11/1/2023", signers_block="TEST Nobody (D-CA)"), "names", "")
    typed["signers"][0]["printed_name"] = "TEST Somebody"
    typed, _ = take(typed, "save", "")
    assert [typed["signers"][0][name] for name in ("state", "party", "doubt")] == ["", "", ""]


def test_who_is_unknown_keeps_the_state_and_party_that_the_letter_prints(reference):
    typed, _ = take(
        sheet(letter_date="11/1/2023", signers_block="TEST Nobody (D-CA)\nBill Hagerty (R-TN)"), "names", ""
    )
    signers = read(typed).plan.signers
    assert [(one.bioguide, one.state, one.party) for one in signers] == [("", "CA", "Democrat"), ("H000601", "", "")]


def test_a_name_with_an_accent_is_the_one_in_the_record(reference):
    slug = factories.target("TEST Nicolás Quoll").slug
    typed = resolve_names(sheet(asks__0__target=["TEST Nicolás Quoll", "test NICOLÁS quoll", "TEST Nobody"]))
    assert typed["asks"][0]["target_id"] == [slug, slug, ""]


def test_a_typed_name_that_fits_one_thing_exactly_needs_no_list(reference):
    with_alias = factories.target("TEST Cloud")
    with factories.acting(factories.SETUP):
        TargetAlias.objects.create(target=with_alias, name="TEST Aliyun")
    typed = resolve_names(
        sheet(
            letter_date="4/25/2023", addressees__0__agency="treasury DEPARTMENT", asks__0__acting="ofac",
            asks__0__target=["test aliyun", "TEST Unknown"], signers__0__member="Thom Tillis",
        )
    )  # fmt: skip
    assert typed["addressees"][0]["agency_id"] == "treasury"
    assert typed["asks"][0]["acting_id"] == "ofac"
    assert typed["asks"][0]["target_id"] == ["test-cloud", ""]
    assert (typed["signers"][0]["bioguide"], typed["signers"][0]["confirmed"]) == ("T000476", "on")


def test_an_id_whose_name_was_typed_over_is_dropped(reference):
    typed = resolve_names(
        sheet(
            letter_date="4/25/2023", addressees__0__agency="TEST nowhere", addressees__0__agency_id="treasury",
            asks__0__target=["TEST other"], asks__0__target_id=["huawei-cloud"],
            signers__0__member="", signers__0__bioguide="H000601", signers__0__confirmed="on",
        )
    )  # fmt: skip
    assert typed["addressees"][0]["agency_id"] == ""
    assert typed["asks"][0]["target_id"] == [""]
    assert (typed["signers"][0]["bioguide"], typed["signers"][0]["confirmed"]) == ("", "")


def test_a_namesake_typed_over_a_member_is_the_namesake(reference):
    rick, tim = "S001217", "S001184"
    kept = resolve_names(
        sheet(
            letter_date="4/25/2023", signers__0__member="Tim Scott (R-SC)", signers__0__bioguide=rick, signers__0__confirmed="on",
            signers__1__member="Rick Scott (R-FL)", signers__1__bioguide=rick, signers__1__confirmed="",
            signers__2__member="Scott", signers__2__bioguide=rick, signers__2__confirmed="on",
        )
    )["signers"]  # fmt: skip
    assert [(row["bioguide"], row["confirmed"]) for row in kept] == [(tim, "on"), (rick, ""), ("", "")]


def test_a_sound_sheet_is_a_plan_without_problems(reference):
    reading = read(
        sheet(
            subject=" TEST letter ", letter_date="4/25/2023", text="TEST", topics=["China"], new_topics="Cloud, ",
            signers__0__printed_name="Bill Hagerty", signers__0__member="Bill Hagerty", signers__0__bioguide="H000601",
            signers__0__confirmed="on", signers__0__lead="on", signers__1__printed_name="",
            addressees__0__printed_name="Janet Yellen", addressees__0__agency="Treasury",
            asks__0__kind="sanction", asks__0__quote=" TEST words ", asks__0__responsible=["treasury"], asks__0__consulted=["state"],
            asks__0__target=["TEST New"], asks__0__target_kind=["company"], asks__0__requested_by="May 1, 2023",
            asks__0__questions="1. TEST what?\na. TEST why?", asks__1__kind="",
        )
    )  # fmt: skip
    assert reading.problems == ()
    plan = reading.plan
    assert (plan.facts["subject"], plan.facts["letter_date"], plan.facts["printed_date"]) == (
        "TEST letter", dt.date(2023, 4, 25), dt.date(2023, 4, 25),
    )  # fmt: skip
    assert (plan.topics, plan.sent_on) == (("China", "Cloud"), None)
    assert plan.signers == (PlannedSigner("signers-0", "Bill Hagerty", "", "H000601", True, True),)
    assert plan.addressees == (PlannedAddressee("addressees-0", "treasury", "Janet Yellen"),)
    assert plan.asks == (
        PlannedAsk(
            "asks-0", "sanction", "TEST words", targets=(PlannedTarget("asks-0-target-0", "", "TEST New", "company"),),
            responsible=("treasury",), consulted=("state",), requested_by=dt.date(2023, 5, 1),
            questions=("1. TEST what?", "1a. TEST why?"),
        ),
    )  # fmt: skip


def test_each_problem_stands_at_its_field(reference):
    reading = read(
        sheet(
            letter_date="soon", deadline_on="", signers__0__printed_name="X", signers__0__member="TEST Nobody",
            addressees__0__printed_name="X", addressees__0__agency="TEST nowhere",
            asks__0__quote="TEST", asks__0__target=["TEST New"], asks__0__requested_by="soon", asks__0__acting="TEST nowhere",
        )
    )  # fmt: skip
    assert {problem.field for problem in reading.problems} == {
        "letter_date", "signers-0-member", "addressees-0-agency", "asks-0-kind", "asks-0-acting",
        "asks-0-target-0", "asks-0-requested_by",
    }  # fmt: skip


def test_known_names_in_a_quote_are_proposed_the_longest_only(seed, viewer):
    quote = "such as Baidu Cloud and Tencent Cloud; Aliyun’s cloud, and nobody’s TEST Cloud"
    assert named_in([quote, "no names here"], viewer) == {
        quote: ["Baidu Cloud", "Tencent Cloud", "Alibaba Cloud"],
        "no names here": [],
    }


def test_names_are_looked_up_in_as_much_of_a_quote_as_the_record_keeps(seed, viewer):
    """Ten megabytes of different words in capitals were ten million values of one query, twice."""
    many = " ".join(f"T{number}" for number in range(20_000))
    first, last = f"Baidu Cloud, {many}", f"{many}, Tencent Cloud"
    with CaptureQueriesContext(connection) as queries:
        assert named_in([first, last, "Baidu Cloud", f"{first} again"], viewer)[first] == ["Baidu Cloud"]
    assert len(queries) == 1
    assert len(queries[0]["sql"]) < 1_000_000
    assert named_in([last], viewer) == {last: []}


def test_a_kept_row_that_no_page_of_ours_made_is_put_back_without_whom_it_asks():
    sheet = sheets.empty() | {"asks": [sheets.complete("asks")]}
    sheet["removed_signers"] = '[{"place": 0, "row": {"printed_name": "TEST"}, "asked": [[0, "responsible"]]}]'
    assert sheets.put_back(sheet, "signers") == 0
    assert (sheet["signers"][0]["printed_name"], sheet["asks"][0]["responsible"]) == ("TEST", [])


def test_an_addressee_that_is_put_back_is_ticked_where_it_was_wherever_those_asks_stand_now():
    def asks(sheet: dict) -> dict:
        return {ask["quote"]: (ask["responsible"], ask["consulted"]) for ask in sheet["asks"]}

    sheet = sheets.empty() | {
        "addressees": [sheets.complete("addressees", {"printed_name": "TEST", "agency_id": "treasury"})],
        "asks": [
            sheets.complete("asks", {"quote": "one", "responsible": ["treasury"]}),
            sheets.complete("asks", {"quote": "two", "consulted": ["treasury"], "responsible": ["state"]}),
            sheets.complete("asks", {"quote": "three", "responsible": ["state"]}),
        ],
    }
    sheet = sheets.identified(sheet, new=True)
    before = asks(sheet)
    sheets.remove(sheet, "addressees", 0)
    for ask in sheet["asks"]:  # as the page sends them, which has no such box any more
        ask["responsible"] = [slug for slug in ask["responsible"] if slug != "treasury"]
        ask["consulted"] = []
    sheets.remove(sheet, "asks", 0)
    sheet["asks"].reverse()
    sheet = sheets.stored(json.loads(json.dumps(sheet)))
    sheets.put_back(sheet, "addressees")
    assert asks(sheet) == {quote: put for quote, put in before.items() if quote != "one"}
    # of a draft from before asks had ids, by number
    old = sheets.empty() | {"asks": [sheets.complete("asks"), sheets.complete("asks", {"quote": "second"})]}
    old["removed_addressees"] = '[{"place": 0, "row": {"agency_id": "treasury"}, "asked": [[1, "responsible"]]}]'
    sheets.put_back(old, "addressees")
    assert asks(old) == {"": ([], []), "second": (["treasury"], [])}
