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
from django.test import RequestFactory

from letters.api import busy, idempotency, problems, reading, throttles
from letters.api.answered import EXAMPLES_FILE
from letters.api.scopes import SCOPES
from letters.domain import feed, items
from letters.domain.history import acting
from letters.models import Attachment, Letter, Official
from tests.api.conftest import SERVER, Answer
from tests.factories import SETUP, draft, evidence, item, reply

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOW = re.compile(r"20(2[6-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
FIXED_TIME = "2026-06-10T14:00:00Z"
FIXED_DAY = dt.date(2026, 6, 10)  # a contact is of today unless its day is given


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
        text = re.sub(
            r"changed this item (on|at) .*?: reminder", "changed this item at 10:00 a.m. on June 10: reminder", text
        )
        text = re.sub(r'("field": "after", "value": ")[\w-]+', r"\g<1>AQAu-opaque", text)
        text = re.sub(r"Ask again in \d+ s", "Ask again in 30 s", text)
        text = re.sub(r'(?<=\\")\d{1,9}-[0-9a-f]{12}(?=\\")', "7-3fb2c91d0a44", text)
        return json.loads(re.sub(r'"days_past": \d+', '"days_past": 1113', text))


@pytest.fixture
def made(seed, office, public, writer, nobody, settle, monkeypatch):
    # about an invented letter: nothing is put into a real department's mouth
    waiting = item(agencies=["gao"], kind_code="audit_request", sent_on=dt.date(2023, 1, 10))
    reply(waiting, kind="interim", coverage=None, responder="TEST Director", text="TEST We are looking into it.")
    items.log_contact(
        on=FIXED_DAY, by=SETUP, agency=waiting.agency, taskings=[waiting], channel="call", outcome="TEST left a message"
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
            "statutes": "limit=1",
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
        "cursor-expired": office.get(f"events/?after={feed.encode('office', uuid.UUID(int=1, version=4), 1)}"),
        **refused_writes(office, writer, waiting),
    }.items():
        answers[f"problem.{kind}"] = steady(answer.body)
    monkeypatch.setattr(throttles, "count", lambda name: throttles.A_MINUTE + 1)
    answers["problem.too-many-requests"] = steady(office.get("taskings/").body)
    return answers


def refused_writes(office, writer, tasking) -> dict[str, Answer]:
    """What a write may come to, each as it is answered."""
    path = f"taskings/{tasking.pk}/"
    tag = writer.get(path).headers["ETag"]
    writer.post(f"{path}snooze/", {"until": "2030-06-01"}, Idempotency_Key="TEST-1")
    plain = RequestFactory().post(f"/api/v1/{path}snooze/")
    written = {
        kind: Answer(0, json.loads(problems.answer(plain, refusal).content), {})
        # what two at once, a mistake of ours, and a lock come to: tests/api and tests/concurrency have them happen
        for kind, refusal in {
            "at-work": idempotency.at_work("TEST-1"),
            "server-error": problems.Refused(500, problems.OUR_MISTAKE),
            "busy": problems.Refused(503, busy.BUSY),
        }.items()
    }
    return written | {
        "changed": writer.post(f"{path}snooze/", {"until": None}, If_Match=tag),
        "wrong-scope": office.post(f"{path}snooze/", {"until": None}),
        "key-used": writer.post(f"{path}snooze/", {"until": None}, Idempotency_Key="TEST-1"),
        "match-required": writer.send("PATCH", f"drafts/{Letter.objects.get(state='draft').pk}/", {"subject": "TEST"}),
        "unsupported-media-type": writer.send("POST", f"{path}snooze/", b"TEST", Content_Type="text/plain"),
        "too-large": writer.send(
            "POST", f"{path}snooze/", b" " * (reading.MAX_JSON + 1), Content_Type="application/json"
        ),
        "length-required": writer.post(f"{path}snooze/", None, Transfer_Encoding="chunked"),
    }


def test_the_examples_are_what_the_api_answers(made):
    if os.environ.get("WRITE_EXAMPLES"):
        EXAMPLES_FILE.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert json.loads(EXAMPLES_FILE.read_text()) == made
