"""The headline sentence in parts, as queue, dashboard and the weekly list say it: who draws it adds the links."""

from dataclasses import dataclass

from letters.domain.deadlines import count
from letters.domain.worklists import Headline
from letters.enums import Basis

SET_BY_SOMEBODY = (
    (Basis.LETTER, "past a date the letter set"),
    (Basis.PROMISE, "past a date they promised"),
    (Basis.STATUTE, "past a date the law sets"),
)


@dataclass(frozen=True)
class Part:
    """Words; what the list behind them is narrowed by (None: no list), and how many items it has (None: not said)."""

    text: str
    number: int | None = None
    narrowed: dict[str, str] | None = None
    table: str = ""  # asks and agencies have lists of their own
    co_signed: bool = False  # counted among letters that we only co-signed


def parts(counts: Headline, *, of_ours: bool = True) -> list[Part]:
    """The sentence; `of_ours`: it counts letters that we led or follow, and says what it leaves out."""
    left_out = _co_signed(counts) if of_ours and counts.co_signed else []
    if not counts.open:
        of = " on letters we led or follow" if left_out else ""
        return [Part(f"Nothing is outstanding{of}."), *left_out]
    agencies = "1 agency" if counts.agencies == 1 else f"{counts.agencies:,} agencies"
    said = [
        Part(count(counts.open, "open item"), counts.open, {}),
        Part(" from "),
        Part(count(counts.asks, "ask"), counts.asks, {}, table="ask"),
        Part(", with "),
        Part(agencies, counts.agencies, {}, table="agency"),
        Part(". "),
    ]
    for place, clause in enumerate(_late(counts)):
        said += [*([Part("; ")] if place else []), *clause]
    said.append(Part(". "))
    if counts.unread:
        replies = "1 item has a reply" if counts.unread == 1 else f"{counts.unread:,} items have a reply"
        said += [Part(f"{replies} not yet read", counts.unread, {"unread": "true"}), Part(".")]
    else:
        said.append(Part("None has a reply not yet read."))
    return said + left_out


def sentence(counts: Headline, *, of_ours: bool = True) -> str:
    """The same as plain words."""
    return "".join(part.text for part in parts(counts, of_ours=of_ours))


def _late(counts: Headline) -> list[list[Part]]:
    """A clause for each basis, never added up: a yardstick is not a deadline."""
    clauses = [
        [Part(f"{counts.late[basis]:,} {words}", counts.late[basis], {"late": basis.value})]
        for basis, words in SET_BY_SOMEBODY
        if counts.late[basis]
    ]
    if not counts.late[Basis.LETTER]:
        clauses.insert(0, [Part("None is past a date the letter set")])
    waiting, oldest = counts.late[Basis.YARDSTICK], counts.oldest[Basis.YARDSTICK]
    if waiting and oldest:
        late = {"late": Basis.YARDSTICK.value}
        longest = count(counts.longest[Basis.YARDSTICK], "day")
        clauses.append(
            [
                Part(f"{waiting:,} {'has' if waiting == 1 else 'have'} waited past our usual wait", waiting, late),
                Part(", the longest "),
                Part(longest, None, {**late, "due_before": oldest.isoformat()}),
            ]
        )
    return clauses


def _co_signed(counts: Headline) -> list[Part]:
    one = counts.co_signed == 1
    more = f"{counts.co_signed:,} more" if counts.open else count(counts.co_signed, "open item")
    said = f"{more} is on a letter" if one else f"{more} are on letters"
    return [Part(" "), Part(f"{said} we only co-signed", counts.co_signed, {}, co_signed=True), Part(".")]
