"""Agencies for the public: no yardstick, and no company that only the office's own mail went to. Members are public."""

from collections.abc import Sequence
from dataclasses import replace

from letters.api.links import Links
from letters.api.office import reference as office
from letters.api.released.letters import visible_agencies
from letters.api.sources import Row


def agencies(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the public sees them."""
    return office.anybodys(rows, links, visible_agencies)


AGENCIES = replace(
    office.AGENCIES,
    visible=visible_agencies,
    columns=tuple(name for name in office.AGENCY_COLUMNS if name not in office.AGENCY_OFFICE),
    build=agencies,
)
MEMBERS = replace(office.MEMBERS, build=office.public_members)
