"""What the OpenAPI document and the docs page say of each resource."""

from dataclasses import dataclass

from rest_framework.serializers import Serializer

from letters.api.shapes import office, public


@dataclass(frozen=True)
class About:
    """One resource: its words, and its shapes for each scope (None: not for keys of scope `released`)."""

    one: str
    many: str
    listing: str
    detail: str
    office: tuple[type[Serializer], type[Serializer]]  # in lists, in detail
    public: tuple[type[Serializer], type[Serializer]] | None


ABOUT: dict[str, About] = {
    "letters": About(
        "letter",
        "letters",
        "Letters that were sent, newest first. Letters entered in error are not listed; their address still answers.",
        "One letter with its text, its asks and what became of each.",
        (office.Letter, office.LetterDetail),
        (public.PublicLetter, public.PublicLetterDetail),
    ),
    "taskings": About(
        "tasking",
        "taskings",
        "One row for each ask as put to one agency, open and closed, by due date. Counts of open items are counts of "
        "`role=lead`; a date whose basis is `yardstick` is the office’s usual wait and not a deadline.",
        "One ask as put to one agency.",
        (office.Tasking, office.Tasking),
        (public.PublicTasking, public.PublicTasking),
    ),
    "agencies": About(
        "agency",
        "agencies",
        "Whoever can be asked, by short name: departments, their bureaus, independent agencies and others.",
        "One agency.",
        (office.Agency, office.Agency),
        (public.PublicAgency, public.PublicAgency),
    ),
    "legislators": About(
        "legislator",
        "legislators",
        "Members of Congress with their terms, by name.",
        "One member of Congress.",
        (public.Legislator, public.Legislator),
        (public.Legislator, public.Legislator),
    ),
    "targets": About(
        "target",
        "targets",
        "Companies, persons, vessels and programs that letters name, by name.",
        "One company, person, vessel or program.",
        (office.Target, office.Target),
        (public.PublicTarget, public.PublicTarget),
    ),
    "responses": About(
        "response",
        "responses",
        "What agencies said, newest first, and how it bears on which tasking. Keys of scope `office` only.",
        "One reply with its words.",
        (office.Response, office.ResponseDetail),
        None,
    ),
    "events": About(
        "event",
        "events",
        "Everything that happened, in an order that never changes. Keep `cursor` and send it as `after`: whoever "
        "follows it misses nothing and sees nothing twice. `next` is null when there is nothing more for now. Keys of "
        "scope `released` follow the public stream; entries of a letter that was taken back are no longer in it, only "
        "that it was withdrawn. A page may therefore be empty although `next` is not null: go by `next`.",
        "One event.",
        (office.Event, office.Event),
        (public.PublicEvent, public.PublicEvent),
    ),
}

SNAPSHOT = (
    "Everything a stream is about, as it was at one moment: `letters` with their asks and taskings, and for keys of scope "
    "`office` the `responses`. `cursor` continues exactly there: send it to `events/` as `after`, and you get what "
    "happened since, no more and no less. Take one to begin with, and after a 410. It is written while it is read, "
    "each row on a line of its own; one that was cut short is no JSON."
)

INTRODUCTION = (
    "Which asks of the office’s letters are outstanding, with whom, for how long, and what happened. Read-only JSON in "
    "UTF-8 with ISO 8601 dates. Send `Authorization: Bearer KEY`. A key of scope `office` reads every sent letter that "
    "is not restricted to named staff; a key of scope `released` reads public letters, and of each only what is public. "
    "Errors are problem details (RFC 9457). Unknown parameters are refused, never ignored. New fields and new event "
    "kinds may be added within version 1; nothing is renamed or taken away."
)
