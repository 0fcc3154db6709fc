from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from letters.domain.transitions import NEEDS, TRANSITIONS
from letters.reports import said_table, suggested_questions
from letters.reports.transition_picture import draw
from letters.reports.transitions import as_markdown


def documents() -> dict[str, str]:
    """Each file and what it should hold."""
    shapes = (settings.BASE_DIR / "static" / "img" / "shapes.svg").read_text()
    return {
        "docs/transitions.svg": draw(TRANSITIONS, NEEDS, shapes),
        "docs/transitions.md": as_markdown(TRANSITIONS, NEEDS),
        "docs/said.md": said_table.as_markdown(),
        "docs/questions.md": suggested_questions.as_markdown(),
    }


class Command(BaseCommand):
    help = "Print the tables of transitions, of “What did they say?” and of what to ask in a meeting into docs/, with a picture."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when a file is out of date.")

    def handle(self, *args, check=False, **options):
        for name, text in documents().items():
            path = settings.BASE_DIR / name
            if path.exists() and path.read_text() == text:
                self.stdout.write(f"{name}: up to date")
            elif check:
                raise CommandError(f"{name} is out of date. Run `manage.py draw_transitions` and commit it.")
            else:
                path.write_text(text)
                self.stdout.write(f"{name}: written")
