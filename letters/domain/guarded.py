"""Words in the cells of a file: a spreadsheet that opens it runs nothing that a letter, a reply or a name says. Pure."""

import re

# What spreadsheets take for the beginning of a formula, also after blanks and in its full-width forms.
FORMULA = re.compile(r"^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
# What XML cannot say.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def guarded(words: str) -> str:
    """Words as a cell may have them: what looks like a formula begins with an apostrophe."""
    words = UNWRITABLE.sub(" ", words)
    return f"'{words}" if FORMULA.search(words) else words


def quoted(words: str) -> str:
    """As `guarded`, for a sheet that is read back: what begins with apostrophes itself gets one more, so that `unquoted`
    gives back the very words."""
    words = UNWRITABLE.sub(" ", words)
    return f"'{words}" if FORMULA.search(words.lstrip("'")) else words


def unquoted(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and FORMULA.search(cell.lstrip("'")) else cell
