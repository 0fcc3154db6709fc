"""Every address, every field, against one list: what is not on `may_be_public.txt` is internal (invariant 8).

The addresses are those of the site, so a new one is asked too; the fields are those of real answers about a record in
which everything that can be public is, beside one in which nothing is. When something becomes public on purpose:
`WRITE_PUBLIC=1 .venv/bin/python -m pytest tests/api/test_may_be_public.py`, and look at the difference.
"""

import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from letters.api.resources import SOURCES
from letters.domain import releases, sending, workflow
from letters.enums import Scope, Status
from letters.models import Tasking
from tests.access import routes
from tests.factories import SETUP, agency, ask, draft, evidence, item, reply, sent, target

LIST = Path(__file__).with_name("may_be_public.txt")
PROGRAMS = re.compile(r"^(api|feeds):")


@pytest.fixture
def told(seed, staff, manager, public, settle):
    """Everything that can be public, and beside it a letter, a reply and work that are not."""
    answered = item(
        kind_code="briefing", released=True, deadline_on=dt.date(2030, 6, 1), ask_facts={"targets": [target("TEST Co")]}
    )
    made, proof = reply(answered), evidence(answered)
    for part in (made, made.answers.get(), proof):
        releases.release_part(part, by=manager)
    releases.withdraw_part(proof, by=manager, reason="TEST")
    releases.release_part(proof, by=manager)
    sending.amend(answered.ask.letter, by=manager, reason="TEST", subject="TEST corrected")
    workflow.transition(
        Tasking.objects.get(ask__number=1, ask__letter=seed), to=Status.WITHDRAWN, by=staff, reason="TEST"
    )
    consulted = draft(agencies=["treasury", "state"])
    ask(consulted, "treasury", consulted=["state"])
    consulted = sending.release(sending.send_letter(consulted, by=SETUP, sent_on=dt.date(2023, 5, 1)), by=manager)
    lead = Tasking.objects.get(ask__letter=consulted, role="lead")
    workflow.transfer(lead, to_agency=agency("state"), by=staff, reason="TEST")
    sending.withdraw_release(sent(released=True), by=manager, reason="TEST")
    internal = item(subject="TEST quagga", ask_facts={"targets": [target("TEST quagga")]})
    reply(internal)
    settle()
    return public


def addresses(public) -> dict[str, str]:
    """Each address for programs, by its name; of single rows, each on the first page of its list."""
    found = {}
    for name, _ in routes.addresses():
        if not PROGRAMS.match(name) or routes.declared(name).right != routes.KEY:
            continue
        if name.endswith("-detail"):
            for row in public.get(f"{name[4:-7]}/").body.get("results", []):
                found[f"{name} {row['id']}"] = row["url"]
        elif not routes.declared(name).of:
            found[name] = reverse(name)
            resource = name.partition(":")[2]
            if name.startswith("api:") and Scope.RELEASED in SOURCES.get(resource, {}):
                expansions = SOURCES[resource][Scope.RELEASED].expansions
                found |= {f"{name} with {one}": f"{reverse(name)}?expand={one}" for one in expansions}
    return found


def fields(value: object, path: str = "") -> Iterator[str]:
    """The path of each field of a JSON answer."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            yield here
            yield from fields(inner, here)
    if isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")


def of_file(kind: str, body: bytes) -> Iterator[str]:
    """What a file names: the columns of a table, the properties of a calendar, the elements of Atom."""
    if kind == "text/csv":
        yield from next(csv.reader(io.StringIO(body.decode())))
    elif kind == "text/calendar":
        for part in icalendar.Calendar.from_ical(body).walk():
            yield from (f"{part.name}.{name}" for name in part)
    else:
        yield from (re.sub(r"\{.*\}", "", element.tag) for element in ET.fromstring(body).iter())


def shown(public) -> set[str]:
    """Each field that a key of scope `released` is shown anywhere."""
    found = set()
    for name, address in addresses(public).items():
        response = Client().get(address, headers={"Authorization": f"Bearer {public.key}"})
        kind, body = response.headers["Content-Type"].partition(";")[0], response.getvalue()
        if kind == "application/problem+json":
            assert response.status_code in (403, 404, 405), (address, body)
            continue
        assert b"quagga" not in body.lower(), address
        names = fields(json.loads(body)) if kind == "application/json" else of_file(kind, body)
        found |= {f"{name.split()[0]} {one}" for one in names}
    return found


def test_what_is_shown_to_the_public_is_what_the_list_names(told):
    now = sorted(shown(told))
    if os.environ.get("WRITE_PUBLIC"):
        LIST.write_text("\n".join(now) + "\n")
    assert now == LIST.read_text().splitlines()


def test_what_the_office_alone_has_is_not_on_the_list():
    """The list itself may not be wrong in the plainest way."""
    named = {line.partition(" ")[2].rpartition(".")[2] for line in LIST.read_text().splitlines()}
    internal = {
        "reference", "owner", "snoozed_until", "days_past", "late", "has_unread_reply", "version", "reason", "by",
        "control_number", "yardstick_days", "aliases", "match", "asked_on", "answered_on", "promised_on",
        "released_at", "topics", "our_role", "lead_office_contact", "held_elsewhere", "amendments", "notes",
    }  # fmt: skip
    assert named & internal == set()


def test_what_is_hidden_costs_the_same_queries_as_what_is_not_there(told, django_assert_num_queries):
    """Time would tell: both are looked for alike."""
    hidden = Tasking.objects.get(ask__letter__subject="TEST quagga")
    response = hidden.answers.get().response
    event = hidden.events.first()
    nothing = "00000000-0000-4000-8000-000000000000"
    for name, key in (("letters", hidden.ask.letter_id), ("taskings", hidden.pk), ("targets", hidden.ask.targets.get().pk),
                      ("events", event.pk), ("responses", response.pk)):  # fmt: skip
        answers = []
        for one in (key, nothing):
            with django_assert_num_queries(1 if name == "responses" else 2):
                answers.append(told.get(f"{name}/{one}/"))
        assert answers[0].status == answers[1].status == (403 if name == "responses" else 404)
        assert answers[0].body | {"instance": ""} == answers[1].body | {"instance": ""}
