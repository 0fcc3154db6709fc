"""The form of a reply as a whole: its facts, the question and the items together, drawn and saved."""

import json
import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from letters.domain.clocks import office_today
from letters.domain.moves import before_reading
from letters.domain.reply_flow import read_reply, record_reply, recorded_from
from letters.domain.standing import said_since
from letters.enums import Said
from letters.errors import RecordError, StaleVersion
from letters.models import Agency, Official, Response, Tasking
from letters.web import reply_merge
from letters.web.merge import Choice as MergeChoice
from letters.web.merge import settled
from letters.web.reply_again import readings
from letters.web.reply_form import ItemWordForm, ReplyFactsForm, SaidForm, place, problems_of
from letters.web.reply_items import (
    Choice,
    about_all,
    agency_choices,
    all_agencies,
    choose,
    ended,
    grouped_choices,
    groups,
    listed,
    of_whole,
    posted_items,
    shown,
    typed_elsewhere,
)
from letters.web.reply_unsaved import LEAVES_OUT, chooses, is_typed, not_said
from letters.web.stale import changed_elsewhere
from letters.web.uploads import keep_all, keep_more


class Page:
    """The form as it is drawn and read: the reply's facts (none for a reply we hold), the question, the items."""

    def __init__(self, request: HttpRequest, response: Response | None = None) -> None:
        self.request, self.response = request, response
        # the choices of a merge are in it already; `unsaid`: fields of which nobody said which to keep
        self.posted, self.unsaid = settled(request.POST) if request.method == "POST" else (None, [])
        self.typed = {name[:36] for name in self.posted or ()}  # keys of items
        self.opened: dict[str, str] = {}
        self.before: Response | None = None  # recorded from this form before
        self.leave_out = False  # pressed once more, “Save, read later” leaves out what was chosen
        self.saving = self.posted is not None and not {"show", "tick"} & set(self.posted)
        self.chosen = Choice(agency=response.agency) if response else choose(request, late=True)
        whole = None if response or self.chosen.item else self.chosen.letter
        self.tree = all_agencies(request.user)
        self.moved_from = self._moved_from()
        if self.saving and self.moved_from:
            self.saving = False  # its items come anew, and nobody has seen them yet
            messages.warning(request, "You chose another agency. Look at what is ticked of its items now, then save.")
        self.was = was = readings(response)
        ticked = self._ticked_at_first()
        again = next((was[key] for key in ticked if key in was), None)  # the one that "Read it again" names
        self.word_form = partial(ItemWordForm, by=request.user, was=was, again=again)
        keep = posted_items(self.posted) if self.posted else set(ticked)
        if whole:
            keep |= set(ended(request, whole).values_list("pk", flat=True))
        self.facts = None if response else self._facts(keep)
        self.shared = self._draw(SaidForm, self.posted, by=request.user, was=was, again=again)
        self.agency = response.agency if response else self._agency()
        self.changed: list[dict] = []
        how = {"letter": self.chosen.letter, "keep": keep, "held": keep if response else ()}
        found = listed(request, self.agency, self.tree, **how) if self.agency else []
        if response:
            found = sorted(found, key=lambda tasking: tasking.pk not in was)
        # a reply to a letter is about all of it, until somebody unticks
        before = ticked | about_all(found, self.moved_from, whole)
        self.meant = about_all(found, self.agency, self.chosen.letter)
        ticked |= self.meant if whole else set()
        self.elsewhere = typed_elsewhere(self.posted, found) if self.facts and self.posted else []
        self.items = [self._item(tasking, ticked, before) for tasking in found]

    # --- drawing
    def _facts(self, keep: set[uuid.UUID]) -> ReplyFactsForm:
        choices = agency_choices(self.request, self.chosen.letter, self.tree, keep=keep)
        initial = {"agency": self.chosen.agency.slug if self.chosen.agency else "", "key": uuid.uuid4()}
        if self.posted is not None:
            if not self.posted.get("key"):  # of an older page
                self.posted = self.posted.copy()
                self.posted["key"] = str(initial["key"])
            return self._draw(
                ReplyFactsForm, self.posted, agencies=choices, by=self.request.user, files=self.request.FILES
            )
        return ReplyFactsForm(agencies=choices, by=self.request.user, initial=initial)

    def _draw(self, form: type, posted: QueryDict | None, **how: Any) -> Any:
        """Bound where something is saved; else with what was typed, and nothing judged yet."""
        files = how.pop("files", None)
        bound = form(posted, files, **how)
        if self.saving or posted is None:
            return bound
        return form(initial={name: bound[name].value() for name in bound.fields}, **how)

    def _agency(self) -> Agency | None:
        return self._known(self.facts["agency"].value() if self.facts else "")

    def _known(self, slug: str | None) -> Agency | None:
        return next((agency for agency in self.tree if agency.slug == slug), None)

    def _moved_from(self) -> Agency | None:
        """The agency whose items the page showed, where another was chosen since."""
        if self.posted is None or self.response or self.posted.get("items_of") == self.posted.get("agency"):
            return None
        return self._known(self.posted.get("items_of")) if self._known(self.posted.get("agency")) else None

    def _ticked_at_first(self) -> set[uuid.UUID]:
        if self.response is None:
            return {self.chosen.item.pk} if self.chosen.item else set()
        named = self.request.GET.get("item", "")
        answers = self.response.answers.filter(tasking__in=Tasking.objects.visible_to(self.request.user).values("pk"))
        return {a.tasking_id for a in answers if (str(a.tasking_id) == named if named else a.coverage is None)}

    def _item(self, tasking: Tasking, ticked: set, before: set) -> ItemWordForm:
        """`ticked`: what is unasked; `before`: what was, where the page showed the items of another agency."""
        if str(tasking.pk) not in self.typed:
            return self.word_form(tasking=tasking, ticked=tasking.pk in ticked)
        bound = self.word_form(self.posted, tasking=tasking)
        if self.saving and (bound.ticked or bound.takes_off):
            return bound
        typed = {name: bound[name].value() for name in bound.fields}
        if f"{tasking.pk}-version" not in self.posted:  # of an agency that is chosen again: see `typed_elsewhere`
            typed |= {"on": tasking.pk in ticked, "version": tasking.version}
        elif self.moved_from and bound.ticked == (tasking.pk in before):  # not by hand
            typed["on"] = tasking.pk in ticked
        elif self.posted.get("tick") == tasking.ask.letter.reference and of_whole(tasking):
            typed["on"] = True
        return self.word_form(tasking=tasking, initial=typed)

    def context(self) -> dict:
        """For the template."""
        everything = self.posted is not None and self.posted.get("show") == "all"
        forms, hidden = shown(self.items, self.chosen.letter, everything=everything)
        about = [form.tasking for form in self.items if form.tasking.pk in self.was]
        before = before_reading(about, self.response) if self.response else {}
        return {
            "facts": self.facts,
            "shared": self.shared,
            "groups": groups(forms, office_today(), self.meant, before, self.response and self.response.received_on),
            "elsewhere": self.elsewhere,
            "hidden_others": hidden,
            "agency_groups": grouped_choices(self.facts.fields["agency"].choices) if self.facts else [],
            "more_open": self.facts is not None and self.facts.says_more,
            "agency": self.agency,
            "response": self.response,
            "problems": problems_of([self.facts, self.shared, *self.items]),
            "changed": self.changed,
            "typed": self.posted is not None and is_typed(self.facts, self.shared, self.items, self.elsewhere),
            "leave_out": self.leave_out,
            "opened": json.dumps(self.opened) if self.opened else "",
            "letter": self.chosen.letter,
            "agency_names": [agency.short_name for agency in self.tree],
            "back": self._back(),
        }

    def _back(self) -> str:
        if self.response:
            return reverse("reply", args=[self.response.pk])
        if self.chosen.item:
            return reverse("item", args=[self.chosen.item.pk])
        return reverse("letter", args=[self.chosen.letter.reference]) if self.chosen.letter else reverse("queue")

    # --- saving
    @property
    def ticked(self) -> list[ItemWordForm]:
        return [form for form in self.items if form.is_bound and not form.takes_off]

    @property
    def off(self) -> list[ItemWordForm]:
        """Those about which a reply that we hold says nothing after all."""
        return [form for form in self.items if self.response and form.is_bound and form.takes_off]

    def save(self) -> Response | None:
        """The reply as it is recorded now; None where something has to be mended first."""
        forms = [form for form in (self.facts, self.shared) if form is not None]
        self._acknowledges_the_letter()
        # each is judged, so that all is said at once
        wrong = [form for form in [*forms, *self.ticked, *self.off] if not form.is_valid()]
        # a file that waited is gone after the first of two presses
        if wrong and not (wrong == [self.facts] and set(self.facts.errors) == {"files"}):
            return None
        shared = self.shared.cleaned_data
        # an acknowledgment is read by being one
        later = "later" in self.request.POST and shared["said"] != Said.RECEIVED
        if not later:
            for form in self.ticked:
                if not (form.cleaned_data["said"] or shared["said"]):
                    words = not_said(form, held=self.response is not None)
                    self.shared.add_error("said", words)
                    return None
        if later and chooses(self.ticked, shared) and "leave_out" not in self.request.POST:
            self.shared.add_error("said", LEAVES_OUT)
            self.leave_out = True
            return None
        words = [form.word(shared, later=later) for form in self.ticked]
        told = self._told(words, "" if later else shared["kind"])
        if self._is_recorded(told) or wrong:
            return self.before
        if any(form.is_among(self.unsaid) for form in self.ticked):
            self._tell_what_changed(shared)
            return None
        try:
            with transaction.atomic():
                if self.response:
                    off, kind = [form.word(shared, later=True) for form in self.off], shared["kind"]
                    return read_reply(self.response, by=self.request.user, words=words, kind=kind, not_about=off)
                response = record_reply(by=self.request.user, key=self.facts.cleaned_data["key"], **told)
                keep_all(self.facts.cleaned_data["files"], by=self.request.user, response=response)
                return response
        except StaleVersion:
            if self._is_recorded(told):  # it was the first of two presses that changed them
                return self.before
            self._tell_what_changed({} if later else shared)
        except RecordError as error:
            by_pk = {str(form.tasking.pk): form for form in self.items}
            for problem in error.problems:
                place(problem, self.facts, self.shared, by_pk)
        return None

    def _told(self, words: list, kind: str) -> dict[str, Any]:
        """What `record_reply` is told."""
        if self.facts is None:
            return {}
        data = self.facts.cleaned_data
        official = Official.objects.filter(pk=data["official"]).first() if data["official"] else None
        names = ("received_on", "channel", "sent_on", "responder", "text", "control_number", "held_elsewhere")
        return {
            "agency": self.agency,
            "words": words,
            "kind": kind,
            "official": official,
            **{n: data[n] for n in names},
        }

    def _is_recorded(self, told: dict) -> bool:
        """Whether an earlier press of this very form recorded it: then `before`, with the files that it has not yet."""
        if self.facts is None:
            return False
        data = self.facts.cleaned_data
        self.before = recorded_from(data["key"], self.request.user, **told)
        if self.before:
            keep_more(data.get("files", []), by=self.request.user, response=self.before)
        return self.before is not None

    def keep_files(self) -> None:
        """The page comes again, and browsers forget the files that were chosen on it."""
        if self.facts is None or self.posted is None or self.request.htmx:
            return  # only the items come anew by htmx; the control with the files stays as it is
        problems = self.facts.keep_files()
        beside = self.facts.errors.get("files", []) if self.saving else []  # of a form that is saved
        for words in problems:
            if words not in beside:
                messages.warning(self.request, words)

    def _acknowledges_the_letter(self) -> None:
        """That it came is said of the whole letter: with nothing ticked, all of the agency's items of it are meant."""
        if self.ticked or self.shared["said"].value() != Said.RECEIVED:
            return
        data = self.posted.copy()
        for place_in_list, form in enumerate(self.items):
            if form.tasking.pk in self.meant:
                data[form.add_prefix("on")] = "on"
                self.items[place_in_list] = self.word_form(data, tasking=form.tasking)

    def _since(self, tasking: Tasking) -> list[str]:
        """What replies said that came after this one."""
        came = self.response.received_on if self.response else self.facts.cleaned_data["received_on"]
        return [word for day, word in said_since([tasking]).get(tasking.pk, []) if day > came]

    def _tell_what_changed(self, shared: dict) -> None:
        data = self.posted.copy()
        answers = {}
        if self.response:
            answers = {answer.tasking_id: answer for answer in self.response.answers.all()}
        for place_in_list, form in enumerate(self.items):
            if not form.is_bound:
                continue
            fresh = form.tasking
            found: list[MergeChoice] = []
            if form.cleaned_data["version"] != fresh.version or form.is_among(self.unsaid):
                found = reply_merge.choices(form, shared, answers.get(fresh.pk), self.unsaid, self._since(fresh))
                told = changed_elsewhere(fresh, form, self.request.user)
                self.changed.append({"item": str(fresh), "rows": len(told["differences"]) + 1, **told})
                self.opened |= reply_merge.theirs(found)
            # the next save is made by somebody who has read what changed
            data[form.add_prefix("version")] = str(fresh.version)
            self.items[place_in_list] = self.word_form(data, tasking=fresh)
            self.items[place_in_list].merging = found
