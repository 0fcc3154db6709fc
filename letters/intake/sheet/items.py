"""The agencies that rows put an ask to, and of which of them a row speaks: what it says came of the ask is one agency's word."""

from collections.abc import Callable
from dataclasses import replace

from letters.domain.aftermath import SentReply
from letters.domain.backlog import SentItem
from letters.enums import CLOSED_STATUSES, Status, TaskingRole
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE, ITEM
from letters.intake.sheet.csv_file import FORMULA
from letters.intake.sheet.more_time import CODES as MORE_TIME
from letters.intake.sheet.more_time import SentExtension
from letters.intake.sheet.names import split_parts
from letters.intake.sheet.outcomes import OF_A_REPLY, Outcome
from letters.intake.sheet.resolving import Directory
from letters.intake.sheet.statuses import SAYS, read_status
from letters.models import Agency, User

REPLY = ("reply_on", "reply_kind", "reply_from", "reply_text", "coverage", "stance", *OF_A_REPLY, *MORE_TIME)
STATUS = ("status", "status_on", "reason", "promised_on")
CAME = (*STATUS, *REPLY, "evidence", "evidence_on", "evidence_targets")  # what came of an item
WORDS = tuple(code for code, column in BY_CODE.items() if column.level == ITEM and code not in ("agency", "consulted"))
Items = dict[Agency, SentItem]


def take_items(cells: Cells, row: Row, items: Items, directory: Directory) -> tuple[list[Agency], list[Agency]]:
    """Put the agencies of a row into the items of its ask; which it names as responsible, and which as consulted."""
    owner, acting = _owner(cells, row, directory), _named(cells, row, "acting", directory)
    leads, consulted = _several(cells, row, "agency", directory), _several(cells, row, "consulted", directory)
    for agency in leads:
        new = _item(agency, owner, acting)
        if agency in items and items[agency].role == TaskingRole.LEAD:
            cells.remark(
                row.number, "agency",
                f"Agency: this ask is put to {agency} in an earlier row already; what this row says of it is added there.",
            )  # fmt: skip
            new = _joined(cells, row, items[agency], new)
        items[agency] = new
    for agency in consulted:
        items.setdefault(agency, SentItem(agency, TaskingRole.CONSULTED))
    return leads, consulted


def spoken_of(
    cells: Cells, row: Row, items: Items, leads: list[Agency], consulted: list[Agency], directory: Directory
) -> list[Agency]:
    """Whose word a row is: of the agencies it names, else of the one that the ask is put to.

    Where nobody knows, a finding, or for a mere note nobody: then it is one on the letter.
    """
    if leads or row.get("agency") or not any(row.get(code) for code in WORDS):
        return leads
    owed = [agency for agency, item in items.items() if item.role == TaskingRole.LEAD]
    if not owed:
        return []  # that a responsible agency is missing is said of the whole ask
    if len(owed) == 1 and not consulted:
        owner, acting = _owner(cells, row, directory), _named(cells, row, "acting", directory)
        items[owed[0]] = _joined(cells, row, items[owed[0]], _item(owed[0], owner, acting))
        return owed
    if any(row.get(code) for code in CAME):
        cells.wrong(
            row.number, "agency",
            f"Agency: missing in this row, so nobody knows whose reply or status this is. The ask is put to {_list(owed)}: name one.",
        )  # fmt: skip
    return []


def words_on(
    cells: Cells, row: Row, agencies: list[Agency], replier: Callable[[str], Agency | None]
) -> list[tuple[Agency, Row]]:
    """The row as it speaks of each of its agencies. A reply is one agency's, and so is what only an agency can do: of
    several, the one that “Reply from” names.
    """
    status = read_status(row.get("status"))
    is_theirs = status in SAYS or status == Status.IMPLEMENTED
    if len(agencies) < 2 or not (is_theirs or row.get("reply_on")):
        return [(agency, row) for agency in agencies]
    found = replier(row.get("reply_from")) if row.get("reply_from") else None
    its = next((one for one in agencies if found and (one.includes(found) or found.includes(one))), None)
    if its:
        others = [agency for agency in agencies if agency != its]
        open_are = f"; {_list(others)} {'comes' if len(others) == 1 else 'come'} in as open" if is_theirs else ""
        cells.remark(
            row.number, "agency",
            f"Agency: what the agency said or did is taken as {its}’s alone, as “{BY_CODE['reply_from'].label}” says{open_are}. Give each "
            "agency a row to say more of them.",
        )  # fmt: skip
        alone = row if row.get("reply_on") else _without(row, ("reply_from",))
        return [(one, alone if one == its else _without(row, CAME if is_theirs else REPLY)) for one in agencies]
    if row.get("reply_on"):
        cells.wrong(
            row.number, "reply_from",
            f"Reply from: this row names {_list(agencies)}, and a reply is one agency’s. Write here which of them replied, or give each agency a row.",
        )  # fmt: skip
        return []
    cells.remark(
        row.number, "status",
        f"Status: “{row.get('status')[:60]}” does not say which of {_list(agencies)} did so. The items come in as open; fill "
        f"“{BY_CODE['reply_from'].label}” with one of them, or give each agency a row.",
    )  # fmt: skip
    return [(agency, _without(row, (*STATUS, *REPLY))) for agency in agencies]


def settled(cells: Cells, outcomes: list[Outcome], rows: list[Row]) -> list[Outcome]:
    """Several rows on one item as what they say together: each reply, proof and note once, and the last status."""
    of_items: dict[tuple[int, Agency], list[Outcome]] = {}
    for one in outcomes:
        of_items.setdefault((one.ask, one.agency), []).append(one)
    words = {row.number: row.get("status")[:60] for row in rows}
    return [one for group in of_items.values() for one in (_together(cells, group, words) if group[1:] else group)]


def _together(cells: Cells, group: list[Outcome], words: dict[int, str]) -> list[Outcome]:
    moved = [one for one in group if one.status != Status.AWAITING]
    # every one that moves has its day
    last = max(moved, key=lambda one: (str(one.happened_on), one.status in CLOSED_STATUSES, one.row), default=None)
    last_time = max((one.extension for one in group if one.extension), key=lambda one: (one.on, one.to), default=None)
    replies: dict[SentReply, SentReply] = {}  # as rows tell of it again, whatever kind each takes it for
    proofs, notes = set(), set()
    times: set[SentExtension | None] = set()
    found = []
    for one in sorted(group, key=lambda one: (one is not last, one.coverage is None, one.row)):
        if last and one is not last and one.status != Status.AWAITING:
            if one.status != last.status:
                cells.remark(
                    one.row, "status",
                    f"Status: “{words[one.row]}” here, “{words[last.row]}” in row {last.row} for the same item. The later one counts.",
                )  # fmt: skip
            one = replace(one, status=Status.AWAITING)
        if one.reply and (first := replies.setdefault(replace(one.reply, kind=""), one.reply)) is not one.reply:
            same = replace(one.evidence, reply=first) if one.evidence and one.evidence.reply else one.evidence
            one = replace(one, reply=None, evidence=same)
        if one.extension != last_time or last_time in times:
            one = replace(one, extension=None)  # the last one counts, once
        if one.evidence in proofs:
            one = replace(one, evidence=None)
        if one.note in notes:
            one = replace(one, note="")
        proofs.add(one.evidence)
        times.add(one.extension)
        notes.add(one.note)
        found.append(one)
    return [one for one in sorted(found, key=lambda one: one.row) if one.says]


def only_note(row: Row, ask: int, agency: Agency) -> list[Outcome]:
    """Of one that owes nothing, nothing but a note is kept."""
    return [Outcome(row.number, ask, agency, note=row.get("note"))] if row.get("note") else []


def _without(row: Row, codes: tuple[str, ...]) -> Row:
    return Row(row.number, {code: "" if code in codes else value for code, value in row.values.items()})


def _list(agencies: list[Agency]) -> str:
    return " and ".join(filter(None, (", ".join(str(one) for one in agencies[:-1]), str(agencies[-1]))))


def _item(agency: Agency, owner: User | None, acting: Agency | None) -> SentItem:
    bureau = acting if acting and (agency.includes(acting) or acting.pk != agency.pk) else None
    return SentItem(agency, TaskingRole.LEAD, bureau, owner)


def _joined(cells: Cells, row: Row, there: SentItem, new: SentItem) -> SentItem:
    """An item with what a later row says of it; what is said already stays."""
    for code, first, second in (("owner", there.owner, new.owner), ("acting", there.acting, new.acting)):
        if first and second and first != second:
            label = BY_CODE[code].label
            cells.remark(
                row.number, code, f"{label}: {second} here, {first} in an earlier row of this item. The first counts."
            )
    return replace(there, owner=there.owner or new.owner, acting=there.acting or new.acting)


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
