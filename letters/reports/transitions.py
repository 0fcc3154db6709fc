"""The table of transitions in words, and grouped so that a picture of it can be read. Pure: data in, text out.

A graph with an arrow for each move is a black square. So moves that differ only in interchangeable statuses
become one block, "any of these to any of those"; together the blocks say exactly what the table says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from letters.domain.transitions import NEED_WORDS
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Status

Table = Mapping[Status, Sequence[Status]]
Needs = Mapping[Status, Sequence[str]]
Statuses = tuple[Status, ...]

DRAFT, OPEN, CLOSED = "draft", "open", "closed"


@dataclass(frozen=True)
class Block:
    """Any of `sources` to any of `targets` (never to itself)."""

    sources: Statuses
    targets: Statuses

    def moves(self) -> set[tuple[Status, Status]]:
        return {(source, target) for source in self.sources for target in self.targets if source is not target}


def moves(table: Table) -> set[tuple[Status, Status]]:
    """Every allowed move."""
    return {(source, target) for source, targets in table.items() for target in targets}


def groups(table: Table) -> dict[str, Statuses]:
    """The statuses by what they mean for the clock, in the order of the vocabulary."""
    known = {OPEN: OPEN_STATUSES, CLOSED: CLOSED_STATUSES}
    found: dict[str, list[Status]] = {DRAFT: [], OPEN: [], CLOSED: []}
    for status in Status:
        if status in table:
            found[next((name for name, members in known.items() if status in members), DRAFT)].append(status)
    return {name: tuple(members) for name, members in found.items()}


def cells(table: Table, members: Statuses) -> list[Statuses]:
    """`members` split into statuses that the table treats alike: to swap two of a cell changes nothing."""
    allowed = moves(table)
    found: list[list[Status]] = []
    for status in members:
        for cell in found:
            if _alike(status, cell[0], allowed, table):
                cell.append(status)
                break
        else:
            found.append([status])
    return [tuple(cell) for cell in found]


def _alike(one: Status, other: Status, allowed: set[tuple[Status, Status]], table: Table) -> bool:
    swap = {one: other, other: one}
    swapped = {(swap.get(source, source), swap.get(target, target)) for source, target in allowed}
    return swapped == allowed


def is_free(cell: Statuses, table: Table) -> bool:
    """Whether any status of the cell may follow any other of it."""
    return len(cell) > 1 and all(b in table[a] and a in table[b] for a, b in combinations(cell, 2))


def blocks(table: Table) -> list[Block]:
    """The fewest blocks this finds, larger ones first, that together are the table: no move twice, none left out."""
    parts = {name: cells(table, members) for name, members in groups(table).items()}
    ends = [(name, members) for name, members in groups(table).items() if len(parts[name]) > 1]
    ends += [(name, cell) for name, found in parts.items() for cell in found]
    candidates = [
        Block(sources, targets)
        for from_name, sources in ends
        for to_name, targets in ends
        # within a group an arrow goes from cell to cell: a box has none to its own inside
        if from_name != to_name or (sources in parts[from_name] and targets in parts[to_name])
    ]
    left = moves(table)
    chosen = []
    for block in sorted(candidates, key=lambda block: -len(block.moves())):
        if (covered := block.moves()) and covered <= left:
            chosen.append(block)
            left -= covered
    if left:
        raise AssertionError(f"no block for {sorted(left)}")
    return chosen


def following_words(status: Status, table: Table) -> str:
    """What may follow, for a reader: whole groups by name, the rest one by one."""
    following = table[status]
    words = []
    for name, members in groups(table).items():
        others = [member for member in members if member is not status]
        found = [member for member in others if member in following]
        if len(others) > 1 and found == others:
            words.append(f"any {'other ' if status in members else ''}{name} status")
        else:
            words += [f"`{member.value}`" for member in found]
    return ", ".join(words) or "nothing"


def needs_words(status: Status, needs: Needs) -> str:
    """What must be there before a status may be entered."""
    return " and ".join(NEED_WORDS.get(need, need) for need in needs.get(status, ()))


def as_markdown(table: Table, needs: Needs) -> str:
    """The table for docs/transitions.md."""
    lines = [
        "<!-- Made by `manage.py draw_transitions` from letters/domain/transitions.py. Change it there. -->",
        "# Which status may follow which",
        "",
        f"{len(table)} statuses and {len(moves(table))} moves. Anything else is refused, but for two things. A change of many items that is undone never happened, and gives each its former status back (`putting_back.put_back`). And taking back a mistaken reply lets an open item that nothing else moved wait again (`workflow.wait_again`). The database refuses, besides, a status that lacks its event or its proof.",
        "",
        "![Draft, open and closed statuses, and the moves between them; the table below says the same](transitions.svg)",
        "",
    ]
    titles = {DRAFT: "Before sending", OPEN: "Open", CLOSED: "Closed"}
    for name, members in groups(table).items():
        if not members:
            continue
        lines += [f"## {titles[name]}", "", "| code | on screen | to enter it | what may follow |", "|---|---|---|---|"]
        lines += [
            f"| `{status.value}` | {status.label} | {needs_words(status, needs)} | {following_words(status, table)} |"
            for status in members
        ]
        lines.append("")
    lines += [
        "Besides:",
        "",
        "- To leave a closed status needs a reason, whatever it goes to.",
        "- An acknowledgment of receipt is no reply in this sense: it proves neither `answered` nor `declined`.",
        "- The kind of ask decides the word of success: `answered` for asks for words (a briefing, documents, a reply), "
        "`implemented` for asks for deeds (a listing, a license refused). Some kinds may end in either.",
        "- `transferred` reopens only once the item it was passed to is withdrawn.",
        "- An item does not reopen while the same ask is open at the same agency in another item.",
        "- A consulted agency's item owes nothing and ends with the last responsible item of its ask.",
    ]
    return "\n".join(lines) + "\n"
