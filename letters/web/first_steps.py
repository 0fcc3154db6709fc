"""What a new office does first, on one page: each step says from the record whether it is done, and can be tried.

Nothing is ticked off by hand, so nothing here can say done where it is not. Nothing waits for a step either.
"""

from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from letters.domain.access import ADMINISTER
from letters.domain.deadlines import count
from letters.domain.words import office_time
from letters.enums import ImportState, LetterState, OutboxState
from letters.models import ImportBatch, Letter, OutboxMessage, User
from letters.reminders.dispatch import FILED
from letters.reminders.signs import mail_folder, read_signs
from letters.reminders.silence import Signs
from letters.reminders.trying import Tried, server
from letters.web.first_tests import TESTS, background_faults, last_backup, last_sweep, other_administrators, written_to
from letters.web.guards import need

Links = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Step:
    """One step as the page shows it. `is_done` and `fact` are read from the record each time."""

    name: str
    title: str
    what: str
    is_done: bool
    fact: str
    test: str  # words of the button
    links: Links = field(default=())
    tried: Tried | None = None
    following: str = ""  # the next step, for who leaves this one for later


def first_steps(request: HttpRequest) -> HttpResponse:
    """Six steps; what is sent names the one to try."""
    need(request, ADMINISTER, "sets up no office. Ask an administrator.")
    name = request.POST.get("step", "")
    tried: dict[str, Tried] = {}
    if request.method == "POST":
        if name not in TESTS:
            raise Http404("There is no such step.")
        tried[name] = TESTS[name](request.user)
    steps = _steps(request.user, tried)
    done = sum(step.is_done for step in steps)
    context = {"steps": steps, "done": done, "all": len(steps), "tried": next(iter(tried.values()), None)}
    return render(request, "letters/first_steps.html", context)


def _steps(user: User, tried: dict[str, Tried]) -> list[Step]:
    seen = read_signs()
    steps = [_people(user), _agencies(), _import(), _mail(), _background(seen), _backups(seen)]
    following = [step.name for step in steps[1:]] + [""]
    return [
        Step(**vars(step) | {"tried": tried.get(step.name), "following": after})
        for step, after in zip(steps, following, strict=True)
    ]


def _people(user: User) -> Step:
    people = list(User.objects.filter(is_active=True))
    ready = [one for one in people if one.has_usable_password()]
    beside = [one for one in other_administrators(user) if one.has_usable_password()]
    invited = len(people) - len(ready)
    fact = f"{_persons(len(ready))} can sign in, {1 + len(beside)} of them as administrator"
    waits = f"; {_persons(invited)} invited and without a password yet" if invited else ""
    return Step(
        "people", "People", "Invite your colleagues, and a second administrator: who loses the password is let in by another one.",
        bool(beside), f"{fact}{waits}.", "Test invitations",
        (("Invite somebody", reverse("people")), ("Who may do what", reverse("rights"))),
    )  # fmt: skip


def _agencies() -> Step:
    seen = written_to()
    lacking = len(seen.without_address)
    fact = (
        f"All of {seen.whose()} have an address."
        if seen.number and not lacking
        else f"Of {seen.whose()}, {lacking} have no address."
        if seen.number
        else "No agency is known."
    )
    return Step(
        "agencies", "Agencies and officials",
        "Federal departments, bureaus and independent agencies are known already; of officials only whom published letters name. "
        "A letter needs the address, and names the holder of a post only where the record knows since when.",
        bool(seen.number) and not lacking, fact, "Check the agencies",
        (
            ("Agencies", reverse("agencies")), ("Correct an agency", reverse("admin:letters_agency_changelist")),
            ("Add an official", reverse("admin:letters_official_add")),
        ),
    )  # fmt: skip


def _import() -> Step:
    letters = Letter.objects.filter(state=LetterState.SENT).count()
    imports = ImportBatch.objects.filter(state=ImportState.IMPORTED).count()
    fact = f"{count(letters, 'letter')} in the record, {count(imports, 'file')} imported."
    return Step(
        "import", "Your letters", "Bring the spreadsheet you have, or log a first letter. Nothing is imported before you have seen what each row becomes.",
        bool(letters), fact, "Try the sample sheet",
        (("Import a spreadsheet", reverse("imports")), ("Which columns are known", reverse("import_help")), ("Log a letter", reverse("new_letter"))),
    )  # fmt: skip


def _mail() -> Step:
    sent = OutboxMessage.objects.filter(state=OutboxState.SENT).exclude(last_error=FILED).order_by("-sent_at").first()
    folder = mail_folder()
    fact = (
        f"No mail server is set: mails are written to files in {folder}, not sent."
        if folder
        else f"Mails go through {server()}."
    )
    if sent and sent.sent_at:
        fact += f" The last one was taken {office_time(sent.sent_at)}"
    elif not folder:
        fact += " None was taken yet."
    return Step(
        "mail", "Mail", "Reminders and invitations need a mail server: EMAIL_URL in the environment of the site.",
        bool(sent) and not folder, fact, "Send a test mail to me",
        (("Mail choices", reverse("mail")), ("Mail that fails", reverse("mail_failing"))),
    )  # fmt: skip


def _background(seen: Signs) -> Step:
    found = background_faults(seen)
    last = last_sweep(seen)
    fact = " ".join(fault.check.sentence for fault in found) or f"Dates were last checked {last}"
    return Step(
        "background", "Work behind the pages", "A worker and a scheduler check dates, send mail and make reports every few minutes.",
        not found, fact, "Ping worker and scheduler", (("Reminders", reverse("reminders")),),
    )  # fmt: skip


def _backups(seen: Signs) -> Step:
    is_fresh, fact = last_backup(seen)
    return Step(
        "backups", "Backups", "A backup each night, carried to another machine, is what is left of the record when this one is gone.",
        is_fresh, fact, "Look for last night’s backup",
    )  # fmt: skip


def _persons(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"
