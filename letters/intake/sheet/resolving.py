"""The names of a sheet and what they name in the record: agencies, members, kinds, colleagues, companies, topics.

Loaded once for a whole file. What fits one thing exactly is taken; the rest is flagged with what it may be, for a person.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cached_property, lru_cache

from django.db.models.functions import Lower

from letters.domain import signers, suggest
from letters.domain.access import EDIT, RIGHTS, Actor
from letters.domain.clocks import load_calendar
from letters.domain.deadlines import Calendar
from letters.domain.rules import plain
from letters.domain.signers import Proposal
from letters.enums import TargetKind
from letters.intake.addressee_block import HONORED, agency_names, compared, named_in
from letters.models import Agency, AskKind, Legislator, Office, Official, Target, TargetAlias, Term, User

KIND_WORDS = {
    "sanction": "sanction", "sanctions": "sanction", "sdn": "sanction", "entity list": "entity_list", "audit": "audit_request",
    "gao audit": "audit_request", "information": "written_answers", "questions": "written_answers", "request for information": "written_answers",
    "response": "reply", "briefing request": "briefing", "document request": "documents", "document production": "documents",
    "investigate": "investigation", "rule": "rulemaking", "regulation": "rulemaking", "bill": "legislation",
}  # fmt: skip


DEPARTMENT = re.compile(r"\bdep'?t\b\.?", re.I)


class Directory:
    """Everything that names of a sheet are looked up in, as `by` may see it."""

    def __init__(self, by: Actor):
        self.by = by
        seen = Agency.objects.visible_to(by) if isinstance(by, User) else Agency.objects.all()
        whole = {one.pk: one for one in seen.select_related("parent__parent")}
        self.agencies = {name: whole[agency.pk] for name, agency in agency_names().items() if agency.pk in whole}
        self._whole = whole
        self._posts: dict[str, list[Official]] | None = None
        self.by_slug = {agency.slug: agency for agency in whole.values()}
        self.kinds = {kind.code: kind for kind in AskKind.objects.select_related("usual_agency", "acting_agency")}
        self._kind_names = {
            name: kind
            for code, kind in self.kinds.items()
            for name in (plain(code), plain(code.replace("_", " ")), plain(kind.name))
        }
        self._terms = signers.by_last_word(signers.known_terms().order_by("start"))
        self._members: dict[str, Legislator] = {}
        for terms in self._terms.values():
            self._members |= {term.legislator.bioguide: term.legislator for term in terms}
        self._people = self._names_of_people()
        self._targets: dict[str, Target | None] = {}
        # a file names the same people over and over
        self.members = lru_cache(maxsize=5000)(self._members_of)
        self.agency_hint = lru_cache(maxsize=2000)(self._agency_hint)

    # --- agencies

    def agency(self, words: str) -> Agency | None:
        """The agency that words name, or None: its slug, one of its names, or a title that holds one."""
        return self._named_whole(words) or named_in(DEPARTMENT.sub("Department", words), self.agencies)

    def _named_whole(self, words: str) -> Agency | None:
        return self.by_slug.get(words.strip()) or self.agencies.get(compared(DEPARTMENT.sub("Department", words)))

    def split_agencies(self, part: str) -> list[str]:
        """“Treasury, Commerce and State” cut where each side is an agency; what is one agency stays whole.

        A bureau with its department behind it (“BIS, Commerce”) is the bureau.
        """
        if not part or self._named_whole(part):
            return [part] if part else []
        for mark in (" / ", "/", ", and ", ", ", " and ", " & ", ","):
            sides = [side.strip() for side in part.split(mark) if side.strip()]
            if len(sides) > 1:
                cut = [piece for side in sides for piece in self.split_agencies(side)]
                found = [self.agency(piece) for piece in cut]
                if None not in found:
                    narrow = [
                        one for one in found if one and not any(o and o != one and one.includes(o) for o in found)
                    ]
                    return [piece for piece, one in zip(cut, found, strict=True) if one in narrow]
        return [part]

    def _agency_hint(self, words: str) -> str:
        """Which agency may be meant, in a sentence; nothing where none is near."""
        user = self.by if isinstance(self.by, User) else None
        near = [found.label for found in suggest.agencies(words, user=user, limit=2)]
        return f"Perhaps {' or '.join(f'“{name}”' for name in near)}?" if near else ""

    def post_of(self, name: str, on: dt.date | None) -> Agency | None:
        """Where somebody of exactly this name held a post, on that day as far as days are known; None where at several."""
        if self._posts is None:
            self._posts = {}
            for post in Official.objects.filter(agency__in=self._whole):
                self._posts.setdefault(plain(post.name), []).append(post)
        held = {
            self._whole[post.agency_id]
            for post in self._posts.get(plain(HONORED.sub("", name, count=1)).strip(" ,."), [])
            if on is None or ((post.start is None or post.start <= on) and (post.end is None or post.end >= on))
        }
        return held.pop() if len(held) == 1 else None

    def who_replied(self, words: str, on: dt.date | None) -> Agency | None:
        """The agency that “Treasury”, “Janet Yellen, Secretary of the Treasury” or a known name means."""
        parts = [words, *re.split(r"[,;()\n]", words)]
        return next((found for part in parts if (found := self.agency(part.strip()) or self.post_of(part, on))), None)

    # --- members of Congress

    def known_name(self, on: dt.date | None) -> "Known":
        """Whether words are the name of somebody who sat on a day."""
        return Known(self, on)

    def _members_of(self, name: str, on: dt.date) -> list[Proposal]:
        """Who of that name sat then, as `signers.propose` finds them; for a last name alone those who bear it, all doubtful."""
        sat = [term for term in signers.ending(self._terms, name) if term.start <= on < term.end]
        return signers.among(sat, name, on) or (signers.nearly(sat, name, on) if " " not in name.strip() else [])

    def member(self, bioguide: str) -> Legislator | None:
        """By the Bioguide ID."""
        return self._members.get(bioguide.strip().upper())

    @cached_property
    def ours(self) -> Legislator | None:
        """The member whose office this is; None for a committee, or where no office is set up."""
        office = Office.objects.select_related("legislator").first()
        return office.legislator if office else None

    @cached_property
    def calendar(self) -> Calendar:
        """Which days count."""
        return load_calendar()

    def term_on(self, member: Legislator, on: dt.date) -> Term | None:
        """In which the member sat then."""
        terms = self._terms.get(plain(member.last).split()[-1], [])
        return next((t for t in terms if t.legislator.pk == member.pk and t.start <= on < t.end), None)

    # --- the rest

    def kind(self, words: str) -> AskKind | None:
        """A kind of ask by its code, its name, or a usual word for it."""
        wanted = plain(words).strip(" .")
        return self._kind_names.get(wanted) or self.kinds.get(KIND_WORDS.get(wanted, ""))

    def kind_hint(self, words: str) -> str:
        """Which kind may be meant."""
        near = get_close_matches(plain(words), self._kind_names, n=2, cutoff=0.5)
        kinds = dict.fromkeys(str(self._kind_names[name]) for name in near)
        return f"Perhaps {' or '.join(f'“{kind}”' for kind in kinds)}?" if kinds else ""

    def colleague(self, words: str) -> User | None:
        """Somebody who may own an item, by user name, name or e-mail."""
        return self._people.get(plain(words).strip())

    def _names_of_people(self) -> dict[str, User | None]:
        names: dict[str, User | None] = {}
        roles = [role for role, rights in RIGHTS.items() if EDIT in rights]
        for person in User.objects.filter(is_active=True, role__in=roles):
            for name in {plain(one) for one in (person.username, person.get_full_name(), person.email) if one}:
                names[name] = None if name in names else person
        return names

    def look_up_targets(self, names: Iterable[str]) -> None:
        """Have these companies, persons and programs at hand, in two queries."""
        wanted = {plain(name) for name in names} - self._targets.keys()
        if wanted:
            self._targets |= dict.fromkeys(wanted) | find_targets(self.by, wanted)

    def target(self, name: str) -> Target | None:
        """One that is in the record, after `look_up_targets`."""
        return self._targets.get(plain(name))

    def remember_target(self, target: Target) -> None:
        """One that was just added."""
        self._targets[plain(target.name)] = target


def find_targets(by: Actor, wanted: Collection[str]) -> dict[str, Target]:
    """By its `plain` name or alias, each that is in the record, as far as `by` may know."""
    # who may not see a company of a restricted letter is not told that it is there; the record keeps one of each name
    seen = Target.objects.visible_to(by) if isinstance(by, User) else Target.objects.all()
    aliases = TargetAlias.objects.annotate(low=Lower("name")).filter(low__in=wanted, target__in=seen)
    found = {plain(alias.name): alias.target for alias in aliases.select_related("target")}
    return found | {plain(one.name): one for one in seen.annotate(low=Lower("name")).filter(low__in=wanted)}


class Known:
    """As `names.split_names` asks; what was asked before is remembered, for a file names the same people over and over."""

    def __init__(self, directory: Directory, on: dt.date | None):
        self._directory, self._on = directory, on

    def __call__(self, name: str) -> bool:
        return bool(self._on and self._directory.members(name.partition("(")[0], self._on))


TARGET_KINDS = {plain(str(kind.label)): kind for kind in TargetKind} | {kind.value: kind for kind in TargetKind}
