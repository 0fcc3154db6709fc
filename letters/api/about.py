"""What the OpenAPI document and the docs page say of each resource."""

from dataclasses import dataclass

from rest_framework.serializers import Serializer

from letters.api.shapes import beside, office, public, work


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
        "One ask as put to one agency, with why its dates are what they are.",
        (office.Tasking, office.TaskingDetail),
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
    "evidence": About(
        "evidence",
        "pieces_of_evidence",
        "What proves outcomes, newest first. Keys of scope `office` only.",
        "One piece of evidence.",
        (work.Evidence, work.Evidence),
        None,
    ),
    "contacts": About(
        "contact",
        "contacts",
        "The office’s own calls, e-mails and meetings, newest first. Keys of scope `office` only.",
        "One contact.",
        (work.Contact, work.Contact),
        None,
    ),
    "notes": About(
        "note",
        "notes",
        "Internal notes about letters and items, newest first. Keys of scope `office:write` only.",
        "One note.",
        (beside.Note, beside.Note),
        None,
    ),
    "attachments": About(
        "attachment",
        "attachments",
        "Files kept with letters and replies, newest first. Keys of scope `office` only.",
        "One file: what it is, and where its bytes are.",
        (beside.Attachment, beside.Attachment),
        None,
    ),
    "officials": About(
        "official",
        "officials",
        "Who holds or held which post, by name. Keys of scope `office` only.",
        "One official.",
        (beside.Official, beside.Official),
        None,
    ),
    "kinds": About(
        "kind",
        "kinds",
        "Kinds of ask with what each proposes, by code. Keys of scope `office` only.",
        "One kind of ask.",
        (beside.Kind, beside.Kind),
        None,
    ),
    "statutes": About(
        "statute",
        "statutes",
        "Laws that give an agency so many days, by name; a person says which ask started one. Keys of scope `office` only.",
        "One such law.",
        (beside.Statute, beside.Statute),
        None,
    ),
    "closures": About(
        "closure",
        "closures",
        "Days that do not count as business days, besides weekends. Keys of scope `office` only.",
        "One such day.",
        (beside.Closure, beside.Closure),
        None,
    ),
    "drafts": About(
        "draft",
        "drafts",
        "Letters that were not sent yet, newest first. Keys of scope `office:write` only.",
        "One draft with its text and what it asks of whom.",
        (beside.Draft, beside.DraftDetail),
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
    "`office` the `responses`, the `evidence` and our `contacts`. `cursor` continues exactly there: send it to `events/` as `after`, and you get what "
    "happened since, no more and no less. Take one to begin with, and after a 410. It is written while it is read, "
    "each row on a line of its own; one that was cut short is no JSON."
)

INTRODUCTION = (
    "Which asks of the office’s letters are outstanding, with whom, for how long, and what happened. JSON in "
    "UTF-8 with ISO 8601 dates. Send `Authorization: Bearer KEY`. A key of scope `office` reads every sent letter that "
    "is not restricted to named staff; a key of scope `office:write` also writes, in the name of one person and with that "
    "person’s rights; a key of scope `released` reads public letters, and of each only what is public. "
    "Errors are problem details (RFC 9457). Unknown parameters are refused, never ignored. New fields and new event "
    "kinds may be added within version 1; nothing is renamed or taken away."
)
