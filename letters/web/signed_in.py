"""Pages are for people who are signed in. Who was signed out meanwhile is told so, and keeps what they typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect, reselect, reswap, retarget

OURS = ("csrfmiddlewaretoken", "opened", "query")  # fields that nobody types in
SIGNED_OUT = "You are signed out. Copy what you typed here, sign in, and save it on a page that is loaded again."


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As Django's `login_required`, but what is sent gets an answer: a redirect would drop it without a word.

    Status 401 for what is sent, as a page that has what was typed or, by htmx, as a message. A part of a page that is
    asked for by htmx makes the browser go to sign in: drawn in its place, the sign-in page would be a part of that page.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST" and request.htmx:
            messages.error(request, SIGNED_OUT)
            said = render(request, "components/messages.html", status=401)
            return reswap(reselect(retarget(said, "#messages"), "#messages"), "outerHTML")
        if request.method == "POST":
            return render(request, "401.html", {"typed": typed(request)}, status=401)
        if request.htmx:
            here = request.htmx.current_url_abs_path or resolve_url("queue")
            return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': here})}")
        return login_required(view)(request, *args, **kwargs)

    return answer


def typed(request: HttpRequest) -> list[str]:
    """The words among what was sent, to be copied: "Back" may lead to the sign-in page, and not to the form.

    What has no space in it, but for addresses, is a code, a number or a day, chosen or typed in a moment.
    """
    found = [
        value
        for name, values in request.POST.lists()
        if name not in OURS and not name.startswith("stood.")
        for value in values
        if len(value.split()) > 1 or "://" in value
    ]
    return list(dict.fromkeys(found))
