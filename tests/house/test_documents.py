"""What the documents promise is there: commands, links, records of choices."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from tests.tracker.test_repository import tracked

ROOT = settings.BASE_DIR
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))
COMMENT_SUFFIXES = ("*.py", "*.html", "*.css", "*.js", "*.toml", "*.yaml", "*.yml", "Makefile", "scripts/*", ".ci/*")


def our_commands():
    return {name: app for name, app in get_commands().items() if app in ("letters", "tracker")}


def test_readme_lists_every_command_and_no_other():
    table = (ROOT / "README.md").read_text().split("| command | what it does |")[1].split("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)", table, re.M)) == sorted(our_commands())


def test_readme_lists_every_option_it_shows_as_it_is():
    text = (ROOT / "README.md").read_text()
    for name, app in our_commands().items():
        known = load_command_class(app, name).create_parser("manage.py", name).format_help()
        (line,) = re.findall(rf"^\| `{name}\b.*$", text, re.M)
        assert [option for option in re.findall(r"--[a-z-]+", line) if option not in known] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)", document.read_text())
    assert [link for link, _ in links if not (document.parent / link).exists()] == []


def test_records_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_parts(record):
    text = record.read_text()
    assert re.match(rf"# {int(record.name[:4])}\. \S", text)
    assert [part for part in ("**Context.**", "**Decision.**", "**Consequences.**") if part not in text] == []


def test_comments_name_documents_that_exist():
    found = []
    for name in tracked(*COMMENT_SUFFIXES):
        for mention in re.findall(r"\bdocs/[\w./-]*\w", (ROOT / name).read_text(errors="replace")):
            if not (ROOT / mention).exists() and not list(ROOT.glob(f"{mention}*")):
                found.append(f"{name}: {mention}")
    assert found == []


def test_documents_stand_on_their_own():
    """No pointer out of the repository, where readers cannot follow."""
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in DOCUMENTS
        for line in path.read_text().splitlines()
        if re.search(r"\.\./shared|\bDESIGN\b|\bSTACK\.md\b|/work/", line)
    ]
    assert found == []
