"""Reference data, for keys of administrators: agencies, officials, companies, kinds of ask, laws, days that do not count."""

from typing import Any

from letters.api.bodies import Body, Code, Field, Flag, Many, Number, Text
from letters.api.writes import fields
from letters.api.writing import Call, Write
from letters.domain import closures, reference_data
from letters.domain.access import ADMINISTER
from letters.domain.reference_data import MAX_STATUTE
from letters.enums import AgencyKind, ClosesAs, TargetKind
from letters.models import Agency, AskKind, Closure, Official, StatutoryClock, Target

AGENCY: dict[str, Field] = {
    "name": Text(limit=200, about="In full."),
    "short_name": Text(limit=80, about="As in a table heading: Treasury."),
    "abbreviation": Text(limit=20, about="Such as BIS."),
    "kind": Code(choices=tuple(AgencyKind.values), about="What it is."),
    "parent": fields.agency("The slug of what it is part of.", null=True),
    "yardstick_days": Number(least=1, most=366, default=21, about="Our usual wait, in business days."),
    "acknowledgement_days": Number(least=1, most=366, default=21, about="When we expect to hear that a letter came."),
    "address": Text(limit=500, about="Where letters go."),
    "escalation_contacts": Text(limit=2000, about="Whom to ask above."),
}
OFFICIAL: dict[str, Field] = {
    "agency": fields.agency("The slug of the agency."),
    "name": Text(limit=200, about="As letters print it."),
    "title": Text(limit=200, about="The post."),
    "start": fields.maybe_day("The first day."),
    "end": fields.maybe_day("The last day."),
}
TARGET: dict[str, Field] = {
    "name": Text(limit=200, about="As it calls itself."),
    "kind": Code(choices=tuple(TargetKind.values), about="What it is."),
    "parent": fields.target("The slug of what it belongs to.", null=True),
    "aliases": Many(of=Text(limit=200), about="Its other names."),
}
KIND: dict[str, Field] = {
    "name": Text(limit=60, about="As the screen says it."),
    "verb": Text(limit=120, about="Makes a summary: “Sanction {targets}”."),
    "usual_agency": fields.agency("The slug of the agency it usually goes to.", null=True),
    "acting_agency": fields.agency("The slug of the bureau that would act.", null=True),
    "instrument": Text(limit=300, about="The legal authority it proposes."),
    "requested_list": Text(limit=120, about="The official list it proposes."),
    "needs_targets": Flag(about="Whether it is about a company, person or program."),
    "closes_as": Code(choices=tuple(ClosesAs.values), about="Which word of success fits it."),
    "done_word": Text(limit=60, about="As the screen says it when it is done: listed, provided."),
    "help": Text(limit=300, about="When to choose it."),
    "position": Number(least=0, most=10_000, default=0, about="Its place in lists of kinds."),
}
STATUTE: dict[str, Field] = {
    "name": Text(limit=120, about="As the screen says it."),
    "citation": Text(limit=200, about="Where it stands: “22 U.S.C. 10102(d)”."),
    "trigger": Text(limit=300, about="What starts its clock, and from whom the request must come."),
    "days": Number(
        least=1,
        most=MAX_STATUTE,
        about="Calendar days from receipt of the letter; from its own date while receipt is not recorded.",
    ),
    "source_url": Text(limit=500, about="The page that has it."),
}


def _required(given: dict[str, Field], *names: str) -> dict[str, Field]:
    """Those that a new one cannot be without."""
    return {
        name: type(one)(**{**{f: getattr(one, f) for f in one.__dataclass_fields__}, "required": name in names})
        for name, one in given.items()
    }


def new_agency(call: Call) -> Agency:
    return reference_data.keep_agency(by=call.by, **call.body)


def change_agency(call: Call) -> Agency:
    return reference_data.keep_agency(call.target, by=call.by, **call.body)


def new_official(call: Call) -> Official:
    return reference_data.keep_official(by=call.by, **call.body)


def change_official(call: Call) -> Official:
    return reference_data.keep_official(call.target, by=call.by, **call.body)


def new_target(call: Call) -> Target:
    return reference_data.keep_target(by=call.by, **call.body)


def change_target(call: Call) -> Target:
    return reference_data.keep_target(call.target, by=call.by, **call.body)


def new_kind(call: Call) -> AskKind:
    return reference_data.keep_kind(by=call.by, **call.body)


def change_kind(call: Call) -> AskKind:
    return reference_data.keep_kind(call.target, by=call.by, **call.body)


def new_statute(call: Call) -> StatutoryClock:
    return reference_data.keep_statute(by=call.by, **call.body)


def change_statute(call: Call) -> StatutoryClock:
    return reference_data.keep_statute(call.target, by=call.by, **call.body)


def set_closure(call: Call) -> Closure:
    return closures.set_closure(by=call.by, **call.body)


def remove_closure(call: Call) -> None:
    closures.remove_closure(call.target, by=call.by)


def _kept(
    one: str, of: str, new: Any, change: Any, given: dict[str, Field], needed: tuple[str, ...], key: str, example: dict
):
    readable = {key: Text(limit=120, required=True, about="Its readable key, for ever.")} if key else {}
    named = one.capitalize()
    return (
        Write(f"new_{one}", "POST", f"{of}/", f"Add one {one}", new, "",
              Body(name=f"New{named}", fields={**readable, **_required(given, *needed)}),
              answers=of, creates=True, right=ADMINISTER, example=example),
        Write(f"change_{one}", "PATCH", f"{of}/{{id}}/", f"Change one {one}", change, "What is not sent stays.",
              Body(name=f"{named}Change", partial=True, fields=given),
              of=of, answers=of, right=ADMINISTER, example={"name": "TEST name"}),
    )  # fmt: skip


WRITES: tuple[Write, ...] = (
    *_kept("agency", "agencies", new_agency, change_agency, AGENCY, ("name", "short_name", "kind"), "slug",
           {"slug": "test-agency", "name": "TEST Agency", "short_name": "TEST", "kind": "independent"}),
    *_kept("official", "officials", new_official, change_official, OFFICIAL, ("agency", "name", "title"), "",
           {"agency": "treasury", "name": "TEST Official", "title": "TEST Secretary"}),
    *_kept("target", "targets", new_target, change_target, TARGET, ("name", "kind"), "slug",
           {"slug": "test-company", "name": "TEST Company", "kind": "company"}),
    *_kept("kind", "kinds", new_kind, change_kind, KIND, ("name", "verb", "closes_as", "done_word"), "code",
           {"code": "test_kind", "name": "TEST kind", "verb": "TEST {targets}", "closes_as": "either", "done_word": "done"}),
    *_kept("statute", "statutes", new_statute, change_statute, STATUTE, ("name", "citation", "trigger", "days"), "code",
           {"code": "test-act", "name": "TEST Act", "citation": "TEST 1", "trigger": "TEST a request", "days": 120}),
    Write(
        "set_closure",
        "POST",
        "closures/",
        "Say that a day does not count, or that a listed holiday does",
        set_closure,
        "Every yardstick date that still runs follows.",
        Body(
            name="NewClosure",
            fields={
                "day": fields.day("The day.", required=True),
                "name": Text(limit=200, required=True, about="Why it does not count."),
                "closed": Flag(default=True, about="False: a listed holiday on which the offices are open."),
            },
        ),
        answers="closures",
        creates=True,
        right=ADMINISTER,
        example={"day": "2031-01-15", "name": "TEST offices closed"},
    ),
    Write(
        "remove_closure",
        "DELETE",
        "closures/{id}/",
        "Let a day count again as the calendar says",
        remove_closure,
        "Every yardstick date that still runs follows. Answers 204.",
        of="closures",
        right=ADMINISTER,
    ),
)  # fmt: skip
