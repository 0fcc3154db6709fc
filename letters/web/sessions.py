"""One's own sessions: ending one of them, beside allauth's “everywhere else”."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one browser out; ending this one leads to the sign-in page."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    here = session.session_key == request.session.session_key
    session.end()
    if here:
        return redirect("account_login")
    messages.success(request, "That browser is signed out.")
    return redirect("usersessions_list")
