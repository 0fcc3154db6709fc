"""Which domain verbs each page and each write of the API calls, read from the source: names followed from the view on.

A verb is a public function of `letters/domain` that takes `by`. What a function names it may call; what it names of its
own side (`letters.web`, `letters.api`) is followed.
"""

import ast
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.urls import get_resolver

from letters.api.writes.all import WRITES
from letters.web import item_actions

ROOT = Path(__file__).resolve().parents[2]
Node = tuple[str, str]  # module, name at its top


@cache
def _tops(module: str) -> dict[str, ast.AST]:
    """What stands at the top of a module, by name."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if not path.exists():
        return {}
    found: dict[str, ast.AST] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found[target.id] = node
        elif isinstance(node, ast.ImportFrom):
            found |= {name.asname or name.name: node for name in node.names}
    return found


def _imported(module: str, name: str) -> Node | str | None:
    """What a name of a module stands for: a name of another one, or that module itself."""
    node = _tops(module).get(name)
    if not isinstance(node, ast.ImportFrom):
        return (module, name) if node is not None else None
    real = next(one.name for one in node.names if (one.asname or one.name) == name)
    inner = f"{node.module}.{real}"
    return inner if (ROOT / (inner.replace(".", "/") + ".py")).exists() else (node.module or "", real)


@cache
def _named_by(node: Node) -> frozenset[Node]:
    """What the source of one function or value names."""
    module, name = node
    found: set[Node] = set()
    top = _tops(module).get(name)
    if top is None or isinstance(top, ast.ImportFrom):
        return frozenset()
    for part in ast.walk(top):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            of = _imported(module, part.value.id)
            if isinstance(of, str):
                found.add((of, part.attr))
        elif isinstance(part, ast.Name):
            of = _imported(module, part.id)
            if isinstance(of, tuple):
                found.add(of)
    return frozenset(found - {node})


@cache
def verbs() -> frozenset[Node]:
    """Every verb of the record."""
    return frozenset(
        (f"letters.domain.{path.stem}", name)
        for path in sorted((ROOT / "letters" / "domain").glob("*.py"))
        for name, top in _tops(f"letters.domain.{path.stem}").items()
        if isinstance(top, ast.FunctionDef)
        and not name.startswith("_")
        and "by" in [argument.arg for argument in top.args.kwonlyargs]
    )


def called_from(start: Iterable[Node], side: str) -> set[str]:
    """The verbs reached from these names, as `module.verb`, without leaving this side of the house."""
    waiting, seen, found = list(start), set(), set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if node in verbs():
            found.add(f"{node[0].removeprefix('letters.domain.')}.{node[1]}")
        elif node[0].startswith(side):
            waiting += _named_by(node)
    return found


def pages() -> dict[str, set[str]]:
    """The verbs of each address of the pages."""
    found: dict[str, set[str]] = {}
    for pattern in get_resolver("letters.web.urls").url_patterns:
        view = inspect.unwrap(pattern.callback)
        start: list[Node] = [(view.__module__, view.__name__)]
        if action := (pattern.default_args or {}).get("action"):  # one view for several verbs: the one it is given
            do = item_actions.ACTIONS[action].do
            start = [(do.__module__, do.__name__)]
        found[str(pattern.pattern)] = called_from(start, "letters.web")
    return found


def writes() -> dict[str, set[str]]:
    """The verbs of each write of the API."""
    return {
        f"{write.method} {write.path}": called_from([(write.do.__module__, write.do.__name__)], "letters.api.writes")
        for write in WRITES
    }
