"""The asks of a letter's rows, each with the agencies it is put to and what came of it there."""

import datetime as dt
from dataclasses import dataclass, field

from letters.domain.backlog import SentAsk, SentItem
from letters.domain.making import check_target
from letters.domain.rules import plain
from letters.enums import TaskingRole
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE, LETTER
from letters.intake.sheet.items import only_note, settled, spoken_of, take_items, words_on
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.outcomes import Outcome, read_outcome
from letters.intake.sheet.resolving import TARGET_KINDS, Directory
from letters.models import Agency, AskKind, Target

# What a row needs to be about an ask at all; without any of these the letter asks for a reply.
OF_AN_ASK = ("ask_number", "kind", "ask", "quote", "targets", "questions")
BELOW_THE_LETTER = tuple(code for code, column in BY_CODE.items() if column.level != LETTER)
OTHER, REPLY = "other", "reply"


@dataclass
class AskPlan:
    """One ask while its rows are read. Companies that are not in the record yet have no key."""

    number: str
    words: str
    rows: list[Row]
    sent: SentAsk = field(init=False)
    items: dict[Agency, SentItem] = field(default_factory=dict)


@dataclass
class Asks:
    plans: list[AskPlan]
    outcomes: list[Outcome]
    agencies: list[Agency]  # whom the rows put them to, in order
    notes: list[str] = field(default_factory=list)  # of nobody's item: they are on the letter


def read_asks(cells: Cells, rows: list[Row], directory: Directory, *, sent_on: dt.date | None, today: dt.date) -> Asks:
    """Rows with one ask's number, or the same words, are one ask put to several agencies; each adds what it says."""
    found = Asks([], [], [])
    directory.look_up_targets(bare_name(name)[0] for row in rows for name in split_parts(row.get("targets")))
    placed = _placed(found.plans, rows)
    for plan in found.plans:
        plan.sent = _ask(cells, plan.rows, directory)
    named = [take_items(cells, row, found.plans[place].items, directory) for row, place in placed]
    found.agencies = list(dict.fromkeys(agency for both in named for agencies in both for agency in agencies))
    for (row, place), (leads, consulted) in zip(placed, named, strict=True):
        plan = found.plans[place]
        whose = spoken_of(cells, row, plan.items, leads, consulted, directory)
        for agency, words in words_on(cells, row, whose, lambda name: directory.who_replied(name, sent_on)):
            outcome = read_outcome(
                cells, words, ask=place, asked=plan.sent, agency=agency,
                replier=_replier(cells, words, agency, plan.items[agency], directory), sent_on=sent_on, today=today,
            )  # fmt: skip
            if outcome.says:
                found.outcomes.append(outcome)
        if consulted and not leads:
            found.outcomes += [note for agency in consulted for note in only_note(row, place, agency)]
        elif not whose and row.get("note") and not row.get("agency"):
            found.notes.append(row.get("note"))
            cells.remark(
                row.number, "note", "Notes: this row does not say of which agency, so it comes in as a note on the letter."
            )  # fmt: skip
    found.outcomes = settled(cells, found.outcomes, rows)
    for plan in found.plans:
        plan.sent = SentAsk(**{**vars(plan.sent), "items": tuple(plan.items.values())})
        if not any(item.role == TaskingRole.LEAD for item in plan.items.values()) and not any(
            finding.blocks and finding.field == "agency" for finding in cells.findings
        ):
            cells.wrong(plan.rows[0].number, "agency", "Agency: missing. Name who owes the reply.")
    return found


def _replier(cells: Cells, row: Row, asked: Agency, item: SentItem, directory: Directory) -> Agency | None:
    """The bureau that wrote, where the row names one that may answer what the agency was asked."""
    words = row.get("reply_agency")
    found = directory.agency(words) if words and row.get("reply_on") else None
    if not words or not row.get("reply_on"):
        return None  # without a reply that is said of the whole of it
    if found and (asked.includes(found) or found.includes(asked) or found == item.acting):
        return found
    hint = f"{found} was not asked; {asked} was" if found else f"“{words[:80]}” is no agency we know"
    cells.remark(
        row.number, "reply_agency", f"{BY_CODE['reply_agency'].label}: {hint}. The reply comes in as {asked}’s."
    )
    return None


def _placed(plans: list[AskPlan], rows: list[Row]) -> list[tuple[Row, int]]:
    """Each row with the place of its ask. One that speaks of the letter alone, beside others that ask, has none."""
    asking = [row for row in rows if any(row.get(code) for code in BELOW_THE_LETTER)] or rows[:1]
    placed = []
    for row in asking:
        place = _place(plans, row)
        if place is None:
            place = len(plans)
            plans.append(AskPlan(row.get("ask_number"), _key(row), []))
        plans[place].rows.append(row)
        placed.append((row, place))
    return placed


def _place(plans: list[AskPlan], row: Row) -> int | None:
    number, words = row.get("ask_number"), _key(row)
    for place, plan in enumerate(plans):
        if (number and plan.number == number) or (not number and words and plan.words == words):
            return place
    if not number and not words and plans:
        return len(plans) - 1  # one more agency for the ask above
    return None


def _key(row: Row) -> str:
    return "\x1f".join(plain(row.get(code)) for code in ("ask", "kind", "targets", "quote")).strip("\x1f")


def _ask(cells: Cells, rows: list[Row], directory: Directory) -> SentAsk:
    """What the rows of an ask say of it together: all its companies and questions, and of the rest the first words."""
    kind = _kind(cells, rows, directory)
    row, words = cells.first(rows, "ask")
    summary, quote = " ".join(words.split()), cells.first(rows, "quote")[1]
    names = [(row, name) for row in rows for name in split_parts(row.get("targets"))]
    if len(summary) > 300:
        cells.remark(
            row.number,
            "ask",
            "What we ask: longer than 300 characters. It comes in whole as the letter’s words, shortened as the ask.",
        )
        quote = quote or summary
        summary = summary[:297].rsplit(" ", 1)[0] + "..."
    if not _is_asked(rows):
        summary = "Reply to this letter"
    elif not summary and not names:
        summary = " ".join(quote.split())[:297]
    return SentAsk(
        kind, summary, quote, tuple(dict.fromkeys(_target(cells, row, name, directory) for row, name in names)),
        instrument=cells.first(rows, "instrument")[1] or (None if "instrument" not in row.values else ""),
        requested_list=cells.first(rows, "requested_list")[1] or (None if "requested_list" not in row.values else ""),
        requested_by=cells.first_day(rows, "requested_by"), questions=tuple(_questions(rows)),
    )  # fmt: skip


def _questions(rows: list[Row]) -> list[str]:
    """All in one cell, which further rows may repeat, or one a row."""
    found: list[str] = []
    for row in rows:
        asked = list(filter(None, map(str.strip, row.get("questions").splitlines())))
        found += [question for question in asked if question not in found] if found else asked
    return found


def _is_asked(rows: list[Row]) -> bool:
    return any(row.get(code) for row in rows for code in OF_AN_ASK)


def _kind(cells: Cells, rows: list[Row], directory: Directory) -> AskKind:
    row, words = cells.first(rows, "kind")
    if not words:
        return directory.kinds[OTHER if _is_asked(rows) else REPLY]
    found = directory.kind(words)
    if found is None:
        cells.remark(
            row.number, "kind",
            f"Kind of ask: “{words[:60]}” is none we know, so it comes in as “{directory.kinds[OTHER]}”. {directory.kind_hint(words)}".rstrip(),
        )  # fmt: skip
    return found or directory.kinds[OTHER]


def parted(name: str) -> str:
    """What to say of a name that cannot be kept, where it may be several."""
    return " Several are parted by semicolons or line breaks, not by commas." if "," in name else ""


def bare_name(name: str) -> tuple[str, str]:
    """“Yahya Sinwar (person)” as the name and what it is; a company unless it says so."""
    stem, bracket, rest = name.rpartition(" (")
    kind = TARGET_KINDS.get(plain(rest.rstrip(")")))
    return (stem.strip(), kind.value) if bracket and kind else (name.strip(), "company")


def _target(cells: Cells, row: Row, name: str, directory: Directory) -> Target:
    bare, kind = bare_name(name)
    if problems := check_target(" ".join(bare.split()), kind):
        for problem in problems:
            cells.wrong(row.number, "targets", f"About: “{bare[:40]}”: {problem.message}{parted(bare)}")
        return Target(name=bare, kind=kind)
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
