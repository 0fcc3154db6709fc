"""Kinds of values that an address may carry, read and refused as `filters` and the API's parameters say."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django_filters.fields import ModelChoiceField

# More than any page leads to: each click on a line of the dashboard adds one that a single ask or letter has besides.
EACH_MOST, TOO_MANY = 80, "too_many"


class InstantField(forms.Field):
    """A moment, as ISO 8601; a day is its first moment in the office, a time without a zone is the office's."""

    def to_python(self, value: str | None) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        try:
            moment = dt.datetime.fromisoformat(str(value))
            moment = moment if moment.tzinfo else timezone.make_aware(moment)
            # at either end of the calendar some zones have no such moment: then no page could show it
            return timezone.localtime(moment.astimezone(dt.UTC))
        except (ValueError, OverflowError) as error:
            raise ValidationError("This is no moment.") from error


class InstantFilter(filters.Filter):
    field_class = InstantField


class WholeFilter(filters.Filter):
    field_class = forms.IntegerField


class NamedField(ModelChoiceField):
    """A row by its code. `known`: the rows that the address names, which whoever makes the form looks up at once."""

    known: Mapping[str, Any] = MappingProxyType({})

    def to_python(self, value: str | None) -> Any:
        if value in self.empty_values:
            return None
        if value not in self.known:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return self.known[value]


class NamedFilter(filters.ModelChoiceFilter):
    field_class = NamedField


class EachField(forms.Field):
    """Texts, each once and `EACH_MOST` at most. A validator is given all of them at once, so that it may look them up at once."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *args, max_length: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.max_length = max_length

    def to_python(self, value: list[str] | None) -> list[str]:
        return list(dict.fromkeys(value or []))

    def validate(self, value: list[str] | None) -> None:
        if len(value or []) > EACH_MOST:
            raise ValidationError("These are too many.", code=TOO_MANY)
        if any(not one or len(one) > self.max_length or "\0" in one for one in value or []):
            raise ValidationError("One of these cannot be searched for.")


class EachFilter(filters.Filter):
    """What may be given more than once and must hold each time: two companies, both of which an ask names.

    `narrows`: the read of the items that takes the values.
    """

    field_class = EachField

    def __init__(self, *args, narrows: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.narrows = narrows

    def filter(self, qs: QuerySet, value: list[str] | None) -> QuerySet:
        return getattr(qs, self.narrows)(*value) if value else qs
