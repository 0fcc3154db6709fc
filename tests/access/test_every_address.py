"""Every address x every reader x own, other and restricted letter, against the table of rights (invariant 8).

What an answer comes to: `served`, `refused` (403: you may see this and not do it), `absent` (404: it does not exist
for you), `sign in`. For who may not see the restricted letter none of its words appears anywhere, and no page changes
by a single character when the letter is written: absent from every list, count, search, suggestion and export.
"""

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from letters.domain.access import RESTRICT
from letters.domain.history import acting
from letters.models import Agency, Office
from tests.access import routes, world
from tests.access.readers import BLIND, HOLDS, KEYS, PEOPLE, differs, is_asked

# Staff say who may see a letter where it names them.
NAMED_ON = {"own": "staff", "restricted": "named"}
# Signing in as somebody else, or out, is no reading of a letter. How often a key has asked is its own doing.
VARIES = re.compile(
    r'(csrfmiddlewaretoken" value="|X-CSRFToken": "|name="key" value=")[^"]+|nonce="[^"]+"|RateLimit-(?:Remaining|Reset): \d+'
)


def expected(reader: str, route: routes.Route, whose: str) -> set[str]:
    """What the printed table says this reader gets of this letter (`whose`; empty: of no letter)."""
    if route.right == routes.OPEN:
        return {"served", *route.also, *(["absent"] if route.of else [])}
    if route.right in (routes.KEY, routes.KEY_WRITES):
        return of_the_api(reader, route, whose)
    if reader in ("anonymous", *KEYS):
        return {"sign in"}
    if route.right == routes.ADMIN_SITE:
        return {"served", "absent", *route.also} if reader == "admin" else {"sign in", "refused"}
    if whose == "restricted" and reader in BLIND and not (route.right_first and reader not in HOLDS[route.right]):
        return {"absent"}
    if route.right == RESTRICT:
        may = reader in ("manager", "admin") or NAMED_ON.get(whose) == reader
    else:
        may = reader in HOLDS[route.right]
    if not may:
        return {"refused"}
    return {"served", *route.also}


def of_the_api(reader: str, route: routes.Route, whose: str) -> set[str]:
    """A key reads its scope; somebody signed in reads what an office key does, and a restricted letter nobody."""
    if reader == "anonymous":
        return {"sign in"}
    if route.right == routes.KEY_WRITES:
        return {"refused"}
    if reader == "released":
        if "response" in route.of or route.office_only:
            return {"refused"}
        return {"served"} if whose in ("", "other") else {"absent"}
    return {"absent"} if whose == "restricted" else {"served", *route.also}


def came_to(response: HttpResponse) -> str:
    if response.status_code == 401 or (
        response.status_code == 302 and re.match(r"/accounts/login/|/admin/login/", response.headers["Location"])
    ):
        return "sign in"
    if response.status_code >= 500:
        return f"failed with {response.status_code}"
    return {403: "refused", 404: "absent", 405: "no such method"}.get(response.status_code, "served")


def said(response: HttpResponse) -> str:
    """All of an answer that a person or program can read: headers, words, and what is zipped inside."""
    content = response.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    # each request has an id of its own
    own = ("Set-Cookie", "X-Request-ID")
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items() if name not in own)
    return VARIES.sub(r"\1", f"{headers}\n{content.decode(errors='replace')}")


class Reader:
    """Somebody with a session, a key, or neither. What a request changes is taken back after it."""

    def __init__(self, name: str, office: world.World):
        self.name = name
        self.headers = {"Authorization": f"Bearer {office.keys[name]}"} if name in KEYS else {}
        self.client = Client(raise_request_exception=False, headers=self.headers)
        self.session = ""
        self.answered = HttpResponse()  # the last one
        if name in PEOPLE:
            self.client.force_login(office.people[name])
            self.session = self.client.cookies[settings.SESSION_COOKIE_NAME].value

    def asks(self, address: str, *, sends: bool = False) -> tuple[str, str]:
        """What it comes to, and what was said."""
        client = self.client
        client.cookies.clear()
        if self.session:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        with transaction.atomic():
            response = client.post(address, {}) if sends else client.get(address)
            if response.streaming:  # it is read once
                response = HttpResponse(
                    response.getvalue(), status=response.status_code, headers=dict(response.headers)
                )
            self.answered, answer = response, (came_to(response), said(response))
            transaction.set_rollback(True)
        return answer


def places(office: world.World, route_name: str, pattern: str) -> Iterator[tuple[str, routes.Route, str]]:
    """Each address of a name: whose letter (empty: none), what it needs, the address with each of its queries."""
    route = routes.declared(route_name)
    if not route.tried:
        return
    if route_name.startswith("admin:"):
        yield "", route, "/" + filled(pattern)
        return
    bundles = {"own": office.own, "other": office.other, "restricted": office.restricted}
    for whose, bundle in bundles.items():
        if route.right == routes.KEY_WRITES and whose == "other":
            continue  # nobody here may send to it, and its words are tried with the others
        if bundle is None or (route.of in routes.OF_NO_LETTER and whose != "own"):
            continue
        arguments = routes.ARGUMENTS[route.of](bundle) if route.of else {}
        address = (
            "/" + pattern
            if route.of == "nowhere" or not route_name.rpartition(":")[2]
            else reverse(route_name, kwargs=arguments)
        )
        about = "" if route.of in routes.OF_NO_LETTER else whose
        for query in ("", *route.queries):
            named = bundles.values() if "{" in query and not about else [bundle]
            for one in filter(None, named):
                asked = query.replace("SHARED", world.SHARED).format(item=one.item.pk, letter=one.letter.reference)
                yield about, route, address + ("?" + asked if asked else "")


def filled(pattern: str) -> str:
    """An address of the administration with what is there; it asks for names of apps, models and rows."""
    if pattern.endswith("(?P<url>.*)$"):
        return "admin/nothing-here"
    if "app_label" in pattern:
        return "admin/letters/"
    if "content_type_id" in pattern:
        kept = Agency.objects.first()
        return f"admin/r/{ContentType.objects.get_for_model(kept).pk}/{kept.pk}/"
    if (found := re.match(r"admin/(\w+)/(\w+)/", pattern)) and found[1] in apps.app_configs:
        row = apps.get_model(*found.groups()).objects.first()
        pattern = re.sub(r"<[^>]+>", str(row.pk) if row else "0", pattern)
    return pattern


@pytest.fixture
def office(reference, settings, tmp_path) -> Iterator[world.World]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2023-07-03T12:00:00-04:00", tick=False):
        with acting(world.BY):
            Office.objects.create(name="TEST", kind="committee", is_demo=True)
        yield world.make()


# Readers share a world, which takes seconds to make; staff, who are asked the most, have one of their own.
TOGETHER = (("staff",), ("anonymous", "viewer", *KEYS), ("named", "manager", "admin"))


@pytest.mark.parametrize("names", TOGETHER, ids=" ".join)
def test_each_reader_gets_what_the_table_of_rights_says(office, names):
    """Who may see the restricted letter reads every word of it; or all would be content with pages that show nothing."""
    readers = [Reader(name, office) for name in names]
    before = {reader.name: as_it_is(reader, office) for reader in readers if reader.name in BLIND}
    office.hide()
    wrong = [
        f"{reader.name}: {one}" for reader in readers for one in faults(reader, office, before.get(reader.name, {}))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_each_reader_is_asked_for_each_address_of_each_letter():
    """A page that fails for a manager alone, on a letter that all may see, is found."""
    every = [
        (name, route_name, whose)
        for route_name in dict(routes.addresses())
        for name in ("anonymous", *PEOPLE, *KEYS)
        for whose in ("", "own", "other", "restricted")
    ]
    assert len(every) > 1000
    assert not [one for one in every if not is_asked(one[0], routes.declared(one[1]), one[2], "/x/", sends=False)]


def as_it_is(reader: Reader, office: world.World) -> dict[str, tuple[str, str]]:
    """What each address says that will be looked at again. A refusal says nothing of any letter."""
    said = {}
    for whose, route, address in everywhere(office):
        says_little = expected(reader.name, route, whose) in ({"refused"}, {"sign in"})
        if whose == "own" or address.startswith("/admin/") or says_little:
            continue
        if differs(reader.name, route, whose, address):
            found, words = reader.asks(address)
            said[address] = (found, in_no_order(address, words))
    return said


def faults(reader: Reader, office: world.World, before: dict[str, tuple[str, str]]) -> list[str]:
    """What is not as the table says, and what tells somebody of the restricted letter who may not see it."""
    name, hidden = reader.name, office.restricted
    wrong, everything = [], []
    for whose, route, address in everywhere(office):
        for sends in (False, True):
            if not sends and route.right == routes.KEY_WRITES and route.sends_only:
                continue  # asking is no method of theirs
            if not is_asked(name, route, whose, address, sends=sends):
                continue
            found, words = reader.asks(address, sends=sends)
            want = expected(name, route, whose)
            if sends and address.startswith("/api/v1/") and name != "anonymous":
                want = want | {"refused"}  # whatever it is about: only keys of scope “office:write” send
            how = "POST" if sends else "GET"
            # each page, whoever asks and whatever it says, says that this is a demo; a mail is read in a page
            if "<html" in words and "demo-band" not in words and not address.startswith("/mail/preview/"):
                wrong.append(f"{how} {address} does not say that this is a demo")
            # who may not even be told of it gets no hint by the method either, but a page only to read says 405 to all
            if route.sends_only and not sends and name in PEOPLE:
                want = {"served"}
            if route.is_button and not sends and name in PEOPLE:
                want = {"no such method"}
            if found not in want | ({"no such method"} if sends else set()):
                wrong.append(f"{how} {address}: {found}, not {' or '.join(sorted(want))}")
            if name == "named" and not sends:
                everything.append(words)
            if name in BLIND:
                told = [w for w in (*hidden.words, *hidden.names) if w in words and w not in address]
                if told:
                    wrong.append(f"{how} {address} tells of the restricted letter: {', '.join(told)}")
                now = in_no_order(address, words)
                if not sends and address in before and before[address] != (found, now):
                    wrong.append(
                        f"{address} is not what it was before the letter was written: {difference(before[address][1], now)}"
                    )
    if name == "named":
        read = "\n".join(everything)
        wrong += [f"read no {place}" for place in world.PLACES if world.word(hidden.mark, place) not in read]
    return wrong


def everywhere(office: world.World) -> Iterator[tuple[str, routes.Route, str]]:
    for route_name, pattern in dict(routes.addresses()).items():
        yield from places(office, route_name, pattern)


def in_no_order(address: str, words: str) -> str:
    """The table of everything is written as the rows come, which PostgreSQL may do in another order each time."""
    return "\n".join(sorted(words.splitlines())) if address.partition("?")[0].endswith("everything.csv") else words


def difference(before: str, after: str) -> str:
    """Where two answers part."""
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return f"…{before[max(at - 60, 0) : at + 60]!r} became …{after[max(at - 60, 0) : at + 60]!r}"
