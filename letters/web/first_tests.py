"""The test buttons of the first-steps page: each does the real thing and says what came of it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.domain.words import office_time
from letters.enums import AgencyKind, LetterState, Role
from letters.errors import RecordError
from letters.intake.sheet.trying import SAMPLE, try_sample
from letters.models import Addressee, Agency, AskKind, Legislator, Official, User
from letters.reminders.hush import hush
from letters.reminders.signs import read_signs
from letters.reminders.silence import BACKUP_WAITS, Fault, Signs, faults
from letters.reminders.trying import Tried, reach, send_test
from tracker.health import signs

NAMED = 8
BACKGROUND = ("database", "broker", "worker", "beat", "clock", "sweep", "dispatch", "reports")
LOAD = "Run “manage.py load_reference” on the server; each start of the site does it, too."


def other_administrators(user: User) -> QuerySet[User]:
    """Who could let this person in again."""
    return User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk).order_by("username")


def try_people(user: User) -> Tried:
    """A second administrator who has chosen a password, and a mail server for invitations."""
    others = list(other_administrators(user))
    ready = [other for other in others if other.has_usable_password()]
    lines = tuple(
        (f"{other} is invited and has not chosen a password yet: send the link again.", reverse("person", args=[other.pk]))
        for other in others
        if other not in ready
    )  # fmt: skip
    if not ready:
        alone = "You are the only administrator who can sign in: who loses the password is let in by another one."
        return Tried(False, alone, "Invite a second one under People, with the role Administrator.", lines)
    mail = reach()
    beside = f"{ready[0]} is an administrator beside you."
    if not mail.is_well:
        return Tried(False, f"{beside} But invitations are not mailed. {mail.words}", mail.way_out, lines)
    return Tried(True, f"{beside} {mail.words} Invitations leave.", lines=lines)


@dataclass(frozen=True)
class Written:
    """Agencies that this office writes to, or, while there is no letter, the departments; and what letters to them lack."""

    is_guess: bool  # no letter says to whom the office writes
    number: int
    without_address: list[Agency]
    with_holder: int

    def whose(self) -> str:
        if self.is_guess:
            return f"the {count(self.number, 'department')}"
        return f"the {self.number:,} {'agency' if self.number == 1 else 'agencies'} you wrote to"


def written_to() -> Written:
    """Three queries, however many agencies."""
    today = office_today()
    holds = Official.objects.filter(Q(end__isnull=True) | Q(end__gte=today), agency=OuterRef("pk"), start__lte=today)
    addressed = Addressee.objects.filter(agency=OuterRef("pk"), letter__state=LetterState.SENT)
    known = Agency.objects.annotate(is_held=Exists(holds)).order_by("short_name", "pk")
    found = list(known.filter(Exists(addressed)))
    is_guess = not found
    found = found or list(known.filter(kind=AgencyKind.DEPARTMENT))
    return Written(
        is_guess, len(found), [one for one in found if not one.address.strip()], sum(one.is_held for one in found)
    )


def try_agencies(user: User) -> Tried:
    """Whether letters to the agencies can be addressed."""
    if not (Agency.objects.exists() and AskKind.objects.exists() and Legislator.objects.exists()):
        return Tried(False, "Agencies, kinds of ask or members of Congress are missing.", LOAD)
    seen = written_to()
    holders = (
        f"Of {seen.with_holder} the record says who holds the post since when; letters to the others go to the office, "
        "“The Secretary of …”."
    )
    if not seen.without_address:
        return Tried(True, f"All of {seen.whose()} have an address. {holders}")
    lines = [
        (f"{one.name}: no address.", reverse("admin:letters_agency_change", args=[one.pk]))
        for one in seen.without_address[:NAMED]
    ]
    if more := len(seen.without_address) - NAMED:
        lines += [(f"and {more} more", reverse("admin:letters_agency_changelist"))] if more > 0 else []
    return Tried(
        False, f"Of {seen.whose()}, {len(seen.without_address)} have no address, so letters to them carry only the name. {holders}",
        "Enter the addresses, and officials with their first day, under Reference data.", tuple(lines),
    )  # fmt: skip


def try_import(user: User) -> Tried:
    """The sample sheet, brought in and taken back."""
    try:
        done = try_sample(by=user, hush=hush)
    except RecordError as error:
        if any(problem.field == "file" for problem in error.problems):  # it is read everywhere, so it was not kept
            way_out = (
                "Let the site’s user write into the folder “files” of TRACKER_DATA, and see that the disk is not full."
            )
            return Tried(False, str(error), way_out)
        return Tried(False, f"The sample sheet was refused: {error}", f"If an agency or kind is not known: {LOAD}")
    return Tried(
        True, f"The sample sheet {SAMPLE.name} was read, checked, brought in and taken back: {done.words()}. Nothing of it stayed."
    )  # fmt: skip


def try_mail(user: User) -> Tried:
    """A mail to oneself."""
    return send_test(by=user)


def background_faults(seen: Signs) -> list[Fault]:
    """What is wrong with the work behind the pages; mail has a step of its own."""
    return [fault for fault in faults(seen) if fault.check.name in BACKGROUND]


def last_sweep(seen: Signs) -> str:
    """When dates were last checked, for the end of a sentence: “9:12 a.m.” brings its own period. Empty: nobody knows."""
    last = seen.rounds.get("sweep")
    return office_time(last.finished_at) if last and last.finished_at else ""


def try_background(user: User) -> Tried:
    """Worker and scheduler, pinged now."""
    seen = signs(fresh=True)
    found = background_faults(seen)
    if found:
        return Tried(
            False, " ".join(f"{fault.check.sentence} {fault.particulars}" for fault in found), found[0].check.way_out
        )
    return Tried(True, f"Worker and scheduler answered just now; dates were last checked {last_sweep(seen)}")


def last_backup(seen: Signs) -> tuple[bool, str]:
    """Whether a backup that the site knows of is of last night, and what is known of it."""
    last = seen.rounds.get("backup")
    if last is None or last.finished_at is None:
        tried = "" if last is None or last.only_expected else " It was tried and failed."
        return False, f"No nightly backup was ever made on this server.{tried}"
    is_fresh = seen.now - last.finished_at <= BACKUP_WAITS
    return is_fresh, f"The last nightly backup was made {office_time(last.finished_at)}"


def try_backups(user: User) -> Tried:
    """Whether one was made last night, as `deploy/backup` notes it."""
    is_fresh, fact = last_backup(read_signs())
    if is_fresh:
        return Tried(True, f"{fact} Restore one somewhere else now and then: one that was never restored is a hope.")
    return Tried(
        False, fact,
        "On the server, as root: “systemctl enable --now letters-backup.timer”, then “systemctl start letters-backup”, and “journalctl -u letters-backup” says "
        "what came of it. Without the units: “manage.py backup FILE --nightly”, each night.",
    )  # fmt: skip


TESTS: dict[str, Callable[[User], Tried]] = {
    "people": try_people, "agencies": try_agencies, "import": try_import, "mail": try_mail, "background": try_background,
    "backups": try_backups,
}  # fmt: skip
