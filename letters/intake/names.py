"""Typed names into the things they name. What fits one thing exactly is taken; the rest is left as typed, for a person."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models.functions import Lower

from letters.domain.rules import plain
from letters.domain.signers import propose
from letters.intake.addressee_block import agency_names, compared
from letters.intake.days import read_day
from letters.intake.signature_block import ROSTERS_SAY, UNREAD
from letters.intake.typed import Typed
from letters.models import Agency, Legislator, Target, TargetAlias, Term, User

NO_DATE = "no date"  # the doubt of a name that was read before there was a day to match it on


def resolve_names(typed: Typed, user: User | None = None) -> Typed:
    """The sheet with the id of each name that fits exactly one thing; an id whose name was typed over is dropped.

    An id and its name come from the type-ahead together. Without JavaScript, or by somebody who types on, only the name comes.
    A company that the user may not know of fits no name; without a user: as for somebody who sees no restricted letter.
    """
    typed = {name: ([dict(row) for row in value] if _is_rows(value) else value) for name, value in typed.items()}
    _agencies(typed)
    _members(typed["signers"], letter_day(typed))
    _targets(typed["asks"], user)
    return typed


def letter_day(typed: Typed) -> dt.date | None:
    """The letter's day if it can be read: the true one, or the printed one."""
    for name in ("letter_date", "printed_date"):
        try:
            if day := read_day(typed.get(name, "")):
                return day
        except ValueError:
            continue
    return None


def member_label(member: Legislator, term: Term | None) -> str:
    """ "Bill Hagerty (R-TN)": party and state in the term they sat in."""
    return f"{member.official_full} ({term.party[:1]}-{term.state})" if term else member.official_full


def _agencies(typed: Typed) -> None:
    fields = [(row, "agency", "agency_id") for row in typed["addressees"]]
    fields += [(row, name, f"{name}_id") for row in typed["asks"] for name in ("bureau", "acting")]
    if not any(row[name] or row[key] for row, name, key in fields):
        return
    known = agency_names()
    by_slug: dict[str, Agency] = {agency.slug: agency for agency in known.values()}
    for row, name, key in fields:
        words = compared(row[name])
        chosen = by_slug.get(row[key])
        if chosen and words in (compared(chosen.name), compared(chosen.short_name)):
            continue
        found = known.get(words)
        row[key] = found.slug if found else ""


def _members(signers: list[dict[str, Any]], on: dt.date | None) -> None:
    members = {m.bioguide: m for m in Legislator.objects.filter(bioguide__in=[r["bioguide"] for r in signers])}
    for row in signers:
        words = row["member"].strip()
        if not words and not row["bioguide"]:
            _of_another_name(row)
            if is_emptied(row):
                row["doubt"] = ""  # it was about whom a person took out
            continue  # nobody is named: why the reading matched nobody still holds
        chosen = members.get(row["bioguide"])
        if chosen and plain(words.split("(")[0]) in _called(chosen):
            continue
        row["bioguide"] = row["confirmed"] = row["doubt"] = ""
        if words and on:
            found = list(propose(words.split("(")[0], on))
            if len(found) == 1:
                # a person wrote who it is: the match is theirs
                row |= {"bioguide": found[0].legislator.bioguide, "confirmed": "on"}
                row["member"] = member_label(found[0].legislator, found[0].term)


def is_emptied(row: dict[str, Any]) -> bool:
    """Of a row that names nobody: whether a person took out whom it was read as. A name that fits nobody has a doubt that
    says so."""
    return bool(row["read"]) and (not row["doubt"] or ROSTERS_SAY in row["doubt"])


def _of_another_name(row: dict[str, Any]) -> None:
    """What was read of one name is not said of the one that a person typed over it."""
    if row["read"] and row["read"] != row["printed_name"].strip():
        # a line that was not understood is read anew as it was corrected
        waits = row["doubt"] == NO_DATE or row["doubt"].startswith(UNREAD)
        row |= {"state": "", "party": "", "read": "", "read_on": "", "doubt": NO_DATE if waits else ""}


def _called(member: Legislator) -> set[str]:
    """What a person types of a member; a last name alone may be a namesake's."""
    given = (member.first, member.nickname)
    return {plain(member.official_full), *(plain(f"{name} {member.last}") for name in given if name)}


def _targets(asks: list[dict[str, Any]], user: User | None) -> None:
    names = {name.strip() for ask in asks for name in ask["target"] if name.strip()}
    slugs = {slug for ask in asks for slug in ask["target_id"] if slug}
    if not names and not slugs:
        return
    known = _known_targets(names, user)
    called = {
        target.slug: _names_of(target) for target in Target.objects.filter(slug__in=slugs).prefetch_related("aliases")
    }
    for ask in asks:
        chosen = []
        for name, slug in zip_padded(ask["target"], ask["target_id"]):
            words = plain(name)
            chosen.append(slug if words and words in called.get(slug, ()) else known.get(words, ""))
        ask["target_id"] = chosen


def _known_targets(names: Iterable[str], user: User | None) -> dict[str, str]:
    """Slugs by name and alias, for those asked for only, of what the user may know of. Accents are compared when both
    have them or neither has."""
    low, seen = [form for name in names for form in {name.lower(), plain(name)}], Target.objects.visible_to(user)
    called = TargetAlias.objects.annotate(low=Lower("name")).filter(low__in=low, target__in=seen)
    own = seen.annotate(low=Lower("name")).filter(low__in=low).values_list("name", "slug")
    return {plain(name): slug for name, slug in (*called.values_list("name", "target__slug"), *own)}


def _names_of(target: Target) -> set[str]:
    return {plain(target.name), *(plain(alias.name) for alias in target.aliases.all())}


def zip_padded(*columns: list[str]) -> list[tuple[str, ...]]:
    """Columns of one table side by side; short ones are filled with nothing."""
    length = len(columns[0])
    return list(zip(*[[*column, *[""] * length][:length] for column in columns], strict=True))


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
