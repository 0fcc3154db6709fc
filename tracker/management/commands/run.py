"""`manage.py run`, which `make run` calls."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tracker.supervisor.site import run


class Command(BaseCommand):
    help = "Runs the whole site: servers, worker, beat and web server, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="Stop when the calling program dies (Linux)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(stop_with_parent=options["stop_with_parent"]))
