"""The administration's forms: of two people who have the same row open, the second is told and overwrites nothing."""

import hashlib
import json
from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.db.models import Field, ForeignKey, Model

from letters.domain.asking import join_names
from letters.domain.people import check_account
from letters.domain.reference_data import check_parent
from letters.domain.words import office_time
from letters.enums import SystemProcess
from letters.errors import RecordError
from letters.models import User

SEEN = "seen"
NOTHING = "nothing"


class SeenForm(forms.ModelForm):
    """Brings back what its page showed (invariant 7): a form of Django's saves every field of the row, also those that
    nobody touched here and somebody else has changed meanwhile."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    beside: tuple[tuple[type[Model], str], ...] = ()  # rows on the same page: their model, its key of this one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial[SEEN] = json.dumps(self._stands())

    def clean(self) -> dict[str, Any] | None:
        facts = super().clean()
        sent = self.data.get(self.add_prefix(SEEN))  # none: a page from before this was asked
        if sent and not self.instance._state.adding:
            # held until it is saved: nobody comes between this look and that
            model = type(self.instance)
            self.instance.refresh_from_db(
                from_queryset=model._base_manager.select_for_update(of=("self",), no_key=True)
            )
            for name in self._fixed():
                facts.pop(name, None)  # read with the page, before the row was held: it stays as it stands
            if changed := self._changed(sent):
                self.add_error(
                    None,
                    f"{self._who()} while you had this page open: {changed}. "
                    "Nothing of yours was saved. Open this page anew in another tab, and make your change there.",
                )
        return facts

    def _stands(self) -> dict[str, str]:
        """Each field as its page shows it; rows beside it as one sign that is another when any of them is.

        Nothing that cannot be typed there: of a password the page shows no hash, and this would send it whole.
        """
        row, stands = self.instance, {}
        for name in self.fields:
            if name in self._editable() and name not in self._fixed():
                stands[name] = self._editable()[name].value_to_string(row)
        for model, key in self.beside:
            rows = model._base_manager.filter(**{key: row}).order_by("pk").values_list()
            stands[_label(model)] = hashlib.sha256(repr(list(rows)).encode()).hexdigest()
        return stands

    def _editable(self) -> dict[str, Field]:
        return {one.name: one for one in self._meta.model._meta.concrete_fields if one.editable}

    def _fixed(self) -> set[str]:
        return {name for name, one in self.fields.items() if one.disabled}

    def _changed(self, sent: str) -> str:
        """What is other than the page showed, in words; empty where nothing is."""
        now = self._stands()
        try:
            then = json.loads(sent)
            differ = [name for name in now if then[name] != now[name]]
        except (ValueError, KeyError, TypeError):
            return "this page cannot say what it showed"
        return join_names([self._difference(name, then[name], now[name]) for name in differ])

    def _difference(self, name: str, then: str, now: str) -> str:
        if name not in self.fields:
            return name
        label = self.fields[name].label or name
        return f"{label} was {self._said(name, then)} and is {self._said(name, now)}"

    def _said(self, name: str, value: str) -> str:
        """A kept value as people read it."""
        one = self._editable()[name]
        if value in ("", "None"):
            return NOTHING
        if isinstance(one, ForeignKey):
            return f"“{one.related_model._base_manager.filter(pk=value).first() or NOTHING}”"
        return f"“{dict(one.flatchoices).get(value, value)}”"

    def _who(self) -> str:
        """Who wrote a row of this page last, and when."""
        row = self.instance
        kept = [row.history.order_by("pgh_id").last()]
        kept += [
            model.pgh_event_model.objects.filter(**{f"{key}_id": row.pk}).order_by("pgh_id").last()
            for model, key in self.beside
        ]
        known = [one for one in kept if one is not None]
        if not known:
            return "Somebody changed this"
        last = max(known, key=lambda one: one.pgh_created_at)
        by = last.pgh_context or {}
        if "user" in by:
            who = str(User.objects.filter(pk=by["user"]).first() or "Somebody")
        else:
            who = SystemProcess(by["process"]).label if "process" in by else "Somebody"
        return f"{who} changed this on {office_time(last.pgh_created_at)}"


def _label(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)


class InATree(SeenForm):
    """Of what may be part of another: of nothing that is part of itself."""

    def clean_parent(self):
        parent = self.cleaned_data["parent"]
        for problem in check_parent(self.instance, parent):
            raise forms.ValidationError(problem.message)
        return parent


class PersonForm(SeenForm, UserChangeForm):
    """By the rules of the page People: an office keeps an administrator."""

    by: User

    def clean(self):
        facts = super().clean()
        try:
            check_account(
                self.instance,
                by=self.by,
                role=facts.get("role", self.instance.role),
                is_active=facts.get("is_active", self.instance.is_active),
            )
        except RecordError as error:
            for problem in error.problems:
                self.add_error(problem.field, problem.message)
        return facts
