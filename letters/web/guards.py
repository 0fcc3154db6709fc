"""Who may be on a page: what may not be seen does not exist, and a right that is missing is named with the role."""

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from letters.domain.access import EDIT, may
from letters.enums import LetterState
from letters.models import Amendment, Letter

# drafts are worksheets and have pages of their own
HAVE_PAGES = (LetterState.SENT, LetterState.ENTERED_IN_ERROR)


def need(request: HttpRequest, right: str, refusal: str, *letters: Letter) -> None:
    """
    Raise `PermissionDenied` unless who asks has the right, with every letter it is about.

    `refusal` goes on after “Your role (viewer)”: “may see this letter but not change it.”
    """
    user = request.user
    if not (all(may(user, right, letter) for letter in letters) if letters else may(user, right)):
        raise PermissionDenied(f"Your role ({user.get_role_display()}) {refusal}")


def visible(request: HttpRequest, reference: str) -> Letter:
    """The letter if this person may see it; otherwise it does not exist for them."""
    seen = Letter.objects.visible_to(request.user).filter(state__in=HAVE_PAGES)
    corrected = Prefetch("amendments", Amendment.objects.order_by("amended_at", "pk"))
    return get_object_or_404(
        seen.prefetch_related("signatures__legislator", "addressees__agency", "topics", corrected),
        reference=reference,
    )


def editable(request: HttpRequest, reference: str) -> Letter:
    """The letter if this person may change it; one that may only see it is told so."""
    letter = visible(request, reference)
    need(request, EDIT, "may see this letter but not change it.", letter)
    return letter
