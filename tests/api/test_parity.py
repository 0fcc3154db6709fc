"""Whatever a page does to the record, the API does by the same verb: held by the source itself, so a new verb is seen.

The table is printed in docs/verbs.md. After adding a verb and its address on purpose:
`WRITE_VERBS=1 .venv/bin/python -m pytest tests/api/test_parity.py`.
"""

import datetime as dt
import html
import os
import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client

from letters.domain.clocks import office_today
from tests.api import verbs
from tests.api.conftest import writing
from tests.factories import item, moved

TABLE = settings.BASE_DIR / "docs" / "verbs.md"
HEAD = """# Verbs: which page, which address

Whatever changes the record is one function of `letters/domain`, and pages and API call the same one: so the rules, the rights and the sentences of a refusal are the same. `tests/api/test_parity.py` reads this table from the source and fails where a page can do what the API cannot, and where the API can do what no page does, but for what says why.

"""
# What pages do and the API does not, each with the reason. A verb of the record may not be here.
ONLY_PAGES = {
    "bulk": "many items at once, with a preview and an undo: programs send each change, and know what they sent",
    "bulk_once": "the same, from a form that may be sent twice",
    "keys": "who may make keys is not a key’s to say",
    "mailing": "one’s own mail and inbox",
    "news": "until when one has looked at what is new",
    "people": "who works here is not a key’s to say",
    "reporting": "a list typeset for people to read; a program reads the items themselves",
    "saved_views": "one’s own saved views",
    "waiting_files": "a file kept while its form is typed again; the API sends it with its write",
    "worksheets": "a letter while it is being typed; the API logs it whole, or as a draft",
    "chasing.logged_from": "what a form logged before, read; the API answers again under its `Idempotency-Key`",
    "renewals.renew_all": "several that one letter repeats, at once; the API says each, by renewals.renew",
    "replies.record_response": "a reply typed while a status is changed; the API records it first, by reply_flow.record_reply",
}
# What the API does and pages do not, each with the reason. A verb that somebody at a desk needs may not be here.
ONLY_API = {
    "arranging": "a draft that a program logs; on the sheet, whoever types puts things in order",
    "asking": "a draft that a program logs; a person types it on a sheet (worksheets)",
    "closures": "the administration: Closure",
    "drafting": "a draft that a program logs; a person types it on a sheet (worksheets)",
    "making": "a draft that a program logs; a person types it on a sheet (worksheets)",
    "reference_data.keep_agency": "the administration: Agency",
    "reference_data.keep_kind": "the administration: AskKind",
    "reference_data.keep_official": "the administration: Official",
    "reference_data.keep_statute": "the administration: StatutoryClock",
    "reference_data.keep_target": "the administration: Target",
    "renewals.renew": "the page says of all that a letter repeats at once, by renewals.renew_all",
    "rewording": "a draft that a program logs; a person types it on a sheet (worksheets)",
    "sending.discard_draft": "a draft that a program logs; a sheet is given up (worksheets)",
    "sending.send_letter": "a draft that a program logs; a sheet is sent (worksheets)",
}


def by_verb(found: dict[str, set[str]]) -> dict[str, list[str]]:
    return {verb: sorted(at for at, called in found.items() if verb in called) for verb in set().union(*found.values())}


def only_pages(verb: str) -> str:
    return ONLY_PAGES.get(verb) or ONLY_PAGES.get(verb.partition(".")[0], "")


def only_api(verb: str) -> str:
    return ONLY_API.get(verb) or ONLY_API.get(verb.partition(".")[0], "")


def test_what_a_page_does_to_the_record_the_api_does_by_the_same_verb():
    pages, api = by_verb(verbs.pages()), by_verb(verbs.writes())
    missing = {verb: at for verb, at in pages.items() if verb not in api and not only_pages(verb)}
    assert missing == {}, "Give each an address in letters/api/writes."
    # and a reason stands for something
    assert {name for name in ONLY_PAGES if not any(verb.startswith(name) for verb in pages)} == set()


def test_what_the_api_does_to_the_record_a_page_does_too():
    pages, api = by_verb(verbs.pages()), by_verb(verbs.writes())
    missing = {verb: at for verb, at in api.items() if verb not in pages and not only_api(verb)}
    assert missing == {}, "Give each a page: staff have no program to send it."
    # and a reason stands for something: a verb that got its page needs none any more
    alone = [verb for verb in api if verb not in pages]
    assert {name for name in ONLY_API if not any(verb.startswith(name) for verb in alone)} == set()


def test_what_the_administration_is_said_to_do_it_does():
    kept = {model.__name__ for model in admin.site._registry}
    named = {
        why.removeprefix("the administration: ") for why in ONLY_API.values() if why.startswith("the administration")
    }
    assert named - kept == set()


def test_every_write_of_the_api_is_a_verb_of_the_record():
    assert {at for at, called in verbs.writes().items() if not called} == set()


def test_the_walk_sees_what_a_view_calls():
    pages = verbs.pages()
    assert pages["items/<uuid:pk>/extend/"] == {"extending.extend"}
    assert pages["letters/<str:reference>/links/new/"] == {"letter_desk.link_letters"}
    assert {"workflow.transition", "workflow.transfer", "replies.add_evidence"} <= pages["items/<uuid:pk>/status/"]
    assert pages["legislators/"] == set()
    assert len([verb for called in pages.values() for verb in called]) > 40


def test_the_table_is_printed():
    pages, api = by_verb(verbs.pages()), by_verb(verbs.writes())
    lines = ["| verb | page | address of the API |", "|---|---|---|"]
    for verb in sorted({*pages, *api}):
        at = (
            "<br>".join(
                f"`/{re.sub(r'<(?:[a-z]+:)?([a-z_]+)>', lambda m: m[1].upper(), one)}`" for one in pages.get(verb, [])
            )
            or f"none: {only_api(verb)}"
        )
        to = "<br>".join(f"`{one.replace('{id}', 'ID')}`" for one in api.get(verb, [])) or f"none: {only_pages(verb)}"
        lines.append(f"| `{verb}` | {at} | {to} |")
    printed = HEAD + "\n".join(lines) + "\n"
    if os.environ.get("WRITE_VERBS"):
        TABLE.write_text(printed)
    assert TABLE.read_text() == printed


# --- the same sentences


def said_by_the_page(client: Client, path: str, data: dict) -> str:
    response = client.post(path, data)
    assert response.status_code == 422, (path, response.status_code)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


DAY = office_today()
EARLY = str(DAY - dt.timedelta(days=4000))
CASES = {
    "extend": (lambda: item(), "items/{pk}/extend/", {"to": EARLY, "who": "notice"}, "extension/", {"to": EARLY}),
    "extend a promise": (
        lambda: moved(item(), "promised"), "items/{pk}/extend/", {"to": "2031-01-15", "who": "notice"}, "extension/", {"to": "2031-01-15"},
    ),
    "promise": (lambda: moved(item(), "promised"), "items/{pk}/promise/", {"promised_on": EARLY}, "promise/", {"to": EARLY}),
    "snooze": (lambda: item(), "items/{pk}/reminder/", {"until": EARLY}, "snooze/", {"until": EARLY}),
    "the same law": (lambda: item(), "items/{pk}/law/", {"statute": "", "reason": "TEST"}, "statute/", {"statute": None, "reason": "TEST"}),
    "no reason": (lambda: item(), "items/{pk}/status/", {"to": "withdrawn"}, "transitions/", {"to": "withdrawn"}),
    "no longer allowed": (
        lambda: moved(item(), "withdrawn"), "items/{pk}/status/", {"to": "considering"}, "transitions/", {"to": "considering"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_is_the_same_sentence_on_the_page_and_in_the_api(epoch, staff, case):
    make, page, typed, path, body = CASES[case]
    tasking = make()
    client = Client()
    client.force_login(staff)
    refused = writing(staff).faults(f"taskings/{tasking.pk}/{path}", body)
    assert refused[0] == 422
    told = said_by_the_page(client, "/" + page.format(pk=tasking.pk), typed | {"version": tasking.version})
    for _, sentence in refused[1:]:
        # a program reads after it what the page has as a list to choose from
        assert sentence.partition(" As codes: ")[0] in told
