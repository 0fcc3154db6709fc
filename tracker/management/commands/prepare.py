"""`manage.py prepare`: what has to be true before the site serves, where systemd or containers start its parts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.supervisor import preparation
from tracker.supervisor.console import Refused


class Command(BaseCommand):
    help = "Checks the settings and the servers, migrates, loads the reference data, corrects the public stream, collects static files and sweeps once. Safe to run again."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        steps = {
            "system checks": preparation.system_checks,
            "PostgreSQL": preparation.database,
            "broker": preparation.broker,
            "migrations": preparation.migrate,
            "reference data": preparation.reference_data,
            "public stream": preparation.public_stream,
            "static files": preparation.static_files,
            "sweep": preparation.first_sweep,
        }
        for name, prepare in steps.items():
            try:
                prepare()
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{name}: done")
        preparation.leftovers()
        preparation.expect_backups()
        if warning := preparation.no_office_yet():
            self.stdout.write(warning)
