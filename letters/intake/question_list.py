"""A pasted list of questions, read as the letter nests them. Pure: words in, questions out; a person confirms (invariant 9)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

BULLETS = "•▪◦‣·–—*o-"
MARKER = re.compile(
    r"""^(?P<indent>\s*)(?:
        \(?(?P<number>\d{1,3})(?P<n_end>[.)])(?!\d)\s*
      | (?P<open>\()?(?P<letters>[a-z]|[ivxl]{1,5})(?P<l_end>[.)])(?:\s+|(?=["“'A-Z]))
      | (?P<open2>\()?(?P<capitals>[A-Z]|[IVXL]{1,5})(?P<c_end>[.)])\s+
      | (?P<bullet>[BULLET])\s+
    )(?=\S)""".replace("[BULLET]", f"[{re.escape(BULLETS)}]"),
    re.X,
)
INLINE = re.compile(r"(?<!\w)\((\d{1,2})\)\s+")
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
ENDS = (".", "?", "!", ";", ":", "”", '"', ")")
CLOSING = re.compile(
    r"^\s*(sincerely|respectfully|very truly yours|thank you for|we look forward|i look forward|###)", re.I
)
TAB = 4


@dataclass(frozen=True)
class ReadQuestion:
    """One question as printed, with those under it. `label` is its own mark, without dots: "2", "a", "iv", "" for a bullet."""

    label: str
    text: str
    parts: tuple["ReadQuestion", ...] = ()


@dataclass
class _Open:
    """A question that may still grow."""

    label: str
    lines: list[str]
    parts: list["_Open"] = field(default_factory=list)

    def closed(self) -> ReadQuestion:
        return ReadQuestion(self.label, " ".join(self.lines), tuple(part.closed() for part in self.parts))


@dataclass
class _Level:
    """A list under way: how it marks, how far it came, how deep it stands."""

    style: tuple
    count: int
    indent: int
    items: list[_Open]


def read_questions(text: str) -> list[ReadQuestion]:
    """The questions of a pasted list: numbers, letters, Roman numerals or bullets, else one to a paragraph."""
    lines = _inline(text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").expandtabs(TAB).split("\n"))
    lines = lines[: next((place for place, line in enumerate(lines) if CLOSING.match(line)), len(lines))]
    if not any(_marks(line) for line in lines):
        return [ReadQuestion("", words) for words in _paragraphs(lines)]
    top: list[_Open] = []
    levels: list[_Level] = []
    between: list[str] = []  # a paragraph without a mark: part of a question only if the list goes on after it
    blank = False
    for line in lines:
        if not line.strip():
            blank = True
            continue
        if found := MARKER.match(line):
            if levels and between:
                levels[-1].items[-1].lines.extend(between)
            between = []
            _place(found, line, levels, top)
        elif levels:
            indented = len(line) - len(line.lstrip()) > levels[-1].indent
            if (blank or between) and not indented:
                between.append(line.strip())
            else:
                levels[-1].items[-1].lines.append(line.strip())
        blank = False
    return [question.closed() for question in top]


def flat(questions: list[ReadQuestion], above: str = "") -> Iterator[tuple[str, str]]:
    """Each question with its full label, in order: ("2", ...), ("2a", ...)."""
    for place, question in enumerate(questions, 1):
        label = question.label or str(place)
        full = f"{above}.{label}" if above and above[-1].isdigit() == label[:1].isdigit() else f"{above}{label}"
        yield full, question.text
        yield from flat(list(question.parts), full)


def _marks(line: str) -> bool:
    return MARKER.match(line) is not None


def _place(found: re.Match, line: str, levels: list[_Level], top: list[_Open]) -> None:
    """Continue the list this mark continues, or begin one: below the last question, or at the top."""
    label, readings = _readings(found)
    indent = len(found["indent"])
    question = _Open(label, [line[found.end() :].strip()])
    for goes_on in (_next, _later):
        for depth in range(len(levels) - 1, -1, -1):
            for style, count in readings:
                if goes_on(levels[depth], style, count, indent):
                    del levels[depth + 1 :]
                    levels[depth].count = count
                    levels[depth].items.append(question)
                    return
    style, count = readings[0]
    while levels and (levels[-1].style == style or _is_bullet(style)) and indent <= levels[-1].indent:
        if len(levels) == 1 or (levels[-1].style == style and indent == levels[-1].indent):
            break
        levels.pop()
    if levels and levels[-1].style == style and indent <= levels[-1].indent:  # a second list of the same kind
        levels[-1].count = count
        levels[-1].items.append(question)
        return
    items = levels[-1].items[-1].parts if levels else top
    items.append(question)
    levels.append(_Level(style, count, indent, items))


def _next(level: _Level, style: tuple, count: int, indent: int) -> bool:
    if _is_bullet(style):
        return level.style == style and level.indent == indent
    return level.style == style and count == level.count + 1


def _later(level: _Level, style: tuple, count: int, indent: int) -> bool:
    """Numbers skip where a line was lost; "i" after "b" is no such case."""
    return style[0] == "number" and level.style == style and count > level.count


def _is_bullet(style: tuple) -> bool:
    return style[0] == "bullet"


def _readings(found: re.Match) -> tuple[str, list[tuple[tuple, int]]]:
    """What the mark may count: "i" is the ninth letter, or one. The likelier first where nothing says which."""
    if found["number"]:
        return found["number"], [(("number", found["n_end"]), int(found["number"]))]
    if found["bullet"]:
        return "", [(("bullet", found["bullet"]), 1)]
    letters = found["letters"] or found["capitals"]
    case, end = ("small", found["l_end"]) if found["letters"] else ("capital", found["c_end"])
    mark, readings = letters.lower(), []
    if set(mark) <= set(ROMAN):
        readings.append(((f"{case} roman", end), _roman(mark)))
    if len(mark) == 1:
        readings.append(((f"{case} letter", end), ord(mark) - ord("a") + 1))
    return letters, sorted(readings, key=lambda reading: reading[1])


def _roman(mark: str) -> int:
    values = [ROMAN[letter] for letter in mark]
    return sum(-v if v < max(values[place:]) else v for place, v in enumerate(values))


def _inline(lines: list[str]) -> list[str]:
    """ "... (1) what; (2) whether" in one paragraph, as lines of their own."""
    made = []
    for line in lines:
        marks = list(INLINE.finditer(line))
        if len(marks) < 2 or [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
            made.append(line)
            continue
        starts = [mark.start() for mark in marks]
        made += [line[: starts[0]], *(line[a:b] for a, b in zip(starts, [*starts[1:], len(line)], strict=True))]
    return made


def _paragraphs(lines: list[str]) -> list[str]:
    """One to a paragraph; without empty lines, one to a line that does not go on in the next. An introduction (it ends with a colon) is none."""
    paragraphs: list[str] = []
    blank = True
    for line in lines:
        words = line.strip()
        if not words or not re.search(r"\w", words):
            blank = True
            continue
        goes_on = paragraphs and not blank and not paragraphs[-1].endswith(ENDS)
        if goes_on:
            paragraphs[-1] += f" {words}"
        else:
            paragraphs.append(words)
        blank = False
    return [words for words in paragraphs if not words.endswith(":")]
