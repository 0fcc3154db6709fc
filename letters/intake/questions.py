"""A pasted list of questions as the lines of a checklist, each with the number it has in the letter ("2a")."""

from letters.intake.question_list import flat, read_questions


def question_lines(text: str) -> list[str]:
    """Each question in order. What only leads to the questions under it ("Given recent reports:") stands before the first of them."""
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
