"""Kinds of values that an address may carry, read and refused as `filters` and the API's parameters say."""

import datetime as dt

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

EACH_MOST, TOO_MANY = 5, "too_many"


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


class EachField(forms.Field):
    """Texts, each once and `EACH_MOST` at most: each makes a condition of its own, and may be looked up."""

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

    def run_validators(self, value: list[str] | None) -> None:
        for one in value or []:
            super().run_validators(one)


class EachFilter(filters.Filter):
    """What may be given more than once and must hold each time: two companies, both of which an ask names.

    `narrows`: the read of the items that takes one of the values.
    """

    field_class = EachField

    def __init__(self, *args, narrows: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.narrows = narrows

    def filter(self, qs: QuerySet, value: list[str] | None) -> QuerySet:
        for one in value or []:
            qs = getattr(qs, self.narrows)(one)
        return qs
