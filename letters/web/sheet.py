"""The page "Log a letter" as its template draws it: each part with what was typed, what is proposed and what is wrong."""

import json
import re
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from letters.domain import suggest
from letters.domain.access import EDIT, RIGHTS
from letters.domain.deadlines import count, long_date
from letters.domain.words import cut
from letters.errors import Problem
from letters.intake.named_targets import named_in
from letters.intake.names import NO_DATE, letter_day, zip_padded
from letters.intake.signature_block import UNREAD
from letters.intake.signers import label_on, members_with_terms, propose_waiting
from letters.intake.two_sheets import marks_of
from letters.intake.typed import ROWS, Typed, complete, removed, stored
from letters.models import Agency, AskKind, Legislator, Topic, User, Worksheet
from letters.web.copied_from import copied_from
from letters.web.merge import Merge
from letters.web.sheet_forms import (
    TARGET_KINDS,
    AccessForm,
    AddresseeForm,
    AskForm,
    FactsForm,
    MoreFactsForm,
    as_opened,
    form_key,
)
from letters.web.sheet_found import found_in
from letters.web.sheet_labels import ROW_NAMES

# Where the page shows what a verb says about a part it knows by another name.
SHOWN_AT = (
    (r"^(signers-\d+)-bioguide$", r"\1-member"),
    (r"^(signers-\d+)-(state|party)$", r"\1-printed_name"),
    (r"^(addressees-\d+)-address_lines$", r"\1-address"),
    (r"^(asks-\d+-target-\d+)-\w+$", r"\1"),
    (r"^(asks-\d+)-targets$", r"\1-target-0"),
    (r"^(asks-\d+)(-[a-z0-9-]+)?-(agency|role)$", r"\1-responsible"),
    (r"^signatures$", "signers_block"),
    (r"^addressees$", "addressees_block"),
    (r"^taskings$", "add-ask"),
)
KINDS = ("usual_agency", "acting_agency")


def shown_at(field: str) -> str:
    """The field of the page that a problem stands beside."""
    for pattern, place in SHOWN_AT:
        field = re.sub(pattern, place, field)
    return field


def sheet_page(
    request: HttpRequest,
    sheet: Worksheet | None,
    typed: Typed | None = None,
    *,
    problems: Sequence[Problem] = (),
    focus: str = "",
    merge: Merge | None = None,
    late: dict | None = None,
    is_kept: bool = True,
    status: int = 200,
) -> HttpResponse:
    """The whole page; with `problems`, each beside its field and all of them above; `is_kept` unless saving was refused."""
    typed = propose_waiting(stored(typed if typed is not None else sheet.typed if sheet else {}))
    problems = [Problem(shown_at(problem.field), problem.message, problem.value) for problem in problems]
    agencies = {agency.slug: agency for agency in Agency.objects.filter(slug__in=_addressed(typed))}
    addressed = [agencies[slug] for slug in _addressed(typed) if slug in agencies]
    kinds = list(AskKind.objects.select_related(*KINDS))
    copied = copied_from(sheet, request.user, typed)
    context = {
        "sheet": sheet,
        "typed": typed,
        "address": reverse("draft", args=[sheet.pk]) if sheet else reverse("new_letter"),
        "version": (sheet.version if sheet else 0) if is_kept else as_opened(request),
        "opened": request.POST.get("opened", "") if merge or not is_kept else marks_of(typed),
        "form_key": "" if sheet else form_key(request),
        "saved": saved_words(sheet),
        "focus": focus,
        "merge": merge,
        "late": late,
        "is_kept": is_kept,
        "errors": _errors_named(problems),
        "facts": FactsForm(typed, problems),
        "more_facts": MoreFactsForm(typed, problems),
        "facts_open": any(typed[name].strip() for name in MoreFactsForm.base_fields)
        or typed["topics"]
        or typed["staff"],
        "access": AccessForm(typed, problems),
        "topics": _ticks(Topic.objects.visible_to(request.user).values_list("name", flat=True), typed["topics"]),
        "staff": _staff(typed),
        "signers": _signers(typed, problems),
        "addressees": _addressees(typed, problems),
        "asks": _asks(typed, problems, addressed, kinds, request.user),
        "kinds_json": json.dumps({kind.code: _proposals(kind) for kind in kinds}),
        "block_errors": {name: _errors(problems, name) for name in ("signers_block", "addressees_block", "text")},
        "removed": {kind: _removed(typed, kind) for kind in ROWS},
        "copied": copied,
        **found_in(typed, request.user, copied["letter"] if copied else None),
    }
    return render(request, "letters/sheet.html", context, status=status)


def _removed(typed: Typed, kind: str) -> dict[str, str]:
    """What was removed last, for sheet/removed.html: how it is called, how it began; nothing where nothing was."""
    if not (kept := removed(typed, kind)):
        return {}
    row = kept[-1]["row"]
    names = ("summary", "quote", "questions", "printed_name", "member", "agency", "printed_title")
    words = next((row[name] for name in names if row.get(name, "").strip()), "")
    return {"what": f"{ROW_NAMES[kind]} {kept[-1]['place'] + 1}", "words": cut(" ".join(words.split()), 80)}


def saved_words(sheet: Worksheet | None) -> str:
    """ "Saved 9:41 p.m."."""
    if sheet is None:
        return "Nothing saved yet"
    at = timezone.localtime(sheet.saved_at)
    day = "" if at.date() == timezone.localdate() else f" on {long_date(at.date())}"
    return f"Saved {at.hour % 12 or 12}:{at:%M} {'a.m.' if at.hour < 12 else 'p.m.'}{day}"


def _signers(typed: Typed, problems: list[Problem]) -> dict[str, Any]:
    on = letter_day(typed)
    members = members_with_terms([row["bioguide"] for row in typed["signers"] if row["bioguide"]])
    rows, sure, unread = [], 0, 0
    for number, row in enumerate(typed["signers"]):
        key = f"signers-{number}"
        member = members.get(row["bioguide"])
        waiting = bool(member and not row["confirmed"] and not row["doubt"])
        sure += waiting
        unread += row["doubt"].startswith(UNREAD)
        rows.append(
            {
                **row,
                "number": number,
                "position": number + 1,
                "key": key,
                "seat": suggest.seat(member, on) if member and on else _printed(row, member),
                "mark": _mark(row, bool(member)),
                "errors": _errors(problems, key),
                "error_at": {
                    problem.field.removeprefix(f"{key}-") for problem in problems if problem.field.startswith(f"{key}-")
                },
                "label": label_on(member, on) if member else "",
            }
        )
    return {
        "rows": rows,
        "sure": _these(sure),
        "unread": unread,
        "on": long_date(on) if on else "",
        "iso": on.isoformat() if on else "",
        "total": count(len(rows), "signer"),
    }


def _these(number: int) -> str:
    """ "these are the 9 proposed members", after “Yes”."""
    if number < 2:
        return "this is the proposed member" if number else ""
    return f"these are the {count(number, 'proposed member')}"


def _printed(row: dict, member: Legislator | None) -> str:
    """State and party that the letter prints beside somebody we do not know."""
    printed = "" if member else ", ".join(filter(None, (row["party"], row["state"])))
    return f"printed {printed}" if printed else ""


def _mark(row: dict, known: bool) -> dict[str, str]:
    if known and row["confirmed"]:
        return {"code": "answered", "words": "confirmed"}
    if known:  # what speaks against it stands beside it: “Yes” takes only those without a doubt
        return {"code": "acknowledged", "words": f"proposed. {row['doubt']}" if row["doubt"] else "proposed"}
    if row["doubt"] == NO_DATE:
        return {"code": "awaiting", "words": "waits for the letter’s date"}
    # plain words: a label in full colour was taken for a button
    return {"code": "", "words": f"Not matched: {row['doubt'] or 'kept as printed'}"}


def _addressees(typed: Typed, problems: list[Problem]) -> list[dict]:
    return [
        {
            "number": number,
            "key": f"addressees-{number}",
            "row": row,
            "form": AddresseeForm(row, problems, prefix=f"addressees-{number}"),
        }
        for number, row in enumerate(typed["addressees"])
    ]


def _asks(
    typed: Typed, problems: list[Problem], addressed: list[Agency], kinds: list[AskKind], user: User
) -> list[dict]:
    asks = []
    named = named_in([row["quote"] for row in typed["asks"] if row.get("quote")], user)
    for number, given in enumerate(typed["asks"]):
        row, key = complete("asks", given), f"asks-{number}"
        form = AskForm(row, problems, prefix=key, kinds=kinds)
        more = ("summary", "requested_by", "acting", "bureau", "instrument", "requested_list")
        asks.append(
            {
                "number": number,
                "position": number + 1,
                "key": key,
                "row": row,
                "form": form,
                "targets": _targets(key, row, problems, user),
                "named": [name for name in named.get(row["quote"], []) if name not in row["target"]],
                "agencies": [
                    {
                        "slug": agency.slug,
                        "name": agency.short_name,
                        "responsible": agency.slug in row["responsible"],
                        "consulted": agency.slug in row["consulted"],
                    }
                    for agency in addressed
                ],
                "agency_errors": _errors(problems, f"{key}-responsible", exact=True),
                "more": [form[name] for name in more],
                "more_open": any(form[name].errors for name in more),
            }
        )
    return asks


def _targets(key: str, row: dict, problems: list[Problem], user: User) -> list[dict]:
    targets = []
    names = row["target"] or [""]
    columns = zip_padded(names, row["target_id"], row["target_kind"], row["target_parent"])
    for place, (name, slug, kind, parent) in enumerate(columns):
        field = f"{key}-target-{place}"
        errors = _errors(problems, field, exact=True)
        unknown = bool(name.strip()) and not slug
        near = suggest.targets(name, user=user, limit=4) if unknown else []
        targets.append(
            {
                "place": place,
                "position": place + 1,
                "id": f"id_{field}",
                "name": name,
                "slug": slug,
                "kinds": [{"value": value, "label": label, "on": value == kind} for value, label in TARGET_KINDS],
                "parent": parent,
                "unknown": unknown,
                "near": near,
                "errors": errors,
            }
        )
    return targets


def _errors_named(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """For the summary: what is wrong in several places alike is one thing to mend, and leads to the first of them."""
    at: dict[str, str] = {}
    for problem in problems:
        at.setdefault(problem.message, f"#id_{problem.field}")
    return [{"at": place, "words": words} for words, place in at.items()]


def _errors(problems: list[Problem], field: str, *, exact: bool = False) -> list[str]:
    return [p.message for p in problems if p.field == field or (not exact and p.field.startswith(f"{field}-"))]


def _ticks(names, chosen: list[str]) -> list[dict]:
    """Topics as boxes; one that was typed new and kept is among them."""
    return [{"name": name, "on": name in chosen} for name in dict.fromkeys([*names, *chosen])]


def _staff(typed: Typed) -> list[dict]:
    people = User.objects.filter(is_active=True, role__in=[role for role, rights in RIGHTS.items() if EDIT in rights])
    return [{"username": user.username, "name": str(user), "on": user.username in typed["staff"]} for user in people]


def _proposals(kind: AskKind) -> dict[str, Any]:
    return {
        "usual": kind.usual_agency.slug if kind.usual_agency else "",
        "acting": kind.acting_agency.name if kind.acting_agency else "",
        "acting_id": kind.acting_agency.slug if kind.acting_agency else "",
        "instrument": kind.instrument,
        "requested_list": kind.requested_list,
        "verb": kind.verb,
        "help": kind.help,
    }


def _addressed(typed: Typed) -> list[str]:
    return list(dict.fromkeys(row["agency_id"] for row in typed["addressees"] if row["agency_id"]))
