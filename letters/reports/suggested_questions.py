"""What to ask about an open item, by one printed table: from where it stands and what kind of ask it is.

Pure: no models, no clock. A question names no fact but those of the record that fill its braces, and decides nothing:
it is a line to begin with. `docs/questions.md` is made from here.
"""

import datetime as dt
from dataclasses import dataclass

from letters.domain.deadlines import long_date
from letters.enums import PAUSED_STATUSES, Basis, Status
from letters.reports.sayings import HAS_LETTER, LOOKS, REPLY, TAKES_NONE, TOLD, YOU, say

# Where an item stands, in the order in which they are looked for: the first that fits counts.
UNREAD, OURS, PAST, AHEAD, NO_POSITION, REFUSED, QUESTIONS, REPLIED, PARTLY, LOOKING, RECEIVED, AGAIN, SILENT = (
    "unread", "with_us", "promise_past", "promise_ahead", "no_position", "refused", "questions_left", "replied", "partly", "looking", "received", "again", "silent",
)  # fmt: skip
PLACES: dict[str, str] = {
    UNREAD: "a reply is not read yet",
    OURS: "waiting on us",
    PAST: "promised, the date has passed",
    AHEAD: "promised, the date is ahead",
    NO_POSITION: "they take no position",
    REFUSED: "refused, and open again",
    QUESTIONS: "some questions are answered, others not",
    REPLIED: "a substantive reply came, and the item is still open",
    PARTLY: "partly done",
    LOOKING: "looking into it",
    RECEIVED: "receipt acknowledged",
    AGAIN: "a reply came, and it was asked again",
    SILENT: "no reply recorded",
}


@dataclass(frozen=True)
class Line:
    """`kinds`: codes of kinds of ask; empty: any kind that no line above names."""

    place: str
    kinds: tuple[str, ...]
    question: str


# By the name of the brace, what is said of whoever said it.
SAYINGS = {"told": TOLD, "takes_none": TAKES_NONE, "looks": LOOKS, "has_letter": HAS_LETTER, "reply": REPLY}
LISTINGS = ("sanction", "entity_list", "ns_cmic", "listing_other")
TABLE: tuple[Line, ...] = (
    Line(UNREAD, (), "Read the reply received {day} before you ask."),
    Line(OURS, (), "This one waits on us: have we sent what they asked for? If not, say by when they will have it."),
    Line(PAST, (), "{told} to expect this by {day}. Where does it stand?"),
    Line(AHEAD, (), "{told} to expect this by {day}. Does that date hold?"),
    Line(NO_POSITION, (), "{takes_none} on this. What would be needed to take one, and by when?"),
    Line(REFUSED, (), "The reply of {day} refused this, and we still ask it. What would have to change for another answer?"),
    Line(QUESTIONS, (), "{left} of our {asked} questions {are} not answered yet. When may we expect the rest?"),
    Line(REPLIED, LISTINGS, "We have {reply} of {day}. What would have to be shown for the listing itself, and who decides?"),
    Line(REPLIED, (), "We have {reply} of {day}. What is left to be done, and by when?"),
    Line(PARTLY, (), "Part of this is done. What is left, and by when?"),
    Line(LOOKING, LISTINGS, "{looks} this listing. Which office has it, and what is the next step?"),
    Line(LOOKING, (), "{looks} this. What has been found so far, and when may we expect a reply?"),
    Line(RECEIVED, (), "{has_letter}. Has anybody been assigned this request, and when may we expect a reply?"),
    Line(AGAIN, (), "We have {reply} of {day} and have asked again. What has changed since, and when may we expect an answer?"),
    Line(SILENT, LISTINGS, "Has this listing been taken up, by which office, and when may we expect a reply?"),
    Line(SILENT, ("license_denial",), "Who reviews these licenses, and when may we expect a reply?"),
    Line(SILENT, ("briefing",), "Whom do we call to set a day for this briefing?"),
    Line(SILENT, ("documents",), "Has the search for these documents begun, and when may we expect the first of them?"),
    Line(SILENT, ("written_answers",), "Who drafts the answers to our questions, and when may we expect them?"),
    Line(SILENT, ("audit_request",), "Has this request been accepted, and when would the work begin?"),
    Line(SILENT, (), "Has anybody been assigned this request, and when may we expect a reply?"),
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What is known of one open item, as of the day of the meeting."""

    status: str
    kind: str  # code of the kind of ask
    due_on: dt.date | None = None
    due_basis: str | None = None
    unread_on: dt.date | None = None  # the day a reply came that nobody has read
    replied_on: dt.date | None = None
    takes_no_position: bool = False
    refused_on: dt.date | None = None  # the day the last reply came, where it says no
    again_on: dt.date | None = None  # of one that was asked again, the day the last reply came
    # whose word it is, as `speakers.who` says: the promise, the status, that they take no position, the reply
    promised_by: str = YOU
    moved_by: str = YOU
    none_by: str = YOU
    replied_by: str = YOU
    again_by: str = YOU
    questions: int = 0
    questions_left: int = 0


def place(item: Standing, on: dt.date) -> str:
    """Where it stands: the first of PLACES that fits."""
    promised = item.due_on if item.due_basis == Basis.PROMISE else None
    fits = {
        UNREAD: item.unread_on is not None,
        OURS: item.status in PAUSED_STATUSES,
        PAST: promised is not None and promised < on,
        AHEAD: promised is not None,
        NO_POSITION: item.takes_no_position,
        REFUSED: item.refused_on is not None,
        QUESTIONS: 0 < item.questions_left < item.questions,
        REPLIED: item.replied_on is not None,
        PARTLY: item.status == Status.PARTLY_ADDRESSED,
        LOOKING: item.status == Status.CONSIDERING,
        RECEIVED: item.status == Status.ACKNOWLEDGED,
        AGAIN: item.again_on is not None,
        SILENT: True,
    }
    return next(name for name in PLACES if fits[name])


def question(item: Standing, on: dt.date) -> str:
    """What to ask, as of the day of the meeting."""
    where = place(item, on)
    line = next(one for one in TABLE if one.place == where and (not one.kinds or item.kind in one.kinds))
    days = {
        UNREAD: item.unread_on,
        PAST: item.due_on,
        AHEAD: item.due_on,
        REFUSED: item.refused_on,
        REPLIED: item.replied_on,
        AGAIN: item.again_on,
    }
    day = days.get(where)
    whose = {
        PAST: item.promised_by, AHEAD: item.promised_by, NO_POSITION: item.none_by, REPLIED: item.replied_by, LOOKING: item.moved_by,
        RECEIVED: item.moved_by, AGAIN: item.again_by,
    }  # fmt: skip
    who = whose.get(where, YOU)
    return line.question.format(
        **{name: say(saying, who) for name, saying in SAYINGS.items()},
        day=long_date(day) if day else "",
        left=f"{item.questions_left:,}",
        asked=f"{item.questions:,}",
        are="is" if item.questions_left == 1 else "are",
    )


def as_markdown() -> str:
    """The table for docs/questions.md."""
    said = [f"| `{{{name}}}` | {one.you} | {one.another} | {one.nobody} |" for name, one in SAYINGS.items()]
    body = [f"| {PLACES[one.place]} | {', '.join(one.kinds) or 'any other'} | {one.question} |" for one in TABLE]
    return "\n".join(
        [
            "<!-- Made by `manage.py draw_transitions` from letters/reports/suggested_questions.py. Change it there. -->",
            "# What to ask about an open item",
            "",
            "A meeting brief suggests one question for each open item: the first line that fits. `{day}`, `{left}`, "
            "`{asked}` and `{are}` are filled from the record, the others by whose word it is, as below. It is a line to begin with, and never in the version that is handed over.",
            "",
            "| it stands at | kind of ask | ask |",
            "|---|---|---|",
            *body,
            "",
            "| it says | of the agency one meets | of another, by its name | where no reply says so |",
            "|---|---|---|---|",
            *said,
            "",
        ]
    )
