"""A snapshot and what follows it: together the record as it stands, whatever was done in between."""

import datetime as dt
import json
import urllib.parse

import pytest
import time_machine
from django.db.models import Q

from letters import models
from letters.api.docs import MIRROR
from letters.domain import items, releases, retractions, sending, workflow
from letters.domain.reply_flow import Word, record_reply
from letters.enums import Access, Said, Status, Stream
from letters.models import Evidence, FeedEntry, FeedEpoch, Letter, Response, Tasking
from tests.api.conftest import SERVER, Answer
from tests.api.shape_checks import check
from tests.domain.test_walks import AGENCIES, Walk
from tests.factories import SETUP, agency, evidence, item, reply, sent

BESIDE = ("responses", "evidence", "contacts")
SHAPES = {"office": "Snapshot", "public": "PublicSnapshot"}


@pytest.fixture
def take(office, public):
    """The snapshot as a reader gets it."""
    readers = {"office": office, "public": public}

    def took(who: str, query: str = "") -> Answer:
        return readers[who].get(f"snapshot/{query}")

    return took


@pytest.mark.parametrize("who", SHAPES)
def test_it_has_exactly_the_fields_described_and_says_what_each_address_says(seed, office, public, take, who, settle):
    answered = item(kind_code="briefing", released=True)
    made = reply(answered)
    proof = evidence(answered)
    items.log_contact(by=SETUP, agency=answered.agency, taskings=[answered], channel="call", outcome="TEST")
    for part in (made, made.answers.get(), proof):
        releases.release_part(part, by=SETUP)
    settle()
    taken = take(who).body
    check(taken, SHAPES[who])
    reader = {"office": office, "public": public}[who]
    for name in ("letters", *BESIDE):
        for row in taken.get(name, []):
            assert reader.get(row["url"]).body == row
    assert {name: len(rows) for name, rows in taken.items() if name not in ("letters", "cursor")} == (
        {"responses": 1, "evidence": 1, "contacts": 1} if who == "office" else {}
    )
    assert len(taken["letters"]) == 2
    assert reader.get(f"events/?after={taken['cursor']}").body["results"] == []


@pytest.mark.parametrize("letters", [1, 3])
@pytest.mark.parametrize(("who", "queries"), [("office", 25), ("public", 15)])
def test_it_costs_the_same_with_one_letter_and_with_three(
    take, settle, django_assert_num_queries, who, queries, letters
):
    for _ in range(letters):
        told = item(released=True)
        reply(told)
        evidence(told)
        items.log_contact(by=SETUP, agency=told.agency, taskings=[told], channel="call", outcome="TEST")
    settle()
    with django_assert_num_queries(queries):
        assert len(take(who).body["letters"]) == letters


def test_each_row_is_a_line_for_readers_who_cannot_hold_it_whole(seed, office):
    sent()
    response = office.client.get("/api/v1/snapshot/", headers={"Authorization": f"Bearer {office.key}"})
    lines = response.getvalue().decode().splitlines()
    rows = [json.loads(line.removesuffix(",")) for line in lines[1:] if line.startswith("{")]
    assert {row["id"] for row in rows} == {str(letter.pk) for letter in Letter.objects.all()}
    assert json.loads("{" + lines[-1])["cursor"]


def test_what_a_reader_may_not_see_is_not_in_it(seed, public, take):
    hidden = sent(access=Access.RESTRICTED, subject="TEST quagga")
    internal = sent(subject="TEST internal")
    reply(Tasking.objects.get(ask__letter=hidden))
    office = take("office").body
    assert {row["id"] for row in office["letters"]} == {str(seed.pk), str(internal.pk)}
    assert (office["responses"], "quagga" in str(office)) == ([], False)
    assert [row["id"] for row in take("public").body["letters"]] == [str(seed.pk)]
    assert take("office", "?stream=released").body == take("public").body
    assert public.refused("snapshot/?stream=office")[0] == 403
    assert public.refused("snapshot/?limit=3") == [
        400, ("limit", "limit: there is no such parameter here. Known: stream."),
    ]  # fmt: skip


def test_a_head_request_reads_nothing(seed, office, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = office.client.head("/api/v1/snapshot/", headers={"Authorization": f"Bearer {office.key}"})
    assert (response.status_code, response["Content-Type"], response.content) == (200, "application/json", b"")


def test_a_cursor_of_an_earlier_epoch_is_told_where_the_snapshot_is(seed, office, public, take, settle):
    settle()
    cursors = {"": office.get("events/").body["cursor"], "&stream=released": public.get("events/").body["cursor"]}
    with time_machine.travel(dt.datetime(2090, 1, 1, tzinfo=dt.UTC)):
        FeedEpoch.objects.create()
    for stream, cursor in cursors.items():
        expired = office.get(f"events/?after={cursor}{stream}")
        assert expired.status == 410
        check(expired.body, "ExpiredProblem")
        address = f"http://testserver/api/v1/snapshot/{stream.replace('&', '?')}"
        assert expired.body["snapshot"] == address
        fresh = take("office", stream.replace("&", "?")).body["cursor"]
        assert office.get(f"events/?after={fresh}{stream}").status == 200


# --- snapshot + what follows = the record


class Telling(Walk):
    """A walk in which replies also move items, and replies, answers and evidence become public and are taken back."""

    def tell(self):
        part = self.some(Response, models.Answer, Evidence).objects.order_by("?").first()
        if part and part.released_at:
            releases.withdraw_part(part, by=self.people["manager"], reason="TEST")
        elif part:
            releases.release_part(part, by=self.people["manager"])

    def say(self):
        item = self.item
        word = Word(
            item, said=self.some(*Said.values, *[Said.OTHER_AGENCY] * 6), promised_on=self.day(), passed_to=agency(self.some(*AGENCIES)),
            reason="TEST", status=self.some(None, None, "overtaken", "withdrawn"),
        )  # fmt: skip
        record_reply(by=self.by, agency=item.agency, received_on=self.today, words=[word])

    def mistake(self):
        if response := Response.objects.order_by("?").first():
            retractions.retract_response(response, by=self.by, reason="TEST")

    def step(self) -> str:
        self.reply = self.some(super().reply, self.say, self.say)
        self.small = self.some(super().small, self.tell, self.tell, self.mistake)
        self.correct = self.some(super().correct, self.tell, self.publish)
        return super().step()


@pytest.fixture
def mirror(public, take):
    """The program of the docs page, asking the test's site."""
    program: dict = {"__name__": "mirror"}
    exec(MIRROR.read_text(), program)

    def get(address: str) -> dict:
        path = urllib.parse.urlsplit(address)
        return (
            take("public", f"?{path.query}")
            if "snapshot" in address
            else public.get(f"{SERVER}{path.path}?{path.query}")
        ).body

    program["get"], program["api"] = get, f"{SERVER}/api/v1/"
    return program


def plain(letters: dict) -> dict:
    """What is held of each letter, items by id: the order of items is the screen's."""
    return {
        key: {
            **one,
            "asks": [{**ask, "taskings": sorted(ask["taskings"], key=lambda t: t["id"])} for ask in one["asks"]],
        }
        for key, one in letters.items()
    }  # fmt: skip


@pytest.mark.parametrize("number", range(3))
def test_a_mirror_of_the_public_stream_is_what_a_new_snapshot_says(
    reference, staff, manager, admin, mirror, settle, tmp_path, number
):
    mirror["kept"] = tmp_path / "mirror.json"
    walk = Telling(number, {"staff": staff, "manager": manager, "admin": admin})
    sending.release(walk.letter, by=manager)
    held, done = [mirror["begin"]()], []
    for step in range(60):
        done.append(walk.step())
        settle()
        if step % 20 == 10:
            held.append(mirror["begin"]())
        if step % 7 == number + 3:
            for one in held:
                mirror["follow"](one)
    now = mirror["begin"]()
    for one in held:
        mirror["follow"](one)
        assert plain(one["letters"]) == plain(now["letters"]), done
        assert one["cursor"] == now["cursor"]


def test_a_mirror_follows_what_replies_did_as_they_become_public_and_are_taken_back(
    reference, staff, manager, mirror, settle, tmp_path
):
    mirror["kept"] = tmp_path / "mirror.json"
    first = item(released=True, agencies=["treasury"])
    held = mirror["begin"]()

    def seen() -> dict[str, str]:
        """By agency, as the mirror has it, which is as a new snapshot has it."""
        settle()
        mirror["follow"](held)
        assert plain(held["letters"]) == plain(mirror["begin"]()["letters"])
        (letter,) = held["letters"].values()
        return {tasking["agency"]: tasking["status"] for ask in letter["asks"] for tasking in ask["taskings"]}

    word = Word(first, said=Said.OTHER_AGENCY, passed_to=agency("commerce"))
    response = record_reply(by=staff, agency=first.agency, received_on=dt.date(2023, 5, 2), words=[word])
    assert seen() == {"treasury": "awaiting"}
    second = Tasking.objects.get(agency__slug="commerce")
    workflow.close(second, to=Status.OVERTAKEN, by=staff, reason="TEST")
    assert seen() == {"treasury": "awaiting"}
    for part in (response, response.answers.get()):
        releases.release_part(part, by=manager)
    assert seen() == {"treasury": "transferred", "commerce": "overtaken"}
    workflow.reopen(second, by=staff, reason="TEST")
    assert seen() == {"treasury": "transferred", "commerce": "awaiting"}
    retractions.retract_response(response, by=staff, reason="TEST")
    assert seen() == {"treasury": "awaiting"}
    workflow.close(second, to=Status.WITHDRAWN, by=staff, reason="TEST")
    workflow.reopen(first, by=staff, reason="TEST")
    assert seen() == {"treasury": "awaiting"}
    # who begins at the beginning reads nothing else
    other = {"cursor": mirror["get"](f"{SERVER}/api/v1/events/?limit=1")["cursor"], "letters": {}}
    mirror["follow"](other)
    assert plain(other["letters"]) == plain(held["letters"])
    assert "commerce" not in str(mirror["get"](f"{SERVER}/api/v1/events/?stream=released"))


@pytest.mark.parametrize("number", range(2))
def test_nothing_the_office_reads_changes_without_an_event(
    reference, staff, manager, admin, office, take, settle, number
):
    """So a program that fetches anew what the events name holds all there is."""
    walk = Telling(number, {"staff": staff, "manager": manager, "admin": admin})
    others = [sent(agencies=["treasury", "state"]) for _ in range(2)]
    for other in others:
        walk.letter, first = other, walk.letter
        walk.reply()
        walk.letter = first
    settle()

    def state(taken: dict) -> dict:
        rows = {row["id"]: row for name in ("letters", *BESIDE) for row in taken[name]}
        for row in taken["letters"]:
            for ask in row["asks"]:
                for tasking in ask["taskings"]:
                    tasking.pop("late"), tasking.pop("days_past")  # by the day, not by what happens
        return rows

    taken, done = take("office").body, []
    for step in range(60):
        walk.letter = walk.dice.choice([walk.letter, *others])
        done.append(walk.step())
        settle()
        if step % 4:
            continue
        after = office.rows(f"events/?after={taken['cursor']}&limit=3")
        before, taken = state(taken), take("office").body
        now = state(json.loads(json.dumps(taken)))
        told = {row["letter"] for row in after}
        about = {"tasking__ask__letter__in": told}
        replies = models.Answer.objects.filter(**about).values_list("response", flat=True)
        beside = [
            replies,
            Evidence.objects.filter(Q(**about) | Q(response__in=replies)).values_list("pk", flat=True),
            models.ContactTasking.objects.filter(**about).values_list("contact", flat=True),
        ]
        named = told | {str(key) for keys in beside for key in keys}
        changed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
        assert changed <= named, done
    assert FeedEntry.objects.filter(stream=Stream.OFFICE).count() > 20
