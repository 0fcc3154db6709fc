"""Type-ahead over HTTP: what `static/js/combobox.js` asks for while somebody types."""

from django.http import HttpRequest, JsonResponse

from letters.domain import suggest
from letters.intake.days import read_day


def legislators(request: HttpRequest) -> JsonResponse:
    """Members of Congress; `on` is the day whose state and party are shown."""
    return _answer(request, lambda words, on: suggest.legislators(words, on=on))


def agencies(request: HttpRequest) -> JsonResponse:
    """Whoever can be asked."""
    return _answer(request, lambda words, on: suggest.agencies(words, user=request.user))


def officials(request: HttpRequest) -> JsonResponse:
    """Holders of a post; `agency` is a slug."""
    agency = request.GET.get("agency", "")[:80]
    return _answer(request, lambda words, on: suggest.officials(words, agency=agency, on=on, user=request.user))


def targets(request: HttpRequest) -> JsonResponse:
    """Companies, people and programs."""
    return _answer(request, lambda words, on: suggest.targets(words, user=request.user))


def _answer(request: HttpRequest, find) -> JsonResponse:
    """Nobody sees an error while typing: words that fit nothing and a day that is none find nothing and mean today."""
    try:
        on = read_day(request.GET.get("on", ""))  # as it stands in a field: “4/25/2023”
    except ValueError:
        on = None
    found = find(request.GET.get("q", ""), on)
    rows = [
        {"id": one.id, "label": one.label, "detail": one.detail} | ({"fill": one.fill} if one.fill else {})
        for one in found
    ]
    return JsonResponse({"results": rows})
