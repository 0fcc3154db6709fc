"""The whole site, from the first check to the last process stopped."""

import http.client
import json
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from celery.exceptions import CeleryError
from django.db import connection
from kombu.exceptions import KombuError

from letters.reminders.sweep import AT_WORK
from tracker.celery import DISPATCH, SWEEP, app
from tracker.embedded import accounts
from tracker.embedded.hold import Hold, is_guarded
from tracker.env import ENV, site_address
from tracker.supervisor import preparation
from tracker.supervisor.children import Child
from tracker.supervisor.console import Refused, say, step, tail
from tracker.supervisor.leftovers import end_leftovers
from tracker.supervisor.lock import only_run, take_port
from tracker.supervisor.preparation import SWEEP_SECONDS

MAIL_SECONDS = 30  # a mail server that is away keeps nobody from the site
WEB_SECONDS = 60
NO_MAIL = (
    "No mail server is set (EMAIL_URL), so reminders are not mailed: mails are kept as files in {folder}. "
    "The inbox on the site has them all."
)
CELERY = [sys.executable, "-m", "celery", "-A", "tracker.celery"]


ASKED = threading.Event()


class Stopped(BaseException):
    """Somebody asked the site to stop. Not an Exception: nothing on the way may swallow it."""


def run(*, stop_with_parent: bool = False) -> int:
    """Runs until Ctrl-C or SIGTERM (returns 0), or until it cannot go on (1, after a sentence)."""
    if stop_with_parent:
        accounts.stop_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup` asked for that
            signal.signal(number, _stop)
    try:
        with only_run(ENV.TRACKER_DATA) as lock:
            site = Site(ENV.TRACKER_DATA)
            try:
                lock.tell("starting", ENV.PORT)
                site.start()
                lock.tell("running", ENV.PORT)
                site.watch()
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)  # what follows takes seconds and must not be cut short
                lock.tell("stopping", ENV.PORT)
                site.stop()
    except Stopped:
        say("Stopped.")
        return 0
    except Refused as refusal:
        say(f"\n{refusal}")
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    ASKED.set()
    raise Stopped


def _unless_asked() -> None:
    """Again: where the signal met Python in a finalizer, what it raised was printed and forgotten."""
    if ASKED.is_set():
        raise Stopped


class Site:
    """All parts, in the order they need each other."""

    def __init__(self, data: Path) -> None:
        self.holds: dict[str, Hold] = {}
        self.port: socket.socket | None = None
        self.worker = Child(
            "worker",
            [*CELERY, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
            data,
            stop_seconds=30,
        )
        self.beat = Child("beat", [*CELERY, "beat"], data)
        self.web = Child("web", _web_command(), data)

    def start(self) -> None:
        """Step by step. The port opens last. Raises `Refused`."""
        began = time.monotonic()
        say(f"Starting the correspondence tracker. Data folder: {ENV.TRACKER_DATA}")
        if count := end_leftovers(ENV.TRACKER_DATA):
            say(f"  Ended {count} process{'es' if count > 1 else ''} that an earlier run had left behind.")
        self.port = take_port(ENV.PORT)
        with step("system checks"):
            preparation.system_checks()
        with step("PostgreSQL" + (" (DATABASE_URL)" if ENV.DATABASE_URL else "")):
            self._keep("postgres", preparation.database())
        if (link := ENV.TRACKER_DATA / "postgres").is_symlink():
            say(f"    PostgreSQL does not run as root, and its account cannot enter {ENV.TRACKER_DATA}.")
            say(f"    So its data lies in {link.readlink()}.")
        with step("Valkey" + (" (BROKER_URL)" if ENV.BROKER_URL else "")):
            self._keep("valkey", preparation.broker())
        with step("migrations"):
            preparation.migrate()
        # These take seconds to come up: let them, meanwhile. Beat's first round is minutes away.
        self.worker.start()
        self.beat.start()
        steps = {"reference data": preparation.reference_data, "public stream": preparation.public_stream}
        if examples := preparation.takes_examples():
            steps |= {"seed letter": preparation.seed_letter, "demo accounts": preparation.demo_accounts}
        steps["static files"] = preparation.static_files
        for name, prepare in steps.items():
            _unless_asked()
            with step(name):
                prepare()
        preparation.leftovers()
        preparation.expect_backups()
        warning = preparation.no_office_yet()
        connection.close()
        with step("worker and beat, first sweep"):
            self._sweep()
            self._first_mail()
        with step("web server"):
            self.web.start()
            self._wait_for_web()
        say(f"Ready after {time.monotonic() - began:.1f} s: {_where()}\n{_how_to_sign_in(examples)}")
        if warning:
            say(warning)
        if not ENV.EMAIL_URL:
            say(NO_MAIL.format(folder=ENV.TRACKER_DATA / "mail"))
        say(f"Logs: {ENV.TRACKER_DATA / 'log'}. Ctrl-C stops everything.")

    def watch(self) -> None:
        """Starts again what dies. Never returns; raises `Refused` when a part cannot be kept up."""
        while True:
            _unless_asked()
            for server in self.holds:
                self._guard(server)
            for child in (self.worker, self.beat, self.web):
                child.keep_running()
                child.show_errors()
            time.sleep(0.25)

    def stop(self) -> None:
        """Everything, in the reverse order. Waits until it is gone."""
        children = (self.web, self.beat, self.worker)
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
        if self.port:
            self.port.close()
        connection.close()
        for share in reversed(self.holds.values()):
            share.release()

    def _keep(self, server: str, share: Hold | None) -> None:
        if share:
            self.holds[server] = share

    def _guard(self, server: str) -> None:
        """A server dies with its guard; then both are started again. (A server alone is restarted by its guard.)"""
        if is_guarded(ENV.TRACKER_DATA, server):
            return
        say(f"The {server} server has lost its guard; starting it again.")
        old = self.holds[server]
        self.holds[server] = preparation.start_embedded(server)
        old.release(wait=False)

    def _sweep(self) -> None:
        """A round through worker, broker and database. Only then can the site do what it promises. A round that finds
        another at work, begun by hand or by the run before, has done nothing, and is ordered again."""
        limit = time.monotonic() + SWEEP_SECONDS
        try:
            while (trouble := self._round(limit)) == AT_WORK:
                time.sleep(0.2)
        except (CeleryError, KombuError, OSError) as error:
            trouble = f"The first sweep could not be ordered: {error}."
        if trouble:
            raise Refused(f"{trouble} The port was not opened. The end of {self.worker.log}:\n{tail(self.worker.log)}")

    def _round(self, limit: float) -> str:
        """What is in the way; empty when a round was done."""
        result = app.send_task(SWEEP)
        while not result.ready():
            if self.worker.has_ended():
                return f"The worker {self.worker.how_it_ended()} before it had finished a first sweep."
            if time.monotonic() > limit:
                return f"The worker did not finish a first sweep within {SWEEP_SECONDS} seconds."
            time.sleep(0.05)
        said, failed = result.result, result.failed()
        result.forget()
        if failed:
            return f"The first sweep failed: {said}."
        if said == AT_WORK and time.monotonic() > limit:
            return f"Another sweep was at work for {SWEEP_SECONDS} seconds."
        return AT_WORK if said == AT_WORK else ""

    def _first_mail(self) -> None:
        """A round of mail, so that one of yesterday is not taken for silence. What goes wrong, the strip says."""
        try:
            result = app.send_task(DISPATCH)
            limit = time.monotonic() + MAIL_SECONDS
            while not result.ready() and time.monotonic() < limit and not self.worker.has_ended():
                time.sleep(0.05)
            result.forget()
        except (CeleryError, KombuError, OSError):
            pass

    def _wait_for_web(self) -> None:
        """Until it answers. 503 will do: some part is not well yet, and the site says which. Broken, it is not up, nor where
        somebody else answers, who took the port while the site was prepared."""
        trouble = "did not answer"
        limit = time.monotonic() + WEB_SECONDS
        while time.monotonic() < limit and not self.web.has_ended():
            line = http.client.HTTPConnection("127.0.0.1", ENV.PORT, timeout=10)
            try:
                line.request("GET", "/health/")
                answer = line.getresponse()
                if answer.status in (200, 503) and _is_health(answer.read(10_000)):
                    return
                trouble = f"answered with an error ({answer.status})"
                if answer.status < 500:
                    trouble = f"did not get its port: another program answers ({answer.status})"
                if answer.status != 503:
                    break
                time.sleep(0.05)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            finally:
                line.close()
        raise Refused(f"The web server {trouble} on PORT {ENV.PORT}. The end of {self.web.log}:\n{tail(self.web.log)}")


def _web_command() -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(ENV.PORT)),
        *("--workers", "1", "--blocking-threads", str(ENV.WEB_THREADS), "--respawn-failed-workers"),
        *("--workers-kill-timeout", "10", "--no-ws", "--log-level", "error", "tracker.wsgi:application"),
    ]


def _is_health(body: bytes) -> bool:
    """Whether that is what our own `/health/` says."""
    try:
        return "status" in json.loads(body)
    except (ValueError, TypeError):
        return False


def _where() -> str:
    """The address that people open. Through a proxy it is not the port, which speaks no HTTPS and sends everybody there."""
    here = f"http://127.0.0.1:{ENV.PORT}"
    there = site_address()
    return f"{there}/" if there == here else f"{there}/ (what the proxy asks: {here})"


def _how_to_sign_in(examples: bool) -> str:
    if not examples:
        return "Sign in with an account of its office (`manage.py start_office` makes a first one)."
    file = preparation.demo_password_file()
    return f"Sign in as viewer, staff, manager or admin. Password: {file.read_text().strip()} (kept in {file})"
