"""The asks of a letter's rows, each with the agencies it is put to and what came of it there."""

import datetime as dt
from dataclasses import dataclass, field

from letters.domain.backlog import SentAsk, SentItem
from letters.domain.rules import plain
from letters.enums import TaskingRole
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.csv_file import FORMULA
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.outcomes import Outcome, read_outcome
from letters.intake.sheet.resolving import TARGET_KINDS, Directory
from letters.models import Agency, AskKind, Target, User

# What a row needs to be about an ask at all; without any of these the letter asks for a reply.
OF_AN_ASK = ("ask_number", "kind", "ask", "quote", "targets", "questions")
OTHER, REPLY = "other", "reply"


@dataclass
class AskPlan:
    """One ask while its rows are read. Companies that are not in the record yet have no key."""

    number: str
    words: str
    rows: list[Row]
    sent: SentAsk
    items: dict[Agency, SentItem] = field(default_factory=dict)


@dataclass
class Asks:
    plans: list[AskPlan]
    outcomes: list[Outcome]
    agencies: list[Agency]  # whom the rows put them to, in order


def read_asks(cells: Cells, rows: list[Row], directory: Directory, *, sent_on: dt.date | None, today: dt.date) -> Asks:
    """Rows with one ask's number, or the same words, are one ask put to several agencies."""
    found = Asks([], [], [])
    agencies: dict[Agency, None] = {}
    directory.look_up_targets(_bare(name)[0] for row in rows for name in split_parts(row.get("targets")))
    for row in rows:
        place = _place(found.plans, row)
        if place is None:
            place = len(found.plans)
            found.plans.append(AskPlan(row.get("ask_number"), _key(row), [row], _ask(cells, row, directory)))
        plan = found.plans[place]
        plan.rows.append(row)
        for agency, item in _items(cells, row, directory):
            agencies[agency] = None
            if agency in plan.items:
                if row.get("agency") and plan.rows[0] is not row:
                    cells.remark(
                        row.number, "agency",
                        f"Agency: this ask is put to {agency} in row {plan.rows[0].number} already; this row adds nothing but its notes.",
                    )  # fmt: skip
                    found.outcomes += _only_note(row, place, agency)
                continue
            plan.items[agency] = item
            if item.role == TaskingRole.CONSULTED:
                found.outcomes += _only_note(row, place, agency)
                continue
            outcome = read_outcome(
                cells, row, ask=place, kind=plan.sent.kind, agency=agency, sent_on=sent_on, today=today
            )
            if outcome.moves or outcome.note:
                found.outcomes.append(outcome)
    found.agencies = list(agencies)
    for plan in found.plans:
        plan.sent = SentAsk(**{**vars(plan.sent), "items": tuple(plan.items.values())})
        if not any(item.role == TaskingRole.LEAD for item in plan.items.values()) and not any(
            finding.blocks and finding.field == "agency" for finding in cells.findings
        ):
            cells.wrong(plan.rows[0].number, "agency", "Agency: missing. Name who owes the reply.")
    return found


def _place(plans: list[AskPlan], row: Row) -> int | None:
    number, words = row.get("ask_number"), _key(row)
    for place, plan in enumerate(plans):
        if (number and plan.number == number) or (not number and plan.words == words):
            return place
    if not number and not words and plans:
        return len(plans) - 1  # one more agency for the ask above
    return None


def _key(row: Row) -> str:
    return "\x1f".join(plain(row.get(code)) for code in ("ask", "kind", "targets", "quote")).strip("\x1f")


def _ask(cells: Cells, row: Row, directory: Directory) -> SentAsk:
    kind = _kind(cells, row, directory)
    summary = " ".join(row.get("ask").split())
    quote = row.get("quote")
    if len(summary) > 300:
        cells.remark(
            row.number,
            "ask",
            "What we ask: longer than 300 characters. It comes in whole as the letter’s words, shortened as the ask.",
        )
        quote = quote or summary
        summary = summary[:297].rsplit(" ", 1)[0] + "..."
    if not any(row.get(code) for code in OF_AN_ASK):
        summary = "Reply to this letter"
    elif not summary and not row.get("targets"):
        summary = " ".join(quote.split())[:297]
    targets = tuple(dict.fromkeys(_target(cells, row, name, directory) for name in split_parts(row.get("targets"))))
    return SentAsk(
        kind, summary, quote, targets,
        instrument=row.get("instrument") or (None if "instrument" not in row.values else ""),
        requested_list=row.get("requested_list") or (None if "requested_list" not in row.values else ""),
        requested_by=cells.day(row, "requested_by"), questions=tuple(filter(None, map(str.strip, row.get("questions").splitlines()))),
    )  # fmt: skip


def _kind(cells: Cells, row: Row, directory: Directory) -> AskKind:
    words = row.get("kind")
    if not words:
        return directory.kinds[OTHER if any(row.get(code) for code in OF_AN_ASK) else REPLY]
    found = directory.kind(words)
    if found is None:
        cells.remark(
            row.number, "kind",
            f"Kind of ask: “{words[:60]}” is none we know, so it comes in as “{directory.kinds[OTHER]}”. {directory.kind_hint(words)}".rstrip(),
        )  # fmt: skip
    return found or directory.kinds[OTHER]


def _bare(name: str) -> tuple[str, str]:
    """“Yahya Sinwar (person)” as the name and what it is; a company unless it says so."""
    stem, bracket, rest = name.rpartition(" (")
    kind = TARGET_KINDS.get(plain(rest.rstrip(")")))
    return (stem.strip(), kind.value) if bracket and kind else (name.strip(), "company")


def _target(cells: Cells, row: Row, name: str, directory: Directory) -> Target:
    bare, kind = _bare(name)
    if found := directory.target(bare):
        return found
    cells.remark(
        row.number,
        "targets",
        f"About: “{bare[:80]}” is not in the record yet, and is added as a {kind}. Write “(person)”, “(vessel)” or “(program)” behind the name if it is one.",
    )
    new = Target(name=bare, kind=kind)
    directory.remember_target(new)
    return new


def _items(cells: Cells, row: Row, directory: Directory) -> list[tuple[Agency, SentItem]]:
    owner = _owner(cells, row, directory)
    acting = _named(cells, row, "acting", directory)
    found = []
    for agency in _several(cells, row, "agency", directory):
        bureau = acting if acting and (agency.includes(acting) or acting.pk != agency.pk) else None
        found.append((agency, SentItem(agency, TaskingRole.LEAD, bureau, owner)))
    for agency in _several(cells, row, "consulted", directory):
        found.append((agency, SentItem(agency, TaskingRole.CONSULTED)))
    return found


def _several(cells: Cells, row: Row, code: str, directory: Directory) -> list[Agency]:
    agencies: dict[Agency, None] = {}
    for part in split_parts(row.get(code)):
        for words in directory.split_agencies(part):
            found = directory.agency(words)
            if found:
                agencies[found] = None
            elif not words.startswith(FORMULA):
                hint = directory.agency_hint(words)
                cells.wrong(
                    row.number, code, f"{BY_CODE[code].label}: “{words[:80]}” is no agency we know. {hint}".rstrip()
                )
    return list(agencies)


def _named(cells: Cells, row: Row, code: str, directory: Directory) -> Agency | None:
    words = row.get(code)
    found = directory.agency(words) if words else None
    if words and found is None:
        cells.remark(
            row.number,
            code,
            f"{BY_CODE[code].label}: “{words[:80]}” is no agency we know, and is left out. {directory.agency_hint(words)}".rstrip(),
        )
    return found


def _owner(cells: Cells, row: Row, directory: Directory) -> User | None:
    words = row.get("owner")
    found = directory.colleague(words) if words else None
    if words and found is None:
        cells.remark(
            row.number,
            "owner",
            f"Owner: nobody here who may change letters is called “{words[:60]}”, so nobody owns it.",
        )
    return found


def _only_note(row: Row, ask: int, agency: Agency) -> list[Outcome]:
    return [Outcome(row.number, ask, agency, note=row.get("note"))] if row.get("note") else []
