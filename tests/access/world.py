"""One office with three letters, each with one of everything, and words that stand nowhere but in one of them."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from letters.domain import (
    bulk,
    drafting,
    files,
    items,
    letter_desk,
    replies,
    reporting,
    saved_views,
    sending,
    worksheets,
)
from letters.domain.feed import current_epoch
from letters.domain.history import acting, settle
from letters.domain.keys import create_key
from letters.enums import Role
from letters.intake.sheet import batches, checking
from letters.intake.typed import empty
from letters.models import (
    Addressee,
    Answer,
    Attachment,
    BulkChange,
    Contact,
    Event,
    Evidence,
    ImportBatch,
    Legislator,
    Letter,
    LetterLink,
    Note,
    Response,
    SavedView,
    Target,
    Tasking,
    User,
    Worksheet,
)
from letters.report_maker import make_reports
from tests import factories
from tests.notices import notice

BY = factories.SETUP
# Stands in every letter, so that a search finds them all: which it may show is the question.
SHARED = "Sharedquokka"
# Where a word of a letter can stand. Each gets a word of its own, so that a leak says where it is from.
PLACES = (
    *("subject", "text", "signer", "addressee", "address", "control", "summary", "quote", "question", "target"),
    *("note", "itemnote", "reply", "replyquote", "responder", "replycontrol", "contact", "withwhom", "citation"),
    *("filename", "filebytes", "amendment", "reason", "leadcontact", "behalf", "sheet", "sheettext", "imported"),
)


def word(mark: str, place: str) -> str:
    """The word that stands in this place of this letter, and nowhere else."""
    return f"{mark}zz{place}"


@dataclass
class Bundle:
    """One letter and one of everything that hangs on it. `mark` begins each of its words."""

    mark: str
    letter: Letter
    item: Tasking
    answer: Answer
    response: Response
    note: Note
    contact: Contact
    evidence: Evidence
    attachment: Attachment
    addressee: Addressee
    target: Target
    event: Event
    member: Legislator
    change: BulkChange
    sheet: Worksheet
    batch: ImportBatch
    link: LetterLink | None = None
    view: SavedView | None = None
    words: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """By what else it could be known: its number and ids."""
        rows = (self.letter, self.item, self.answer, self.response, self.attachment, self.evidence, self.sheet)
        return [self.letter.reference, *(str(row.pk) for row in rows)]


@dataclass
class World:
    """Who works here, with which keys. `restricted` is made by `hide`, later: what shows before and after is compared."""

    people: dict[str, User]
    keys: dict[str, str]
    own: Bundle
    other: Bundle
    restricted: Bundle | None = None

    def hide(self) -> None:
        """Write one more letter, for one named person and managers only, with one of everything."""
        self.restricted = bundle(
            "Hidden", access="restricted", staff=[self.people["named"]], owner=self.people["named"]
        )
        self.restricted.link = linked(self.restricted, self.other)
        tell(self.people, self.restricted.item)


def make() -> World:
    """An office of five and two keys, with two letters open to everybody in it; one of them is public."""
    people = {role.value: factories.user(role) for role in Role}
    people["named"] = factories.user(Role.STAFF, "named")
    keys = {scope: create_key(f"TEST {scope}", scope=scope, by=BY) for scope in ("office", "released")}
    own = bundle("Ownzz", staff=[people["staff"]], owner=people["staff"])
    other = bundle("Otherzz", owner=people["named"])
    own.link, other.link = linked(own, other), linked(other, own)
    own.view = saved_views.save_view(by=people["staff"], name="TEST view", query="state=all", shared=True)
    sending.release(other.letter, by=BY)
    settle()
    other.event = other.letter.events.latest("sequence")
    current_epoch()
    reporting.the_schedule(by=BY, now=timezone.now() - dt.timedelta(days=8))
    make_reports()
    for one in (own, other):
        tell(people, one.item)
    return World(people, keys, own, other)


def tell(people: dict[str, User], item: Tasking) -> None:
    """Everybody was told of the item: who may no longer see its letter was, too."""
    for person in people.values():
        notice(item, person)


def linked(one: Bundle, to: Bundle) -> LetterLink:
    return letter_desk.link_letters(one.letter, by=BY, to=to.letter, kind="follow_up_to")


def bundle(mark: str, *, owner: User, **facts) -> Bundle:
    """A sent letter with a reply, an answer, evidence, notes, a contact, a file and a correction."""
    w = {place: f"{word(mark, place)} {SHARED}" for place in PLACES}
    target = factories.target(f"TEST {word(mark, 'target')} Company")
    letter = factories.draft(
        subject=f"TEST {w['subject']}", text=f"TEST {w['text']}", signers=[f"TEST {w['signer']}"], agencies=[],
        lead_office_contact=w["leadcontact"], on_behalf_of=w["behalf"], **facts,
    )  # fmt: skip
    addressee = drafting.address(
        letter, by=BY, agency=factories.agency("treasury"), printed_name=w["addressee"], address_lines=w["address"]
    )
    factories.ask(
        letter, "treasury", kind_code="written_answers", summary=w["summary"], quote=w["quote"],
        targets=[target], questions=[w["question"]],
    )  # fmt: skip
    letter = sending.send_letter(letter, by=BY, sent_on=factories.SENT_ON)
    item = Tasking.objects.get(ask__letter=letter)
    with acting(BY):
        Addressee.objects.filter(pk=addressee.pk).update(control_number=word(mark, "control"))
    response = replies.record_response(
        by=BY, agency=item.agency, kind="interim", received_on=factories.SENT_ON + dt.timedelta(days=7), responder=w["responder"],
        text=w["reply"], control_number=word(mark, "replycontrol"),
        bearings=[replies.Bearing(item, quote=w["replyquote"])],
    )  # fmt: skip
    note = items.add_note(by=BY, letter=letter, text=w["note"])
    items.add_note(by=BY, letter=letter, tasking=item, text=w["itemnote"])
    contact = items.log_contact(
        by=BY, agency=item.agency, taskings=[item], channel="call", outcome=w["contact"], with_whom=w["withwhom"],
        on=factories.SENT_ON + dt.timedelta(days=9),
    )  # fmt: skip
    evidence = replies.add_evidence(item, by=BY, kind="federal_register", citation=w["citation"], targets=[target])
    change = bulk.apply([(item, None)], by=owner, change=bulk.Change("assign", owner=owner)).change
    sending.amend(letter, by=BY, reason=w["reason"], lead_office_contact=w["amendment"])
    mail = f"From: test@example.invalid\nTo: test@example.invalid\nDate: Tue, 2 May 2023 12:00:00 -0400\nSubject: TEST\n\n{w['filebytes']}\n"
    attachment = files.attach(by=BY, letter=letter, name=f"{word(mark, 'filename')}.eml", file=mail.encode())
    access = facts.get("access", "office")
    typed = empty() | {"subject": w["sheet"], "text": w["sheettext"], "access": access}
    sheet = worksheets.save_worksheet(None, by=owner, typed=typed)
    batch = imported(f"TEST {w['imported']}", owner)
    settle()
    item = Tasking.objects.select_related("ask__letter", "agency").get(pk=item.pk)
    return Bundle(
        mark, Letter.objects.get(pk=letter.pk), item, response.answers.get(), response, note, contact, evidence, attachment,
        addressee, target, letter.events.latest("sequence"), Legislator.objects.order_by("bioguide").first(), change, sheet, batch,
        words=[word(mark, place) for place in PLACES],
    )  # fmt: skip


def imported(subject: str, owner: User) -> ImportBatch:
    """A spreadsheet of one row, checked and not imported."""
    data = f"Date,Subject,Agency,Signers\n4/25/2023,{subject},TEST nobody,TEST\n".encode()
    batch = batches.read(batches.receive(by=owner, data=data, name="TEST.csv"), by=owner)
    return checking.check(batches.match(batch, by=owner, columns=batch.columns), by=owner)
