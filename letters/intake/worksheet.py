"""A typed sheet read as a letter: the plan that `domain.worksheets` makes it from, and what stands in the way, field by field.

Pure but for `names`, which ran before: it reads no table and no clock.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.domain.rules import names_in
from letters.errors import Problem
from letters.intake.days import read_day, read_term
from letters.intake.names import zip_padded
from letters.intake.typed import Typed

DAYS = {
    "letter_date": "The letter’s date",
    "printed_date": "The date printed on it",
    "sent_on": "The day it was sent",
    "deadline_on": "The date the letter sets",
}
WORDS = (
    "subject",
    "text",
    "our_role",
    "lead_office_contact",
    "on_behalf_of",
    "published_url",
    "deadline_quote",
    "access",
)


@dataclass(frozen=True)
class Reading:
    """What a sheet means, as far as it can be read, and each problem beside its field on the page."""

    plan: Plan
    problems: tuple[Problem, ...]


def read_sheet(typed: Typed, *, read_questions: Callable[[str], list[str]]) -> Reading:
    """The letter as typed; rows with nothing in them are passed over."""
    problems: list[Problem] = []
    term = read_term(typed.get("deadline_on", ""))
    written = {name: "" if term and name == "deadline_on" else typed.get(name, "") for name in DAYS}
    days = {name: _day(name, label, written[name], problems) for name, label in DAYS.items()}
    facts: dict[str, Any] = {name: typed.get(name, "").strip() for name in WORDS}
    facts |= {name: days[name] for name in ("letter_date", "printed_date", "deadline_on")}
    facts |= dict(zip(("term_days", "term_unit", "term_from"), term or (None, None, None), strict=True))
    # one date typed is both: only where the paper is wrong do they differ
    facts["letter_date"] = days["letter_date"] or days["printed_date"]
    facts["printed_date"] = days["printed_date"] or days["letter_date"]
    if (
        facts["letter_date"] is None
        and not typed.get("letter_date", "").strip() + typed.get("printed_date", "").strip()
    ):
        problems.append(Problem("letter_date", "The letter’s date is missing. Enter the day it was signed.", ""))
    signers, addressees = _signers(typed["signers"], problems), _addressees(typed["addressees"], problems)
    plan = Plan(
        facts=facts,
        sent_on=days["sent_on"],
        topics=(*typed["topics"], *names_in(typed["new_topics"])),
        staff=tuple(typed["staff"]),
        signers=tuple(signers),
        addressees=tuple(addressees),
        asks=tuple(_asks(typed["asks"], problems, read_questions, is_addressed=bool(addressees))),
    )
    if not plan.signers:
        problems.append(_nobody("signers_block", "Nobody has signed the letter", "its signature block", typed))
    # where a row cannot be read, that row says so
    if not plan.addressees and not any(problem.field.startswith("addressees-") for problem in problems):
        problems.append(_nobody("addressees_block", "The letter is addressed to nobody", "the addressees", typed))
    return Reading(plan, tuple(problems))


def _nobody(field: str, what: str, block: str, typed: Typed) -> Problem:
    way_out = f"Paste {block} and find the names in it, or add a row."
    if typed[field].strip():
        way_out = "What you pasted has not been read yet: press “Find the names”."
    return Problem(field, f"{what}. {way_out}", typed[field])


def _signers(rows: list[dict], problems: list[Problem]) -> list[PlannedSigner]:
    signers = []
    for number, row in enumerate(rows):
        key = f"signers-{number}"
        if not any(row[name].strip() for name in ("printed_name", "member", "printed_title")):
            continue
        if row["member"].strip() and not row["bioguide"]:
            problems.append(
                Problem(
                    f"{key}-member",
                    f"“{row['member'].strip()}” is no member we know on that day. Choose one from the list, or leave it "
                    "empty: the name is kept as printed.",
                    row["member"],
                )
            )
        printed = row["printed_name"].strip() or row["member"].split("(")[0].strip()
        signers.append(
            PlannedSigner(
                key=key, printed_name=printed, printed_title=row["printed_title"].strip(), bioguide=row["bioguide"],
                confirmed=bool(row["confirmed"]), lead=bool(row["lead"]),
                state=row["state"], party=row["party"],
                doubt=row["doubt"] if row["bioguide"] and not row["confirmed"] else "",
            )
        )  # fmt: skip
    return signers


def _addressees(rows: list[dict], problems: list[Problem]) -> list[PlannedAddressee]:
    addressees = []
    for number, row in enumerate(rows):
        key = f"addressees-{number}"
        if not any(row[name].strip() for name in ("printed_name", "printed_title", "agency", "address")):
            continue
        if not row["agency_id"]:
            words = row["agency"].strip()
            said = f"“{words}” is no agency we know" if words else "Which agency is meant"
            problems.append(
                Problem(
                    f"{key}-agency",
                    f"{said}. Choose one from the list." if words else f"{said}? Choose it from the list.",
                    words,
                )
            )
            continue
        addressees.append(
            PlannedAddressee(
                key=key, agency=row["agency_id"], printed_name=row["printed_name"].strip() or row["agency"].strip(),
                printed_title=row["printed_title"].strip(), address=row["address"].strip(), official=row["official"],
                delivery=row["delivery"] or "to", row=row["id"],
            )
        )  # fmt: skip
    return addressees


def _asks(
    rows: list[dict], problems: list[Problem], read_questions: Callable[[str], list[str]], *, is_addressed: bool
) -> list[PlannedAsk]:
    """`is_addressed`: there is somebody to tick; who that is, is said of the addressees where it is not."""
    asks = []
    for number, row in enumerate(rows):
        key = f"asks-{number}"
        if blank_ask(row):
            continue
        if not row["kind"]:
            problems.append(Problem(f"{key}-kind", "What kind of ask is this? Choose one; “other” will do.", ""))
        responsible, consulted = list(row["responsible"]), list(row["consulted"])
        if row["bureau_id"]:
            responsible.append(row["bureau_id"])
        for name, label in (("bureau", "bureau"), ("acting", "acting bureau")):
            if row[name].strip() and not row[f"{name}_id"]:
                problems.append(
                    Problem(
                        f"{key}-{name}",
                        f"“{row[name].strip()}” is no agency we know. Choose the {label} from the list, or leave it empty.",
                        row[name],
                    )
                )
        for slug in set(responsible) & set(consulted):
            problems.append(
                Problem(
                    f"{key}-responsible",
                    "One agency is either responsible or consulted: take one of the two ticks away.",
                    slug,
                )
            )
        if not responsible and is_addressed:
            problems.append(
                Problem(
                    f"{key}-responsible",
                    f"Who is asked? Tick at least one agency as responsible for ask {number + 1}.",
                    [],
                )
            )
        questions = read_questions(row["questions"]) if row["questions"].strip() else []
        asks.append(
            PlannedAsk(
                key=key, kind=row["kind"], quote=row["quote"].strip(), summary=row["summary"].strip(),
                targets=tuple(_targets(key, row, problems)), responsible=tuple(dict.fromkeys(responsible)),
                consulted=tuple(slug for slug in consulted if slug not in responsible), acting=row["acting_id"],
                instrument=row["instrument"].strip(), requested_list=row["requested_list"].strip(),
                requested_by=_day(f"{key}-requested_by", f"The date of ask {number + 1}", row["requested_by"], problems),
                questions=tuple(questions), row=row["id"],
            )
        )  # fmt: skip
    return asks


def blank_ask(row: dict) -> bool:
    """Nothing that a person wrote; what a kind proposed does not count."""
    own = ("kind", "quote", "summary", "questions", "requested_by", "bureau")
    return not any(row[name].strip() for name in own) and not any(name.strip() for name in row["target"])


def _targets(key: str, row: dict, problems: list[Problem]) -> list[PlannedTarget]:
    targets = []
    columns = zip_padded(row["target"], row["target_id"], row["target_kind"], row["target_parent"])
    for place, (name, slug, kind, parent) in enumerate(columns):
        if not name.strip():
            continue
        if not slug and not kind:
            problems.append(
                Problem(
                    f"{key}-target-{place}",
                    f"“{name.strip()}” is not in our record yet. Choose one of those shown, or say what it is to add it.",
                    name,
                )
            )
        targets.append(
            PlannedTarget(key=f"{key}-target-{place}", slug=slug, name=name.strip(), kind=kind, parent=parent)
        )
    return targets


def _day(field: str, label: str, words: str, problems: list[Problem]) -> dt.date | None:
    try:
        return read_day(words)
    except ValueError as error:
        problems.append(Problem(field, f"{label}: {error}", words))
        return None
