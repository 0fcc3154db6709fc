"""docs/import.md prints the tables that the import reads by."""

from django.conf import settings

from letters.intake.sheet.printed import as_markdown


def test_the_document_prints_the_tables_as_they_are():
    assert (settings.BASE_DIR / "docs/import.md").read_text().split("## Columns\n\n")[1].startswith(as_markdown())
