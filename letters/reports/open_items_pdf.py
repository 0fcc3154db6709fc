"""The PDF of a report, typeset from what it says and nothing else."""

import json
from pathlib import Path

import typst

from letters.reports.open_items import Printed

TEMPLATE = Path(__file__).with_name("documents") / "open_items.typ"
MOST_LINES = 3_000  # printed; whoever has more reads the workbook


def as_pdf(printed: Printed) -> bytes:
    """US letter, landscape; headings of tables again on each page."""
    made = typst.compile(str(TEMPLATE), root=str(TEMPLATE.parent), sys_inputs={"data": json.dumps(printed.data())})
    return bytes(made or b"")
