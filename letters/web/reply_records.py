"""Reply records: of all agencies, and of one. Every number leads to exactly its items, within whatever filters the
address has; whatever it says, State's own figures stand beside it as a reference."""

import uuid
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain.congress import begins_on, congress_on, ordinal
from letters.domain.deadlines import DAY, count, long_date
from letters.domain.outcomes import FULL
from letters.domain.words import initial
from letters.enums import AgencyKind, Status
from letters.filters import ALL, LED
from letters.listing import CURSOR, SORT, Listing
from letters.models import Agency
from letters.reports.references import REFERENCES, reference_for
from letters.reports.reply_records import Record, records, together
from letters.web.board import Places
from letters.web.curves import MOST, Curves, curves_of
from letters.web.filter_form import FilterForm
from letters.web.forms import DateInput
from letters.web.paging import with_params
from letters.web.record_tables import ASKED, TABLES, Behind, Cell, Measure, Part, half_sentence
from letters.web.sentences import whose_letters

SHOW = "show"
PERIOD = ("asked_after", "asked_before")
CONGRESSES = 3  # that one may choose with a click, the sitting one first


class PeriodForm(forms.Form):
    """From when to when it was asked: a GET form, whose errors are the filter's own."""

    asked_after = forms.DateField(label="Asked on or after", required=False, widget=DateInput())
    asked_before = forms.DateField(label="Asked on or before", required=False, widget=DateInput())

    def __init__(self, listing: Listing):
        super().__init__(listing.params)
        self.filterset = listing.filterset

    def full_clean(self) -> None:
        super().full_clean()
        self._errors.clear()
        for problem in self.filterset.problems():
            known = problem.field in self.fields
            self.add_error(problem.field if known else None, problem.message.partition(": ")[2] if known else problem.message)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One agency in the tree: `cells` is empty where it stands only above others."""

    slug: str
    label: str
    url: str
    depth: int
    cells: list[tuple[Measure, Cell]]


def reply_records(request: HttpRequest) -> HttpResponse:
    """All agencies, bureaus under their departments, inspectors general apart."""
    listing, places, context = _page(request)
    if not listing.is_valid:
        return render(request, "reports/replies.html", context, status=400)
    found = records(listing.found, listing.today)
    whole = together(found.values())
    show = request.GET.get(SHOW) if request.GET.get(SHOW) in TABLES else next(iter(TABLES))
    _, heading, columns = TABLES[show]
    measures = [ASKED, *columns(whole)]
    lines = _Tree(request, found, measures, places)
    context |= {
        "headline": _sentence(whole, Behind(places), agencies=len(found)),
        "whole": whole,
        "table_heading": heading,
        "show_chips": [
            {"label": label, "url": with_params(request.GET, **{SHOW: code, SORT: None}), "on": code == show}
            for code, (label, *_) in TABLES.items()
        ],
        "columns": _heads(request.GET, [None, *measures]),
        "lines": lines.of(apart=False),
        "inspectors": lines.of(apart=True),
        "total": len(found),
        "curves": lines.curves(found),
        "references": REFERENCES,
    }
    return render(request, "reports/replies.html", context)


def agency_record(request: HttpRequest, slug: str) -> HttpResponse:
    """One agency, in full, if the person may know of it."""
    shown = get_object_or_404(Agency.objects.visible_to(request.user).select_related("parent"), slug=slug)
    listing, places, context = _page(request, agency=shown.slug)
    context |= {
        "agency": shown,
        "crumbs": [
            {"label": "Agencies", "url": reverse("agencies")},
            {"label": initial(str(shown)), "url": reverse("agency", args=[shown.slug])},
        ],
        "all_url": places.page("reply_records"),
    }
    if not listing.is_valid:
        return render(request, "reports/agency_record.html", context, status=400)
    record = records(listing.found, listing.today).get(shown.pk, Record())
    behind = Behind(places, shown.slug)
    context |= {
        "headline": _sentence(record, behind),
        "whole": record,
        "curves": curves_of({initial(str(shown)): record.curve}),
        "sections": [
            {"name": name, "heading": heading, "rows": [(m, m.say(record, behind)) for m in columns(record)]}
            for name, (_, heading, columns) in TABLES.items()
        ],
        "references": [one for one in [reference_for(shown.slug)] if one],
    }
    return render(request, "reports/agency_record.html", context)


def _page(request: HttpRequest, **also: str) -> tuple[Listing, Places, dict]:
    """The address, read as the queue reads it, of open and closed items; and what both pages begin with."""
    params = request.GET.copy()
    named = params.get("state")
    params.pop(SHOW, None)
    params["state"] = "all"
    for name, value in also.items():
        params[name] = value
    listing = Listing(params, user=request.user)
    kept = listing.params.copy()
    for name in also:
        kept.pop(name, None)
    active = [
        part for part in FilterForm(listing, {}).active() if part["name"] not in ("state", "ours", *PERIOD, *also)
    ]
    for part in active:
        part["url"] = with_params(request.GET, **{part["name"]: None, CURSOR: None})
    form = PeriodForm(listing)
    return listing, Places(kept), {
        "form": form,
        "crumbs": [{"label": "Dashboard", "url": reverse("dashboard")}],
        "keep": [
            (name, value) for name, values in request.GET.lists() if name not in PERIOD and name != CURSOR for value in values if value
        ],
        "active": active,
        # the period is no filter of the list above it, and stays
        "clear_url": with_params(request.GET, **{part["name"]: None for part in active}, **{CURSOR: None}),
        "notice": "Reply records count open and closed items: the filter “State” is left out here." if named and named != "all" else "",
        "within": _within(listing),
        "ours_chips": [
            {"label": "Led or followed", "url": with_params(request.GET, ours=None), "on": listing.ours == LED},
            {"label": "Also co-signed", "url": with_params(request.GET, ours=ALL), "on": listing.ours == ALL},
        ],
        "period_chips": _periods(request.GET, listing),
    }  # fmt: skip


def _within(listing: Listing) -> str:
    """Of when and of whose letters, where that is not everything: the sheet that one takes into a meeting has no chips."""
    asked = listing.filterset.form.cleaned_data if listing.is_valid else {}
    first, last = (asked.get(name) for name in PERIOD)
    if first and last:
        number = congress_on(first) or 0
        whole = number and (first, last) == (begins_on(number), begins_on(number + 1) - DAY)
        when = f"asked {long_date(first)}, to {long_date(last)}{f' ({ordinal(number)} Congress)' if whole else ''}"
    else:
        day = first or last
        when = f"asked on or {'after' if first else 'before'} {long_date(day)}" if day else ""
    words = "; ".join(filter(None, [when, whose_letters(listing.ours)]))
    return f"{initial(words)}." if words else ""


def _periods(now: QueryDict, listing: Listing) -> list[dict]:
    """All, and what was asked during each of the last Congresses."""
    here = tuple(now.get(name, "") for name in PERIOD)
    sitting = congress_on(listing.today) or 0
    chips = [{"label": "All", "url": with_params(now, **dict.fromkeys(PERIOD)), "on": here == ("", "")}]
    for number in range(sitting, sitting - CONGRESSES, -1):
        first, last = begins_on(number), begins_on(number + 1) - DAY
        days = (first.isoformat(), last.isoformat())
        label = f"{ordinal(number)} Congress ({first.year}–{first.year + 1})"
        chips.append({"label": label, "url": with_params(now, **dict(zip(PERIOD, days, strict=True))), "on": here == days})  # fmt: skip
    return chips


def _sentence(record: Record, behind: Behind, *, agencies: int = 0) -> list[Part]:
    """What is said before anybody looks further."""
    if not record.asked:
        return [Part("Nothing was asked here.")]
    answered, done = record.replied[FULL], record.statuses[Status.IMPLEMENTED.value]
    parts = [Part(f"{count(record.asked, 'item')}", behind.list(), record.asked)]
    if agencies:
        noun = "agency" if agencies == 1 else "agencies"
        # the table below has a line for each
        parts += [Part(", put to "), Part(f"{agencies:,} {noun}", "#results", agencies)]
    parts.append(Part("; "))
    if answered:
        parts += [Part(f"{answered:,} answered in full", behind.list(replied=FULL), answered)]
    else:
        parts.append(Part("none answered in full"))
    if done:
        parts += [Part(", "), Part(f"{done:,} done", behind.list(status=Status.IMPLEMENTED.value), done)]
    return [*parts, Part(f"; {half_sentence(record.curve)}.")]


def _heads(now: QueryDict, measures: list[Measure | None]) -> list[dict]:
    """The heads of the columns, each a link that sorts by it; None is the agency's name."""
    given = now.get(SORT, "")
    heads = []
    for measure in measures:
        key = measure.key if measure else "name"
        is_up, is_down = given == key or (not given and measure is None), given == f"-{key}"
        # the first click on a number shows the most first
        following = None if measure is None and not is_up else f"-{key}" if not is_down else key
        heads.append(
            {
                "key": key,
                "label": measure.label if measure else "Agency",
                "url": with_params(now, **{SORT: following}),
                "sorted": "ascending" if is_up else "descending" if is_down else "",
            }
        )
    return heads


class _Tree:
    """The agencies that were asked, under those they belong to; sorted among those beside them."""

    def __init__(self, request: HttpRequest, found: dict[uuid.UUID, Record], measures: list[Measure], places: Places):
        self.found, self.measures, self.places = found, measures, places
        agencies = list(Agency.objects.visible_to(request.user).order_by("short_name", "id"))
        by_id = {agency.pk: agency for agency in agencies}
        self.names = {agency.pk: initial(str(agency)) for agency in agencies}
        self.below: dict[uuid.UUID | None, list[Agency]] = {}
        wanted: set[uuid.UUID] = set()
        for key in found:
            at: uuid.UUID | None = key
            while at in by_id and at not in wanted:
                wanted.add(at)
                at = None if by_id[at].kind == AgencyKind.INSPECTOR_GENERAL else by_id[at].parent_id
        for agency in agencies:
            if agency.pk in wanted:
                is_apart = agency.kind == AgencyKind.INSPECTOR_GENERAL or agency.parent_id not in wanted
                self.below.setdefault(None if is_apart else agency.parent_id, []).append(agency)
        given = request.GET.get(SORT, "")
        self.by = next((m for m in measures if m.key == given.removeprefix("-")), None)
        self.is_down = given.startswith("-")

    def of(self, *, apart: bool) -> list[Line]:
        """The inspectors general, or all others."""
        tops = [a for a in self.below.get(None, []) if (a.kind == AgencyKind.INSPECTOR_GENERAL) == apart]
        return self._lines(tops, 0)

    def curves(self, found: dict[uuid.UUID, Record]) -> Curves:
        """Of the agencies asked most."""
        most = sorted(found, key=lambda key: (-found[key].asked, self.names[key]))[:MOST]
        return curves_of({self.names[key]: found[key].curve for key in most}, of=len(found))

    def _lines(self, agencies: list[Agency], depth: int) -> list[Line]:
        lines = []
        for agency in self._sorted(agencies):
            record, behind = self.found.get(agency.pk), Behind(self.places, agency.slug)
            cells = [(m, m.say(record, behind) if record else []) for m in self.measures]
            url = self.places.page("agency_record", agency.slug)
            lines.append(Line(agency.slug, initial(str(agency)), url, depth, cells if record else []))
            lines += self._lines(self.below.get(agency.pk, []), depth + 1)
        return lines

    def _sorted(self, agencies: list[Agency]) -> list[Agency]:
        if self.by is None:
            return agencies[::-1] if self.is_down else agencies
        ranks = {a.pk: self.by.rank(self.found[a.pk]) if a.pk in self.found else None for a in agencies}
        known = [agency for agency in agencies if ranks[agency.pk] is not None]
        known.sort(key=lambda agency: ranks[agency.pk] or 0, reverse=self.is_down)
        return known + [agency for agency in agencies if ranks[agency.pk] is None]
