"""A real office's start: whose record this is, and its first administrator."""

import re

from django.db import transaction

from letters.domain.access import ADMINISTER, Actor, require
from letters.domain.clocks import office_today
from letters.domain.history import acting
from letters.domain.people import invite
from letters.domain.rules import check_required, check_text, refuse_if
from letters.enums import Chamber, OfficeKind, Role
from letters.errors import RecordError
from letters.models import Legislator, Office, User

TITLES = {Chamber.SENATE: "Senator", Chamber.HOUSE: "Representative"}
MAX_NAME = 200
# What papers and files of the demo say of themselves; its pages have a band.
DEMO = "Demo: “no reply recorded” means no reply recorded in this demo."
ELSEWHERE = "Run it with an empty database of its own: TRACKER_DATA names another data folder."


def is_demo() -> bool:
    """Whether the letters are examples, so that silence here is not an agency’s."""
    return Office.objects.filter(is_demo=True).exists()


def refuse_examples(what: str) -> None:
    """Raises RecordError where the record is a real office's: `what` ("demo data") has no place in it, and no way out again."""
    office = Office.objects.filter(is_demo=False).first()
    if office:
        raise RecordError.of("office", f"No {what}: this is the record of {office}, and no demo. {ELSEWHERE}")


@transaction.atomic
def start_office(*, by: Actor, email: str, name: str, bioguide: str = "", committee: str = "") -> tuple[Office, User]:
    """The office of a member (by Bioguide ID) or of a committee, and its first administrator, without a password yet.

    Raises RecordError where there is an office already, whoever's: one installation serves one.
    """
    require(by, ADMINISTER)
    if (bioguide != "") == (committee != ""):
        raise ValueError("an office is a member's or a committee's")
    if there := Office.objects.first():
        kind = (
            "a demo office, whose letters are examples" if there.is_demo else f"the {there.get_kind_display()}’s office"
        )
        raise RecordError.of(
            "office",
            f"There is an office already: “{there.name}” ({kind}). Nothing was changed. One installation serves one "
            "office: use another TRACKER_DATA or DATABASE_URL. Who lost the first link gets another by “manage.py "
            "changepassword USERNAME”.",
            there.name,
        )
    with acting(by, why="office started"):
        office = _of_committee(committee) if committee else _of_member(bioguide.strip().upper())
        local = re.sub(r"[^\w.+-]", "", email.partition("@")[0])
        admin = invite(by=by, username=local, name=name.strip() or local, email=email, role=Role.ADMIN)
        return office, admin


def _of_member(bioguide: str) -> Office:
    member = Legislator.objects.filter(bioguide=bioguide).first()
    if member is None:
        known = "Look it up at bioguide.congress.gov: one letter and six digits, such as H000601."
        if not Legislator.objects.exists():
            known = "No member is known yet: run “manage.py load_reference” first."
        raise RecordError.of("member", f"No member has the Bioguide ID “{bioguide}”. {known}", bioguide)
    term = member.terms.filter(start__lte=office_today()).order_by("-start").first()
    title = f"{TITLES[Chamber(term.chamber)]} " if term else ""
    return Office.objects.create(
        kind=OfficeKind.MEMBER, name=f"Office of {title}{member.official_full}", legislator=member
    )


def _of_committee(name: str) -> Office:
    name = " ".join(name.split())
    problems = [
        *check_required("committee", "The committee", name, "Give its name: “Committee on Banking”."),
        *check_text("committee", "The committee", name, MAX_NAME),
    ]
    refuse_if(problems)
    return Office.objects.create(kind=OfficeKind.COMMITTEE, name=name)
