"""Draws the table of transitions as one SVG: plain text, the same bytes for the same table. Pure."""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from letters.domain.transitions import needs as needs_of_move
from letters.enums import OPEN_STATUSES, PAUSED_STATUSES, ClosesAs, Status
from letters.reports.transition_layout import MARGIN, PAD, TITLES, Box, Layout, Route, Router
from letters.reports.transitions import (
    CLOSED,
    DRAFT,
    OPEN,
    Block,
    Needs,
    Statuses,
    Table,
    blocks,
    following_words,
    moves,
)

LABELS = {
    (DRAFT, OPEN): ("sent",),
    (DRAFT, CLOSED): ("given up",),
    (OPEN, CLOSED): ("closed, with", "what it needs"),
    (CLOSED, OPEN): ("reopened,",),
}
SHORT_NEEDS = {
    "reason": "a reason",
    "reply": "a reply",
    "evidence": "evidence",
    "promised_on": "a date",
    "agency": "an agency",
}
SUCCESS = {ClosesAs.ANSWERED.value, ClosesAs.IMPLEMENTED.value}

STYLE = """
  svg { --paper: #fff; --card: #f6f6f2; --inner: #ecebe5; --node: #fff; --ink: #13171f; --soft: #565c65; --line: #d5d4cd; --accent: #1a4480; --done: #1d5e25; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #13171f; --card: #1b212b; --inner: #262e3b; --node: #13171f; --ink: #edeff0; --soft: #a9aeb1; --line: #3b4555; --accent: #94bdfd; --done: #a5d0ad; }
  }
  text { font: 14px "Public Sans", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--ink); }
  .paper { fill: var(--paper); }
  .title { font-size: 19px; font-weight: 700; }
  .soft { fill: var(--soft); font-size: 13px; }
  .group { fill: var(--card); stroke: var(--line); }
  .cell { fill: var(--inner); }
  .head { font-weight: 700; font-size: 15px; }
  .node { fill: var(--node); stroke: var(--line); }
  .name { font-weight: 600; }
  .code { font: 11px ui-monospace, "Roboto Mono", Menlo, Consolas, monospace; fill: var(--soft); }
  .need { fill: var(--soft); font-size: 11px; text-anchor: end; }
  .shape { color: var(--accent); fill: currentcolor; stroke: currentcolor; }
  .shape.done { color: var(--done); }
  .shape.plain { color: var(--soft); }
  .move { fill: none; stroke: var(--accent); stroke-linejoin: round; }
  .tip { fill: var(--accent); stroke: none; }
  .label { font-size: 13px; fill: var(--accent); paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
  .middle { text-anchor: middle; }
"""


def draw(table: Table, needs: Needs, shapes: str) -> str:
    """The picture. `shapes` is the text of static/img/shapes.svg: a status looks as it does on screen."""
    layout = Layout(table)
    height = layout.bottom + 92
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(layout.width)} {_n(height)}" '
        f'width="{_n(layout.width)}" height="{_n(height)}" role="img" aria-labelledby="title desc">',
        '<title id="title">Which status may follow which</title>',
        f'<desc id="desc">{escape(_in_words(table))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{_n(layout.width)}" height="{_n(height)}"/>',
        _text(MARGIN, 34, "title", "Which status may follow which"),
        _text(MARGIN, 57, "soft", f"{len(table)} statuses, {len(moves(table))} moves. One line stands for all moves from where it begins to where it ends."),
    ]  # fmt: skip
    parts += _frames(layout)
    routes = Router(layout)
    lines = [(block, routes.route(block)) for block in blocks(table) if not _inside(block)]
    parts += [_line(block, route) for block, route in lines]
    symbols = _symbols(shapes)
    for members in layout.groups.values():
        parts += [_node(status, layout.box[(status,)], needs, symbols) for status in members]
    parts += [label for block, route in lines for label in _labels(block, route, layout, needs)]
    notes = (
        "To leave a closed status needs a reason. The kind of ask decides whether success is “answered” or “done”.",
        "“Passed on” reopens only once the item it was passed to is withdrawn.",
    )
    parts += [_text(MARGIN, height - 36 + 19 * n, "soft", note) for n, note in enumerate(notes)]
    return "\n".join([*parts, "</svg>", ""])


def _inside(block: Block) -> bool:
    """Said by the box around a free cell."""
    return block.sources == block.targets


def _frames(layout: Layout) -> Iterator[str]:
    for name, title in TITLES.items():
        if members := layout.groups[name]:
            box = layout.box[members]
            yield _rect(box, "group", 8)
            yield _text(box.x + PAD, box.y + 27, "head", title)
    for cell in layout.free:
        box = layout.box[cell]
        yield _rect(box, "cell", 6)
        yield _text(box.x + 12, box.y + 20, "soft", "any of these to any other of them")


def _node(status: Status, box: Box, needs: Needs, symbols: Mapping[str, str]) -> str:
    wanted = needs.get(status, ())
    short = [SHORT_NEEDS.get(need, need) for need in wanted] if len(wanted) == 1 else wanted  # two fit without articles
    hint = f"needs {', '.join(short)}" if wanted else ""
    if status in PAUSED_STATUSES:
        hint = "clock stands still"
    colour = "done" if status.value in SUCCESS else "" if status in OPEN_STATUSES else "plain"
    return "".join(
        (
            _rect(box, "node", 4),
            f'<g class="shape {colour}" transform="translate({_n(box.x + 12)} {_n(box.y + 9)}) scale(1.15)">{symbols.get(status, "")}</g>',
            _text(box.x + 34, box.y + 20, "name", status.label),
            _text(box.x + 34, box.y + 37, "code", status.value),
            _text(box.right - 10, box.y + 37, "need", hint) if hint else "",
        )
    )


def _line(block: Block, route: Route) -> str:
    """As thick as it stands for many moves. The tip lies within the line's own length."""
    count = len(block.moves())
    thick = 2.0 if count == 1 else 3.5 if 1 in (len(block.sources), len(block.targets)) else 7.0
    tip = 5 + 2.2 * thick
    (x0, y0), (x1, y1) = route.points[-2:]
    length = abs(x1 - x0) + abs(y1 - y0)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    points = [*route.points[:-1], (x1 - dx * (tip - 1), y1 - dy * (tip - 1))]
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    half = tip * 0.62
    back_x, back_y = x1 - dx * tip, y1 - dy * tip
    corners = f"{_n(x1)},{_n(y1)} {_n(back_x - dy * half)},{_n(back_y + dx * half)} {_n(back_x + dy * half)},{_n(back_y - dx * half)}"
    words = f"{_names(block.sources)} to {_names(block.targets)}"
    return f'<g><title>{escape(words)}</title><path class="move" stroke-width="{_n(thick)}" d="{path}"/><polygon class="tip" points="{corners}"/></g>'


def _labels(block: Block, route: Route, layout: Layout, needs: Needs) -> Iterator[str]:
    ends = layout.group_of(block.sources), layout.group_of(block.targets)
    lines = list(LABELS.get(ends, ()))
    asked = {needs_of_move(source, target) for source, target in block.moves()}
    if ends == (CLOSED, OPEN) and asked == {("reason",)}:
        lines.append("with a reason")
    x, y = route.label_at
    anchor = "label middle" if route.anchor == "middle" else "label"
    for number, line in enumerate(lines):
        yield _text(x, y - 16 * (len(lines) - 1 - number), anchor, line)


def _in_words(table: Table) -> str:
    return " ".join(f"{status.label}: {following_words(status, table).replace('`', '')}." for status in table)


def _names(statuses: Statuses) -> str:
    return ", ".join(status.label for status in statuses)


def _symbols(shapes: str) -> dict[str, str]:
    return dict(re.findall(r'<symbol id="(\w+)"[^>]*>(.*?)</symbol>', shapes, flags=re.DOTALL))


def _rect(box: Box, name: str, radius: int) -> str:
    return f'<rect class="{name}" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{radius}"/>'


def _text(x: float, y: float, name: str, words: str) -> str:
    return f'<text class="{name}" x="{_n(x)}" y="{_n(y)}">{escape(words)}</text>'


def _n(number: float) -> str:
    """A number without needless digits, the same on every machine."""
    return f"{number:.1f}".removesuffix(".0")
