"""A letter out of a plan: the verbs one after another, and every refusal beside the part it is about."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from psycopg.errors import UniqueViolation

from letters.domain.access import EDIT, Actor, require
from letters.domain.asking import add_ask, put_to
from letters.domain.drafting import address, draft_letter, sign
from letters.domain.history import acting, known_to
from letters.domain.plans import Plan, PlannedAddressee, PlannedAsk, PlannedSigner, PlannedTarget
from letters.domain.rules import check_known, check_required, check_text, plain, refuse_if
from letters.enums import Access, TargetKind, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Agency, Ask, AskKind, Letter, Official, Target, Topic, User

Made = TypeVar("Made")
Filed = TypeVar("Filed", Target, Topic)
MOST_AT_ONCE = 9  # who would each have to take the name or the slug between our look and our writing


class _Refusals:
    """Collects what the verbs refuse, each problem under the key of its part."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def tried(self, key: str, verb: Callable[..., Made], *args: Any, **how: Any) -> Made | None:
        try:
            return verb(*args, **how)
        except RecordError as error:
            prefix = f"{key}-" if key else ""
            self.problems += [Problem(prefix + p.field, p.message, p.value) for p in error.problems]
            return None


@transaction.atomic
def make_letter(*, by: Actor, plan: Plan, people: Iterable[User] = ()) -> Letter:
    """A draft with all that the plan says, or one RecordError with every problem; `people` stay named where it is restricted."""
    require(by, EDIT)
    refusals = _Refusals()
    with acting(by):
        letter = refusals.tried(
            "", draft_letter, by=by, topics=topics_named(plan.topics), staff=_staff(plan, people), **plan.facts
        )
        if letter is None:
            # without its facts nothing hangs on it, but the rest is judged too: on a letter without them
            sound = {name: value for name, value in plan.facts.items() if name in ("access", "our_role")}
            letter = draft_letter(by=by, subject="Not sound yet", staff=_staff(plan, people), **sound)
        for signer in plan.signers:
            refusals.tried(signer.key, sign_planned, letter, signer, by=by)
        agencies = {agency.slug: agency for agency in Agency.objects.select_related("parent__parent")}
        for addressee in plan.addressees:
            refusals.tried(addressee.key, _address, letter, by, addressee, agencies)
        name_targets((target for planned in plan.asks for target in planned.targets), by=by)
        for planned in plan.asks:
            _ask(letter, by, planned, agencies, refusals)
        refuse_if(refusals.problems)
        letter.refresh_from_db()
        return letter


def sign_planned(letter: Letter, signer: PlannedSigner, *, by: Actor) -> None:
    """One name: of a member whom a person confirmed, with state and party as of the letter; proposed; or as printed."""
    facts: dict[str, Any] = {
        "printed_name": signer.printed_name,
        "printed_title": signer.printed_title,
        "is_lead": signer.lead,
    }
    if signer.bioguide:
        sign(letter, by=by, bioguide=signer.bioguide, confirmed=signer.confirmed, doubt=signer.doubt, **facts)
    else:
        sign(letter, by=by, propose=False, state=signer.state, party=signer.party, **facts)


def _address(letter: Letter, by: Actor, addressee: PlannedAddressee, agencies: dict[str, Agency]) -> None:
    if addressee.agency not in agencies:
        raise RecordError.of("agency", f"“{addressee.agency}” is no agency we know. Choose one from the list.")
    official = Official.objects.filter(pk=addressee.official).first() if addressee.official else None
    address(
        letter, by=by, agency=agencies[addressee.agency], printed_name=addressee.printed_name, delivery=addressee.delivery,
        printed_title=addressee.printed_title, address_lines=addressee.address, official=official,
    )  # fmt: skip


def _ask(letter: Letter, by: Actor, planned: PlannedAsk, agencies: dict[str, Agency], refusals: _Refusals) -> None:
    targets = [refusals.tried(target.key, known_target, by=by, planned=target) for target in planned.targets]
    if None in targets:
        return
    kind = refusals.tried(planned.key, _kind, planned.kind)
    if kind is None:
        return
    ask = refusals.tried(
        planned.key, add_ask, letter, by=by, kind=kind, summary=planned.summary,
        quote=planned.quote, targets=dict.fromkeys(targets), instrument=planned.instrument,
        requested_list=planned.requested_list, requested_by=planned.requested_by, questions=planned.questions,
    )  # fmt: skip
    if ask is None:
        return
    unknown = [slug for slug in (*planned.responsible, *planned.consulted) if slug not in agencies]
    if unknown:
        refusals.problems.append(Problem(f"{planned.key}-agency", f"“{unknown[0]}” is no agency we know.", unknown[0]))
        return
    acting_agency = agencies.get(planned.acting)
    acts_for = acts_for_which(acting_agency, [agencies[slug] for slug in planned.responsible])
    for role, slugs in ((TaskingRole.LEAD, planned.responsible), (TaskingRole.CONSULTED, planned.consulted)):
        for slug in slugs:
            bureau = acting_agency if slug == acts_for else None
            key = f"{planned.key}-{slug}" if role == TaskingRole.LEAD else f"{planned.key}-consulted-{slug}"
            refusals.tried(key, _put, ask, by, agencies[slug], role, bureau)


def _kind(code: str) -> AskKind:
    kind = AskKind.objects.filter(code=code).first()
    if kind is None:
        raise RecordError.of("kind", f"“{code}” is no kind of ask. Choose one; “other” will do.", code)
    return kind


def _put(ask: Ask, by: Actor, agency: Agency, role: str, bureau: Agency | None) -> None:
    put_to(ask, by=by, agency=agency, role=role, acting_agency=bureau)


def acts_for_which(bureau: Agency | None, responsible: list[Agency]) -> str:
    """For which of them the bureau acts: its own department, or the first where none is."""
    if bureau is None or not responsible:
        return ""
    return next((agency.slug for agency in responsible if agency.includes(bureau)), responsible[0].slug)


def name_targets(planned: Iterable[PlannedTarget], *, by: Actor) -> None:
    """Those that are new, in the order of every import (`sheet.naming_first`): of two who name the same ones, each in the
    order of what they typed, both would wait for the other."""
    for one in sorted((one for one in planned if not one.slug), key=lambda one: plain(one.name)):
        with suppress(RecordError):  # it is said again beside its ask
            known_target(by=by, planned=one)


def targets_named(named: Iterable[Target | PlannedTarget], field: str, *, by: Actor) -> list[Target]:
    """Each name that is planned looked up, or added to the record; what is wrong with one stands beside the `field`. Inside
    the verb: a refusal undoes it."""
    found, named = [], list(named)
    name_targets((one for one in named if isinstance(one, PlannedTarget)), by=by)
    for one in named:
        try:
            found.append(known_target(by=by, planned=one) if isinstance(one, PlannedTarget) else one)
        except RecordError as error:
            raise RecordError(*(Problem(field, told.message, told.value) for told in error.problems)) from error
    return found


@transaction.atomic
def known_target(*, by: Actor, planned: PlannedTarget) -> Target:
    """The company, person or program we know by this slug, or a new one of this name."""
    require(by, EDIT)
    if planned.slug:
        return Target.objects.get(slug=planned.slug)
    name = " ".join(planned.name.split())
    refuse_if(check_target(name, planned.kind))
    # two asks of one letter may name the same new company
    if same := Target.objects.filter(name__iexact=name).first():
        return same
    parent = _parent(planned.parent, by) if planned.parent.strip() else None
    with acting(by):
        return _named(Target, name, kind=planned.kind, parent=parent)


def check_target(name: str, kind: str) -> list[Problem]:
    """What a new company, person or program must be like."""
    return [
        *check_required("name", "The name", name, "Type the name of the company, person or program."),
        *check_text("name", "The name", name, 200),
        *check_known("kind", "What it is", kind, TargetKind),
    ]


def _parent(name: str, by: Actor) -> Target:
    """By its name, among what whoever asks may know of."""
    words = " ".join(name.split())
    found = known_to(by, Target.objects).called(words)[:2]
    if len(found) != 1:
        raise RecordError.of(
            "parent", f"Part of: “{words}” is not in our record. Choose it from the list, or leave it empty.", name
        )
    return found[0]


def _named(of: type[Filed], name: str, **facts: Any) -> Filed:
    """The one of this name, made where there is none. Who names the same at this moment gets the same, and “C#” beside “C++”
    the next slug: what the other has made is seen once they have committed, which is what one waits for."""
    for _ in range(MOST_AT_ONCE):
        if known := of._default_manager.filter(name__iexact=name).first():
            return known
        try:
            with transaction.atomic():
                return of._default_manager.create(slug=_free_slug(of, name), name=name, **facts)
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
    raise RecordError.of("name", f"Several colleagues are naming “{name[:80]}” at this moment. Try again.", name)


def _free_slug(of: type[Target | Topic], name: str) -> str:
    """From the name, with a number where another one has it: “C#” after “C++”, and every name without Latin letters."""
    longest = 110 if of is Target else 70
    stem = slugify(name)[:longest] or of.__name__.lower()
    taken = set(of.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def topics_named(names: Iterable[str]) -> list[Topic]:
    """What the office files letters under, by name, each once; what has no such name yet is made."""
    names = list(names)
    refuse_if(problem for place, name in enumerate(names) for problem in check_topic(name, f"topics/{place}"))
    made = {name: topic_named(name) for name in sorted(names, key=plain)}  # in one order, as companies
    return list(dict.fromkeys(made[name] for name in names))


def check_topic(name: str, field: str) -> list[Problem]:
    """What a topic must be like."""
    return [
        *check_required(field, "A topic", name, "Name it, or leave it out."),
        *check_text(field, "A topic", name, 120),
    ]


def topic_named(name: str) -> Topic:
    """The topic of this name, made where there is none. The caller says who acts."""
    return _named(Topic, " ".join(name.split())[:120])


def _staff(plan: Plan, people: Iterable[User]) -> list[User]:
    named = list(User.objects.filter(username__in=plan.staff, is_active=True))
    restricted = plan.facts.get("access") == Access.RESTRICTED
    return list(dict.fromkeys([*named, *(people if restricted else ())]))
