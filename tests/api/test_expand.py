"""`expand=`: what hangs on rows, given with them, within bounds, and only what the key may see."""

import datetime as dt

import pytest

from letters.api import expanding
from letters.api.links import Links
from letters.api.parameters import Asked
from letters.api.resources import SOURCES
from letters.domain import items, sending
from letters.domain.history import acting
from letters.domain.replies import Bearing, add_answer
from letters.enums import Access, Scope
from letters.models import Letter, Tasking
from tests.api.shape_checks import check
from tests.factories import SETUP, evidence, item, reply, sent, target

# Queries of the list, then of what is expanded.
COSTS = [
    ("office", "letters/?expand=asks", 5 + 5),  # asks, questions, taskings, targets twice
    ("office", "letters/?expand=responses", 5 + 3),  # which, replies, answers
    ("office", "taskings/?expand=letter", 3 + 4),  # letters, signers, addressees, topics
    ("office", "taskings/?expand=responses", 3 + 3),
    ("office", "taskings/?expand=evidence", 3 + 3),  # which, proofs, their targets
    ("office", "taskings/?expand=contacts", 3 + 3),  # which, contacts, their taskings
    ("office", "taskings/?expand=dates", 3 + 1),
    ("office", "taskings/?expand=letter&expand=responses&expand=dates", 3 + 4 + 3 + 1),
    ("office", "responses/?expand=taskings", 3 + 3),  # which, taskings, targets
    ("public", "letters/?expand=asks", 4 + 9),
    ("public", "taskings/?expand=letter", 3 + 3),
]


def made(count: int) -> list[Tasking]:
    """Public items, each with one of all that hangs on it."""
    found = []
    for _ in range(count):
        one = item(released=True, ask_facts={"targets": [target()]}, deadline_on=dt.date(2030, 6, 1))
        reply(one)
        evidence(one)
        items.log_contact(by=SETUP, agency=one.agency, taskings=[one], channel="call", outcome="TEST")
        found.append(one)
    return found


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("who", "path", "queries"), COSTS)
def test_what_is_expanded_costs_the_same_with_one_row_and_with_three(
    office, public, django_assert_num_queries, who, path, queries, rows
):
    made(rows)
    with django_assert_num_queries(queries):
        answer = {"office": office, "public": public}[who].get(path)
    assert (answer.status, len(answer.body["results"])) == (200, rows)
    shape = f"{'Public' if who == 'public' else ''}{path.partition('/')[0].removesuffix('s').capitalize()}Page"
    check(answer.body, shape)
    names = [part.partition("=")[2] for part in path.partition("?")[2].split("&")]
    for row in answer.body["results"]:
        assert list(row["expanded"]) == ["more", *names]
        assert (row["expanded"]["more"], all(row["expanded"][name] for name in names)) == ([], True)


def test_it_is_what_the_other_addresses_say(office):
    (one,) = made(1)
    row = office.get("taskings/?expand=letter&expand=responses&expand=evidence").body["results"][0]
    more = office.get(f"taskings/{one.pk}/?expand=contacts&expand=dates").body
    assert row["expanded"]["letter"] == office.rows("letters/")[0]
    assert row["expanded"]["responses"] == office.rows(f"responses/?tasking={one.pk}") == office.rows("responses/")
    assert row["expanded"]["evidence"] == office.rows(f"evidence/?tasking={one.pk}")
    assert more["expanded"]["contacts"] == office.rows(f"contacts/?tasking={one.pk}")
    assert more["expanded"]["dates"] == more["dates"]
    letter = office.get(f"letters/{one.ask.letter_id}/?expand=asks&expand=responses").body
    assert letter["expanded"]["asks"] == letter["asks"]
    assert letter["expanded"]["responses"] == office.rows(f"responses/?letter={one.ask.letter_id}")
    plain = {name: value for name, value in row.items() if name != "expanded"}
    assert office.rows("responses/?expand=taskings")[0]["expanded"]["taskings"] == [plain]
    # none of one's own letter: none, not everything
    other = item()
    assert (
        office.rows(f"responses/?tasking={other.pk}") == office.rows(f"responses/?letter={other.ask.letter_id}") == []
    )


def test_next_keeps_it(office):
    made(2)
    rows = office.rows("taskings/?limit=1&expand=letter&expand=evidence")
    assert [list(row["expanded"]) for row in rows] == [["more", "letter", "evidence"]] * 2


@pytest.mark.parametrize(("query", "said"), [
    ("expand=owner", "expand: “owner” is not known. Use one of: letter, responses, evidence, contacts, dates."),
    ("expand=letter,responses", "expand: “letter,responses” is not known. Use one of: letter, responses, evidence, contacts, dates."),
    ("expand=", "expand: nothing was given. Use one of: letter, responses, evidence, contacts, dates."),
    ("expand=letter&expand=letter", "expand: “letter” was given twice. Give it once."),
    ("expand=letter&expand=dates&expand=evidence&expand=contacts",
     "expand: “contacts” is one too many; at most 3 are given at once. Ask again for it."),
])  # fmt: skip
def test_what_cannot_be_expanded_is_named_with_the_way_out(office, query, said):
    assert office.refused(f"taskings/?{query}") == [400, ("expand", said)]


def test_where_nothing_can_be_expanded(office):
    (refused,) = office.refused("agencies/?expand=letters")[1:]
    assert refused == ("expand", "expand: there is no such parameter here. Known: cursor, limit, slug.")


def test_a_public_key_expands_public_things_only(public, office):
    (one,) = made(1)
    item(subject="TEST quagga")
    (row,) = public.get("taskings/?expand=letter").body["results"]
    assert row["expanded"]["letter"] == public.rows("letters/")[0]
    (letter,) = public.get("letters/?expand=asks").body["results"]
    assert letter["expanded"]["asks"] == public.get(letter["url"]).body["asks"]
    for name in ("responses", "evidence", "contacts", "dates"):
        message = f"expand: “{name}” needs a key of scope “office”. Leave it out, or use such a key."
        assert public.refused(f"taskings/?expand={name}") == [403, ("expand", message)]
        assert public.refused(f"taskings/{one.pk}/?expand={name}") == [403, ("expand", message)]
    assert public.refused("taskings/?expand=owner") == [
        400, ("expand", "expand: “owner” is not known. Use one of: letter."),
    ]  # fmt: skip


def test_what_no_key_may_see_hangs_on_nothing(office):
    (one,) = made(1)
    hidden = Tasking.objects.get(ask__letter=sent(access=Access.RESTRICTED, subject="TEST quagga"))
    with acting(SETUP):
        add_answer(reply(hidden, text="TEST quagga"), Bearing(one), by=SETUP)
    items.log_contact(by=SETUP, agency=one.agency, taskings=[one, hidden], channel="call", outcome="TEST quagga")
    row = office.get(f"taskings/{one.pk}/?expand=responses&expand=contacts").body["expanded"]
    assert (len(row["responses"]), len(row["contacts"])) == (2, 1)
    assert [name for name in ("quagga", str(hidden.pk)) if name in str(row)] == []
    told = str([office.rows(f"{name}/?expand={what}") for name, what in (
        ("letters", "responses"), ("letters", "asks"), ("responses", "taskings"), ("taskings", "letter"),
    )])  # fmt: skip
    assert [name for name in ("quagga", str(hidden.pk), hidden.ask.letter.reference) if name in told] == []


@pytest.mark.parametrize("scope", [Scope.OFFICE, Scope.RELEASED])
def test_a_letter_taken_from_view_while_its_items_are_read_is_not_there(reference, scope, rf):
    (one,) = made(1)
    source = SOURCES["taskings"][scope]
    rows = list(source.filtered(Asked()))
    sending.change_access(Letter.objects.get(pk=one.ask.letter_id), by=SETUP, access=Access.RESTRICTED, reason="TEST")
    (row,) = source.show(rows, Asked([("expand", "letter")]), Links(rf.get("/")))
    assert row["expanded"] == {"more": []}


def test_a_long_list_is_cut_and_says_so(office, monkeypatch):
    monkeypatch.setattr(expanding, "EACH", 2)
    monkeypatch.setattr("letters.api.office.hanging.EACH", 2)
    one = item()
    for day in (1, 2, 3):
        items.log_contact(
            by=SETUP, agency=one.agency, taskings=[one], channel="call", outcome=f"TEST {day}", on=dt.date(2023, 6, day)
        )
    evidence(one)
    row = office.get(f"taskings/{one.pk}/?expand=contacts&expand=evidence").body["expanded"]
    assert [contact["outcome"] for contact in row["contacts"]] == ["TEST 3", "TEST 2"]
    assert (row["more"], len(row["evidence"])) == (["contacts"], 1)


def test_the_tag_is_of_the_row_whatever_is_read_with_it(writer):
    (one,) = made(1)
    path = f"taskings/{one.pk}/"
    tag = writer.get(path).headers["ETag"]
    with_more = writer.get(f"{path}?expand=evidence", **{"If-None-Match": tag})
    assert (with_more.status, with_more.headers["ETag"]) == (200, tag)
    assert writer.post(f"{path}snooze/", {"until": None}, If_Match=tag).status == 200
