"""Answers of the API, as examples for the OpenAPI document and the docs page."""

import json
from functools import cache
from pathlib import Path

EXAMPLES_FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict:
    """Answers about the letter of April 25, 2023, shortened, and refusals; a test compares them with real ones."""
    return json.loads(EXAMPLES_FILE.read_text()) if EXAMPLES_FILE.exists() else {}
