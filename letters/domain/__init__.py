"""The verbs, and the rules they keep. Knows no HTTP, no Celery, no templates.

A write verb is a plain function that takes `by`, writes its Event and is atomic. Each raises `NotAllowed` where `by` lacks
the right, `RecordError` with every problem by its field where the record would be wrong, and, where it takes
`expected_version`, `StaleVersion`; nothing is written then. A docstring names only what goes beyond this.
"""
