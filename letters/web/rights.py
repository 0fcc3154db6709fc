"""Who may do what, on a page: the same table that docs/ prints and the verbs ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from letters.domain.rights import KEYS, rows
from letters.enums import Role


def rights(request: HttpRequest) -> HttpResponse:
    """The printed table of rights, with the column of who looks at it said."""
    context = {"roles": [str(role.label) for role in Role], "rows": rows(), "keys": KEYS}
    return render(request, "letters/rights.html", context)
