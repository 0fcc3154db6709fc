"""Record a reply, read one that was kept, and the page of one. One form, one question."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from letters.domain.access import EDIT
from letters.domain.deadlines import count
from letters.models import Response
from letters.reports import said_table
from letters.web.guards import need
from letters.web.reply_whole import Page


def new(request: HttpRequest) -> HttpResponse:
    """Record a reply: what it is, which items it is about, what it says of them."""
    _check_may(request)
    return _answer(request, Page(request), "letters/reply_new.html")


def read_reply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same question about a reply that was kept to be read later, or that was read wrongly."""
    _check_may(request)
    response = get_object_or_404(
        Response.objects.visible_to(request.user).with_hidden_from(request.user).select_related("agency", "official"),
        pk=pk,
    )
    return _answer(request, Page(request, response), "letters/reply_read.html")


def said_help(request: HttpRequest) -> HttpResponse:
    """The printed table: what each answer to the question does."""
    return render(request, "letters/said.html", {"lines": said_table.lines(), "rules": said_table.RULES})


def _answer(request: HttpRequest, page: Page, template: str) -> HttpResponse:
    status = 200
    if page.saving:
        if response := page.save():
            if page.off and not Response.objects.visible_to(request.user).filter(pk=response.pk).exists():
                # what is left of it is about items that they may not see: no page of theirs has it
                off = count(len(page.off), "item")
                messages.success(request, f"That reply is no longer about {off}, which it does not mention.")
                return redirect("item", pk=page.off[0].tasking.pk)
            unread = response.answers.filter(coverage__isnull=True).exists()
            if page.before:
                messages.info(request, "This reply was recorded from that form before. It is kept once: here it is.")
            else:
                messages.success(request, f"The reply is kept, {_about(page, unread=unread)}: here is what changed.")
            if page.facts:
                page.facts.forget_files()
            return redirect("reply", pk=response.pk)
        status = 409 if page.changed else 422
    page.keep_files()
    return render(request, template, page.context(), status=status)


def _about(page: Page, *, unread: bool) -> str:
    about = f"about {count(len(page.ticked), 'item')}" if page.ticked or not page.off else ""
    later = ", to be read later" if unread else ""
    nothing = f"no longer about {count(len(page.off), 'item')}, which it does not mention" if page.off else ""
    return ", ".join(filter(None, [f"{about}{later}".removeprefix(", "), nothing]))


def _check_may(request: HttpRequest) -> None:
    need(request, EDIT, "may see replies but not record them.")
