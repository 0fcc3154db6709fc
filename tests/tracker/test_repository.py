"""What must hold for the repository itself."""

import ast
import re
import subprocess
import sys

import pytest

from tests.tracker.processes import ROOT

LONGEST = 300
# Files that are longer, each with the reason why splitting it would make it worse.
LONGER: dict[str, str] = {
    "letters/enums.py": "the vocabulary: one place for every code and its words",
    "letters/web/gallery.py": "every part of the interface in every state: a list",
}


def tracked(*patterns: str) -> list[str]:
    """Files that git tracks, or would: new ones are judged before they are committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in dict.fromkeys(listed) if (ROOT / name).is_file()]


def registry_hosts() -> set[str]:
    """The hosts of the package registries, asked of their clients so that no file of ours has to name them."""
    script = (
        "from pip._internal.models.index import PyPI as p; print('https://' + p.netloc); "
        "print('https://' + p.file_storage_domain)"
    )
    answers = []
    for command in (["python3", "-c", script], [sys.executable, "-c", script], ["npm", "config", "get", "registry"]):
        try:
            answers.append(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout)
        except FileNotFoundError:
            continue
    return set(re.findall(r"https?://(?:[^/@\s]*@)?([^/:\s]+)", "\n".join(answers)))


def test_no_file_names_a_registry_host():
    hosts = registry_hosts()
    assert hosts, "no registry client answered"
    found = [f"{name}: {host}" for name in tracked() for host in hosts if host.encode() in (ROOT / name).read_bytes()]
    assert found == []


def test_no_source_file_is_long():
    lengths = {
        name: len((ROOT / name).read_text().splitlines())
        for name in tracked("*.py")
        if not re.search("migrations/|tests/", name)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST and name not in LONGER} == {}


@pytest.mark.django_db
def test_no_migration_is_missing():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_verbs_know_no_http_and_no_templates():
    """import-linter judges whole packages; these are parts of Django."""
    banned = ("django.http", "django.shortcuts", "django.template", "django.views", "django.urls", "django.forms")
    found = []
    for name in tracked("letters/domain/*.py", "letters/models/*.py", "letters/reminders/*.py"):
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [f"{name}: {module}" for module in modules if module.startswith(banned)]
    assert found == []


def test_every_dependency_says_why_it_is_here():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    listed = [line for line in lines if re.match(r'  "[A-Za-z][\w.-]*(\[[\w,]+\])?[<>=]', line)]
    assert len(listed) > 20
    assert [line for line in listed if "  # " not in line] == []


def test_no_target_of_make_hides_that_it_failed():
    assert re.findall(r".*\|\| *true$", (ROOT / "Makefile").read_text(), re.M) == []


def test_make_alone_prints_the_targets():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (targets,) = re.findall(r"^\.PHONY: help (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"^  (\w+) ", said, re.M)) == {*targets.split(), "help"}
