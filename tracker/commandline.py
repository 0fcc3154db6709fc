"""`manage.py`: refuses a wrong environment, sees to the embedded servers, and hands over to Django."""

import os
import sys

from tracker.embedded.hold import NotStarted
from tracker.env import ENV, refuse_if_wrong
from tracker.services import hold_embedded_servers

# These read no database; `run` starts the servers itself, step by step.
WITHOUT_SERVERS = {"help", "version", "--help", "-h", "--version", "collectstatic", "findstatic", "makemessages", "run"}

# The units of deploy/ keep the environment of an office in it.
OFFICE = "/etc/letters"


def main(argv: list[str]) -> None:
    """Runs the command in `argv`. Embedded servers that it starts stop when it ends, unless others use them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    command = argv[1] if len(argv) > 1 else "help"
    if command != "check":  # which shows the same problems as system checks, beside any others
        refuse_if_wrong()
        if command not in WITHOUT_SERVERS and not {"-h", "--help"} & set(argv):
            if not ENV.DATABASE_URL and os.path.isdir(OFFICE):
                print(
                    f"Note: DATABASE_URL is not set, so this speaks to the embedded database of {ENV.TRACKER_DATA}. "
                    "For the office’s site type deploy/manage COMMAND, as root.",
                    file=sys.stderr,
                )
            try:
                hold_embedded_servers()
            except NotStarted as error:
                sys.exit(str(error))
    from django.core.management import execute_from_command_line  # after the refusal: it imports the settings

    execute_from_command_line(argv)
