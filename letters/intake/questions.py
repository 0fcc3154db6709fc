"""A pasted list of questions as the lines of a checklist, each with the number it has in the letter ("2a")."""

import re

from letters.intake.question_list import flat, read_questions

LABELED = re.compile(r"\d+[a-z.0-9]*\. ")  # as `question_lines` writes them: "2a. "
COMPOUND = re.compile(r"\d+[a-z][a-z.0-9]*\. |\d+(\.\d+)+\. ")


def question_lines(text: str) -> list[str]:
    """Each question in order. What only leads to the questions under it ("Given recent reports:") stands before the first of them."""
    own = [line.strip() for line in text.splitlines() if line.strip()]
    if any(COMPOUND.match(line) for line in own) and all(LABELED.match(line) for line in own):
        return own  # labeled to the last one already: a list that was read before
    lines: list[str] = []
    leading = ""
    for label, words in flat(read_questions(text)):
        numbered = f"{label}. {words}" if label else words
        if words.rstrip().endswith(":"):
            leading += f"{numbered} "
            continue
        lines.append(leading + numbered)
        leading = ""
    return [*lines, leading.strip()] if leading else lines


def as_typed(questions: list[str]) -> str:
    """Questions of the record as one would type them: read by `question_lines`, they are the same again."""
    tidy = [" ".join(text.split()) for text in questions]
    return next(
        (words for words in ("\n".join(tidy), "\n\n".join(tidy)) if question_lines(words) == tidy), "\n".join(tidy)
    )
