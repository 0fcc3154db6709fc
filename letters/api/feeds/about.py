"""The standard feeds: what each is, which parameters it takes, and what the OpenAPI document says of it."""

from dataclasses import dataclass

from letters.api.parameters import Parameter

BEFORE = Parameter("before", "cursor", "Older changes; taken from the link “next”, which carries it.")


@dataclass(frozen=True)
class About:
    """One file. `fixed`: filters of the list of items whose value is the feed's own; None where it takes none of them."""

    name: str
    title: str
    about: str
    content_type: str
    fixed: tuple[str, ...] | None = ()


STATUS = About(
    "status.atom",
    "Changes of status, as Atom",
    "Newest first, 100 a page; older ones by the link `next`.",
    "application/atom+xml; charset=utf-8",
    None,
)
DATES = About(
    "dates.ics",
    "Dates, as iCalendar",
    "The day of each open item whose clock runs, with what it rests on; for keys of scope `released`, only days that "
    "letters set.",
    "text/calendar; charset=utf-8",
    ("state", "running"),
)
TABLE = "text/csv; charset=utf-8; header=present"
ROWS = (
    "UTF-8 with a heading; words that look like a formula begin with an apostrophe. Row by row: one that breaks off ends "
    "without its last chunk."
)
OPEN = About("open.csv", "Open items, as CSV", f"The soonest date first. {ROWS}", TABLE, ("state",))
EVERYTHING = About("everything.csv", "All items, as CSV", f"Open and closed ones, in no order. {ROWS}", TABLE)
FEEDS = (STATUS, DATES, OPEN, EVERYTHING)
