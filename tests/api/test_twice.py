"""A row that a body names twice is refused by its place: no verb has to say what both together would mean."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from letters.api.bodies import Body, Field, Known, Many, Reading
from letters.api.writes.all import WRITES
from tests.factories import draft, item, reply, sent, target

STANDS = "it stands twice. Name it once."


def lists(of: Field, at: str) -> Iterator[tuple[str, Many]]:
    """Every list in a body that names rows, by where it stands."""
    match of:
        case Body():
            for name, one in of.fields.items():
                yield from lists(one, f"{at}/{name}")
        case Many(of=Known()):
            yield at, of
        case Many(of=Body() as inner):
            if {"id", "tasking"} & set(inner.fields):
                yield at, of
            yield from lists(inner, f"{at}/*")


LISTS = {f"{write.name} {at}": one for write in WRITES for at, one in lists(write.body, "")}


@pytest.mark.parametrize("name", LISTS)
def test_no_list_of_a_body_takes_a_row_twice(name):
    many, key = LISTS[name], "00000000-0000-4000-8000-00000000000a"

    def found(known: Known) -> Known:
        return replace(known, find=lambda sent: SimpleNamespace(pk=sent.lower()))

    if isinstance(many.of, Known):
        many, one = replace(many, of=found(many.of)), key
    elif known := many.of.fields.get("tasking"):
        many, one = replace(many, of=replace(many.of, fields={"tasking": found(known)})), {"tasking": key}
    else:
        one = {"id": key}
    reading = Reading()
    many.read([one, one], "/at", reading)
    assert [(problem.field, problem.message) for problem in reading.problems] == [("/at/1", f"/at/1: {STANDS}")]


@pytest.fixture
def rows(writer) -> dict[str, str]:
    """What the bodies below name."""
    tasking = item()
    letter = writer.get(f"letters/{tasking.ask.letter_id}/").body
    facts = {"questions": ["TEST one?", "TEST two?"], "targets": [target("TEST quagga")]}
    asks = sent(subject="TEST other", kind_code="written_answers", ask_facts=facts)
    asked = writer.get(f"letters/{asks.pk}/").body["asks"][0]
    return {
        "letter": letter["id"], "signer": letter["signatures"][0]["id"], "item": str(tasking.pk), "target": "test-quagga",
        "other": str(asks.pk), "ask": asked["id"], "question": asked["questions"][0]["id"],
        "draft": str(draft().pk), "reply": str(reply(tasking, coverage=None).pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "at"),
    [
        (
            "letters/{letter}/amendments/parts/",
            {"signatures": [{"id": "{signer}", "remove": True}, {"id": "{signer}", "printed_name": "TEST x"}]},
            "/signatures/1",
        ),
        (
            "letters/{other}/amendments/parts/",
            {"asks": [{"id": "{ask}", "questions": [{"id": "{question}", "remove": True}] * 2}]},
            "/asks/0/questions/1",
        ),
        (
            "contacts/",
            {"agency": "treasury", "taskings": ["{item}", "{item}"], "channel": "call", "outcome": "TEST"},
            "/taskings/1",
        ),
        (
            "taskings/{item}/evidence/",
            {"kind": "url", "url": "https://example.org/", "targets": ["{target}", "{target}"]},
            "/targets/1",
        ),
        ("drafts/{draft}/asks/", {"kind": "sanction", "summary": "TEST", "targets": ["{target}"] * 2}, "/targets/1"),
        (
            "responses/",
            {
                "agency": "treasury",
                "received_on": "2023-05-02",
                "answers": [{"tasking": "{item}", "targets": ["{target}"] * 2}],
            },
            "/answers/0/targets/1",
        ),
        (
            "responses/",
            {
                "agency": "treasury",
                "received_on": "2023-05-02",
                "answers": [{"tasking": "{item}"}, {"tasking": "{item}", "said": "looking"}],
            },
            "/answers/1",
        ),
        (
            "responses/{reply}/reading/",
            {"answers": [{"tasking": "{item}", "said": "looking"}, {"tasking": "{item}", "said": "refused"}]},
            "/answers/1",
        ),
    ],
)
def test_a_row_named_twice_is_refused_by_its_place(writer, rows, path, body, at):
    def filled(value):
        match value:
            case str():
                return value.format(**rows)
            case dict():
                return {name: filled(one) for name, one in value.items()}
            case list():
                return [filled(one) for one in value]
        return value

    told = writer.faults(path.format(**rows), filled(body) | ({"reason": "TEST"} if "parts" in path else {}))
    assert told == [400, (at, f"{at}: {STANDS}")]
