"""The tables of an import in words: its columns, and what the words of a status column mean. For the page and docs/."""

from dataclasses import dataclass

from letters.domain.transitions import NEED_WORDS, NEEDS
from letters.intake.sheet.columns import ASK, COLUMNS, ITEM, LETTER, Column
from letters.intake.sheet.statuses import UNCLEAR, WORDS

LEVELS = {LETTER: "Of the letter", ASK: "Of an ask", ITEM: "Of an ask at one agency"}
SHOWN = 5  # other headers named beside each column


@dataclass(frozen=True)
class StatusLine:
    """What a status is called on screen, by which words, and what a row has to bring for it."""

    status: str
    words: str
    needs: str


def columns_by_level() -> list[tuple[str, list[Column]]]:
    """The columns, under what they are said of."""
    return [(words, [column for column in COLUMNS if column.level == level]) for level, words in LEVELS.items()]


def also(column: Column) -> str:
    """Other headers that mean it."""
    return ", ".join(column.names[:SHOWN])


def status_lines() -> list[StatusLine]:
    """One line for each status that a sheet may bring."""
    return [
        StatusLine(
            str(status.label), ", ".join(word for word in words if word),
            " and ".join(NEED_WORDS[need].split(":")[0] for need in NEEDS.get(status, ())),
        )
        for status, words in WORDS.items()
    ]  # fmt: skip


def as_markdown() -> str:
    """The same as tables of docs/import.md."""
    lines = []
    for level, columns in columns_by_level():
        lines += [f"### {level}", "", "| column | also | |", "|---|---|---|"]
        lines += [f"| {column.label} | {also(column)} | {column.help} |" for column in columns]
        lines.append("")
    lines += ["### Status", "", "| becomes | words | needs |", "|---|---|---|"]
    lines += [f"| {line.status} | {line.words} | {line.needs} |" for line in status_lines()]
    lines += ["", "Words that say too little come in as open, with the way out: " + ", ".join(UNCLEAR) + "."]
    return "\n".join(lines) + "\n"
