"""A letter as somebody means it, read from what they typed and not yet in the record. Pure data.

Each part knows the `key` it has on the page, so that a refusal lands beside the field it is about; an addressee and an ask also
the id of their `row`, which may be one that was copied from another letter (`logged_anew`).
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlannedSigner:
    """`bioguide` with `confirmed` False is a proposal; without one the name is kept as printed, with printed `state` (code) and `party`."""

    key: str
    printed_name: str
    printed_title: str = ""
    bioguide: str = ""
    confirmed: bool = False
    lead: bool = False
    state: str = ""
    party: str = ""
    doubt: str = ""  # what speaks against the one who is proposed


@dataclass(frozen=True)
class PlannedAddressee:
    key: str
    agency: str
    printed_name: str
    printed_title: str = ""
    address: str = ""
    official: str = ""
    delivery: str = "to"
    row: str = ""


@dataclass(frozen=True)
class PlannedTarget:
    """One we know by its `slug`, or a new one by its name and kind."""

    key: str
    slug: str = ""
    name: str = ""
    kind: str = ""
    parent: str = ""


@dataclass(frozen=True)
class PlannedAsk:
    key: str
    kind: str
    quote: str = ""
    summary: str = ""
    targets: tuple[PlannedTarget, ...] = ()
    responsible: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    acting: str = ""
    instrument: str = ""
    requested_list: str = ""
    requested_by: dt.date | None = None
    questions: tuple[str, ...] = ()
    row: str = ""


@dataclass(frozen=True)
class Plan:
    """The whole letter. `facts` are fields of `drafting.EDITABLE`; topics are names, old or new; staff are usernames."""

    facts: dict[str, Any]
    sent_on: dt.date | None = None
    topics: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    signers: tuple[PlannedSigner, ...] = ()
    addressees: tuple[PlannedAddressee, ...] = ()
    asks: tuple[PlannedAsk, ...] = field(default=())
