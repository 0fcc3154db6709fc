"""The brief for a meeting with an agency: ours, and one to hand over; as a page, DOCX and PDF."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import directory
from letters.domain.clocks import office_today
from letters.domain.deadlines import count, long_date
from letters.listing import queue_url
from letters.models import Agency, Office, Official
from letters.reports import meeting_brief, typeset
from letters.reports.brief_facts import LeftOut, Scope, gather, house_of, left_out
from letters.reports.documents import MEETING_BRIEF
from letters.web.agencies import over_time
from letters.web.forms import date_field
from letters.web.paging import with_params

FARTHEST = 366  # days from today to the meeting, either way
OURS, THEIRS = "ours", "theirs"
VERSIONS = {OURS: "Ours: stays in the office", THEIRS: "To hand over"}
WHAT = {
    OURS: "It has notes, owners, our reading of their replies and what to ask. Nobody outside gets it.",
    THEIRS: "It may leave the office: no notes, no owners, no numbers of ours, no suggested questions, no usual wait.",
}
CHOOSE = "choose"  # in the address: the letters for named staff only are listed, to put in or leave out


class BriefForm(forms.Form):
    """With whom, when, and for whose eyes; it stands in the address."""

    use_required_attribute = False
    day = date_field("Day of the meeting")
    official = forms.ChoiceField(label="With", required=False)
    version = forms.ChoiceField(label="Version", choices=list(VERSIONS.items()), widget=forms.HiddenInput)
    letter = forms.MultipleChoiceField(
        label="Put in, although only named staff may see them", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "“%(value)s” is no letter that could be put in here. Look at the list again."},
    )  # fmt: skip

    def __init__(
        self, data: object, *, agency: Agency, officials: list[Official], left: LeftOut, today: dt.date
    ) -> None:
        super().__init__(data)
        self.today = today
        official, letter = self.fields["official"], self.fields["letter"]
        official.choices = [("", f"{agency.name}, whoever comes"), *((str(one.pk), _holds(one)) for one in officials)]
        official.error_messages["invalid_choice"] = "“%(value)s” is no official of this agency. Choose one of the list."
        self.fields["version"].error_messages["invalid_choice"] = (
            "“%(value)s” is no version. Choose ours, or the one to hand over."
        )
        letter.choices = [
            (str(key), f"{long_date(day)}, “{subject}” ({count(number, 'open item')})")
            for key, day, subject, number in left.restricted
        ]

    def clean_day(self) -> dt.date:
        """A meeting is near: a year far from now is a slip of the finger."""
        day = self.cleaned_data["day"]
        if abs((day - self.today).days) > FARTHEST:
            far = "ahead of" if day > self.today else "before"
            raise ValidationError(
                f"{long_date(day)} is more than a year {far} today ({long_date(self.today)}). Enter the day of the meeting."
            )
        return day


def _holds(official: Official) -> str:
    days = [
        f"from {long_date(official.start)}" if official.start else "",
        f"to {long_date(official.end)}" if official.end else "",
    ]
    held = " ".join(filter(None, days))
    return f"{official}{f' ({held})' if held else ''}"


class Asked:
    """What a request is about: the agency, the form, and, where it is in order, the brief."""

    def __init__(self, request: HttpRequest, slug: str) -> None:
        self.agency = get_object_or_404(
            Agency.objects.visible_to(request.user).select_related("parent").prefetch_related("officials"), slug=slug
        )
        self.today = office_today()
        self.officials = over_time(list(self.agency.officials.all()))
        self.house = house_of(self.agency)
        self.left = left_out(Scope(self.agency, request.user, self.today, self.today), self.house)
        data = request.GET.copy()
        data.setdefault("day", self.today.isoformat())
        data.setdefault("version", OURS)
        self.form = BriefForm(data, agency=self.agency, officials=self.officials, left=self.left, today=self.today)
        self.brief = self._brief(request) if self.form.is_valid() else None

    def _brief(self, request: HttpRequest) -> meeting_brief.Brief:
        asked = self.form.cleaned_data
        self.scope = Scope(
            agency=self.agency, user=request.user, day=asked["day"], today=self.today,
            official=next((one for one in self.officials if str(one.pk) == asked["official"]), None),
            to_hand_over=asked["version"] == THEIRS,
            put_in=frozenset(key for key, *_ in self.left.restricted if str(key) in asked["letter"]),
        )  # fmt: skip
        self.facts = gather(self.scope, self.house)
        office = Office.objects.select_related("legislator").first()
        name = office.legislator.official_full if office and office.legislator else str(office or "")
        return meeting_brief.brief(self.facts, office=name, demo=bool(office and office.is_demo))

    def file_name(self, kind: str) -> str:
        version = "to-hand-over" if self.scope.to_hand_over else "ours"
        return f"brief-{self.agency.slug}-{self.scope.day}-{version}.{kind}"


def brief(request: HttpRequest, slug: str) -> HttpResponse:
    """The page."""
    return _page(request, Asked(request, slug))


def file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The same as DOCX or PDF, by the office's template."""
    if kind not in typeset.KINDS:
        raise Http404("A brief comes as docx or pdf.")
    asked = Asked(request, slug)
    if asked.brief is None:
        return _page(request, asked)
    try:
        content = typeset.render(MEETING_BRIEF, asked.brief, kind)
    except typeset.TemplateWrong as error:
        asked.form.add_error(
            None, f"The office’s own template no longer works: {error} An administrator can replace it under Documents."
        )
        return _page(request, asked, status=422)
    response = HttpResponse(content, content_type=typeset.KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{asked.file_name(kind)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _page(request: HttpRequest, asked: Asked, status: int = 400) -> HttpResponse:
    agency, form = asked.agency, asked.form
    choosing = CHOOSE in request.GET or bool(form.errors.get("letter"))
    if not choosing:
        form.fields["letter"].widget = forms.MultipleHiddenInput()
    page = reverse("brief", args=[agency.slug])
    context = {
        "agency": agency,
        "crumbs": [
            {"label": "Agencies", "url": reverse("agencies")},
            {"label": str(agency), "url": reverse("agency", args=[agency.slug])},
        ],
        "form": form,
        "choosing": choosing,
        "page_url": page,
        "brief": asked.brief,
    }
    if asked.brief is None:
        return render(request, "letters/brief.html", context, status=status)
    query = with_params(request.GET, **{CHOOSE: None})
    version = asked.brief.version
    context |= {
        "version_name": VERSIONS[version],
        "version_words": WHAT[version],
        "versions": [
            {"label": name, "url": with_params(request.GET, version=code, **{CHOOSE: None}), "count": None, "on": code == version}
            for code, name in VERSIONS.items()
        ],
        "files": [
            {"label": f"Take it as {kind.upper()}", "url": f"{reverse('brief_file', args=[agency.slug, kind])}{query}"}
            for kind in typeset.KINDS
        ],
        "left_out": _left_out(asked) if version == THEIRS else [],
        "choose_url": with_params(request.GET, **{CHOOSE: "1"}) if version == THEIRS and asked.left.restricted else "",
        "open": _open(asked) if version == OURS else {},
        "bureaus": [
            {"name": name, "url": reverse("brief", args=[slug]), "words": count(number, "open item")}
            for slug, name, number in asked.facts.bureaus
        ],
    }  # fmt: skip
    return render(request, "letters/brief.html", context, status=status if form.errors else 200)


def _open(asked: Asked) -> dict:
    """How many are asked of the agency itself, which is what its list in the queue has."""
    if asked.facts.more_open:
        return {}
    number = sum(one.agency_id == asked.agency.pk for one in asked.facts.open)
    return {"number": number, "url": queue_url(ours="all", agency=asked.agency.slug)}


def _left_out(asked: Asked) -> list[str]:
    """What the hand-over says nothing about, for who hands it over."""
    restricted = sum(number for key, _, _, number in asked.left.restricted if key not in asked.scope.put_in)
    said = []
    if restricted:
        are = "is" if restricted == 1 else "are"
        said.append(f"{count(restricted, 'open item')} of letters that only named staff may see {are} left out.")
    put_in = len(asked.scope.put_in)
    if put_in:
        said.append(
            f"{count(put_in, 'letter')} that only named staff may see {'is' if put_in == 1 else 'are'} put in, as you chose."
        )
    if asked.left.co_signed:
        are = "is" if asked.left.co_signed == 1 else "are"
        said.append(
            f"{count(asked.left.co_signed, 'open item')} of letters we only co-signed {are} left out: another office’s to hand over."
        )
    return said


def choose(request: HttpRequest) -> HttpResponse:
    """Which agency: those where something is open, and all others by their own pages."""
    lines = directory.agency_tree(request.user, busy=True)
    rows = [
        {"name": line.agency.name, "depth": line.depth, "url": reverse("brief", args=[line.agency.slug]), "words": _there(line)}
        for line in lines
    ]  # fmt: skip
    return render(request, "letters/brief_choose.html", {"rows": rows})


def _there(line: directory.AgencyLine) -> str:
    parts = [count(line.open, "open item")] if line.open else []
    parts += [f"would act on {line.acting:,}"] if line.acting else []
    return ", ".join(parts) or "nothing open"
