"""What the pages of an import show at each step."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from letters.domain.access import RELEASE, may
from letters.domain.deadlines import count
from letters.domain.words import office_time
from letters.enums import ImportState
from letters.intake.sheet import batches, columns, mending, running, undoing
from letters.intake.sheet.checking import date_order
from letters.intake.sheet.csv_file import FORMULA, as_number
from letters.intake.sheet.days import Order
from letters.models import ImportBatch, ImportRow, Letter

PAGE = 50
LETTERS_SHOWN = 200
SAMPLES = 3
LONG_CELL = 80
SHOWS = {"problems": "with problems", "remarks": "worth a look", "all": "all rows"}
ORDERS = {
    Order.UNKNOWN: "Dates like 4/5/2023 could be read two ways, and nothing in this file says which. How are they meant?",
    Order.MIXED: "This file has dates like 4/25/2023 and dates like 25/4/2023. How are those meant that could be either, like 4/5/2023?",
}


def draw(
    request: HttpRequest,
    batch: ImportBatch,
    *,
    problems: list[str] | None = None,
    match: bool = False,
    is_stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page of a batch at its step. `is_stale`: what was posted was chosen of another state of it, and is not drawn again."""
    context: dict[str, Any] = {
        "batch": batch, "problems": problems or [], "refused": batch.counts.get("refused", ""),
        "crumbs": [{"label": "Import", "url": "/import/"}], "told": f"{batch.size:,} bytes, brought in {office_time(batch.created_at)}",
    }  # fmt: skip
    if batch.state == ImportState.IMPORTED and undoing.UNDOING in batch.counts:
        return render(request, "imports/running.html", context | _running(batch), status=status)
    if batch.state in (ImportState.IMPORTED, ImportState.UNDONE):
        return render(request, "imports/done.html", context | _done(request, batch), status=status)
    if batch.state in (ImportState.IMPORTING, ImportState.READING) or (
        batch.state == ImportState.CHECKING and not match
    ):
        return render(request, "imports/running.html", context | _running(batch), status=status)
    if batch.state == ImportState.FAILED or not batch.headers:
        return render(request, "imports/sheet.html", context, status=status)
    if batch.state == ImportState.MATCHING or match:
        return render(
            request, "imports/columns.html", context | _columns({} if is_stale else request.POST, batch), status=status
        )
    return render(request, "imports/rows.html", context | _rows(request, batch), status=status)


def outcome_words(batch: ImportBatch) -> str:
    """What became of a file, for the list of files."""
    if batch.state == ImportState.IMPORTED and undoing.UNDOING in batch.counts:
        return "being undone"
    if batch.state == ImportState.IMPORTING and batch.counts.get(running.DRY):
        return "being tried"
    if batch.state == ImportState.IMPORTED:
        return str(batch.counts.get("words", ""))
    if batch.state == ImportState.UNDONE:
        return "undone: its letters are marked as entered in error"
    return str(batch.get_state_display())


def _running(batch: ImportBatch) -> dict[str, Any]:
    done, total = running.progress(batch) or (0, 0)
    what = {
        ImportState.READING: "being read", ImportState.CHECKING: "being checked", ImportState.IMPORTED: "being undone",
    }.get(ImportState(batch.state), "being tried, and taken back" if batch.counts.get(running.DRY) else "being imported")  # fmt: skip
    noun = "row" if batch.state == ImportState.READING else "letter"
    words = (
        f"{done:,} of {count(total, noun)}"
        if total
        else f"{count(done, noun)} so far"
        if done
        else "It has just begun."
    )
    return {
        "what": what,
        "words": words,
        "done": done,
        "total": total,
        "again": {ImportState.CHECKING: "check", ImportState.IMPORTING: "apply", ImportState.IMPORTED: "undo"}.get(
            ImportState(batch.state), "sheet"
        ),
    }


def _columns(posted: Mapping[str, Any], batch: ImportBatch) -> dict[str, Any]:
    samples = list(batch.rows.order_by("number").values_list("cells", flat=True)[: SAMPLES * 4])
    chosen = [posted.get(f"column-{place}", code) for place, code in enumerate(batch.columns)]
    order = date_order(batch)
    lines = []
    for place, header in enumerate(batch.headers):
        seen = [cells[place] for cells in samples if place < len(cells) and cells[place]][:SAMPLES]
        if header or seen:
            lines.append(
                {
                    "place": place,
                    "header": header,
                    "chosen": chosen[place],
                    "samples": [_sample(one, chosen[place]) for one in seen],
                }
            )
    order_now = posted.get("order") or {True: "day", False: "month"}.get(batch.day_first, "month")  # type: ignore[arg-type]
    levels = [("The letter", columns.LETTER), ("An ask", columns.ASK), ("An ask at one agency", columns.ITEM)]
    options = [(words, [c for c in columns.COLUMNS if c.level == level]) for words, level in levels]
    return {"lines": lines, "options": options, "order_words": ORDERS.get(order, ""), "order_now": order_now}


def _sample(cell: str, code: str) -> str:
    return as_number(cell.removeprefix(FORMULA), is_day=code in columns.DATES)[:LONG_CELL]


def _rows(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    counts = batch.counts
    show = request.GET.get("show", "")
    if show not in SHOWS:
        show = "problems" if counts.get("blocked") else "remarks" if counts.get("remarks") else "all"
    rows = batch.rows.order_by("number")
    if show == "problems":
        rows = rows.filter(blocked=True)
    elif show == "remarks":
        rows = rows.exclude(findings=[])
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 8:
        rows = rows.filter(number__gt=int(after))
    page = list(rows[: PAGE + 1])
    more = f"?show={show}&after={page[PAGE - 1].number}" if len(page) > PAGE else ""
    return {
        "rows": [_row(batch, one) for one in page[:PAGE]], "more": more, "first": f"?show={show}" if after else "", "show": show,
        "tabs": [{"name": name, "words": words, "on": name == show} for name, words in SHOWS.items()],
        "summary": _summary(counts), "tried": counts.get(running.TRIED, ""), "blocked": counts.get("blocked", 0), "new": counts.get("new", 0),
        "new_words": count(counts.get("new", 0), "letter"), "blocked_words": count(counts.get("blocked", 0), "letter"),
    }  # fmt: skip


def _summary(counts: dict[str, Any]) -> str:
    parts = [
        f"{count(counts.get('rows', 0), 'row')}: {count(counts.get('new', 0), 'new letter')} with {count(counts.get('items', 0), 'item')}"
    ]
    for name, words in (("here", "already here"), ("blocked", "not ready"), ("skipped", "left out")):
        if counts.get(name):
            parts.append(f"{counts[name]:,} {words}")
    return ", ".join(parts) + "."


def _row(batch: ImportBatch, row: ImportRow) -> dict[str, Any]:
    values = mending.shown(batch, row)
    by_field: dict[str, list[dict[str, Any]]] = {}
    for finding in row.findings:
        by_field.setdefault(finding["field"], []).append(finding)
    fields = [
        {
            "code": code, "label": columns.BY_CODE[code].label, "value": values.get(code, ""), "findings": found,
            "blocks": any(one["blocks"] for one in found), "is_long": len(values.get(code, "")) > LONG_CELL or "\n" in values.get(code, ""),
        }
        for code, found in by_field.items()
        if code
    ]  # fmt: skip
    heading = " · ".join(
        words for words in (values.get("letter_date") or values.get("sent_on", ""), values.get("subject", "")) if words
    )
    return {
        "row": row, "version": mending.version_of(batch, row), "heading": heading or "no date and no subject", "fields": fields,
        "loose": [one["words"] for one in by_field.get("", [])], "left_out": batches.SKIP in row.mended,
        "facts": [(columns.BY_CODE[code].label, words) for code, words in row.resolved.items()],
    }  # fmt: skip


def draw_row(
    request: HttpRequest, batch: ImportBatch, row: ImportRow, *, problems: list[str], is_stale: bool = False
) -> HttpResponse:
    """Every cell of one row. `is_stale`: as it is now, and beside a cell what somebody had there who did not know of that."""
    values = mending.shown(batch, row)
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in row.findings:
        found.setdefault(finding["field"], []).append(finding)
    codes = [code for code in batch.columns if code] + [code for code in found if code and code not in batch.columns]
    typed = {
        code: request.POST.get(f"cell-{code}", values.get(code, "")).replace("\r\n", "\n") for code in columns.BY_CODE
    }
    # also what was typed under a column that is chosen no more: perhaps by a colleague, meanwhile
    codes += [code for code, words in typed.items() if code not in codes and (words or code in values)]
    fields = []
    for code in codes:
        value = values.get(code, "")
        posted = typed[code]
        drawn = value if is_stale else posted
        fields.append({
            "code": code, "label": columns.BY_CODE[code].label, "value": drawn, "findings": found.get(code, []),
            "blocks": any(one["blocks"] for one in found.get(code, [])), "is_long": len(drawn) > LONG_CELL or "\n" in drawn,
            "yours": (posted or "(empty)") if posted != drawn else "",
        })  # fmt: skip
    now = mending.version_of(batch, row)
    context = {
        # what was refused for another reason is still of the version that it was typed over
        "version": now if is_stale else request.POST.get("version", now), "batch": batch, "row": row, "fields": fields, "problems": problems,
        "left_out": batches.SKIP in row.mended, "back": back_to(request, batch, row.number), "here": f"Row {row.number}",
        "crumbs": [{"label": "Import", "url": "/import/"}, {"label": batch.file_name, "url": reverse("import_batch", args=[batch.pk])}],
    }  # fmt: skip
    return render(request, "imports/row.html", context, status=409 if is_stale else 422 if problems else 200)


def back_to(request: HttpRequest, batch: ImportBatch, number: int) -> str:
    """The list one came from, at this row."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}):
        asked = reverse("import_batch", args=[batch.pk])
    return f"{asked.partition('#')[0]}#row-{number}"


def _done(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    seen = Letter.objects.visible_to(request.user).filter(imported__batch=batch)
    now = undoing.standing(batch, by=request.user) if batch.imported_at else None
    return {
        "words": batch.counts.get("words", ""), "when": office_time(batch.imported_at) if batch.imported_at else "",
        "undone": office_time(batch.undone_at) if batch.undone_at else "", "standing": now, "touched_words": count(len(now.touched), "letter") if now else "",
        "letters": seen.order_by("reference")[:LETTERS_SHOWN], "is_manager": may(request.user, RELEASE),
        "more": max(0, int(batch.counts.get("imported", 0)) - LETTERS_SHOWN), "kept": f"files/{batch.file}",
    }  # fmt: skip
