"""The examples in the OpenAPI document are real answers about the seed letter, shortened.

When answers change on purpose: `WRITE_EXAMPLES=1 .venv/bin/python -m pytest tests/api/test_examples.py`, and look at
the difference.
"""

import datetime as dt
import json
import os
import re
import uuid

import pytest

from letters.api.schema import EXAMPLES_FILE
from letters.api.scopes import SCOPES
from letters.domain import items
from letters.domain.history import acting
from letters.models import Attachment, Official
from tests.api.conftest import SERVER
from tests.factories import SETUP, draft, evidence, item, reply

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOW = re.compile(r"20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
FIXED_TIME = "2026-06-10T14:00:00Z"


def shortened(value):
    """Two of each list, the beginning of each text."""
    if isinstance(value, dict):
        return {name: shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value[:2]]
    if isinstance(value, str) and len(value) > 300 and not value.startswith("http"):
        return value[:200].rstrip() + " …"
    return value


class Steady:
    """What differs from run to run, replaced by what does not: ids in order of appearance, times, host, cursors."""

    def __init__(self):
        self.ids: dict[str, str] = {}

    def __call__(self, answer: dict) -> dict:
        text = json.dumps(shortened(answer), ensure_ascii=False)
        text = UUID.sub(
            lambda found: self.ids.setdefault(found[0], str(uuid.UUID(int=len(self.ids) + 1, version=4))), text
        )
        text = NOW.sub(FIXED_TIME, text).replace(SERVER, "https://mail.example.gov")
        text = re.sub(r'(cursor=|after=|"cursor": ")[\w-]+', r"\g<1>AQAu-opaque", text)
        return json.loads(re.sub(r'"days_past": \d+', '"days_past": 1113', text))


@pytest.fixture
def made(seed, office, public, writer, nobody, settle):
    # about an invented letter: nothing is put into a real department's mouth
    waiting = item(agencies=["gao"], kind_code="audit_request", sent_on=dt.date(2023, 1, 10))
    reply(waiting, kind="interim", coverage=None, responder="TEST Director", text="TEST We are looking into it.")
    items.log_contact(
        by=SETUP, agency=waiting.agency, taskings=[waiting], channel="call", outcome="TEST left a message"
    )
    items.add_note(by=SETUP, letter=waiting.ask.letter, tasking=waiting, text="TEST Their office asked for a copy.")
    evidence(waiting)
    draft(subject="TEST draft")
    with acting(SETUP):
        Official.objects.create(agency=waiting.agency, name="TEST Official", title="TEST Comptroller")
        Attachment.objects.create(
            letter=waiting.ask.letter,
            name="TEST.pdf",
            media_type="application/pdf",
            file="x",
            size=1000,
            sha256="0" * 64,
        )
    settle()
    steady, answers = Steady(), {}
    for name, reader in (("office", office), ("released", public), ("office:write", writer)):
        for resource, query in {
            "letters": "limit=1",
            "taskings": "limit=1&kind=sanction",
            "agencies": "limit=1&slug=treasury",
            "legislators": "limit=1&bioguide=H000601",
            "targets": "limit=1&slug=huawei-cloud",
            "responses": "limit=1",
            "evidence": "limit=1",
            "contacts": "limit=1",
            "notes": "limit=1",
            "attachments": "limit=1",
            "officials": "limit=1",
            "kinds": "limit=1&code=sanction",
            "closures": "limit=1&day_after=2018-01-01",
            "drafts": "limit=1",
            "events": "limit=2",
        }.items():
            asked = SCOPES[resource]
            if name == "office:write" and name not in asked:
                continue
            if (page := reader.get(f"{resource}/?{query}")).status == 200:
                answers[f"{resource}.list.{name}"] = steady(page.body)
                answers[f"{resource}.detail.{name}"] = steady(reader.get(page.body["results"][0]["url"]).body)
        if name != "office:write":
            answers[f"snapshot.all.{name}"] = steady(reader.get("snapshot/").body)
    unknown = f"letters/{uuid.UUID(int=0, version=4)}/"
    for kind, answer in {
        "bad-request": office.get("taskings/?late=yes"),
        "unauthorized": nobody.get("taskings/"),
        "forbidden": public.get("taskings/?owner=nobody"),
        "not-found": office.get(unknown),
        "refused": writer.post(f"taskings/{waiting.pk}/transitions/", {"to": "promised"}),
        "not-acceptable": office.get("taskings/", Accept="text/html"),
    }.items():
        answers[f"problem.{kind}"] = steady(answer.body)
    return answers


def test_the_examples_are_what_the_api_answers(made):
    if os.environ.get("WRITE_EXAMPLES"):
        EXAMPLES_FILE.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert json.loads(EXAMPLES_FILE.read_text()) == made
