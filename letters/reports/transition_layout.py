"""Where each part of the picture of transitions stands, and how its lines run. Pure."""

from dataclasses import dataclass

from letters.reports.transitions import CLOSED, DRAFT, OPEN, Block, Statuses, Table, cells, groups, is_free

NODE_HEIGHT, NODE_GAP = 48, 8
NODE_WIDTH = {DRAFT: 132, OPEN: 248, CLOSED: 266}
PAD, HEADER = 20, 40
COLUMNS = (DRAFT, OPEN, CLOSED)
SPACE_AFTER = {DRAFT: 76, OPEN: 136, CLOSED: 0}
MARGIN, TOP = 16, 92
TITLES = {OPEN: "Open", CLOSED: "Closed"}


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    def spans(self, y: float) -> bool:
        return self.y <= y <= self.bottom


class Layout:
    """Where everything is: a column for each group, in it single statuses first, then the free cells in boxes."""

    def __init__(self, table: Table):
        self.groups = groups(table)
        self.column: dict[Statuses, int] = {}
        self.box: dict[Statuses, Box] = {}
        self.free: list[Statuses] = []
        x = float(MARGIN)
        for number, name in enumerate(COLUMNS):
            members = self.groups[name]
            if members:
                self._stack(number, name, x, cells(table, members), table)
                framed = 2 * PAD if name in TITLES else 0
                x += NODE_WIDTH[name] + framed + SPACE_AFTER[name]
        self.width = x + MARGIN
        self.frames = {
            self.column[members[:1]]: self.box[members if name in TITLES else members[:1]]
            for name, members in self.groups.items()
            if members
        }
        self.bottom = max(box.bottom for box in self.box.values())

    def group_of(self, statuses: Statuses) -> str:
        return COLUMNS[self.column[statuses]]

    def _stack(self, number: int, name: str, x: float, found: list[Statuses], table: Table) -> None:
        framed = name in TITLES
        width = NODE_WIDTH[name]
        left, y = (x + PAD, TOP + HEADER) if framed else (x, TOP + HEADER)
        free = [cell for cell in found if is_free(cell, table)]
        in_free = {status for cell in free for status in cell}
        for status in (status for status in self.groups[name] if status not in in_free):
            self._place((status,), Box(left, y, width, NODE_HEIGHT), number)
            y += NODE_HEIGHT + NODE_GAP
        for cell in free:
            y += 22
            start, y = y, y + 30
            for status in cell:
                self._place((status,), Box(left, y, width, NODE_HEIGHT), number)
                y += NODE_HEIGHT + NODE_GAP
            self._place(cell, Box(left - 10, start, width + 20, y - start + 2), number)
            self.free.append(cell)
            y += 2 + NODE_GAP
        for cell in found:  # alike, but no box of their own: an arrow goes to the frame around them
            if cell not in self.box:
                first, last = self.box[cell[:1]], self.box[cell[-1:]]
                self._place(cell, Box(left, first.y, width, last.bottom - first.y), number)
        if framed:
            self._place(self.groups[name], Box(x, TOP, width + 2 * PAD, y - TOP - NODE_GAP + PAD), number)

    def _place(self, statuses: Statuses, box: Box, column: int) -> None:
        self.box.setdefault(statuses, box)
        self.column.setdefault(statuses, column)


@dataclass
class Route:
    """The line of one block, and where its words stand."""

    points: list[tuple[float, float]]
    label_at: tuple[float, float]
    anchor: str = "middle"


class Router:
    """Right-angled lines: straight across where two boxes face each other, else by a lane of their own."""

    def __init__(self, layout: Layout):
        self.layout = layout
        self.used: dict[str, list[float]] = {}

    def route(self, block: Block) -> Route:
        source, target = self.layout.box[block.sources], self.layout.box[block.targets]
        step = self.layout.column[block.targets] - self.layout.column[block.sources]
        if step == 0:
            return self._along(source, target)
        if abs(step) == 1:
            return self._across(block, source, target, rightward=step > 0)
        return self._around(block, source, target, rightward=step > 0)

    def _along(self, source: Box, target: Box) -> Route:
        """Within a column: down or up between neighbours, else by the left edge."""
        gap = target.y - source.bottom if target.y > source.y else source.y - target.bottom
        if 0 <= gap <= 40:
            x = source.centre + (-18 if target.y > source.y else 18)
            start, end = (source.bottom, target.y) if target.y > source.y else (source.y, target.bottom)
            return Route([(x, start), (x, end)], (x + 12, (start + end) / 2 + 4), "start")
        x = self._free(f"along {source.x}", min(source.x, target.x) - 6, -5)
        return Route(
            [(source.x, source.middle), (x, source.middle), (x, target.middle), (target.x, target.middle)],
            (x, (source.middle + target.middle) / 2),
        )

    def _across(self, block: Block, source: Box, target: Box, *, rightward: bool) -> Route:
        start, end = (source.right, target.x) if rightward else (source.x, target.right)
        levels = [y for y in (target.middle, source.middle) if source.spans(y) and target.spans(y)]
        small = min(source, target, key=lambda box: box.height)
        if levels:
            y = self._free(f"across {min(start, end)}", small.middle if small.middle in levels else levels[0], 30)
            left, right = sorted((self._frame(block.sources), self._frame(block.targets)), key=lambda box: box.x)
            above = 18 if min(len(block.sources), len(block.targets)) > 1 else 10
            return Route([(start, y), (end, y)], ((left.right + right.x) / 2, y - above))
        x = self._free(f"gap {min(start, end)}", (start + end) / 2, 12)
        return Route(
            [(start, source.middle), (x, source.middle), (x, target.middle), (end, target.middle)],
            (x, (source.middle + target.middle) / 2),
        )

    def _around(self, block: Block, source: Box, target: Box, *, rightward: bool) -> Route:
        """Past the column between: below it to the right, above it to the left."""
        if rightward:
            first, last = self.layout.column[block.sources], self.layout.column[block.targets]
            between = max(self.layout.frames[number].bottom for number in range(first, last))
            y = self._free("below", between + 24, 14)
            x = self._free(f"beside {target.x}", target.x - PAD - 22, -10)
            points = [(source.centre, source.bottom), (source.centre, y), (x, y), (x, target.middle)]
            return Route([*points, (target.x, target.middle)], (source.centre + 12, y - 8), "start")
        y = self._free("above", TOP - 12, -12)
        points = [(source.centre, source.y), (source.centre, y), (target.centre, y), (target.centre, target.y)]
        return Route(points, ((source.centre + target.centre) / 2, y - 6))

    def _frame(self, statuses: Statuses) -> Box:
        return self.layout.frames[self.layout.column[statuses]]

    def _free(self, lane: str, wanted: float, step: float) -> float:
        taken = self.used.setdefault(lane, [])
        while any(abs(wanted - other) < abs(step) for other in taken):
            wanted += step
        taken.append(wanted)
        return wanted
