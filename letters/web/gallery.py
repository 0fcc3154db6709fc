"""Every part of the pages in every state, on invented data: what a change of stylesheet is looked at with."""

import uuid
from dataclasses import replace
from datetime import timedelta

from django import forms
from django.shortcuts import render
from django.utils import timezone

from letters.enums import Basis
from letters.reminders.silence import CHECKS
from letters.reports.documents import MEETING_BRIEF
from letters.reports.kaplan_meier import curve
from letters.reports.references import REFERENCES
from letters.reports.reply_records import Kept
from letters.web import brief, gallery_office
from letters.web.board import OLDEST, OPEN, Cell, Chart, Figures, Line, late_columns
from letters.web.curves import curves_of
from letters.web.record_tables import kept

STATUSES = [
    ("draft", "draft", "not sent yet"),
    ("awaiting", "no reply recorded", "open"),
    ("acknowledged", "receipt acknowledged", "open"),
    ("considering", "looking into it", "open"),
    ("clarification", "waiting on us", "open, the clock is stopped"),
    ("partly_addressed", "partly done", "open"),
    ("promised", "promised by May 3, 2027", "open, until the date promised"),
    ("answered", "answered", "closed, by a reply"),
    ("implemented", "done (listed)", "closed, with evidence"),
    ("declined", "refused", "closed, by a reply"),
    ("not_implemented", "lapsed (never answered)", "closed, with a reason"),
    ("overtaken", "no longer needed", "closed, with a reason"),
    ("withdrawn", "withdrawn", "closed, with a reason"),
    ("transferred", "passed to Commerce", "closed, with a reason"),
    ("entered_in_error", "entered in error", "in no count"),
]
OTHER_LABELS = [
    ("unread", "reply received, not yet read"),
    ("consulted", "consulted"),
    ("public", "public"),
    ("office", "office only"),
    ("restricted", "named staff only"),
]
LATE = [
    ("letter", True, "12 days overdue", "asked for by November 11, 2026", 60),
    ("letter", False, "due in 9 days", "asked for by December 2, 2026", 0),
    ("promise", True, "promised for November 14, 9 days ago", "said in their letter of October 2, 2026", 45),
    ("promise", False, "promised for December 20", "said in their letter of October 2, 2026", 0),
    ("statute", True, "3 days overdue", "required by law by November 20, 2026", 15),
    ("statute", False, "due tomorrow", "required by law by November 24, 2026", 0),
    ("yardstick", True, "40 days past our usual wait", "October 14, 2026", 30),
    ("yardstick", True, "1,279 days past our usual wait", "May 24, 2023", 100),
    ("yardstick", False, "day 12 of our usual wait of 21", "December 4, 2026", 8),
]
QUIET = [
    ("", "clock stopped since November 3, 2026", "waiting on us"),
    ("", "owes nothing", "consulted"),
    ("", "remind me on December 1, 2026", ""),
]
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_QUOTE = (
    "TEST we therefore urge you to review, within thirty days and in consultation with the heads of all agencies concerned, whether each of the "
    "companies named in the annex to this letter meets the criteria set out in the order, and to tell us in writing for each of them what you found"
)


def _late(index: int) -> dict:
    basis, late, words, detail, percent = LATE[index]
    return {
        "basis": basis,
        "late": late,
        "words": words,
        "detail": detail,
        "percent": percent,
        "is_red": late and basis not in ("", "yardstick"),
    }


def _row(title: str, status: int, clock: int, **more) -> dict:
    code, words, _ = STATUSES[status]
    return {
        "id": title, "url": "#queue", "title": title, "quote": "TEST should be added to the list without delay", "letter_ref": "2026-0007",
        "letter_url": "#queue", "letter_words": "led by TEST Member, 9 signers", "targets": "TEST Cloud", "kind": "Entity List", "status": code,
        "status_words": words, "late": _late(clock), "owner": "",
    } | more  # fmt: skip


ROWS = [
    ("Treasury", "3 responsible items, acting bureau OFAC", [
        _row("Sanction TEST Cloud", 1, 7, quote="TEST we therefore urge you to impose sanctions on TEST Cloud under existing authorities"),
        _row("Add TEST Group to the NS-CMIC List", 6, 3, owner="Avery Chen", chased="chased 4 times, last November 3"),
        _row("Brief our staff on the licenses granted since 2021", 3, 0, kind="Briefing", owner="Sam Ortiz", unread="reply not yet read"),
    ]),
    ("Commerce", "2 responsible items, acting bureau BIS", [
        _row(f"Answer thirteen questions about {LONG_WORD}", 5, 4, quote=LONG_QUOTE, targets=", ".join(f"TEST company {n}" for n in range(1, 14)), kind="Written answers"),
        _row("Deny licenses to export to TEST Cloud", 4, 8, late={"basis": "", "words": "clock stopped", "detail": "since November 3, 2026", "quiet": True}, owner="Sam Ortiz"),
    ]),
]  # fmt: skip

AGENCIES = ["Treasury", "Commerce", "State"]
MATRIX = [
    ("Sanction TEST Cloud", "TEST under existing authorities", [_row("", 1, 7), None, None]),
    ("Add TEST Cloud to the Entity List", "TEST its close ties", [None, _row("", 8, 8, late=None, note="listed May 3, 2026; agrees"), None]),
    ("Add TEST Group to the NS-CMIC List", "TEST order of 2020", [_row("", 6, 2), None, {"consulted": True, "url": "#matrix"}]),
    (f"Investigate {LONG_WORD}", LONG_QUOTE, [_row("", 3, 0, unread="reply not yet read"), _row("", 9, 8, late=None, note="refuses"), _row("", 4, 8, late=None, note="clock stopped")]),
]  # fmt: skip

TIMELINE = [
    {
        "when": "November 23, 2026, 9:12 a.m.",
        "words": "Reply recorded, received November 20, 2026, about 2 items",
        "parts": [
            {
                "words": "Commerce: add TEST Cloud to the Entity List: reply read; it does not answer",
                "url": "#timeline",
            },
            {"words": "Commerce: deny licenses: reply read; it answers in part", "url": "#timeline"},
        ],
        "by": "recorded by Avery Chen",
        "url": "#timeline",
    },
    {"when": "November 12, 2026", "words": "1 item passed the date the letter set", "kind": "red"},
    {
        "when": "November 3, 2026",
        "words": "We called Treasury: no answer yet",
        "kind": "ours",
        "by": "Sam Ortiz",
        "detail": "next call December 1",
    },
    {"when": "October 15, 2026, 12:00 a.m.", "words": "7 items passed our usual wait", "kind": "late"},
    {"when": "October 2, 2026", "words": "Item 2 done: listed", "kind": "done", "detail": "evidence: 91 FR TEST"},
    {"when": "September 15, 2026", "words": "Letter sent to 3 addressees; 7 items began to wait", "kind": "ours"},
    {"when": "August 2020", "words": "Before the letter: TEST Cloud was listed, as the letter says", "kind": "before"},
]

HEADLINE = [
    {"text": "37 open items", "url": "#", "count": 37}, {"text": " from "}, {"text": "24 asks", "url": "#", "count": 24}, {"text": ", with "},
    {"text": "9 agencies", "url": "#", "count": 9}, {"text": "; "}, {"text": "6 past a date the letter set", "url": "#", "count": 6}, {"text": ", "},
    {"text": "21 past our usual wait", "url": "#", "count": 21}, {"text": ", the longest 1,279 days; "}, {"text": "4 replies unread", "url": "#", "count": 4}, {"text": "."},
]  # fmt: skip

CHIPS = [
    {"label": "All open", "url": "#", "count": 37, "on": True},
    {"label": "Mine", "url": "#", "count": 4},
    {"label": "Unassigned", "url": "#", "count": 20},
    {"label": "Due this week", "url": "#", "count": 0},
    {"label": "Untouched for 90 days", "url": "#", "count": 1284},
    {"label": "By agency", "url": "#", "count": None},
]

LATE_COLUMN, WAIT_COLUMN = late_columns(dict.fromkeys(Basis.values, 0))
CURVES = curves_of(
    {
        "TEST Department": curve({(9, True): 2, (30, True): 3, (80, True): 1, (400, False): 2}),
        "TEST Bureau": curve({(60, True): 1, (700, False): 4}),
        "TEST Commission": curve({(1279, False): 2}),
    },
    of=9,
)
SHARES = [
    ("3 of 11", kept(Kept(3, 11), "#", "#"), "of fewer than 20 no per cent"),
    ("13 of 40", kept(Kept(13, 40), "#", "#"), "from 20 up"),
    ("0 of 5", kept(Kept(0, 5), "#", "#"), "nothing leads nowhere"),
    ("–", kept(Kept(0, 0), "#", "#"), "nothing can be judged yet"),
]

FIGURES = Figures(
    "sample",
    "Open items by agency",
    "Agency",
    [OPEN, LATE_COLUMN, WAIT_COLUMN, OLDEST],
    [
        Line(
            name,
            name,
            [
                Cell(OPEN, opened, "#"),
                Cell(LATE_COLUMN, late, "#"),
                Cell(WAIT_COLUMN, waited, "#"),
                Cell(OLDEST, days, "#", f"{days:,} days", counts=False),
            ],
            "#",
            percent,
        )
        for name, opened, late, waited, days, percent in (
            ("TEST Department", 21, 6, 12, 1279, 100),
            ("TEST Bureau", 4, 0, 4, 31, 19),
            (LONG_WORD, 1, 1, 0, 0, 5),
        )
    ],
    3,
    chart=Chart(
        f"{LATE_COLUMN.key} {WAIT_COLUMN.key}",
        "Most is past our usual wait: TEST Department, 12 items. Side by side, not added up.",
    ),
)
SHORT_LIST = [
    {"url": "#", "title": "TEST Department: sanction TEST Cloud", "when": "Dec 3, 2026", "words": "by a date the letter set"},
    {"url": "#", "title": LONG_QUOTE, "when": "Nov 3, 2025", "words": "last touched"},
]  # fmt: skip

WHY_USUAL = {
    "question": "Why May 24, 2023?",
    "summary": "The letter sets no deadline, so our usual wait applies. It is not a deadline.",
    "steps": [
        "Sent April 25, 2023",
        "21 business days (State's own goal, GAO-14-424)",
        "Skipped: 8 weekend days (April 29–30; May 6–7, 13–14, 20–21), no federal holiday",
        "No pause, extension or promise",
    ],
}
WHY_PROMISE = {
    "question": "Why December 20, 2026?",
    "summary": "They promised it.",
    "steps": [
        "Sent September 15, 2026",
        "The letter asks for an answer by October 15, 2026",
        "On October 2, 2026 TEST agreed to answer by December 20, 2026",
    ],
    "earlier": [
        {"value": "October 15, 2026", "words": "asked for in the letter"},
        {"value": "October 23, 2026", "words": "moved by a pause of 6 business days"},
    ],
}


class SampleForm(forms.Form):
    """One of each control the pages use."""

    subject = forms.CharField(max_length=80, help_text="As it would stand in a list, without the agency's name.")
    quote = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), help_text="The letter's own words.")
    kind = forms.ChoiceField(
        choices=[
            ("", "Choose a kind"),
            ("Listing", [("sanction", "Sanction (SDN)"), ("entity_list", "Entity List")]),
            ("Words", [("written_answers", "Written answers")]),
        ]
    )
    due = forms.DateField(
        required=False,
        label="Asked for by",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave empty when the letter sets no date.",
    )
    companies = forms.IntegerField(required=False, min_value=0, label="How many companies")
    role = forms.ChoiceField(
        choices=[("lead", "responsible"), ("consulted", "consulted, owes nothing")], widget=forms.RadioSelect
    )
    agencies = forms.MultipleChoiceField(
        choices=[("treasury", "Treasury"), ("commerce", "Commerce"), ("state", "State")],
        widget=forms.CheckboxSelectMultiple,
        label="Put to",
        help_text="An agency the letter addresses.",
    )
    restricted = forms.BooleanField(
        required=False, label="Only named staff may see it", help_text="Others find it in no list, count or search."
    )
    file = forms.FileField(required=False, label="Signed copy", help_text="PDF or Word, at most 20 MB.")
    locked = forms.CharField(required=False, disabled=True, initial="2026-0007", label="Reference")


class FilterForm(forms.Form):
    """Filters of a list."""

    agency = forms.ChoiceField(choices=[("", "Any agency"), ("treasury", "Treasury")], required=False)
    kind = forms.ChoiceField(choices=[("", "Any kind"), ("sanction", "Sanction (SDN)")], required=False)
    signatory = forms.CharField(required=False, label="Signed by")
    since = forms.DateField(required=False, label="Sent since", widget=forms.DateInput(attrs={"type": "date"}))


NEXT_STATES = [
    {
        "code": "acknowledged",
        "words": "receipt acknowledged",
        "hint": "They wrote that the letter came. It still waits.",
    },
    {"code": "considering", "words": "looking into it"},
    {"code": "promised", "words": "promised by a date", "hint": "Needs the date.", "needs": "date"},
    {"code": "implemented", "words": "done (listed)", "hint": "Needs evidence.", "needs": "evidence", "checked": True},
    {"code": "declined", "words": "refused", "hint": "Needs the reply that says so.", "needs": "reply"},
    {"code": "overtaken", "words": "no longer needed", "hint": "Needs a reason.", "needs": "reason"},
]
DIFFERENCES = [
    {"label": "Owner", "theirs": "Avery Chen", "yours": ""},
    {"label": "Status", "theirs": "looking into it", "yours": "done (listed)"},
]
CHANGED_ITEMS = [
    {"item": "Treasury: TEST sanction", "by": "Avery Chen", "when": "on May 3, 2023, 2:15 p.m.", "what": "Owner: Avery Chen", "differences": DIFFERENCES, "rows": 3},
    {"item": "Treasury: TEST briefing", "by": "Avery Chen", "when": "on May 3, 2023, 2:16 p.m.", "what": "Note added", "differences": [], "rows": 1},
]  # fmt: skip

GOOD = {
    "subject": "TEST sanction",
    "quote": "TEST words",
    "kind": "sanction",
    "role": "lead",
    "agencies": ["treasury"],
    "restricted": "on",
    "due": "2026-12-02",
}
BAD = {
    "subject": "x" * 90,
    "kind": "nonsense",
    "due": "the day after",
    "companies": "-1",
    "role": "",
    "agencies": ["mars"],
}


class ReasonForm(forms.Form):
    """What a closing needs."""

    evidence = forms.CharField(label="Evidence", help_text="A citation, such as 91 FR TEST, or an address.")
    date = forms.DateField(label="Promised for", widget=forms.DateInput(attrs={"type": "date"}))


class ConfirmForm(forms.Form):
    """Why something is withdrawn."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), label="Reason", help_text="Kept with the item for good."
    )


def _rejected() -> SampleForm:
    form = SampleForm(BAD, prefix="bad")
    form.data = {f"bad-{name}": value for name, value in BAD.items()}
    form.add_error(
        None,
        "Due December 1, 2026 is before the letter was sent, December 2, 2026: give a later date or leave it empty.",
    )
    form.add_error("restricted", "TEST: name at least one person who may see it.")
    form.add_error("file", "TEST.exe is not a PDF or Word file: save it as PDF and choose it again.")
    return form


def _sentence(name: str) -> str:
    return next(check.sentence for check in CHECKS if check.name == name)


def strips() -> list[dict]:
    """The strip under the header in each of its states."""
    now = timezone.now()
    well = {
        "last_sweep_at": now - timedelta(minutes=2),
        "next_sweep_at": now + timedelta(minutes=3),
        "is_red": False,
    }
    waiting = {"mails_waiting": 3, "oldest_unsent_at": now - timedelta(minutes=4)}
    return [
        well,
        well | waiting,
        well | {"last_sweep_at": None},
        well | {"faults": [_sentence("items")]},
        well
        | {
            "last_sweep_at": now - timedelta(hours=7),
            "is_red": True,
            "faults": [_sentence("beat"), _sentence("sweep")],
        }
        | waiting,
        well
        | {
            "last_sweep_at": None,
            "is_red": True,
            "faults": [_sentence("worker")],
            "details": ["worker: TEST, what an administrator reads."],
        },
        well | {"details": ["mail: TEST, what stops no reminder and is for administrators alone."]},
    ]


# Of the sample that templates of the brief are tried on.
BRIEF_ITEM = MEETING_BRIEF.sample.letters[0].asks[0]
INBOX = [
    {
        "line": {"agency": "Treasury", "title": "sanction TEST Cloud", "fact": fact, "why": why, "letter": "2026-0007, TEST letter", "path": "#inbox", "escalated": escalated},
        "since": since, "when": "November 23, 2026, 12:05 a.m.", "notice": {"pk": "", "read_at": read_at},
    }
    for fact, why, escalated, since, read_at in (
        ("no reply recorded, 1 day past our usual wait (November 22, 2026; nobody set a date)", "the day after the date", False, "", None),
        ("no reply recorded, 46 days overdue, asked for by October 8, 2026", "long late; escalated to managers", True, "", None),
        ("", "the day after the date", False, "no longer so: promised by December 20, 2026", None),
        ("a reply came on November 12, 2026, and nobody has said what it says about this", "a reply waits to be read", False, "", timezone.now()),
    )
]  # fmt: skip

KEPT = [("PDF", "26 KB"), ("Workbook", "10 KB"), ("CSV", "2 KB")]
SAID = "TEST 37 open items from 24 asks, with 9 agencies. 6 past a date the letter set."
# state, words, and what else the row has
REPORT_STATES = [
    ("asked", "Waiting to be made: usually begun within a minute.", {"may_cancel": True}),
    ("running", "Being made: 1,500 of 4,000 items written.", {"may_cancel": True, "percent": 38}),
    ("done", "As of November 23, 2026, 6:00 a.m.", {"headline": SAID, "files": [{"words": kind, "size": size, "url": "#"} for kind, size in KEPT]}),
    ("done", "As of November 16, 2026, 6:00 a.m.", {"closed": "It names a letter that you may no longer see. A new report leaves that letter out."}),
    ("failed", "Not made. Something went wrong (OSError: No space left on device). See log/worker.log.", {"may_retry": True}),
    ("cancelled", "Cancelled November 9, 2026, 6:01 a.m.", {"may_retry": True}),
]  # fmt: skip
REPORTS = [
    {
        "report": {"pk": uuid.UUID(int=place)}, "url": "#", "title": "Week of November 23, 2026", "about": "Agency: TEST",
        "state": state, "words": words, **more,
    }
    for place, (state, words, more) in enumerate(REPORT_STATES)
]  # fmt: skip


def gallery(request):
    """The gallery page. Shows no record, so anybody may see it."""
    context = {
        "statuses": STATUSES, "other_labels": OTHER_LABELS, "late_lines": LATE, "quiet_lines": QUIET, "groups": ROWS, "matrix": [(title, quote, list(zip(AGENCIES, cells, strict=True))) for title, quote, cells in MATRIX],
        "matrix_agencies": AGENCIES, "events": TIMELINE, "headline": HEADLINE, "chips": CHIPS, "figures": FIGURES, "curves": CURVES, "shares": SHARES, "reference": REFERENCES[0], "short_list": SHORT_LIST,
        "why_usual": WHY_USUAL, "why_promise": WHY_PROMISE, "empty_form": SampleForm(prefix="empty"), "filled_form": SampleForm(initial=GOOD, prefix="filled"),
        "bad_form": _rejected(), "reason_form": ReasonForm(prefix="reason"),
        "confirm_form": ConfirmForm(prefix="confirm"), "strips": strips(),
        "next_states": NEXT_STATES,
        "inbox": INBOX,
        "reports": REPORTS,
        "steps": gallery_office.STEPS, "import_progress": gallery_office.PROGRESS, "import_lines": gallery_office.lines(), "import_cells": gallery_office.CELLS,
        "versions": brief.VERSIONS, "brief_items": [BRIEF_ITEM, replace(BRIEF_ITEM, inside=None, said=[replace(one, remark="") for one in BRIEF_ITEM.said])],
        "differences": DIFFERENCES,
        "changed_items": CHANGED_ITEMS,
        "filter_form": FilterForm(prefix="filter"),
        "chosen_form": FilterForm(initial={"agency": "treasury"}, prefix="chosen"), "percents": [0, 1, 25, 50, 75, 100],
        "long_word": LONG_WORD, "long_quote": LONG_QUOTE, "crumbs": [{"label": "Letters", "url": "#"}, {"label": "2026-0007", "url": "#"}],
        "themes": ["light", "dark"], "alert_items": ["Treasury: sanction TEST Cloud", "Commerce: deny licenses to export to TEST Cloud"],
    }  # fmt: skip
    return render(request, "gallery.html", context)
