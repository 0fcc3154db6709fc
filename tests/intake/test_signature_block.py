"""Signature blocks as letters and releases print them: real ones first, then what they taught."""

import datetime as dt
import time
from pathlib import Path

import pytest
from django.conf import settings

from letters.enums import Match
from letters.intake.signature_block import UNREAD, ReadSigner, read_signature_block
from letters.models import Legislator

LETTERS = Path(settings.BASE_DIR) / "tests" / "letters"
IN_2023 = dt.date(2023, 4, 25)
IN_NOVEMBER_2023 = dt.date(2023, 11, 16)

pytestmark = pytest.mark.usefixtures("reference")


def real(name: str) -> str:
    return (LETTERS / f"{name}.txt").read_text()


def brief(signers: list[ReadSigner]) -> list[tuple[str, str]]:
    """Printed names, each with its Bioguide ID or nothing."""
    return [(one.printed_name, one.legislator.bioguide if one.legislator else "") for one in signers]


def names(text: str, on: dt.date = IN_2023) -> list[tuple[str, str]]:
    return brief(read_signature_block(text, on))


HAGERTY, BLACKBURN, CRUZ = ("Bill Hagerty", "H000601"), ("Marsha Blackburn", "B001243"), ("Ted Cruz", "C001098")


def test_the_real_letter_of_46_senators_is_resolved_whole():
    block = real("22-budd-firearms-licences").split("signed by Senators:")[1].split("Full text")[0]
    signers = read_signature_block(block, IN_NOVEMBER_2023)
    assert len(signers) == 46
    assert [one.printed_name for one in signers if one.legislator is None] == []
    assert [one.order for one in signers] == list(range(1, 47))
    assert len({one.legislator for one in signers}) == 46
    for one in signers:
        term = one.legislator.terms.get(start__lte=IN_NOVEMBER_2023, end__gt=IN_NOVEMBER_2023)
        assert (one.match, one.state, one.party, one.doubt) == (Match.PROPOSED, term.state, term.party, "")
    # printed "John Barrasso, M.D.", "Jim Risch", "Katie Britt"; Rubio left before the next roster, the letter says he sat
    assert {"B001261", "R000584", "B001319", "R000595"} < {one.legislator.bioguide for one in signers}
    assert names(real("22-budd-firearms-licences"), IN_NOVEMBER_2023) == brief(signers)  # of the whole release too


def test_the_cost_is_one_query_however_many_names(django_assert_num_queries):
    with django_assert_num_queries(1):
        read_signature_block("Bill Hagerty", IN_2023)
    with django_assert_num_queries(1):
        read_signature_block(real("22-budd-firearms-licences"), IN_NOVEMBER_2023)


def test_a_real_sentence_with_states_spelled_out():
    assert names(real("08-cotton-tiktok-treasury"), dt.date(2022, 6, 24)) == [
        ("Tom Cotton", "C001095"), ("Ben Sasse", ""), ("Mike Braun", "B001310"), ("Marco Rubio", "R000595"),
        ("Todd Young", "Y000064"), ("Roger Wicker", "W000437"),
    ]  # fmt: skip


def test_real_columns_that_lost_their_spaces():
    signers = read_signature_block(real("12-cotton-pxw-huawei-president"), dt.date(2022, 10, 13))
    assert brief(signers) == [("Tom Cotton", "C001095"), HAGERTY, BLACKBURN, CRUZ, ("Marco Rubio", "R000595")]
    assert {one.title for one in signers} == {"United States Senator"}
    assert names(real("47-meng-gao-advertising"), dt.date(2022, 6, 23)) == [
        ("Eleanor Holmes Norton", "N000147"), ("Barbara Lee", "L000551"), ('Henry "Hank" Johnson, Jr.', "J000288"),
        ("Val Demings", ""), ("Grace Meng", "M001188"), ("Suzanne Bonamici", "B001278"),
        ("Bennie Thompson", "T000193"), ("Bonnie Watson Coleman", "W000822"),
    ]  # fmt: skip


def test_real_signers_after_s_in_capitals():
    block = real("61-chu-osha-heat").split("Sincerely,")[1]
    signers = read_signature_block(block, dt.date(2021, 8, 6))
    unknown = [(one.printed_name, [c.legislator.last for c in one.candidates]) for one in signers if not one.legislator]
    assert len(signers) == 24
    assert unknown == [
        ("ANDY LEVIN", ["Levin"]), ("SUSAN BONAMICI", ["Bonamici"]), ("ALAN LOWENTHAL", []), ("LYNDA SANCHEZ", ["Sánchez"]),
    ]  # fmt: skip
    assert {one.title for one in signers} == {"Member of Congress"}


def test_a_real_sentence_between_committee_titles():
    signers = read_signature_block(real("29-tscott-iran-waiver"), dt.date(2023, 11, 30))
    assert len(signers) == 25
    assert [one.printed_name for one in signers if one.legislator is None] == []
    assert signers[1].printed_name == "Roger Wicker"  # after "Senate Armed Services Committee Ranking Member"


def test_a_state_misprinted_in_a_real_release_is_kept_and_doubted():
    signers = read_signature_block(real("68-budd-hamas-reward"), dt.date(2024, 9, 26))
    assert len(signers) == 12
    (cramer,) = [one for one in signers if one.doubt]
    assert (cramer.printed_name, cramer.state, cramer.legislator.bioguide) == ("Kevin Cramer", "NC", "C001096")
    assert cramer.doubt == "Printed (R-NC), but our rosters say Republican, North Dakota."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bill Hagerty\nMarsha Blackburn", [HAGERTY, BLACKBURN]),
        ("Bill Hagerty          Marsha Blackburn\nUnited States Senator  United States Senator", [HAGERTY, BLACKBURN]),
        ("Bill Hagerty\tMarsha Blackburn\tTed Cruz", [HAGERTY, BLACKBURN, CRUZ]),
        ("/s/ BILL HAGERTY\n/s/ TED CRUZ", [("BILL HAGERTY", "H000601"), ("TED CRUZ", "C001098")]),
        ("Sen. Bill Hagerty\nSenator Ted Cruz\nThe Honorable Marsha Blackburn", [HAGERTY, CRUZ, BLACKBURN]),
        ("• Bill Hagerty (R-TN)\n• Ted Cruz (R-TX)", [HAGERTY, CRUZ]),
        ("1. Bill Hagerty\n2. Ted Cruz", [HAGERTY, CRUZ]),
        ("Bill Hagerty, R-Tenn.\nTed Cruz, R-Texas", [HAGERTY, CRUZ]),
        ("Bill Hagerty (R–Tenn.), Marsha Blackburn (R-TN) and Ted Cruz (R-Texas)", [HAGERTY, BLACKBURN, CRUZ]),
        ("Bill Hagerty, Marsha Blackburn, and Ted Cruz", [HAGERTY, BLACKBURN, CRUZ]),
        ("Bill Hagerty, United States Senator", [HAGERTY]),
        ("Senators Bill Hagerty, Marsha Blackburn, and Ted Cruz sent a letter today.", [HAGERTY, BLACKBURN, CRUZ]),
        (
            "Joining Senator Cruz in sending the letter are Senators Bill Hagerty (R-TN) and Marsha Blackburn (R-TN).",
            [HAGERTY, BLACKBURN, ("Cruz", "C001098")],
        ),
        ("Joni K. Ernst", [("Joni K. Ernst", "E000295")]),
        ("Jim Risch", [("Jim Risch", "R000584")]),
        ("John Barrasso, M.D. (R-WY)", [("John Barrasso, M.D.", "B001261")]),
        ("Ben Ray Luján\nCatherine Cortez Masto", [("Ben Ray Luján", "L000570"), ("Catherine Cortez Masto", "C001113")]),
        ("Christopher Van Hollen Jr.", [("Christopher Van Hollen Jr.", "V000128")]),
        ("Bill Hagerty\nBILL HAGERTY", [HAGERTY]),
        ("TEST Nobody Here\nBill Hagerty", [("TEST Nobody Here", ""), HAGERTY]),
        ("Bill Hagerty\ncc: Marsha Blackburn", [HAGERTY]),
        ("", []),
        ("_______\n\n   \n###", []),
        ("Sincerely,", []),
        ("Dear Secretary Yellen:", []),
    ],
)  # fmt: skip
def test_a_block_is_read(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bill Hagerty\nillegible (signed) scrawl\nTed Cruz", [HAGERTY, ("illegible (signed) scrawl", UNREAD), CRUZ]),
        ("Bill Hagerty    illegible/2\nTed Cruz", [HAGERTY, ("illegible/2", UNREAD), CRUZ]),  # beside, in columns
        ("bill hagerty\nted cruz", [("bill hagerty", "H000601"), ("ted cruz", "C001098")]),  # names all the same
        ("mcUnreadable (R-TN)\nUnited States Senator\nTed Cruz", [("mcUnreadable", UNREAD), CRUZ]),
        ("Sincerely,\nBill Hagerty\nmember no. one\ncc: illegible", [HAGERTY, ("member no. one", UNREAD)]),
        ("Bill Hagerty\nEnclosures\nWith respect,\nPage 2", [HAGERTY]),  # known to be no names
        ("Bill Hagerty led a group of colleagues in a letter that was sent today to the secretary\nshort line\nTed Cruz", [CRUZ]),
    ],
)  # fmt: skip
def test_a_line_of_the_block_that_fits_no_pattern_is_kept_in_its_place(text, expected):
    found = read_signature_block(text, IN_2023)
    assert [(one.printed_name, one.legislator.bioguide if one.legislator else one.doubt) for one in found] == expected


def test_an_unknown_name_is_kept_as_printed_and_flagged():
    (one,) = read_signature_block("TEST Nobody Here (D-VT)\nUnited States Senator", IN_2023)
    assert (one.printed_name, one.title, one.party, one.state) == (
        "TEST Nobody Here", "United States Senator", "Democrat", "VT",
    )  # fmt: skip
    assert (one.legislator, one.match, one.candidates) == (None, Match.UNMATCHED, ())
    assert one.doubt == "No member of this name served then."


def test_the_day_of_the_letter_decides():
    """Katie Britt took her seat on January 3, 2023; Ben Sasse left that month and stands in no roster."""
    assert names("Katie Britt", dt.date(2022, 12, 31)) == [("Katie Britt", "")]
    assert names("Katie Britt", dt.date(2023, 1, 3)) == [("Katie Britt", "B001319")]


def test_who_may_have_left_is_offered_and_not_proposed_unless_the_letter_says_that_he_sat():
    (alone,) = read_signature_block("Marco Rubio", dt.date(2025, 9, 15))
    assert (alone.legislator, [c.legislator.bioguide for c in alone.candidates]) == (None, ["R000595"])
    assert alone.doubt.endswith("on no roster after April 25, 2023: may have left before.")
    (printed,) = read_signature_block("Marco Rubio (R-FL)", IN_NOVEMBER_2023)
    assert printed.legislator == Legislator.objects.get(bioguide="R000595")


def test_two_of_one_last_name_are_both_offered():
    (one,) = read_signature_block("Senator Scott was joined by others.", IN_2023)
    assert (one.legislator, sorted(c.legislator.bioguide for c in one.candidates)) == (None, ["S001184", "S001217"])


@pytest.mark.parametrize(
    "text",
    [
        "Senators " * 3000,
        "A B C D E F G H\n" * 500,
        "(R-TN)" * 3000,
        "\x00\x01",
        "Bill Hagerty, " * 2000,
        "Xx " * 3000,
        "Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk Ll Mm Nn\nMember of Congress Member of Congress Member of Congress",
    ],
)
def test_nothing_pasted_breaks_it_or_holds_it_up(text):
    began = time.process_time()
    assert isinstance(read_signature_block(text, IN_2023), list)
    assert time.process_time() - began < 5  # of the processor: milliseconds, where it once took half a minute


def test_a_name_that_begins_with_an_accent_is_a_name():
    assert names("Ben Ray Luján\nÁngel Test\nMember of Congress") == [("Ben Ray Luján", "L000570"), ("Ángel Test", "")]
