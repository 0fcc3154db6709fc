"""Whatever is sent, the answer is a problem that names field, value and way out; never a 500, never silence."""

import base64
import json
import uuid

import pytest
from django.test import RequestFactory
from rest_framework import exceptions

from letters.api import throttles, views
from letters.errors import CursorExpired, NotAllowed, RecordError
from tests.api.conftest import Reader
from tests.factories import forged
from tracker.handler import Handler

CURSOR_REFUSED = "is not a cursor of this list in this order. Leave it out to start at the first page."


ANY = str(uuid.UUID(int=7, version=4))


@pytest.mark.parametrize(
    ("path", "field", "message"),
    [
        ("letters/?nonsense=1", "nonsense", "nonsense: there is no such parameter here. Known: agency, cursor, expand, limit, q, sent_after, sent_before, signatory, topic."),
        ("letters/?format=json", "format", "format: there is no such parameter here. Known: agency, cursor, expand, limit, q, sent_after, sent_before, signatory, topic."),
        (f"letters/{ANY}/?limit=1", "limit", "limit: there is no such parameter here. Known: expand."),
        (f"agencies/{ANY}/?limit=1", "limit", "limit: there is no such parameter; this address takes none. Leave it out."),
        ("taskings/?limit=10000", "limit", "limit: “10000” is not a page size. Use a whole number from 1 to 200, and follow “next” for more."),
        ("taskings/?limit=0", "limit", "limit: “0” is not a page size. Use a whole number from 1 to 200, and follow “next” for more."),
        ("taskings/?limit=-1", "limit", "limit: “-1” is not a page size. Use a whole number from 1 to 200, and follow “next” for more."),
        ("taskings/?limit=%D9%A3", "limit", "limit: “٣” is not a page size. Use a whole number from 1 to 200, and follow “next” for more."),
        ("taskings/?limit=", "limit", "limit: nothing was given. Use a whole number from 1 to 200, and follow “next” for more."),
        ("events/?limit=1001", "limit", "limit: “1001” is not a page size. Use a whole number from 1 to 1000, and follow “next” for more."),
        ("taskings/?limit=1&limit=2", "limit", "limit: it was given twice. Give it once."),
        ("taskings/?late=yes", "late", "late: “yes” is not known. Use one of: any, letter, promise, statute, yardstick."),
        ("taskings/?order=status", "order", "order: “status” is not known. Use one of: due_on, -due_on, due, waiting, letter, agency, owner, touched."),
        ("taskings/?due_after=05/24/2023", "due_after", "due_after: “05/24/2023” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24."),
        ("taskings/?due_after=2023-02-30", "due_after", "due_after: “2023-02-30” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24."),
        ("taskings/?unread=maybe", "unread", "unread: “maybe” is neither true nor false. Write true or false."),
        ("taskings/?agency=nope", "agency", "agency: “nope” is not known. The slug of the agency asked. GET /api/v1/agencies/ lists them."),
        ("taskings/?agency=a b", "agency", "agency: “a b” is not known. The slug of the agency asked. GET /api/v1/agencies/ lists them."),
        ("letters/?signatory=X999999", "signatory", "signatory: “X999999” is not known. The Bioguide ID of a member who signed. GET /api/v1/legislators/ lists them."),
        ("taskings/?since=0001-01-01T00:00:00Z", "since", "since: “0001-01-01T00:00:00Z” is not known. Something about it was recorded after this moment: 2026-11-27T14:05:00Z, or a day."),
        ("taskings/?" + "&".join(f"lead=X{n}" for n in range(81)), "lead", "lead: it was given 81 times; at most 80 are looked for at once. Leave some out."),
        ("letters/?q=", "q", "q: nothing was given. Use 1 to 200 characters, none of them NUL."),
        ("letters/?q=%00", "q", "q: it holds a NUL character (%00). Remove it."),
        ("letters/?q=%FF%FE", "q", "q: the bytes sent are not UTF-8 text. Percent-encode the UTF-8 form, for example %C3%A9 for é."),
        ("letters/?q=%ED%A0%80", "q", "q: the bytes sent are not UTF-8 text. Percent-encode the UTF-8 form, for example %C3%A9 for é."),
        ("events/?stream=secret", "stream", "stream: “secret” is not known. Use one of: office, released."),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_named_with_the_way_out(seed, office, path, field, message):
    assert office.refused(path) == [400, (field, message)]


def test_all_that_is_wrong_is_told_at_once(seed, office):
    answer = office.get("taskings/?status=open&limit=x&due_before=soon&colour=red")
    assert [error["field"] for error in answer.body["errors"]] == ["status", "limit", "due_before", "colour"]
    assert [error["value"] for error in answer.body["errors"]] == ["open", "x", "soon", "red"]


@pytest.mark.parametrize(
    "path", ["letters/?q=" + "x" * 201, "letters/?q=" + "%C3%A9" * 300, "letters/?" + "x" * 5000 + "=1"]
)
def test_what_is_too_long_is_not_sent_back_whole(seed, office, path):
    answer = office.get(path)
    assert answer.status == 400
    assert len(json.dumps(answer.body)) < 3000


@pytest.mark.parametrize(
    ("count", "detail"),
    [
        (101, "The query has 101 parameters; at most 100 are read. Leave some out."),
        (1500, "The query has 1500 parameters; at most 100 are read. Leave some out."),
    ],
)  # fmt: skip
def test_too_many_parameters(seed, office, count, detail):
    answer = office.get("letters/?" + "&".join(f"q={n}" for n in range(count)))
    assert (answer.status, answer.body["detail"]) == (400, detail)


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "null",
        (),
        ("", "due_on", False, None, "2023-05-24"),
        ("", "due_on", True, None, "2023-05-24", ANY),
        ("", "sent_on", False, None, "2023-05-24", ANY),
        ("", "due_on", False, None, "2023-05-24", "not a uuid"),
        ("", "due_on", False, None, "not a date", ANY),
        ("", "due_on", False, None, "2023-13-45", ANY),
        ("", "due_on", False, None, 7, ANY),
        ("", "due_on", False, None, ["2023-05-24"], ANY),
        ("", "due_on", False, None, "\x00", ANY),
        ("", "due_on", False, None, "\ud800", ANY),
        base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("="),
        base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="),
    ],
)
def test_a_cursor_we_did_not_give(seed, office, public, given):
    for reader, path in ((office, "taskings/"), (public, "taskings/"), (office, "letters/"), (office, "targets/")):
        cursor = given if isinstance(given, str) else forged(path.strip("/"), *given)
        status, (field, message) = reader.refused(f"{path}?cursor={cursor}")
        assert (status, field) == (400, "cursor")
        assert message.endswith(CURSOR_REFUSED)


def test_a_cursor_of_another_list(seed, office, public):
    """Though both are in one order: rows of this list would be passed over."""
    query = office.get("targets/?limit=1").body["next"].partition("?")[2]
    assert office.get(f"targets/?{query}").status == public.get(f"targets/?{query}").status == 200
    for asked in ("officials", "statutes", "agencies"):
        assert office.refused(f"{asked}/?{query}")[1][1].endswith(CURSOR_REFUSED)


@pytest.mark.parametrize("value", ["\ud800", "\x00"])
def test_half_a_character_in_a_cursor_of_a_list_by_name(seed, office, value):
    status, (field, _) = office.refused(f"targets/?cursor={forged('targets', '', 'name', False, None, value, ANY)}")
    assert (status, field) == (400, "cursor")


@pytest.mark.parametrize(
    "path", ["nonsense/", "letters/x/", "letters/%FF/", "letters/%00/", "letters/2023-0001/", "../v2/letters/"]
)
def test_addresses_that_are_not_there_are_problems_too(seed, nobody, path):
    answer = nobody.get(f"/api/v1/{path}".replace("/v1/../", "/") if ".." in path else path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.body["detail"].startswith("There is nothing at this address")


def test_a_forgotten_last_slash_is_forgiven(seed, office):
    for path in ("letters", f"letters/{seed.pk}", "events?limit=1"):
        response = office.client.get(f"/api/v1/{path}")
        head, _, query = path.partition("?")
        assert (response.status_code, response["Location"]) == (
            301,
            f"/api/v1/{head}/" + (f"?{query}" if query else ""),
        )
    assert office.client.get("/api/v1/nonsense").status_code == 404


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "garbage", "application/yaml;q=1"])
def test_json_is_all_there_is(seed, office, accept):
    answer = office.get("letters/", Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (406, "application/problem+json")


def test_a_problem_has_what_rfc_9457_asks(seed, office):
    answer = office.get("taskings/?late=yes")
    assert list(answer.body) == ["type", "title", "status", "detail", "instance", "errors"]
    assert answer.body["type"] == "http://testserver/api/docs/#problem-bad-request"
    assert (answer.body["title"], answer.body["status"], answer.body["instance"]) == (
        "Bad request",
        400,
        "/api/v1/taskings/",
    )


def test_our_own_mistake_is_a_problem_that_tells_nothing_private(seed, office, monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("TEST password in a traceback")

    monkeypatch.setattr(views, "listing", broken)
    answer = office.get("letters/")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "TEST" not in json.dumps(answer.body)
    assert "TEST password in a traceback" in caplog.text


def test_a_charset_that_gives_no_text_reads_no_query():
    """Django reads the query by it while it makes the request, where nothing catches what is raised: no answer at all."""
    environ = RequestFactory()._base_environ(QUERY_STRING="limit=1", CONTENT_TYPE="text/plain; charset=rot13")
    request = Handler.request_class(environ)
    assert (request.GET.dict(), request.content_params) == ({"limit": "1"}, {"charset": "rot13"})


def test_a_body_is_not_read(seed, office: Reader):
    sent = office.client.generic(
        "GET",
        "/api/v1/letters/",
        data=b"{" * 1000,
        content_type="text/xml",
        headers={"Authorization": f"Bearer {office.key}"},
    )
    assert sent.status_code == 200


@pytest.mark.parametrize(
    ("raised", "status", "headers", "detail"),
    [
        (exceptions.Throttled(wait=7.2), 429, {"Retry-After": "8"}, f"Too many requests: a key may make {throttles.A_MINUTE:,} in a minute. Ask again in 8 s."),
        (exceptions.UnsupportedMediaType("text/csv"), 415, {}, "Unsupported media type \"text/csv\" in request. Send application/json."),
        (CursorExpired.of("after", "TEST gone", "x"), 410, {}, "TEST gone"),
        (RecordError.of("field", "TEST wrong", "x"), 422, {}, "TEST wrong"),
        (NotAllowed.of("by", "TEST not you", "x"), 403, {}, "TEST not you"),
    ],
)  # fmt: skip
def test_what_later_versions_will_raise_is_a_problem_already(
    seed, office, monkeypatch, raised, status, headers, detail
):
    def refuse(*args):
        raise raised

    monkeypatch.setattr(views, "listing", refuse)
    answer = office.get("letters/")
    assert (answer.status, answer.body["status"], answer.body["detail"]) == (status, status, detail)
    assert {name: answer.headers[name] for name in headers} == headers
    assert answer.headers["Content-Type"] == "application/problem+json"
