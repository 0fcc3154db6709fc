import os
import secrets
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from letters.domain.history import acting
from letters.domain.office import refuse_examples
from letters.enums import Role, SystemProcess
from letters.errors import RecordError
from letters.models import User


class Command(BaseCommand):
    help = "Create the demo accounts viewer, staff, manager and admin with one random password, kept in a file."

    def add_arguments(self, parser):
        parser.add_argument("--password-file", type=Path, required=True, help="Read from here; written when missing.")

    def handle(self, *args, password_file: Path, **options):
        try:
            # an administrator of that office may well be called “admin”, and would get the password of the demo
            refuse_examples("demo accounts")
        except RecordError as error:
            raise CommandError(str(error)) from error
        password = _kept_in(password_file)
        # Hashed once for all four, since their password is one: each hash takes a good part of a second of every start.
        fits: str | None = None
        with transaction.atomic(), acting(SystemProcess.SETUP):
            for role in Role:
                user, _ = User.objects.get_or_create(
                    username=role.value,
                    defaults={
                        "role": role,
                        "email": f"{role.value}@example.invalid",
                        "is_staff": role == Role.ADMIN,
                        "is_superuser": role == Role.ADMIN,
                    },
                )
                if user.password == fits:
                    continue
                if not (user.password and check_password(password, user.password)):
                    user.password = fits or make_password(password)
                    user.save(update_fields=["password"])
                fits = fits or user.password
        self.stdout.write(f"viewer, staff, manager, admin: password in {password_file}")


def _kept_in(path: Path) -> str:
    """The password in the file. It is there whole or not at all: an empty one, left by a kill or a full disk, let nobody
    in for good."""
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    new = path.with_name(f".{path.name}-{os.getpid()}")
    # readable by its owner from the first byte on
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(12) + "\n")
    new.replace(path)
    return path.read_text().strip()
