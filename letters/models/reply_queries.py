"""Reads of replies and contacts: of one that spans letters, a reader sees only what is about those they may see."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from letters.enums import LetterState, Status
from letters.models.taskings import Tasking

# Of an answer: nobody has read it yet, and what it is about stands.
UNREAD = Q(coverage__isnull=True, tasking__ask__letter__state=LetterState.SENT) & ~Q(
    tasking__status=Status.ENTERED_IN_ERROR
)


class ResponseQuerySet(models.QuerySet):
    """Which replies, for whom."""

    def visible_to(self, user) -> "ResponseQuerySet":
        """Those that bear on at least one item the person may see."""
        return self.filter(Exists(self._bearing().filter(tasking__in=_seen(user))))

    def with_hidden_from(self, user) -> "ResponseQuerySet":
        """Annotate `spans_hidden`: its words and files are about an item, too, that the person may not see."""
        return self.annotate(spans_hidden=Exists(self._bearing().exclude(tasking__in=_seen(user))))

    def unread_by(self, user) -> "ResponseQuerySet":
        """Those that nobody has read yet about an item the person may see. What was entered in error waits for no reader."""
        unread = self._bearing().filter(UNREAD, tasking__in=_seen(user))
        return self.filter(Exists(unread), in_error_at__isnull=True)

    def with_unread_by(self, user) -> "ResponseQuerySet":
        """Annotate `is_unread`: nobody has read yet what it says about an item the person may see."""
        return self.annotate(is_unread=Exists(self._bearing().filter(UNREAD, tasking__in=_seen(user))))

    def _bearing(self) -> models.QuerySet:
        answers = self.model._meta.get_field("answers").related_model
        return answers.objects.order_by().filter(response=OuterRef("pk"))


class ContactQuerySet(models.QuerySet):
    """Which contacts, for whom."""

    def visible_to(self, user) -> "ContactQuerySet":
        """Those about at least one item the person may see."""
        return self.filter(Exists(self._about().filter(tasking__in=_seen(user))))

    def with_hidden_from(self, user) -> "ContactQuerySet":
        """Annotate `spans_hidden`: what came of it is about an item, too, that the person may not see."""
        return self.annotate(spans_hidden=Exists(self._about().exclude(tasking__in=_seen(user))))

    def standing(self) -> "ContactQuerySet":
        """Those that were: none entered in error."""
        return self.filter(in_error_at__isnull=True)

    def _about(self) -> models.QuerySet:
        return self.model.taskings.through.objects.order_by().filter(contact=OuterRef("pk"))


def _seen(user) -> models.QuerySet:
    return Tasking.objects.visible_to(user).order_by().values("pk")
