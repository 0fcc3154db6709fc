"""Every address of the site, and what it needs: one line each. A page without its line fails `make test`.

    "letter": Route(VIEW, of="letter"),        # who may see the letter may see the page
    "item_note": Route(EDIT, of="item"),       # who may change the letter may; a viewer is told so (403)
    "agency": Route(VIEW, of="agency"),        # one object that belongs to no letter
    "search": Route(VIEW, queries=("q=SHARED",)),  # a list: also asked with these queries

`of` names the objects the address is made of: a builder in `ARGUMENTS`, which gets what `world.Bundle` holds of
one letter. SHARED in a query is a word that stands in every letter, open and restricted alike.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from letters.domain.access import ADMINISTER, EDIT, RELEASE, RESTRICT, VIEW
from letters.models import ApiKey, Report

OPEN = "open"  # nobody need be signed in
SIGNED_IN = "signed in"  # one's own account: everybody who is signed in, whatever the role
KEY = "key"  # the API: a key, or somebody signed in
KEY_WRITES = "key that writes"  # the API: a key of scope “office:write”, which others are told
ADMIN_SITE = "admin site"  # Django's administration: others are sent to sign in


@dataclass(frozen=True)
class Route:
    """`right`: who may. `of`: whose objects. `queries`: what else to ask."""

    right: str
    of: str = ""
    queries: tuple[str, ...] = ()  # {item} and {letter} stand for those of each letter
    also: tuple[str, ...] = ()  # what else it may come to for who may: "absent" where there is nothing of the kind yet
    right_first: bool = False  # who lacks the right is told so before anything is looked for
    sends_only: bool = False  # asking for it leads elsewhere, whoever asks
    is_button: bool = False  # only sent to, never asked for
    office_only: bool = False  # of the API: a key of scope “released” is refused
    tried: bool = True  # False: declared, but never asked; say why


ROUTES: dict[str, Route] = {
    # --- pages
    "queue": Route(VIEW, queries=("q=SHARED", "state=all", "state=closed", "unread=true", "target=test-hidden-company")),
    "queue_file": Route(VIEW, of="csv", queries=("q=SHARED", "state=all")),
    "view": Route(VIEW, of="view"),
    "view_new": Route(VIEW, queries=("query=state%3Dall",)),
    "view_edit": Route(VIEW, of="view", also=("absent",)),  # of one's own, and managers shared ones
    "view_delete": Route(VIEW, of="view", also=("absent",)),
    "view_restore": Route(VIEW, of="wrong_token", also=("absent",)),
    "changes": Route(VIEW),
    "change_preview": Route(EDIT, sends_only=True),
    "change_apply": Route(EDIT, sends_only=True),
    "change_mine": Route(EDIT, sends_only=True),
    "change_remind": Route(EDIT, of="item", right_first=True),
    "change_undo": Route(VIEW, of="change", also=("absent",)),  # one's own
    "staff_reassign": Route(RELEASE, of="person"),
    **{
        f"suggest_{kind}": Route(VIEW, queries=("q=TEST", "q=TEST%20Hidden", "q=zztarget", "q=Company"))
        for kind in ("legislators", "agencies", "officials", "targets")
    },
    "dashboard": Route(VIEW, queries=("filters=1&ours=all", "since=2023-04-01&change=asked")),
    "dashboard_table": Route(VIEW, of="table", queries=("ours=all",)),
    "letters": Route(VIEW, queries=("q=SHARED",)),
    "new_letter": Route(EDIT),
    "drafts": Route(VIEW),
    "draft": Route(EDIT, of="sheet", right_first=True),
    "review": Route(EDIT, of="sheet", right_first=True),
    **{
        f"draft_{name}": Route(EDIT, of="sheet", right_first=True, is_button=True)
        for name in ("send", "give_up", "restore")
    },
    "letter": Route(VIEW, of="letter"),
    "letter_notes": Route(EDIT, of="letter"),
    "letter_files": Route(EDIT, of="letter"),
    "reply_files": Route(EDIT, of="reply"),
    "file_download": Route(VIEW, of="file"),
    "file_take_back": Route(EDIT, of="kept_file"),
    "file_put_back": Route(RELEASE, of="kept_file", also=("absent",)),  # where none was taken back
    "letter_correct": Route(EDIT, of="letter"),
    "letter_amend": Route(EDIT, of="letter"),
    "letter_take_back": Route(EDIT, of="letter", also=("refused",)),  # a public one is a manager’s to take back
    "letter_add_signer": Route(EDIT, of="letter"),
    "letter_add_agency": Route(EDIT, of="letter"),
    "letter_add_ask": Route(EDIT, of="letter"),
    "letter_log_anew": Route(EDIT, of="letter", is_button=True),
    "letter_topics": Route(EDIT, of="letter"),
    "letter_confirm_signers": Route(EDIT, of="letter", is_button=True),
    "letter_link": Route(EDIT, of="letter"),
    "letter_unlink": Route(EDIT, of="link"),
    "letter_addressee": Route(EDIT, of="addressee"),
    "letter_public": Route(VIEW, of="letter"),
    "letter_public_part": Route(RELEASE, of="public_reply"),
    "letter_access": Route(RESTRICT, of="letter"),
    "item": Route(VIEW, of="item"),
    "item_status": Route(EDIT, of="item", queries=("to=withdrawn", "to=declined", "to=promised"), also=("absent",)),
    "item_owner": Route(EDIT, of="item"),
    "item_reminder": Route(EDIT, of="item"),
    "item_note": Route(EDIT, of="item"),
    **{f"item_{name}": Route(EDIT, of="item") for name in ("extend", "unextend", "unrepeat", "promise", "review", "law")},
    "letter_repeats": Route(EDIT, of="letter"),
    "reply_new": Route(EDIT, queries=("agency=treasury", "item={item}", "letter={letter}")),
    "replies_unread": Route(VIEW),
    "replies_said": Route(VIEW),
    "reply": Route(VIEW, of="reply"),
    "reply_read": Route(EDIT, of="reply", right_first=True),
    "reply_take_back": Route(EDIT, of="reply"),
    "contact_new": Route(EDIT, queries=("agency=treasury", "item={item}", "letter={letter}")),
    "contact_take_back": Route(EDIT, of="contact"),
    "evidence_take_back": Route(EDIT, of="evidence"),
    "evidence_check": Route(EDIT, of="evidence", is_button=True),
    "search": Route(VIEW, queries=("q=SHARED", "q=TEST", "q=TEST%20Hidden", "q=zztarget", "q=SHARED&kind=asks")),
    "legislators": Route(VIEW, queries=("who=all&q=a", "state=TN")),
    "legislator": Route(VIEW, of="legislator", queries=("which=led", "which=proposed")),
    "signatory": Route(VIEW, of="legislator", queries=("part=led", "part=co_signed")),
    "agencies": Route(VIEW, queries=("show=all", "q=TEST")),
    "agency": Route(VIEW, of="agency"),
    "agency_record": Route(VIEW, of="agency", queries=("ours=all&asked_after=2023-01-01",)),
    "reply_records": Route(VIEW, queries=("ours=all&show=said&sort=-asked", "q=SHARED&show=more")),
    "briefs": Route(VIEW),
    "brief": Route(VIEW, of="agency", queries=("version=theirs", "version=theirs&choose=1")),
    "brief_file": Route(VIEW, of="agency_docx", queries=("version=theirs",)),
    "targets": Route(VIEW, queries=("q=TEST", "q=zztarget")),
    "target": Route(VIEW, of="target", queries=("about=self",)),
    "follow_up": Route(EDIT, queries=("agency=treasury", "agency=treasury&letter={letter}", "letter={letter}"), also=("absent",)),
    "follow_up_file": Route(EDIT, of="docx", queries=("agency=treasury",), also=("absent",)),  # of an agency
    "imports": Route(EDIT),
    "import_help": Route(VIEW),
    "import_export": Route(VIEW, of="csv"),
    "import_batch": Route(EDIT, of="import", queries=("show=all",), also=("absent",), right_first=True),  # one’s own; a manager’s any
    "import_row": Route(EDIT, of="import_row", also=("absent",), right_first=True),
    "import_undo": Route(EDIT, of="import", also=("absent",), right_first=True),
    "documents": Route(VIEW, also=("refused", "absent")),  # administrators replace templates
    "reports": Route(VIEW),
    "report": Route(VIEW, of="report"),  # the office’s; one’s own is nobody else’s: tests/web/test_reports.py
    "report_file": Route(VIEW, of="report_file"),
    "report_new": Route(VIEW, is_button=True),
    "report_settings": Route(RELEASE),
    **{f"report_{name}": Route(RELEASE, of="report", is_button=True) for name in ("cancel", "again")},
    "document_template": Route(VIEW, of="document"),
    "reminders": Route(VIEW),
    "inbox": Route(VIEW, queries=("show=all",)),
    "inbox_mark": Route(VIEW, is_button=True),  # one’s own
    "mail": Route(VIEW),
    "mail_preview": Route(VIEW, of="first", also=("absent",)),  # one’s own, where something waits to be mailed
    "mail_failing": Route(ADMINISTER),
    "mail_failing_person": Route(ADMINISTER, of="account", is_button=True),
    "calendar": Route(OPEN, of="wrong_calendar"),  # by its address alone; tests/web/test_mail.py
    "calendar_end": Route(VIEW, of="no_calendar", also=("absent",), is_button=True),  # one’s own
    "first_steps": Route(ADMINISTER, also=("absent",)),  # nothing is tried where no step is named
    "people": Route(ADMINISTER),
    "person": Route(ADMINISTER, of="account"),
    "rights": Route(VIEW),
    "keys": Route(ADMINISTER),
    "key_revoke": Route(ADMINISTER, of="key"),
    "feeds": Route(VIEW),
    "gallery": Route(VIEW),
    "health": Route(OPEN, tried=False),  # asks the worker, which tests have none of; tests/tracker/test_run.py reads it
    "metrics": Route(OPEN, tried=False),  # 404 without a token; tests/tracker/test_monitoring.py reads it with one
    # --- accounts
    **{
        f"account_{name}": Route(OPEN)
        for name in ("login", "signup", "inactive", "email_verification_sent", "reset_password", "reset_password_done",
                     "reset_password_from_key_done")
    },
    **{
        f"account_{name}": Route(SIGNED_IN)
        for name in ("reauthenticate", "email", "change_password", "set_password")
    },
    "account_logout": Route(SIGNED_IN, also=("sign in",)),
    "account_confirm_login_code": Route(OPEN, also=("sign in",)),  # a step of signing in
    "usersessions_list": Route(SIGNED_IN),
    "session_end": Route(SIGNED_IN, of="no_session", also=("absent",), is_button=True),  # of one’s own only
    "account_confirm_email": Route(OPEN, of="wrong_key"),
    "account_reset_password_from_key": Route(OPEN, of="wrong_reset_key"),
    "mfa_authenticate": Route(OPEN, also=("sign in",)),  # a step of signing in
    **{
        f"mfa_{name}": Route(SIGNED_IN, also=("absent",))  # without an app there is nothing to turn off
        for name in ("index", "reauthenticate", "activate_totp", "deactivate_totp", "view_recovery_codes",
                     "generate_recovery_codes", "download_recovery_codes")
    },
    # --- administration: what is not for administrators alone, or not even for them
    "admin:login": Route(OPEN, also=("sign in", "refused")),
    "admin:logout": Route(OPEN, also=("sign in", "no such method")),
    "admin:autocomplete": Route(ADMIN_SITE, also=("refused",)),  # without the name of a field
    # keys are made and ended on a page of their own, and what a key wrote names it
    **{f"admin:letters_apikey_{deed}": Route(ADMIN_SITE, also=("refused",)) for deed in ("add", "change", "delete")},
    # one installation serves one office
    **{f"admin:letters_office_{deed}": Route(ADMIN_SITE, also=("refused",)) for deed in ("add", "delete")},
    "admin:letters_user_delete": Route(ADMIN_SITE, also=("refused",)),  # the record names its author
    # --- API
    "api:": Route(OPEN),
    "api:docs": Route(OPEN),
    "api:index": Route(OPEN),
    "api:openapi": Route(OPEN),
    "api:nothing": Route(OPEN, of="nowhere"),
    **{f"api:{name}": Route(KEY, queries=("limit=100",)) for name in ("agencies", "legislators", "targets")},
    "api:responses": Route(KEY, queries=("limit=100", "expand=taskings"), office_only=True),
    "api:letters": Route(KEY, queries=("limit=100", "q=SHARED", "expand=asks")),
    "api:taskings": Route(KEY, queries=("limit=100", "q=SHARED", "expand=letter")),
    "api:events": Route(KEY, queries=("limit=1000",)),
    "api:snapshot": Route(KEY),
    **{f"feeds:{name}": Route(KEY) for name in ("status", "dates")},
    **{f"feeds:{name}": Route(KEY, queries=("q=SHARED",)) for name in ("open", "everything")},
    "api:letters-detail": Route(KEY, of="api_letter"),
    "api:taskings-detail": Route(KEY, of="api_item"),
    "api:responses-detail": Route(KEY, of="api_response"),
    "api:vocabulary": Route(OPEN),
    **{
        f"api:{name}": Route(KEY, queries=("limit=100",), office_only=True)
        for name in ("evidence", "contacts", "attachments", "officials", "kinds", "statutes", "closures")
    },
    "api:evidence-detail": Route(KEY, of="api_evidence", office_only=True),
    "api:contacts-detail": Route(KEY, of="api_contact", office_only=True),
    "api:attachments-detail": Route(KEY, of="api_file", office_only=True),
    "api:attachments-download": Route(KEY, of="api_file", office_only=True),
    "api:officials-detail": Route(KEY, of="api_nothing", office_only=True, also=("absent",)),
    "api:kinds-detail": Route(KEY, of="api_kind", office_only=True),
    "api:statutes-detail": Route(KEY, of="api_nothing", office_only=True, also=("absent",)),
    "api:closures-detail": Route(KEY, of="api_nothing", office_only=True, also=("absent",)),
    "api:taskings-transitions": Route(KEY, of="api_item", office_only=True),
    "api:agencies-record": Route(KEY, of="api_agency", office_only=True),
    # --- API, for keys that write: tests/api/test_writes_*.py write to them
    **{f"api:{name}": Route(KEY_WRITES) for name in ("notes", "drafts")},
    **{f"api:{name}-detail": Route(KEY_WRITES, of="api_nothing") for name in ("notes", "drafts")},
    **{
        f"api:{name}": Route(KEY_WRITES, of="api_nothing", sends_only=True)
        for name in ("drafts-signatures", "drafts-addressees", "drafts-asks", "drafts-send", "drafts-arrangement", "asks-taskings", "asks-arrangement",
                     "asks-detail", "signatures-detail", "addressees-detail")
    },
    **{
        f"api:letters-{name}": Route(KEY_WRITES, of="api_letter", sends_only=True)
        for name in ("amendments", "amendments-parts", "amendments-signers", "amendments-asks", "amendments-taskings", "topics", "release", "withdraw", "enter-in-error", "access", "notes",
                     "attachments", "links")
    },
    "api:follow-ups": Route(KEY_WRITES, sends_only=True),
    "api:links-remove": Route(KEY_WRITES, of="api_link", sends_only=True),
    "api:addressees-delivery": Route(KEY_WRITES, of="api_addressee", sends_only=True),
    **{
        f"api:taskings-{name}": Route(KEY_WRITES, of="api_item", sends_only=True)
        for name in ("owner", "snooze", "review", "promise", "notes", "contacts", "evidence", "renewals", "renewals-remove", "extension",
                     "extension-remove", "statute")
    },
    **{
        f"api:responses-{name}": Route(KEY_WRITES, of="api_response", sends_only=True)
        for name in ("reading", "attachments", "release", "withdraw", "enter-in-error")
    },
    **{f"api:answers-{name}": Route(KEY_WRITES, of="api_answer", sends_only=True) for name in ("release", "withdraw")},
    **{
        f"api:evidence-{name}": Route(KEY_WRITES, of="api_evidence", sends_only=True)
        for name in ("release", "withdraw", "enter-in-error", "check")
    },
    "api:contacts-enter-in-error": Route(KEY_WRITES, of="api_contact", sends_only=True),
    **{
        f"api:attachments-{name}": Route(KEY_WRITES, of="api_file", sends_only=True)
        for name in ("enter-in-error", "put-back")
    },
    "api:targets-detail": Route(KEY, of="api_target"),
    "api:events-detail": Route(KEY, of="api_event"),
    "api:agencies-detail": Route(KEY, of="api_agency"),
    "api:legislators-detail": Route(KEY, of="api_legislator"),
}  # fmt: skip

ARGUMENTS: dict[str, Callable[[Any], dict]] = {
    "letter": lambda b: {"reference": b.letter.reference},
    "item": lambda b: {"pk": b.item.pk},
    "link": lambda b: {"reference": b.letter.reference, "pk": b.link.pk},
    "addressee": lambda b: {"reference": b.letter.reference, "pk": b.addressee.pk},
    "public_reply": lambda b: {"reference": b.letter.reference, "kind": "reply", "pk": b.response.pk},
    "contact": lambda b: {"pk": b.contact.pk},
    "evidence": lambda b: {"pk": b.evidence.pk},
    "sheet": lambda b: {"pk": b.sheet.pk},
    "report": lambda b: {"pk": Report.objects.get(owner__isnull=True).pk},
    "report_file": lambda b: {"pk": Report.objects.get(owner__isnull=True).pk, "kind": "csv"},
    "import": lambda b: {"pk": b.batch.pk},
    "import_row": lambda b: {"pk": b.batch.pk, "number": 2},
    "docx": lambda b: {"kind": "docx"},
    "document": lambda b: {"name": "follow_up", "kind": "docx"},
    "csv": lambda b: {"kind": "csv"},
    "view": lambda b: {"pk": b.view.pk},
    "wrong_token": lambda b: {"token": "TEST"},
    "change": lambda b: {"pk": b.change.pk},
    "account": lambda b: {"pk": b.item.owner.pk},
    "key": lambda b: {"pk": ApiKey.objects.order_by("name").first().pk},
    "person": lambda b: {"username": b.item.owner.username},
    "reply": lambda b: {"pk": b.response.pk},
    "file": lambda b: {"pk": b.attachment.pk, "name": b.attachment.name},
    "kept_file": lambda b: {"pk": b.attachment.pk},
    "api_letter": lambda b: {"id": b.letter.pk},
    "api_item": lambda b: {"id": b.item.pk},
    "api_response": lambda b: {"id": b.response.pk},
    "api_target": lambda b: {"id": b.target.pk},
    "api_event": lambda b: {"id": b.event.pk},
    "api_agency": lambda b: {"id": b.item.agency_id},
    "api_legislator": lambda b: {"id": b.member.pk},
    "first": lambda b: {"place": 0},
    "wrong_calendar": lambda b: {"token": "TEST"},
    "no_calendar": lambda b: {"pk": "00000000-0000-0000-0000-000000000000"},
    "api_evidence": lambda b: {"id": b.evidence.pk},
    "api_contact": lambda b: {"id": b.contact.pk},
    "api_file": lambda b: {"id": b.attachment.pk},
    "api_answer": lambda b: {"id": b.answer.pk},
    "api_link": lambda b: {"id": b.link.pk},
    "api_addressee": lambda b: {"id": b.addressee.pk},
    "api_kind": lambda b: {"id": b.item.ask.kind_id},
    "api_nothing": lambda b: {"id": "00000000-0000-4000-8000-000000000000"},
    "no_session": lambda b: {"pk": 0},
    "wrong_key": lambda b: {"key": "TEST-key"},
    "wrong_reset_key": lambda b: {"uidb36": "0", "key": "TEST-key"},
    "table": lambda b: {"name": "target"},
    "nowhere": lambda b: {},
    "agency": lambda b: {"slug": b.item.agency.slug},
    "agency_docx": lambda b: {"slug": b.item.agency.slug, "kind": "docx"},
    "legislator": lambda b: {"bioguide": b.member.bioguide},
    "target": lambda b: {"slug": b.target.slug},
}

# Addresses that are the same for every letter: built once.
OF_NO_LETTER = {
    "",
    "table",
    "csv",
    "report",
    "report_file",
    "docx",
    "document",
    "view",
    "wrong_token",
    "person",
    "key",
    "account",
    "first",
    "wrong_calendar",
    "no_calendar",
    "no_session",
    "wrong_key",
    "wrong_reset_key",
    "nowhere",
    "agency",
    "agency_docx",
    "legislator",
    "api_agency",
    "api_legislator",
    "api_kind",
    "api_nothing",
}


def declared(name: str) -> Route | None:
    """What an address needs. The administration is Django's own: everything in it is for administrators."""
    return ROUTES.get(name) or (Route(ADMIN_SITE) if name.startswith("admin:") else None)


def addresses() -> Iterator[tuple[str, str]]:
    """Each address of the site: its name with its namespace, and its pattern."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, prefix: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        here = prefix + re.sub(r"^\^", "", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or ''}", here
        else:
            yield from _walk(pattern, here, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def undeclared() -> list[str]:
    """A sentence for each address nobody said anything about, and for each line that no address has any more."""
    found = dict(addresses())
    unknown = [
        f"The address /{pattern} (name {name!r}) is not in tests/access/routes.py. Add one line that says which right "
        f'it needs and what it is made of: "{name}": Route(VIEW, of="letter"),'
        for name, pattern in found.items()
        if declared(name) is None
    ]
    gone = [
        f"{name!r} in tests/access/routes.py is no address any more. Remove its line."
        for name in ROUTES
        if name not in found
    ]
    return unknown + gone
