"""Two people on one draft: a stale save shows who changed what, and each field is chosen (invariant 7)."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from letters.models import Worksheet
from tests import factories
from tests.web.test_log_letter import SHEET, address
from tests.web.test_pages import words

TWO_ASKS = {
    f"asks-{number}-{name}": value
    for number, quote in enumerate(("TEST first ask", "TEST second ask"))
    for name, value in {"kind": "briefing", "proposed": "briefing", "quote": quote, "responsible": "treasury", "target": ""}.items()
}  # fmt: skip


class Fields(HTMLParser):
    """The fields of the sheet's form as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.within, self.area, self.select = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        self.within |= at.get("id") == "sheet"
        if not self.within:
            return
        if tag == "input" and "name" in at and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self._add(at["name"], at.get("value", "on" if at.get("type") == "checkbox" else ""))
        elif tag == "textarea":
            self.area = at["name"]
            self._add(self.area, "")
        elif tag == "select":
            self.select = at["name"]
        elif tag == "option" and ("selected" in at or self.select not in self.found):
            self.found[self.select] = [at["value"]]

    def handle_data(self, data):
        if self.area:
            self.found[self.area][-1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:
            self.found[self.area][-1] = self.found[self.area][-1].removeprefix("\n")
            self.area = ""
        self.within &= tag != "form"

    def _add(self, name: str, value: str | None) -> None:
        self.found.setdefault(name, []).append(value or "")


class Sheet:
    """The draft as somebody has it open."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.open()

    def open(self) -> None:
        self.fields = Fields(self.client.get(address(Worksheet.objects.get())).content.decode()).found

    def save(self, do: str = "save", **typed: str):
        self.fields |= {name.replace("__", "-"): [value] for name, value in typed.items()}
        answer = self.client.post(address(Worksheet.objects.get()), self.fields | {"do": do}, follow=True)
        self.fields = Fields(answer.content.decode()).found
        return answer

    def keep(self, **whose: str):
        return self.save(**{f"keep.{name}": value for name, value in whose.items()})

    def asked(self) -> list[str]:
        """What is to be chosen, without the ids of rows."""
        return sorted(re.sub(r"-[0-9a-f]+(?=-|$)", "", name) for name in self.fields["merging"])


@pytest.fixture
def both(as_staff, manager) -> tuple[Sheet, Sheet]:
    """Staff and manager, each with the same draft open."""
    as_staff.post("/letters/new/", SHEET | TWO_ASKS | {"do": "save"})
    return Sheet(as_staff), Sheet(factories.client(manager))


def typed() -> dict:
    return Worksheet.objects.get().typed


def test_what_each_changed_alone_is_kept_of_both(both):
    mine, theirs = both
    assert theirs.save(asks__1__quote="TEST second ask, by the manager", letter_date="4/26/2023").status_code == 200
    page = mine.save(subject="TEST mine", asks__0__quote="TEST first ask, by staff")
    assert page.status_code == 409
    said = words(page)
    assert "manager changed this at" in said
    # what only the manager changed is chosen already, and nothing else is asked
    assert mine.asked() == ["asks-quote", "letter_date"]
    assert "Ask 2: In the letter’s words: which shall it be? As saved now TEST second ask, by the manager As you have it TEST second ask" in said  # fmt: skip
    assert mine.save().status_code == 200
    now = typed()
    assert (now["subject"], now["letter_date"]) == ("TEST mine", "4/26/2023")
    assert [ask["quote"] for ask in now["asks"]] == ["TEST first ask, by staff", "TEST second ask, by the manager"]


def test_what_both_changed_waits_for_a_choice_and_nothing_is_saved_without_it(both):
    mine, theirs = both
    theirs.save(subject="TEST theirs", text="TEST text, theirs")
    assert mine.save(subject="TEST mine", text="TEST text, mine").status_code == 409
    again = mine.save(asks__0__quote="TEST typed meanwhile")
    assert (again.status_code, typed()["subject"]) == (409, "TEST theirs")
    assert "Both of you changed “Subject”. Choose which to keep." in words(again)
    assert mine.fields["asks-0-quote"] == ["TEST typed meanwhile"]
    assert mine.keep(subject="yours", text="theirs").status_code == 200
    now = typed()
    assert (now["subject"], now["text"], now["asks"][0]["quote"]) == (
        "TEST mine",
        "TEST text, theirs",
        "TEST typed meanwhile",
    )


def test_rows_are_compared_by_what_they_are_and_not_by_their_place(both):
    """The manager takes the first ask away; the second one is no other ask for that."""
    mine, theirs = both
    theirs.save(do="drop-ask:0")
    page = mine.save(asks__1__summary="TEST by staff")
    assert page.status_code == 409
    assert len(mine.fields["merging"]) == 1
    assert "Ask 1: which shall it be? As saved now (not there) As you have it Brief us" in words(page)
    assert mine.save().status_code == 200
    assert [(ask["quote"], ask["summary"]) for ask in typed()["asks"]] == [("TEST second ask", "TEST by staff")]
    # and what the manager took away, either of them puts back
    assert "Ask 1 is removed (“Brief us”). Put it back" in words(mine.save())


def test_a_row_that_one_took_away_and_the_other_worked_on_is_asked_about(both):
    mine, theirs = both
    theirs.save(do="drop-ask:0")
    assert mine.save(asks__0__quote="TEST first ask, mended").status_code == 409
    assert "(both of you changed it)" in words(mine.save())
    (name,) = mine.fields["merging"]
    mine.fields[f"keep.{name}"] = ["yours"]
    assert mine.save().status_code == 200
    assert [ask["quote"] for ask in typed()["asks"]] == ["TEST first ask, mended", "TEST second ask"]
    # the other way round
    theirs.open()
    mine.save(asks__0__quote="TEST mended once more")
    assert theirs.save(do="drop-ask:0").status_code == 409
    (name,) = theirs.fields["merging"]
    theirs.fields[f"keep.{name}"] = ["theirs"]
    theirs.save()
    assert [ask["quote"] for ask in typed()["asks"]] == ["TEST mended once more", "TEST second ask"]


def test_what_each_added_stands_once_each_and_the_order_of_one_is_kept(both):
    mine, theirs = both
    theirs.save(do="up-ask:1")
    theirs.save(do="signer")
    theirs.save(signers__1__printed_name="TEST Added")
    mine.save(do="ask", selected="TEST third ask")
    assert mine.save().status_code == 200
    now = typed()
    assert [ask["quote"] for ask in now["asks"]] == ["TEST second ask", "TEST first ask", "TEST third ask"]
    assert [signer["printed_name"] for signer in now["signers"]] == ["Bill Hagerty", "TEST Added"]


def test_two_who_read_the_same_block_have_its_names_once(as_staff, manager):
    block = {"signers_block": "Bill Hagerty\nTed Cruz", "letter_date": "4/25/2023", "do": "save"}
    as_staff.post("/letters/new/", block)
    mine, theirs = Sheet(as_staff), Sheet(factories.client(manager))
    theirs.save(do="names")
    theirs.save(do="confirm")
    assert mine.save(do="names").status_code == 409
    assert mine.save().status_code == 200
    assert [(row["member"], row["confirmed"]) for row in typed()["signers"]] == [
        ("Bill Hagerty (R-TN)", "on"),
        ("Ted Cruz (R-TX)", "on"),
    ]


def test_a_third_save_in_between_is_compared_too(both):
    mine, theirs = both
    theirs.save(subject="TEST theirs")
    mine.save(subject="TEST mine")
    theirs.save(letter_date="4/27/2023")
    assert mine.keep(subject="yours").status_code == 409
    assert mine.save().status_code == 200
    assert (typed()["subject"], typed()["letter_date"]) == ("TEST mine", "4/27/2023")


def test_an_autosave_moves_what_the_page_remembers(both):
    mine, theirs = both
    mine.fields["subject"] = ["TEST mine"]
    answer = mine.client.post(address(Worksheet.objects.get()), mine.fields, headers={"X-Autosave": "1"}).json()
    mine.fields |= {name: [str(answer[name])] for name in ("version", "opened")}
    theirs.open()
    theirs.save(subject="TEST theirs, after mine")
    page = mine.save(asks__0__quote="TEST more")
    assert page.status_code == 409
    assert "(both of you changed it)" not in words(page)  # mine was saved before theirs


def test_what_is_refused_is_compared_with_what_a_colleague_saved_before_it_is_saved_again(both):
    mine, theirs = both
    theirs.save(subject="TEST theirs")
    assert mine.save(text="x" * 2_000_001).status_code == 422
    assert mine.save(text="TEST short again").status_code == 409
    assert typed()["subject"] == "TEST theirs"
    # nor is a choice forgotten that stood on the page
    assert mine.save(text="x" * 2_000_001).status_code == 422
    assert mine.save(text="TEST short once more").status_code == 409
    assert typed()["subject"] == "TEST theirs"


def test_a_draft_is_not_given_up_over_a_choice_that_is_still_to_be_made(both):
    mine, theirs = both
    theirs.save(subject="TEST theirs")
    mine.save(subject="TEST mine")
    at = address(Worksheet.objects.get(), "give-up/")
    assert mine.client.post(at, mine.fields).status_code == 409
    assert (typed()["subject"], Worksheet.objects.get().finished_at) == ("TEST theirs", None)


@pytest.mark.parametrize("opened", ["", "[]", "nonsense", '{"": 7}', '{"asks": {"1": 7}}', '{"": "ab", "asks": {"0": "c"}}', "[" * 5000])  # fmt: skip
def test_marks_that_are_none_of_ours_make_everything_a_question(both, opened):
    mine, theirs = both
    theirs.save(subject="TEST theirs")
    page = mine.save(opened=opened, asks__0__quote="TEST mine")
    assert page.status_code == 409
    assert mine.asked() == ["asks-quote", "subject"]
    assert words(page).count("(both of you changed it)") == 2


def test_of_long_words_that_begin_alike_the_place_is_shown_where_they_differ(both):
    mine, theirs = both
    long = "TEST words " * 200
    theirs.save(text=f"{long} theirs at the end")
    page = words(mine.save(text=f"{long} mine at the end"))
    assert re.search(r"As saved now … (?:TEST |words )+theirs at the end As you have it … (?:TEST |words )+mine at the end", page)  # fmt: skip


def test_a_row_that_nobody_filled_in_is_no_question(both):
    mine, theirs = both
    theirs.save(do="ask")
    theirs.save(do="addressee")
    theirs.save(subject="TEST theirs")
    assert theirs.fields["asks-2-target"] == [""]
    assert theirs.fields["addressees-1-delivery"] == ["to"]
    assert mine.save(text="TEST mine").status_code == 409
    assert mine.asked() == ["subject"]
    gone = [theirs.save(do=f"drop-{row}") for row in ("ask:2", "addressee:1")]
    assert ["is removed" in words(page) for page in gone] == [False, False]


def test_where_nothing_is_to_be_chosen_the_way_back_of_a_colleague_stays(both):
    mine, theirs = both
    theirs.save(do="ask")
    theirs.save(subject="TEST alike", asks__2__quote="TEST third ask")
    theirs.save(do="drop-ask:2")
    page = mine.save(subject="TEST alike")
    assert (page.status_code, "What they changed, you have too." in words(page)) == (409, True)
    assert "Ask 3 is removed (“TEST third ask”). Put it back" in words(mine.save())
    mine.save(do="put-back:asks")
    assert typed()["asks"][2]["quote"] == "TEST third ask"
