"""Many items at once: what would happen, doing it, and taking it back."""

import datetime as dt
import uuid
from urllib.parse import urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from letters.domain import bulk, bulk_once, keyset
from letters.domain.access import EDIT
from letters.domain.clocks import office_today
from letters.domain.deadlines import count, long_date
from letters.domain.standing import with_reopening
from letters.domain.words import office_time, status_words
from letters.enums import Status
from letters.errors import RecordError
from letters.listing import DEFAULT_GROUP, GROUP, Listing
from letters.models import BulkChange, Tasking
from letters.models.tasking_queries import TaskingQuerySet
from letters.web.bulk_form import BulkForm
from letters.web.forms import beside_fields, date_field
from letters.web.guards import need
from letters.web.merge import OUT_OF_DATE
from letters.web.paging import page_at, page_of, pager
from letters.web.queue import PAGE, row_of
from letters.web.rows import item_url
from letters.web.stale import changed_elsewhere

NAMED = 5  # items left alone that a message names; the page of changes has all
BY_DAY = keyset.Order("made_at", descending=True)
BY_LETTER = ("due_on", "ask__letter__reference", "ask__number", "id")
Chosen = list[tuple[Tasking, int | None]]


def preview(request: HttpRequest) -> HttpResponse:
    """What will change and what will not, each with its reason; nothing is written."""
    if request.method != "POST":
        return redirect("queue")
    editor(request)
    chosen, too_many = selection(request)
    form = BulkForm(request.POST, user=request.user)
    judged = []
    if not chosen and not too_many:
        form.add_error(None, "No item is chosen. Tick some in the list, or choose every item of it.")
    elif form.is_valid():
        change = form.change()
        try:
            bulk.check(change)
            judged = [bulk.judge(tasking, change, by=request.user, version=version) for tasking, version in chosen]
        except RecordError as error:
            beside_fields(form, error)
    if too_many:
        form.add_error(None, too_many)
    return draw(request, form, chosen, judged)


def draw(request: HttpRequest, form: BulkForm, chosen: Chosen, judged: list[bulk.Judged]) -> HttpResponse:
    """The page between choosing and doing."""
    will = [{"judged": j, "then": _then(form, j.tasking), **_named(j.tasking)} for j in judged if not j.refusal]
    wont = [{"judged": j, **_named(j.tasking)} for j in judged if j.refusal]
    context = {
        "form": form,
        "will": will,
        "wont": wont,
        "chosen": [{"value": f"{t.pk}.{t.version if v is None else v}", **_named(t)} for t, v in chosen],
        "words": count(len(chosen), "item"),
        "will_words": count(len(will), "item"),
        "wont_words": count(len(wont), "item"),
        "verb": bulk.VERBS.get(form.data.get("verb", "")),
        "one_way": any(line["judged"].remark for line in will),
        "query": request.POST.get("query", ""),
        "back_url": back_url(request),
        "ready": bool(judged),
        "again": uuid.uuid4(),
    }
    return render(request, "letters/changes_preview.html", context, status=422 if form.errors else 200)


def _then(form: BulkForm, tasking: Tasking) -> str:
    """What stands now, and what will."""
    change = form.change()
    match change.verb:
        case "assign":
            return f"{tasking.owner or 'nobody'} → {change.owner or 'nobody'}"
        case "snooze":
            now, then = (long_date(day) if day else "as usual" for day in (tasking.snoozed_until, change.until))
            return f"{now} → {then}"
        case "status":
            return f"{status_words(tasking)} → {Status(change.to).label}"
    return "gets the note"


def _named(tasking: Tasking) -> dict:
    return {"title": str(tasking), "url": item_url(tasking.pk), "letter_ref": tasking.ask.letter.reference}


def apply(request: HttpRequest) -> HttpResponse:
    """Do it, and say what was left alone."""
    if request.method != "POST":
        return redirect("queue")
    editor(request)
    chosen, too_many = selection(request)
    form = BulkForm(request.POST, user=request.user)
    if form.is_valid() and (chosen or form.key) and not too_many:  # the first of two presses may have hidden them
        try:
            tell(request, outcome := bulk_once.apply_once(chosen, by=request.user, change=form.change(), key=form.key))
            if outcome.change:
                return redirect(back_url(request))
            chosen = [(one, None) for one, _ in chosen]  # as they are now, with what was typed
        except RecordError as error:
            beside_fields(form, error)
    return draw(request, form, chosen, [])


def mine(request: HttpRequest) -> HttpResponse:
    """One item becomes this person's, from its row."""
    if request.method != "POST":
        return redirect("queue")
    editor(request)
    chosen = picked(request, request.POST.getlist("one")[:1])
    change = bulk.Change("assign", owner=request.user)
    if chosen:
        tell(request, bulk.apply(chosen, by=request.user, change=change))
    else:
        messages.error(request, "That item is not there, or not for you to see.")
    if request.htmx and chosen:
        # whatever it is now, under the headings of the list it stands in
        group = QueryDict(urlsplit(back_url(request)).query).get(GROUP, DEFAULT_GROUP)
        everything = Listing(QueryDict(urlencode({"state": "all", "ours": "all", GROUP: group})), user=request.user)
        return render(request, "letters/row_again.html", {"rows": [row_of(chosen[0][0], everything)]})
    return redirect(back_url(request))


class RemindForm(forms.Form):
    until = date_field("Remind me on", help_text="Nobody is reminded before that day.")
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": OUT_OF_DATE, "invalid": OUT_OF_DATE}
    )


def remind(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A day for one item, from its row: a small form of its own, with the days people choose most."""
    editor(request)
    tasking = get_object_or_404(seen(request), pk=pk)
    # several rows may have theirs open
    first = {"until": tasking.snoozed_until, "version": tasking.version}
    form, changed = RemindForm(request.POST or None, auto_id=f"remind_{pk}_%s", initial=first), None
    if request.method == "POST" and form.is_valid():
        change = bulk.Change("snooze", until=form.cleaned_data["until"])
        try:
            outcome = bulk.apply([(tasking, form.cleaned_data["version"])], by=request.user, change=change)
        except RecordError as error:
            form.add_error("until", [problem.message for problem in error.problems])
        else:
            if bulk.CHANGED_SINCE not in [why for _, why in outcome.left]:
                tell(request, outcome)
                return redirect(back_url(request))
            tasking = get_object_or_404(seen(request), pk=pk)
            changed = changed_elsewhere(tasking, form, request.user)
            # the next save is made by somebody who has read what changed
            form.data = form.data.dict() | {"version": tasking.version}
    today = office_today()
    days = [("tomorrow", 1), ("in a week", 7), ("in two weeks", 14), ("in a month", 30)]
    context = {
        "tasking": tasking, "form": form, "changed": changed, "back_url": back_url(request),
        "item_url": item_url(tasking.pk), "next": safe_next(request),
        "days": [{"words": words, "value": (today + dt.timedelta(days=n)).isoformat()} for words, n in days],
    }  # fmt: skip
    return render(request, "letters/remind.html", context, status=409 if changed else 422 if form.errors else 200)


def changes(request: HttpRequest) -> HttpResponse:
    """One's own changes of many items, latest first, each with its way back."""
    page, notice = page_of(request, BulkChange.objects.filter(by=request.user), BY_DAY, size=PAGE // 2)
    lines = [
        {
            "change": change,
            "when": office_time(change.made_at),
            "words": f"{describe(change)}: {count(len(change.items), 'item')}",
            "undone": office_time(change.undone_at) if change.undone_at else "",
        }
        for change in page.rows
    ]
    context = {"lines": lines, "notice": notice, **pager(request, page), "words": f"{len(lines)} shown"}
    return render(request, "letters/changes.html", context)


def undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a change back, as far as nobody changed its items since."""
    change = get_object_or_404(BulkChange.objects.filter(by=request.user), pk=pk)
    if request.method != "POST":
        return redirect("changes")
    try:
        outcome = bulk.take_back(change, by=request.user)
    except RecordError as error:
        messages.error(request, str(error))
        return redirect(safe_next(request) or reverse("changes"))
    n = len(outcome.changed)
    words = f"Taken back: {count(n, 'item')}." if n else "Nothing could be taken back."
    words += left_words(outcome)
    if outcome.unseen:
        words += f" {count(outcome.unseen, 'item')} you may no longer see stayed as they are."
    (messages.success if n and not outcome.left else messages.warning)(request, words)
    return redirect(safe_next(request) or reverse("changes"))


def tell(request: HttpRequest, outcome: bulk.Outcome) -> None:
    """Say what was done, what was left alone and why, with the way back."""
    n = len(outcome.changed)
    if not outcome.change:
        messages.error(request, "Nothing was changed." + left_words(outcome))
        return
    one = str(outcome.changed[0]) if n == 1 else count(n, "item")
    words = f"{describe(outcome.change)}: {one}." + left_words(outcome)
    level = messages.WARNING if outcome.left else messages.SUCCESS
    messages.add_message(request, level, words, extra_tags="undo:" + reverse("change_undo", args=[outcome.change.pk]))


def describe(change: BulkChange) -> str:
    """What a change did, in words."""
    details = change.details
    match change.verb:
        case "assign":
            return f"Assigned to {details.get('name', 'nobody')}"
        case "snooze":
            until = details["until"]
            return f"Remind on {long_date(dt.date.fromisoformat(until))}" if until else "Reminders as usual"
        case "note":
            return "Note added"
    return f"Marked as “{Status(details['to']).label}”"


def left_words(outcome: bulk.Outcome) -> str:
    """Which items were left alone, and why."""
    if not outcome.left:
        return ""
    named = " ".join(f"{tasking}: {why}" for tasking, why in outcome.left[:NAMED])
    more = len(outcome.left) - NAMED
    return f" Left as they are: {len(outcome.left)}. {named}" + (f" And {more} more." if more > 0 else "")


def editor(request: HttpRequest) -> None:
    """Only who may change the record; a viewer is told so."""
    need(request, EDIT, "may see items but not change them.")


def seen(request: HttpRequest) -> TaskingQuerySet:
    """What can be chosen from."""
    found = with_reopening(Tasking.objects.visible_to(request.user).counted())
    return found.select_related("ask__letter", "ask__kind", "agency", "acting_agency", "owner", "passed_to__agency")


def selection(request: HttpRequest) -> tuple[Chosen, str]:
    """The chosen items: ticked, of the page, or the whole list; or a sentence why they are too many."""
    scope = request.POST.get("scope", "ticked")
    if scope == "ticked":
        values = request.POST.getlist("item")
        return (picked(request, values), "") if len(values) <= bulk.MOST else ([], bulk.too_many(len(values)))
    listing = Listing(QueryDict(request.POST.get("query", "")), user=request.user)
    if scope == "page":
        page, _ = page_at(request.POST.get("cursor"), listing.rows, listing.order, size=PAGE)  # as the list showed it
        keys = [t.pk for t in page.rows]
    else:
        keys = list(listing.found.values_list("pk", flat=True)[: bulk.MOST + 1])
        if len(keys) > bulk.MOST:
            return [], bulk.too_many(listing.found.count())
    return [(tasking, None) for tasking in seen(request).filter(pk__in=keys).order_by(*BY_LETTER)], ""


def picked(request: HttpRequest, values: list[str], *, among: TaskingQuerySet | None = None) -> Chosen:
    """Items named as KEY.VERSION, with the version the person saw; what they may not see is not there.

    `among`: what can be chosen from, where that is not what the queue lists.
    """
    versions: dict[uuid.UUID, int | None] = {}
    for value in values:
        key, _, version = value.partition(".")
        try:
            versions[uuid.UUID(key)] = int(version) if version.isdecimal() and len(version) < 10 else None
        except ValueError:
            continue
    found = (seen(request) if among is None else among).filter(pk__in=versions).order_by(*BY_LETTER)
    return [(tasking, versions[tasking.pk]) for tasking in found]


def back_url(request: HttpRequest) -> str:
    """Where the person came from: the list as it was, or a page of this site."""
    query = request.POST.get("query", "")
    return safe_next(request) or reverse("queue") + (f"?{query}" if query else "")


def safe_next(request: HttpRequest) -> str:
    """`next`, or where htmx says the person is, if it is a page of this site."""
    there = request.POST.get("next") or (request.htmx.current_url_abs_path if request.htmx else "") or ""
    return there if there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None) else ""
