"""What the files of the demo say, held against what the offices published: nothing that is not printed there."""

import csv
import datetime as dt
import re

import pytest
from django.conf import settings

from letters.intake.demo import FOLDER, entries, source_of, text_of
from letters.intake.reference import FIXTURES, read_yaml

FILES = {f"{data['source'].removesuffix('.txt')} {data['letter_date']}": data for data in entries()}
LETTERS = pytest.mark.parametrize("data", FILES.values(), ids=FILES)
HAGERTY = "H000601"


def one_space(text: str) -> str:
    return " ".join(text.split())


def missing(words: list[str], text: str) -> list[str]:
    text = one_space(text)
    return [one for one in words if one_space(one) not in text]


def rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ","))


INDEX = {row["file"]: row for row in rows(settings.BASE_DIR / "tests" / "letters" / "index.tsv")}
ROSTER = {row["bioguide"]: row for row in rows(FIXTURES / "legislators.csv")}
TERMS = rows(FIXTURES / "terms.csv")


def test_every_published_text_is_a_letter_and_one_is_two():
    texts = sorted(path.name for path in FOLDER.glob("*.txt"))
    assert sorted({data["source"] for data in FILES.values()}) == texts == sorted(INDEX)
    assert (len(texts), len(FILES)) == (23, 24)


@LETTERS
def test_quotes_are_the_letters_words(data):
    quotes = [ask["quote"] for ask in data["asks"]]
    assert missing([*quotes, data.get("deadline_quote", "")], text_of(data)) == []
    assert min(len(quote) for quote in quotes) > 40


@LETTERS
def test_questions_are_the_letters_words(data):
    """Numbers in front are ours ("2a." for its "a."); what leads to the parts of a question stands before the first."""
    questions = [question for ask in data["asks"] for question in ask.get("questions", ())]
    parts = [
        part for question in questions for part in re.split(r"(?:^|(?<=: ))\d+[a-z]?\. |(?<=to date to:) ", question)
    ]
    assert missing(parts, text_of(data)) == []
    assert [ask["number"] for ask in data["asks"] if ask["kind"] == "written_answers" and not ask["questions"]] == []


@LETTERS
def test_signers_and_addressees_stand_in_what_was_published(data):
    signers, addressees = data["signatures"], data["addressees"]
    printed = [
        *(signer["printed_name"] for signer in signers),
        *(signer["printed_title"] for signer in signers),
        *(addressee["printed_name"] for addressee in addressees),
        *(addressee["printed_title"] for addressee in addressees),
        *(line for addressee in addressees for line in addressee["address"].splitlines()),
    ]
    assert missing(printed, source_of(data)) == []
    if "33-moran" not in data["source"]:
        said = INDEX[data["source"]]["addressees"].split("cc:")[0].split(";")
        assert [a["delivery"] for a in addressees].count("to") == len([name for name in said if name.strip()])


@LETTERS
def test_as_many_signed_as_the_index_says(data):
    said = int(re.match(r"\d+", INDEX[data["source"]]["signatories"])[0])
    # the index counts 23 of letter 29: its release names 25
    assert len(data["signatures"]) == {"29-tscott-iran-waiver.txt": 25}.get(data["source"], said)


@LETTERS
def test_state_and_party_are_those_of_the_day(data):
    on = data["letter_date"].isoformat()
    for signer in data["signatures"]:
        if "bioguide" not in signer:
            continue
        sat = [t for t in TERMS if t["bioguide"] == signer["bioguide"] and t["start"] <= on < t["end"]]
        assert [(t["state"], t["party"]) for t in sat] == [(signer["state"], signer["party"])], signer["printed_name"]
        last = signer["printed_name"].rsplit(",", 1)[0].split()[-1].strip('"').casefold()
        assert last in ROSTER[signer["bioguide"]]["last"].casefold().replace("á", "a")


def test_only_those_who_had_left_before_our_rosters_are_unmatched():
    names = {s["printed_name"] for data in FILES.values() for s in data["signatures"] if "bioguide" not in s}
    assert names == {"Ben Sasse", "Val Demings", "ANDY LEVIN", "ALAN LOWENTHAL", "Bob Goodlatte"}


@LETTERS
def test_dates_are_those_of_the_index(data):
    row = INDEX[data["source"]]
    day = dt.date.fromisoformat(row["date"])
    if row["file"].startswith("27-"):  # prints the year before that of its release
        assert (data["printed_date"], data["letter_date"]) == (day, dt.date.fromisoformat(row["release_date"]))
    elif row["file"].startswith("33-"):
        assert data["letter_date"] in (day, dt.date(2023, 11, 14))
    else:
        assert data["letter_date"] == day
        assert data["printed_date"] == (day if row["date_basis"].startswith("letter") else None)
    assert data["sent_on"] == data["letter_date"]
    if data["printed_date"]:
        assert (
            missing(
                [f"{data['printed_date']:%B} {data['printed_date'].day}, {data['printed_date'].year}"], text_of(data)
            )
            == []
        )


@LETTERS
def test_deadlines_are_those_of_the_index(data):
    said = re.match(r"\d{4}-\d\d-\d\d", INDEX[data["source"]]["deadline_iso"])
    assert data["deadline"] == (dt.date.fromisoformat(said[0]) if said else None)
    assert bool(data["deadline"]) == bool(data.get("deadline_quote"))
    if said and not data["source"].startswith(("22-", "56-")):  # theirs begin differently in the index
        sentence = INDEX[data["source"]]["deadline_sentence"].lstrip(".")
        assert missing([data["deadline_quote"]], sentence) == [] or missing([sentence], data["deadline_quote"]) == []


@LETTERS
def test_the_address_is_where_it_was_published(data):
    assert data["published_url"] == source_of(data).splitlines()[0] == INDEX[data["source"]]["source_address"]


@LETTERS
def test_the_text_is_the_letter_alone(data):
    text = text_of(data)
    assert "###" not in text
    assert one_space(text) in one_space(source_of(data))
    assert re.search(r"^(Dear|Washington, DC 20528Dear) ", text, re.M) or "Dear Secretary Napolitano:" in text


@LETTERS
def test_our_part_in_it_is_true(data):
    """The demo is Senator Hagerty's office: what he signed it co-signed, the rest are letters of others."""
    signed = HAGERTY in [signer.get("bioguide") for signer in data["signatures"]]
    assert data["our_role"] == ("co_signed" if signed else "followed")
    assert [s for s in data["signatures"] if s.get("lead")] != []


def test_a_target_has_one_name_and_one_kind_in_all_files():
    known = {}
    for data in [read_yaml("seed_letter.yaml"), *FILES.values()]:
        for target in data["targets"]:
            facts = (target["name"], target["kind"], target.get("parent"))
            assert known.setdefault(target["slug"], facts) == facts


def test_the_only_outcome_rests_on_entries_of_the_list_itself():
    outcomes = [(d["source"], ask) for d in FILES.values() for ask in d["asks"] if "outcome" in ask]
    assert [(source, ask["number"], ask["outcome"]["status"]) for source, ask in outcomes] == [
        ("05-rscott-alibaba-1260h.txt", 1, "implemented")
    ]
    ((_, ask),) = outcomes
    outcome = ask["outcome"]
    listed = rows(FOLDER / "section_1260h_rows.csv")
    assert [(row["Start date"], row["End date"]) for row in listed] == [(outcome["happened_on"].isoformat(), "")] * 3
    assert [(proof["citation"], proof["url"]) for proof in outcome["evidence"]] == [
        (f"Section 1260H list, edition of June 8, 2026: {row['Name']}", row["Source Url"]) for row in listed
    ]
    assert [slug for proof in outcome["evidence"] for slug in proof["targets"]] == ask["targets"]


def test_that_nobody_answered_is_said_in_the_words_of_the_release():
    (data,) = [data for data in FILES.values() if data["source"].startswith("68-")]
    (quoted,) = re.findall(r"says: “(.*)” What came later", data["notes"][0])
    assert missing([quoted], source_of(data)) == []
