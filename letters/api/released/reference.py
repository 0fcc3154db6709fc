"""Agencies for the public: no yardstick, and no company that only the office's own mail went to. Members are public."""

from dataclasses import replace

from letters.api.office import reference as office
from letters.api.released.letters import visible_agencies

AGENCIES = replace(
    office.AGENCIES,
    visible=visible_agencies,
    columns=tuple(name for name in office.AGENCY_COLUMNS if name not in office.AGENCY_OFFICE),
    build=office.public_agencies,
)
MEMBERS = replace(office.MEMBERS, build=office.public_members)
