"""Hostile requests made from the OpenAPI document, with every check that schemathesis knows."""

import functools
import re
import traceback
from collections.abc import Callable

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from letters.api.parameters import CURSOR, SLUG
from letters.api.schema import document
from letters.api.writes.all import WRITES
from letters.domain import files, items, letter_desk
from letters.domain.history import acting
from letters.domain.keys import create_key
from letters.enums import Scope
from letters.models import Closure, Official, Response, StatutoryClock, Tasking
from tests import made_files
from tests.factories import SETUP, ask, draft, evidence, item, reply, sent, target
from tracker.handler import Handler

# Whatever is asked for with something: without parameters there is nothing to go wrong.
READS = [path for path, methods in document()["paths"].items() if methods.get("get", {}).get("parameters")]
# What a document cannot say: which slugs there are. One that is made up is refused, and rightly.
KNOWN = {
    "agency": "treasury",
    "acting": "ofac",
    "kind": "sanction",
    "signatory": "H000601",
    "target": "huawei-cloud",
    "topic": "china",
}
# The same of parameters that take any words, with the most characters of each.
FREE = {
    "owner": (150, "nobody"),
    "lead": (20, "H000601"),
    "co_signer": (20, "-none-"),
    "topic": (80, "china"),
    "since": (200, "2023-05-24"),
}


# A request that breaks something is told as it is: to make it smaller takes five minutes, and says no more.
AT_ONCE = {
    "phases": (Phase.explicit, Phase.generate),
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture
def app(db):
    """The site as a server runs it, but for closing connections: the test's transaction is on one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def keys(seed, office, public, settle):
    reply(item(released=True))
    settle()
    return {"office": office.key, "released": public.key}


def known_for(seed, path: str) -> dict[str, str]:
    """What a document cannot say of ids, either. The items name a letter by its reference, which may be any."""
    ids = {
        "letter": str(seed.pk),
        "tasking": str(Tasking.objects.filter(ask__letter=seed).first().pk),
        "response": str(Response.objects.first().pk),
    }
    lists_items = path in ("/api/v1/taskings/", "/api/v1/agencies/{id}/record/") or path.startswith("/feeds/")
    return KNOWN | ({} if lists_items else ids)


@functools.cache
def schema(*, writes: bool):
    """Read once a run: for each schema anew, schemathesis reads the source of the whole site for values to try."""
    config = schemathesis.Config.from_dict(WRITE_CONFIG) if writes else None
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", Handler(), config=config)


def broken(path: str, method: str, send: Callable[..., None], *, writes: bool) -> list[str]:
    """What requests made from the document broke, each said with its address; the next ones are sent all the same."""
    wrong = []
    for mode in GenerationMode:
        made = schema(writes=writes)[path][method].as_strategy(generation_mode=mode)
        try:
            settings(max_examples=4 if writes else 6, **AT_ONCE)(given(case=made)(send))()
        except (Exception, BaseExceptionGroup) as fault:
            wrong.append(f"{method} {path} ({mode.value}): {''.join(traceback.format_exception(fault))}")
    return wrong


def kind(path: str) -> str:
    """The rows are made once for all that is asked of one kind: that took as long as the requests themselves."""
    return path.removeprefix("/api/v1").split("/")[1]


@pytest.mark.parametrize("about", sorted({kind(path) for path in READS}))
def test_no_request_made_from_the_document_breaks_the_api(app, keys, seed, about):
    """Each is asked with either key: making up a request takes longer than answering it."""

    def read(path: str) -> list[str]:
        known = known_for(seed, path)

        def ask(case):
            _make_known(case.query, known)
            with transaction.atomic():
                for key in keys.values():
                    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})

        return broken(path, "GET", ask, writes=False)

    wrong = [one for path in READS if kind(path) == about for one in read(path)]
    assert not wrong, "\n".join(wrong)


def _make_known(query: dict, known: dict) -> None:
    for name in list(query):
        value = query[name]
        if not isinstance(value, str):
            continue
        if name in known and SLUG.fullmatch(value):
            query[name] = known[name]
        if name in FREE and 1 <= len(value) <= FREE[name][0]:
            query[name] = FREE[name][1]  # nor which people and topics there are, or that these words are a moment
        if name in ("cursor", "after", "before") and re.fullmatch(CURSOR, value):
            del query[name]  # well-formed, but given out by nobody


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What the record's own rules refuse is no fault of a request, and no document can say them.
RULES = ["2xx", "400", "401", "403", "404", "409", "412", "415", "422", "428"]
WRITE_CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": RULES},
        # a row that changed is refused before a text is measured
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "406", "411", "412", "413", "415", "422", "428"]
        },
    }
}


@pytest.fixture
def rows(seed, admin, settings, tmp_path, settle):
    """A key of an administrator, and one row of everything that is written to."""
    settings.MEDIA_ROOT = tmp_path
    letter = sent(released=True)
    tasking = Tasking.objects.get(ask__letter=letter)
    response, proof = reply(tasking), evidence(tasking)
    contact = items.log_contact(by=SETUP, agency=tasking.agency, taskings=[tasking], channel="call", outcome="TEST")
    unsent = draft()
    kept = files.attach(by=SETUP, file=made_files.PDF, name="TEST.pdf", letter=letter)
    link = letter_desk.link_letters(letter, by=SETUP, to=seed, kind="follow_up_to")
    with acting(SETUP):
        official = Official.objects.create(agency=tasking.agency, name="TEST Official", title="TEST Secretary")
    settle()
    key = create_key("TEST hostile", scope=Scope.OFFICE_WRITE, by=SETUP, user=admin)
    ids = {
        "letters": letter, "drafts": unsent, "taskings": tasking, "responses": response, "evidence": proof, "links": link,
        "contacts": contact, "answers": response.answers.get(), "asks": ask(unsent), "officials": official,
        "draft-signatures": unsent.signatures.get(), "draft-addressees": unsent.addressees.get(),
        "addressees": letter.addressees.get(), "agencies": tasking.agency, "targets": target("TEST Company"),
        "kinds": tasking.ask.kind, "statutes": StatutoryClock.objects.first(), "closures": Closure.objects.first(), "attachments": kept,
    }  # fmt: skip
    return key, {name: str(row.pk) for name, row in ids.items()}


@pytest.mark.parametrize("of", sorted({write.of for write in WRITES}))
def test_no_write_made_from_the_document_breaks_the_api(app, rows, of):
    """Each is taken back after it, so that the next one finds the same record."""
    key, ids = rows

    def send(case):
        if of and UUID.fullmatch(str(case.path_parameters.get("id"))):  # one that is none stays refused
            case.path_parameters["id"] = ids[of]
        with transaction.atomic():
            case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
            transaction.set_rollback(True)

    writes = [write for write in WRITES if write.of == of]
    wrong = [one for write in writes for one in broken(f"/api/v1/{write.path}", write.method, send, writes=True)]
    assert not wrong, "\n".join(wrong)
