"""The verbs, and the rules they keep. Knows no HTTP, no Celery, no templates."""
