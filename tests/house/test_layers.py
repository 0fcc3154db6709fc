"""The house plan, enforced where import-linter and the database cannot see."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
(PURE,) = [
    [module.replace(".", "/") + ".py" for module in contract["source_modules"]]
    for contract in CONTRACTS
    if contract["id"] == "pure"
]
CLOCK = {"now", "today", "utcnow", "localdate", "localtime", "time", "monotonic", "office_today"}
VERBS = sorted((ROOT / "letters" / "domain").glob("*.py"))


def tree(path: Path | str) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def test_no_layer_reaches_above_or_beside_itself():
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_no_models(name):
    modules = [node.module or "" for node in ast.walk(tree(name)) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree(name)) if isinstance(node, ast.Import) for alias in node.names]
    assert [module for module in modules if module.startswith(("letters.models", "django"))] == []


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_never_reads_the_clock(name):
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    # `dt.time(9)` makes a time of day; `time.time()` reads the clock
    called = [(ast.unparse(call.func).rpartition(".")[2], bool(call.args)) for call in calls]
    assert [name for name, given in called if name in CLOCK and (name, given) != ("time", True)] == []


def test_nothing_public_is_left_that_nobody_reads():
    """Each name that a module of `letters` makes at its top stands a second time somewhere in the site; but Django and
    Celery find what is in `admin` and `tasks` by themselves."""
    readers = [p for folder in ("letters", "tracker", "bench", "templates") for p in (ROOT / folder).rglob("*.*")]
    texts = {path: path.read_text() for path in readers if path.suffix in (".py", ".html", ".txt")}
    words = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    made = [
        found
        for path, text in texts.items()
        if path.is_relative_to(ROOT / "letters") and not {"migrations", "admin", "tasks.py"} & set(path.parts)
        for found in re.findall(r"^(?:def|class) (\w+)|^([A-Z]\w+)(?:: .+?)? = ", text, re.M)
    ]
    alone = {name for pair in made for name in pair if name and words[name] == 1}
    # Django looks for the first, the tests alone call the second
    assert alone == {"LettersConfig", "settle"}


def functions():
    for path in VERBS:
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield path.stem, node


def writes(node: ast.FunctionDef) -> bool:
    """It is a transaction, or asks whether somebody may."""
    asks = any(isinstance(call, ast.Call) and ast.unparse(call.func) == "require" for call in ast.walk(node))
    return asks or "transaction.atomic" in map(ast.unparse, node.decorator_list)


@pytest.mark.parametrize(
    ("module", "verb"), [pair for pair in functions() if writes(pair[1])], ids=lambda part: getattr(part, "name", part)
)
def test_a_write_verb_takes_by_and_details_by_name_only(module, verb):
    assert "by" in [argument.arg for argument in verb.args.kwonlyargs]
    assert len(verb.args.args) <= 1  # what it is about; everything else by name


def test_there_are_verbs_to_judge():
    found = {verb.name for _, verb in functions() if writes(verb)}
    assert {
        "draft_letter", "edit_letter", "sign", "address", "add_ask", "put_to", "send_letter", "amend", "release",
        "withdraw_release", "change_access", "enter_in_error", "discard_draft", "record_response", "assess",
        "add_evidence", "transition", "transfer", "assign", "snooze", "add_note", "log_contact", "create_key",
    } <= found  # fmt: skip


def test_only_transition_and_its_helpers_set_a_status():
    """Invariant 1: `workflow` is the only writer of a tasking's status, of many at once `workflow_many`; `putting_back` undoes."""
    setters = []
    for path in [*(ROOT / "letters").rglob("*.py")]:
        if "migrations" in path.parts:
            continue
        for node in ast.walk(tree(path)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
            setters += [path.name for t in flat if isinstance(t, ast.Attribute) and t.attr == "status"]
    assert set(setters) == {"workflow.py", "workflow_many.py", "putting_back.py"}


def test_no_import_hides_a_circle():
    """No import inside a function, but where a module has to wait for Django's apps: in tasks' start-up and commands."""
    found = []
    for path in sorted((ROOT / "letters").rglob("*.py")):
        for function in [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]:
            if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)):
                found.append(f"{path.relative_to(ROOT)}: {function.name}")
    assert found == []


def test_no_signal_carries_a_rule():
    texts = {path: path.read_text() for path in (ROOT / "letters").rglob("*.py")}
    assert [
        str(path) for path, text in texts.items() if re.search(r"django\.db\.models\.signals|@receiver", text)
    ] == []


INDEX = re.compile(r"(models\.Index|GinIndex|GistIndex|BrinIndex|BTreeIndex)\(")


def test_every_index_says_which_query_it_serves():
    silent, found = [], 0
    for path in sorted((ROOT / "letters" / "models").glob("*.py")):
        lines = path.read_text().splitlines()
        for place, line in enumerate(lines):
            if not INDEX.search(line):
                continue
            found += 1
            if not lines[place - 1].strip().startswith("#") and "#" not in line:
                silent.append(f"{path.name}:{place + 1}: {line.strip()}")
    assert silent == []
    assert found > 20


def test_every_foreign_key_says_what_its_index_serves_or_has_none():
    """Django indexes each foreign key unasked; here each index is paid for by a query, or switched off."""
    silent = []
    for path in sorted((ROOT / "letters" / "models").glob("*.py")):
        text = path.read_text()
        for found in re.finditer(
            r"^(?P<above>.*)\n    \w+ = models\.ForeignKey\((?P<arguments>.*?)\)$", text, re.M | re.S
        ):
            above = text[: found.start("arguments")].splitlines()[-2]
            if "db_index=False" not in found["arguments"] and not above.strip().startswith("# index: "):
                silent.append(f"{path.name}: {text[: found.start('arguments')].splitlines()[-1].strip()}")
    assert silent == []


def test_every_public_function_of_the_domain_says_what_it_does():
    silent = [f"{module}.{node.name}" for module, node in functions() if not ast.get_docstring(node)]
    assert silent == []
