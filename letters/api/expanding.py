"""`expand=`: what hangs on a row, given together with it. At most three names, and of each list twenty:
of asks the first, of all else the newest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from letters.api.links import Links

MOST = 3  # names in one request: each costs queries of its own, whatever the number of rows
EACH = 20  # of one list in one row; the rest is at the address of its own


@dataclass(frozen=True)
class Expansion:
    """One name. `find` gives the values of many rows, by the id of the row as text, in a fixed number of queries."""

    about: str
    find: Callable[[Sequence[Any], Links], Mapping[str, Any]]
    many: bool = True


def expand(
    expansions: Mapping[str, Expansion], names: Sequence[str], rows: Sequence[Any], shown: list[dict], links: Links
) -> list[dict]:
    """The rows as they are shown, each with `expanded`; `more` names the lists that are cut."""
    found = {name: expansions[name].find(rows, links) for name in names}
    whole = []
    for row, one in zip(rows, shown, strict=True):
        expanded: dict[str, Any] = {"more": []}
        for name in names:
            if not expansions[name].many:
                # taken from view since the rows were read: then it is not there, since the schema promises no null
                if (value := found[name].get(str(row.pk))) is not None:
                    expanded[name] = value
                continue
            values = found[name].get(str(row.pk), [])
            expanded[name] = values[:EACH]
            if len(values) > EACH:
                expanded["more"].append(name)
        whole.append({**one, "expanded": expanded})
    return whole
