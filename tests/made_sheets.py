"""The sample sheets of `fixtures/sheets/`, made from facts of published letters: `python -m tests.made_sheets` writes them.

Only what the letters themselves say: no reply and no outcome but the one that a public source proves.
"""

import csv
import datetime as dt
import io
from typing import Any

import xlsxwriter

from letters.intake.reference import FIXTURES, load_yaml

SHEETS = FIXTURES / "sheets"


def facts(name: str) -> dict[str, Any]:
    if name == "seed":
        return load_yaml(FIXTURES / "seed_letter.yaml")
    (file,) = (FIXTURES / "letters").glob(f"{name}-*.yaml")
    return load_yaml(file)


def names(letter: dict[str, Any]) -> list[str]:
    return [one["printed_name"] for one in letter["signatures"]]


def american(day: dt.date | None) -> str:
    return f"{day.month}/{day.day}/{day:%y}" if day else ""


def agency_names() -> dict[str, str]:
    return {one["slug"]: one["name"] for one in load_yaml(FIXTURES / "agencies.yaml")}


def one_row_a_letter() -> bytes:
    """CSV as Excel in America saves it: Windows line ends, dates as 4/25/23, several names in a cell."""
    known = agency_names()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "No.",
            "Date",
            "Subject",
            "Signed by",
            "Lead",
            "Addressed to",
            "Agency",
            "Our role",
            "Response due",
            "Link",
            "Topic",
            "Comments",
        ]
    )
    for number, name in enumerate(["12", "56", "53", "24", "20", "16", "68"], 1):
        one = facts(name)
        asked = [a["agency"] for a in one["addressees"] if a["delivery"] == "to"]
        leads = [s["printed_name"] for s in one["signatures"] if s.get("lead")]
        role = {"followed": "followed", "co_signed": "cosigned"}.get(one["our_role"], "led")
        writer.writerow([
            number, american(one["letter_date"]), one["subject"], "; ".join(names(one)), "; ".join(leads),
            "; ".join(a["printed_name"] for a in one["addressees"]), "; ".join(known.get(slug, slug) for slug in asked), role,
            american(one["deadline"]), one["published_url"], "; ".join(one["topics"]), "",
        ])  # fmt: skip
    return out.getvalue().replace("’", "'").encode("utf-8-sig")


def one_row_an_ask_and_agency() -> bytes:
    """XLSX, a row for each ask at each agency, real dates, everything repeated in every row."""
    known = agency_names()
    headers = ["Letter", "Letter date", "Subject", "Signers", "Addressees", "Addressed agencies", "Our part", "Deadline", "Published at",
               "Ask number", "Kind of ask", "What we ask", "In the letter’s words", "About", "Agency", "Consulted", "Acting bureau", "Status",
               "Evidence", "Evidence seen", "Status since"]  # fmt: skip
    rows = []
    for number, name in enumerate(["seed", "12", "05"], 1):
        one = facts(name)
        targets = {target["slug"]: target for target in one["targets"]}
        role = {"followed": "followed", "co_signed": "co-signed"}.get(one["our_role"], "led")
        for ask in one["asks"]:
            leads = [t for t in ask["taskings"] if t["role"] == "lead"]
            consulted = "; ".join(known[t["agency"]] for t in ask["taskings"] if t["role"] == "consulted")
            about = "; ".join(_about(targets[slug]) for slug in ask["targets"])
            for place, tasking in enumerate(leads):
                outcome = ask.get("outcome") or {}
                proof = (outcome.get("evidence") or [{}])[0]
                rows.append([
                    f"A-{number}", one["letter_date"], one["subject"], "\n".join(names(one)), "; ".join(a["printed_name"] for a in one["addressees"]),
                    "; ".join(known[a["agency"]] for a in one["addressees"]), role, one["deadline"], one.get("published_url", ""), ask["number"],
                    ask["kind"], ask["summary"], " ".join(ask["quote"].split()), about, known[tasking["agency"]], consulted if place == 0 else "",
                    known.get(tasking.get("acting_agency", ""), ""), "done" if outcome else "no reply", proof.get("citation", ""), "",
                    outcome.get("happened_on", ""),
                ])  # fmt: skip
    return workbook({"Letters": [headers, *rows]})


def _about(target: dict[str, Any]) -> str:
    kind = {"programme": "program"}.get(target["kind"], target["kind"])
    return target["name"] if kind == "company" else f"{target['name']} ({kind})"


def ugly_on_purpose() -> bytes:
    """What years of hands make of a sheet: a title, merged cells, four ways to write a date, an agency nobody knows, formulas."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001 - the same bytes each time
    sheet, other, hidden = (book.add_worksheet(name) for name in ("LETTERS (current)", "Key", "old"))
    hidden.hide()
    other.write_row(0, 0, ["Yellow", "waiting"])
    loud, red, day = (
        book.add_format({"bold": True, "bg_color": "yellow"}),
        book.add_format({"bg_color": "red"}),
        book.add_format({"num_format": "m/d/yy"}),
    )
    sheet.write(0, 0, "CORRESPONDENCE LOG -- do not sort!!", loud)
    sheet.write(1, 0, "updated by the front office")
    sheet.write_row(
        3, 0, ["DATE", "RE:", "Signed By", "Dept.", "REQUEST(S)", "Status", "Days", "Response Due Date", "Notes"], loud
    )
    seed, budd, hawley, warner = (facts(name) for name in ("seed", "68", "24", "56"))
    turned = "; ".join(f"{' '.join(name.split()[1:])}, {name.split()[0]}" for name in names(seed)[:1])
    # three asks under one merged letter
    sheet.merge_range(4, 0, 6, 0, seed["letter_date"], day)
    sheet.merge_range(4, 1, 6, 1, seed["subject"])
    sheet.merge_range(4, 2, 6, 2, turned + ";\n" + "; ".join(names(seed)[1:]))
    for place, (number, agency) in enumerate(
        [(1, "TREASURY"), (2, "Dept. of Commerce"), (5, "Treasury, Commerce and State")]
    ):
        ask = seed["asks"][number - 1]
        sheet.write_row(4 + place, 3, [agency, ask["summary"], "pending"])
        sheet.write_formula(4 + place, 6, f"=TODAY()-A{5 + place}", None, 100)
    sheet.write(6, 8, "big one. \xa0see binder", red)
    # a serial number, a text, and a date that could be two
    sheet.write_number(7, 0, (budd["letter_date"] - dt.date(1899, 12, 30)).days)
    sheet.write_row(
        7,
        1,
        [
            budd["subject"],
            ", ".join(names(budd)),
            "State Dept",
            budd["asks"][0]["summary"],
            "No response",
            "",
            budd["deadline"].strftime("%B %-d, %Y"),
        ],
    )
    sheet.write_row(
        8,
        0,
        [
            f"{hawley['letter_date']:%B} {hawley['letter_date'].day}, {hawley['letter_date'].year}",
            hawley["subject"],
            "Hawley, Vance and Rubio",
            "Treasurey",
        ],
    )
    sheet.write(8, 4, hawley["asks"][0]["summary"])
    sheet.write_formula(9, 0, "=A9+1", None, "")
    sheet.write_row(9, 1, [warner["subject"], "Mark R. Warner", "OMB", "", "closed"])
    sheet.write(9, 7, american(warner["deadline"]))
    sheet.write(11, 1, "TOTAL: 4 letters", loud)
    book.close()
    return out.getvalue()


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A plain workbook of these rows."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "default_date_format": "m/d/yyyy", "strings_to_formulas": False, "strings_to_urls": False},
    )
    book.set_properties({"created": dt.datetime(2026, 1, 1)})  # noqa: DTZ001 - the same bytes each time
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(number, place, dt.datetime.combine(value, dt.time()))
                elif value not in (None, ""):
                    sheet.write(number, place, value)
    book.close()
    return out.getvalue()


MADE = {
    "one-row-a-letter.csv": one_row_a_letter,
    "one-row-an-ask-and-agency.xlsx": one_row_an_ask_and_agency,
    "ugly-on-purpose.xlsx": ugly_on_purpose,
}

if __name__ == "__main__":
    SHEETS.mkdir(exist_ok=True)
    for name, make in MADE.items():
        (SHEETS / name).write_bytes(make())
        print(SHEETS / name)
